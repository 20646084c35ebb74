//! The HTTP thread of one adapter. Calls and their timers run elsewhere, so their deadlines hold even if a
//! server keeps this thread busy.

use std::io;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use tokio::select;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::error::EgressError;
use crate::engine::cpu_time;

/// How long the thread may execute before a response begins, in addition to a share of the time it waits. A
/// thousand ordinary responses need less; only endless interim responses need more.
const EXECUTING: Duration = Duration::from_millis(500);
/// That share, as a divisor of the waiting time. The checks themselves take some of it.
const SHARE: u32 = 8;
/// How often the execution time is checked.
const LOOK: Duration = Duration::from_millis(50);
/// How many names may be resolved at once.
const NAMES: usize = 4;

/// The thread. It starts on first use.
#[derive(Debug, Default)]
pub(super) struct Wire(OnceLock<Result<Thread, String>>);

#[derive(Debug)]
struct Thread {
    handle: Handle,
    /// The thread ends when this is dropped.
    _open: oneshot::Sender<()>,
}

impl Wire {
    /// Runs an exchange up to the head of its response. Dropping the returned future drops the exchange.
    ///
    /// # Errors
    /// If the server keeps the thread busy instead of answering.
    pub(super) async fn carry<T: Send + 'static>(
        &self,
        server: &str,
        exchange: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, EgressError> {
        let failed = |why: &str| EgressError::Unreachable(format!("{server} cannot be reached: {why}"));
        let thread = self.0.get_or_init(|| Thread::start().map_err(|error| error.to_string()));
        let Thread { handle, .. } = thread.as_ref().map_err(|error| failed(error))?;
        let mut task = AbortOnDrop(handle.spawn(async move {
            select! {
                biased;
                done = exchange => Some(done),
                () = kept_busy() => None,
            }
        }));
        (&mut task.0).await.map_err(|_| failed("its thread has ended"))?.ok_or_else(|| {
            EgressError::TooLarge(format!("{server} sent endless interim responses instead of an answer"))
        })
    }
}

impl Thread {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(NAMES)
            .enable_all()
            // Check timers after every poll, because polling a busy connection can take a long time.
            .global_queue_interval(1)
            .event_interval(1)
            .build()?;
        let handle = runtime.handle().clone();
        let (open, closed) = oneshot::channel::<()>();
        thread::Builder::new().name("codewalk-http".to_owned()).spawn(move || {
            runtime.block_on(async { closed.await.ok() });
            // A name lookup may still run.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _open: open })
    }
}

/// Waits until this thread has executed for longer than any well-behaved response needs.
async fn kept_busy() {
    let (begun, executed) = (Instant::now(), cpu_time());
    while cpu_time().saturating_sub(executed) < EXECUTING + begun.elapsed() / SHARE {
        sleep(LOOK).await;
    }
}

/// A task that is aborted when this is dropped.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

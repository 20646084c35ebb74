//! The thread that speaks HTTP for one adapter. Calls and their timers do not need it, so their deadlines hold whatever a
//! server makes it do.

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

/// How long the thread may execute for a response that has not begun, besides a part of the time that it is waited for. A
/// thousand ordinary ones take less; only interim responses without end take more.
const EXECUTING: Duration = Duration::from_millis(500);
/// That part. To look at it takes some.
const SHARE: u32 = 8;
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How many names may be resolved at once.
const NAMES: usize = 4;

/// The thread, which is there when it was first needed.
#[derive(Debug, Default)]
pub(super) struct Wire(OnceLock<Result<Thread, String>>);

#[derive(Debug)]
struct Thread {
    handle: Handle,
    /// The thread ends when this is gone.
    _open: oneshot::Sender<()>,
}

impl Wire {
    /// Carries out an exchange up to the head of its response. When the caller loses interest, it is dropped.
    ///
    /// # Errors
    /// Where the server keeps the thread busy instead of answering.
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
            EgressError::TooLarge(format!(
                "{server} sent interim responses without end in place of an answer"
            ))
        })
    }
}

impl Thread {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(NAMES)
            .enable_all()
            // Look for timers after each turn: one of a busy connection lasts.
            .global_queue_interval(1)
            .event_interval(1)
            .build()?;
        let handle = runtime.handle().clone();
        let (open, closed) = oneshot::channel::<()>();
        thread::Builder::new().name("codewalk-http".to_owned()).spawn(move || {
            runtime.block_on(async { closed.await.ok() });
            // A name may still be resolved.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _open: open })
    }
}

/// Waits until this thread has executed for longer than a response that comes may take.
async fn kept_busy() {
    let (begun, executed) = (Instant::now(), cpu_time());
    while cpu_time().saturating_sub(executed) < EXECUTING + begun.elapsed() / SHARE {
        sleep(LOOK).await;
    }
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! The threads that guests run and compile on, and how calls get there and back.
//!
//! To wake a sleeping thread takes longer than a small guest does. So whoever is done with a call looks out for the next
//! one for some microseconds before it sleeps, and whoever waits for an answer looks out for it as long. Who looks out
//! lets others have the processor, and it ends soon: in an idle host nobody looks out.

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{available_parallelism, yield_now};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::select;
use tokio::sync::oneshot::{self, error::TryRecvError};

/// How long is looked out: about as long as waking a thread takes, so that at worst it takes twice as long.
const LOOKOUT: Duration = Duration::from_micros(50);

/// A call on its way, with where its answer goes.
type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The threads of the guests.
pub(crate) struct GuestThreads {
    runtime: Option<Runtime>,
    jobs: Arc<Jobs>,
}

/// How many threads there may be for what waits. They are made when they are needed and go when they are not.
const BLOCKING_THREADS: usize = 128;

/// What is handed over without waking anybody.
#[derive(Default)]
struct Jobs {
    handed: Mutex<Handed>,
    /// How many jobs there are, to be looked at without the lock.
    waiting: AtomicUsize,
}

#[derive(Default)]
struct Handed {
    /// Never more than there are lookouts, so that each job is taken at once.
    jobs: VecDeque<Job>,
    lookouts: usize,
}

impl GuestThreads {
    pub(crate) fn start() -> io::Result<Self> {
        let threads = available_parallelism().map_or(2, |n| n.get().clamp(2, 4));
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            // These wait: for compilers, files and names. None may have to wait for another.
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("codewalk-guest")
            .enable_all()
            // A turn of a busy guest lasts a tick, so look for new calls and for timers after each one.
            .global_queue_interval(1)
            .event_interval(1)
            .build()?;
        Ok(Self { runtime: Some(runtime), jobs: Arc::default() })
    }

    #[expect(clippy::expect_used, reason = "the runtime is taken in `drop` alone")]
    pub(crate) fn handle(&self) -> &Handle {
        self.runtime.as_ref().expect("the threads run until they are dropped").handle()
    }

    /// Carries out `call` on these threads; none where it ended without an answer. When the caller loses interest, the
    /// call is dropped where it waits next.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (mut answer, mut answered) = oneshot::channel();
        self.hand_over(Box::pin(async move {
            let outcome = {
                let call = pin!(call);
                select! {
                    biased;
                    outcome = call => Some(outcome),
                    () = answer.closed() => None,
                }
            };
            if let Some(outcome) = outcome {
                // Whoever asked may have lost interest just now.
                answer.send(outcome).ok();
            }
        }));
        let begun = Instant::now();
        while begun.elapsed() < LOOKOUT {
            match answered.try_recv() {
                Ok(outcome) => return Some(outcome),
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => yield_now(),
            }
        }
        answered.await.ok()
    }

    fn hand_over(&self, job: Job) {
        let mut handed = self.jobs.lock();
        if handed.jobs.len() < handed.lookouts {
            handed.jobs.push_back(job);
            self.jobs.waiting.store(handed.jobs.len(), Ordering::Release);
        } else {
            drop(handed);
            self.handle().spawn(serve(job, Arc::clone(&self.jobs)));
        }
    }
}

/// Carries out a job, and those that come soon after it.
async fn serve(job: Job, jobs: Arc<Jobs>) {
    let mut next = Some(job);
    while let Some(job) = next {
        job.await;
        next = jobs.look_out();
    }
}

impl Jobs {
    fn look_out(&self) -> Option<Job> {
        self.lock().lookouts += 1;
        let begun = Instant::now();
        while self.waiting.load(Ordering::Acquire) == 0 && begun.elapsed() < LOOKOUT {
            yield_now();
        }
        let mut handed = self.lock();
        handed.lookouts -= 1;
        let job = handed.jobs.pop_front();
        self.waiting.store(handed.jobs.len(), Ordering::Release);
        job
    }

    fn lock(&self) -> MutexGuard<'_, Handed> {
        // What it guards is whole at each moment.
        self.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for GuestThreads {
    /// Does not wait: a guest that still runs is dropped at its next tick, a compilation when it is done.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

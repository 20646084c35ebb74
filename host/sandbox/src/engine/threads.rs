//! The threads for guests and compilations, and how calls are handed to them and back.
//!
//! Waking a sleeping thread takes longer than a small guest runs. So a thread that has finished a call spins
//! for some microseconds before it sleeps. A caller that waits for an answer spins as well, if there are
//! enough processors for all. In an idle host no thread spins.
//!
//! A guest that is executing at a tick moves to separate threads for slow guests, so that quick guests never
//! wait for slow ones.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::num::NonZero;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread::{self, available_parallelism, yield_now};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::select;
use tokio::sync::oneshot::{self, error::TryRecvError};

use super::execution_budget::ExecutionBudget;
use super::ticker::TICK;

/// How long a thread spins: about as long as waking a thread takes, so that the worst case takes twice as
/// long.
const LOOKOUT: Duration = Duration::from_micros(50);

/// The maximum number of threads for blocking work. They start and end on demand.
const BLOCKING_THREADS: usize = 128;

/// A call on its way to a thread.
struct Job {
    call: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Knows whether the call's guest is slow.
    pace: ExecutionBudget,
}

/// The threads that run guests.
pub(crate) struct GuestThreads {
    /// The threads on which all calls start. They also drive the calls' timers and I/O.
    quick: Option<Runtime>,
    slow: Option<Runtime>,
    jobs: Arc<Jobs>,
}

/// Calls that are handed over without waking a thread.
struct Jobs {
    handed: Mutex<Handed>,
    /// The number of jobs, readable without the lock.
    waiting: AtomicUsize,
    /// How many calls have no answer yet.
    unanswered: AtomicUsize,
    processors: usize,
    slow: Handle,
}

#[derive(Default)]
struct Handed {
    /// Never more jobs than spinning threads, so that each job is taken at once.
    jobs: VecDeque<Job>,
    lookouts: usize,
}

impl GuestThreads {
    pub(crate) fn start() -> io::Result<Self> {
        let processors = available_parallelism().map_or(2, NonZero::get);
        let threads = |name| {
            let mut threads = Builder::new_multi_thread();
            threads
                .worker_threads(processors.clamp(2, 4))
                .thread_name(name)
                .enable_all()
                // A turn of a busy guest lasts a tick, so check for new calls and timers after each turn.
                .global_queue_interval(1)
                .event_interval(1);
            threads
        };
        // These threads also wait for compilers, files and name lookups. None may block another.
        let quick = threads("codewalk-guest").max_blocking_threads(BLOCKING_THREADS).build()?;
        let slow = threads("codewalk-slow").build()?;
        let jobs = Jobs {
            handed: Mutex::default(),
            waiting: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            processors,
            slow: slow.handle().clone(),
        };
        Ok(Self { quick: Some(quick), slow: Some(slow), jobs: Arc::new(jobs) })
    }

    #[expect(clippy::expect_used, reason = "the runtime is taken in `drop` alone")]
    pub(crate) fn handle(&self) -> &Handle {
        self.quick.as_ref().expect("the threads run until they are dropped").handle()
    }

    /// Runs `call` on these threads. Returns `None` if it ended without an answer. If the caller drops the
    /// future, the call is dropped at its next await point.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        pace: ExecutionBudget,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (mut answer, mut answered) = oneshot::channel();
        let unanswered = Unanswered::new(&self.jobs);
        let call = Box::pin(async move {
            let outcome = {
                let call = pin!(call);
                select! {
                    biased;
                    outcome = call => Some(outcome),
                    () = answer.closed() => None,
                }
            };
            drop(unanswered);
            if let Some(outcome) = outcome {
                // The caller may be gone by now.
                answer.send(outcome).ok();
            }
        });
        self.hand_over(Job { call, pace });
        let begun = Instant::now();
        while self.jobs.has_idle_processors(0) && begun.elapsed() < LOOKOUT {
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

/// Runs a job, and the jobs that follow soon after.
async fn serve(job: Job, jobs: Arc<Jobs>) {
    let mut next = Some(job);
    while let Some(job) = next {
        if let Some(slow) = job.unless_slow().await {
            jobs.slow.spawn(slow.call);
        }
        next = jobs.look_out();
    }
}

impl Job {
    /// Runs a job to its end, or until its guest turns out to be slow. In that case, returns the job.
    async fn unless_slow(self) -> Option<Self> {
        let mut job = Some(self);
        poll_fn(|context| {
            let Some(Self { call, pace }) = &mut job else { return Poll::Ready(()) };
            match call.as_mut().poll(context) {
                Poll::Ready(()) => {
                    job = None;
                    Poll::Ready(())
                }
                Poll::Pending if pace.is_slow() => Poll::Ready(()),
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
        job
    }
}

impl Jobs {
    fn look_out(&self) -> Option<Job> {
        if !self.has_idle_processors(1) {
            return None;
        }
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

    /// Returns whether there are enough processors for all calls, this many more, and their callers.
    fn has_idle_processors(&self, more: usize) -> bool {
        2 * (self.unanswered.load(Ordering::Relaxed) + more) <= self.processors
    }

    fn lock(&self) -> MutexGuard<'_, Handed> {
        // The guarded state is always consistent.
        self.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a call as unanswered while this exists.
struct Unanswered(Arc<Jobs>);

impl Unanswered {
    fn new(jobs: &Arc<Jobs>) -> Self {
        jobs.unanswered.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(jobs))
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.0.unanswered.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for GuestThreads {
    /// Does not wait. A running guest is dropped at its next tick, a compilation once it has finished.
    fn drop(&mut self) {
        let (slow, quick) = (self.slow.take(), self.quick.take());
        let end = move || {
            // Slow guests use the timers of the quick threads, so the quick threads end last.
            if let Some(slow) = slow {
                slow.shutdown_timeout(10 * TICK);
            }
            if let Some(quick) = quick {
                quick.shutdown_background();
            }
        };
        if let Err(error) = thread::Builder::new().name("codewalk-end".to_owned()).spawn(end) {
            tracing::warn!(%error, "cannot start the thread that ends the guest threads");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the name of the thread on which a call that yields once ends. If `is_slow`, the call is
    /// executing at a tick before that.
    async fn ends_on(threads: &GuestThreads, is_slow: bool) -> Option<String> {
        let pace = ExecutionBudget::new(Duration::from_secs(1));
        let its_pace = pace.clone();
        let call = async move {
            if is_slow {
                assert!(its_pace.tick());
            }
            tokio::task::yield_now().await;
            thread::current().name().unwrap_or_default().to_owned()
        };
        threads.call(pace, call).await
    }

    #[tokio::test]
    async fn an_abandoned_slow_guest_ends_quietly_with_its_threads() {
        static PANICS: AtomicUsize = AtomicUsize::new(0);
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let is_slow = thread::current().name() == Some("codewalk-slow");
            PANICS.fetch_add(usize::from(is_slow), Ordering::SeqCst);
            hook(panic);
        }));
        for _ in 0..20 {
            let threads = GuestThreads::start().unwrap();
            let pace = ExecutionBudget::new(Duration::from_secs(60));
            let (its_pace, (begin, mut begun), (end, ended)) =
                (pace.clone(), tokio::sync::mpsc::channel(1), oneshot::channel::<()>());
            let guest = async move {
                let _end = end;
                loop {
                    its_pace.tick();
                    let turn = Instant::now();
                    while turn.elapsed() < Duration::from_millis(1) {
                        std::hint::spin_loop();
                    }
                    if thread::current().name() == Some("codewalk-slow") {
                        begin.try_send(()).ok();
                    }
                    tokio::task::yield_now().await;
                }
            };
            // The guest's timer belongs to the threads on which the guest starts.
            let timed = async { tokio::time::timeout(Duration::from_secs(60), guest).await };
            let call = Box::pin(threads.call(pace, timed));
            select! {
                _ = call => panic!("it never ends by itself"),
                _ = begun.recv() => {}
            }
            drop(threads);
            ended.await.unwrap_err();
        }
        assert_eq!(PANICS.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn slow_guests_continue_alongside_quick_ones() {
        let threads = GuestThreads::start().unwrap();
        for _ in 0..20 {
            assert_eq!(ends_on(&threads, false).await.as_deref(), Some("codewalk-guest"));
            assert_eq!(ends_on(&threads, true).await.as_deref(), Some("codewalk-slow"));
        }
    }
}

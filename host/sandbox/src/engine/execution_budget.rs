//! How long a guest may still execute. Time in host functions counts; waiting for the host does not.
//!
//! The processor time of the guest's thread counts, so a busy machine does not shorten the budget. A guest
//! can be stopped at each tick. Its time is counted at ticks and whenever it starts to wait.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::cpu;

/// The execution budget of one call. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct ExecutionBudget(Arc<Shared>);

/// Times are in nanoseconds.
#[derive(Debug)]
struct Shared {
    left: AtomicU64,
    /// The thread's processor time at the last count.
    counted: AtomicU64,
    /// Whether the guest was executing at any tick.
    is_slow: AtomicBool,
}

impl ExecutionBudget {
    /// Creates the budget of a call.
    pub(crate) fn new(executing: Duration) -> Self {
        Self(Arc::new(Shared {
            left: nanos(executing).into(),
            counted: u64::MAX.into(),
            is_slow: AtomicBool::new(false),
        }))
    }

    /// Counts at a tick at which the guest was executing. Returns whether it may continue after yielding.
    pub(crate) fn tick(&self) -> bool {
        self.0.is_slow.store(true, Relaxed);
        self.count() > 0
    }

    /// Returns whether the guest was executing at any tick.
    pub(crate) fn is_slow(&self) -> bool {
        self.0.is_slow.load(Relaxed)
    }

    /// Runs a call to its end, and counts its time while it executes.
    pub(crate) async fn watch<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        poll_fn(|context| {
            // The call may have moved to another thread.
            self.0.counted.store(nanos(cpu::of_this_thread()), Relaxed);
            let polled = call.as_mut().poll(context);
            if polled.is_pending() {
                self.count();
            }
            polled
        })
        .await
    }

    /// Counts the time since the last count, and returns the remaining budget.
    fn count(&self) -> u64 {
        let now = nanos(cpu::of_this_thread());
        let executed = now.saturating_sub(self.0.counted.swap(now, Relaxed));
        let left = self.0.left.load(Relaxed).saturating_sub(executed);
        self.0.left.store(left, Relaxed);
        left
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

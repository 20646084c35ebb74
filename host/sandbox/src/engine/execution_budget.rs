//! How much a guest may still execute. What the host executes for it counts; the time it waits for the host costs it nothing.
//!
//! What counts is what its thread executes, so a busy machine takes nothing from a guest. A tick is the moment at which a guest
//! can be stopped; what it executes between two of them, and before it waits, is counted then.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::cpu;

/// What is known of one call. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct ExecutionBudget(Arc<Shared>);

/// Times are in nanoseconds.
#[derive(Debug)]
struct Shared {
    left: AtomicU64,
    /// How long its thread had executed when that was last counted.
    counted: AtomicU64,
    /// It was found executing at a tick.
    is_slow: AtomicBool,
}

impl ExecutionBudget {
    /// Returns the pace of a call that may execute for so long.
    pub(crate) fn new(executing: Duration) -> Self {
        Self(Arc::new(Shared {
            left: nanos(executing).into(),
            counted: u64::MAX.into(),
            is_slow: AtomicBool::new(false),
        }))
    }

    /// Counts up to a tick in which the guest was found executing, and says whether it may go on when it has let others
    /// execute.
    pub(crate) fn tick(&self) -> bool {
        self.0.is_slow.store(true, Relaxed);
        self.count() > 0
    }

    /// Says whether the guest was ever found executing at a tick.
    pub(crate) fn is_slow(&self) -> bool {
        self.0.is_slow.load(Relaxed)
    }

    /// Runs a call to its end and sees when it executes.
    pub(crate) async fn watch<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        poll_fn(|context| {
            // It may be another thread than before.
            self.0.counted.store(nanos(cpu::of_this_thread()), Relaxed);
            let polled = call.as_mut().poll(context);
            if polled.is_pending() {
                self.count();
            }
            polled
        })
        .await
    }

    /// Counts what was executed since the last time, and returns what is left.
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

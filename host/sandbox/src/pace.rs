//! How much a guest may still execute. The time it waits for the host costs it nothing.
//!
//! The clock of the guests goes on while one waits, so the first thing that happens after a wait is a tick: that one does not
//! count. What a guest waits for less than a tick changes nothing, or else it could execute for ever between short waits.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::ticker::TICK;

/// What is known of one call. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ticks_left: AtomicU64,
    /// It was found executing at a tick.
    is_slow: AtomicBool,
    /// It has just been told to let others execute.
    yielded: AtomicBool,
    /// It has waited since its last tick.
    waited: AtomicBool,
}

impl Pace {
    /// Returns the pace of a call that may execute for so long.
    pub(crate) fn new(executing: Duration) -> Self {
        let ticks = executing.as_millis().div_ceil(TICK.as_millis());
        Self(Arc::new(Shared {
            ticks_left: u64::try_from(ticks).unwrap_or(u64::MAX).into(),
            is_slow: AtomicBool::new(false),
            yielded: AtomicBool::new(false),
            waited: AtomicBool::new(false),
        }))
    }

    /// Counts a tick in which the guest was found executing, and says whether it may go on when it has let others execute.
    pub(crate) fn tick(&self) -> bool {
        self.0.yielded.store(true, Relaxed);
        self.0.is_slow.store(true, Relaxed);
        if self.0.waited.swap(false, Relaxed) {
            return true;
        }
        self.0.ticks_left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Says whether the guest was ever found executing at a tick.
    pub(crate) fn is_slow(&self) -> bool {
        self.0.is_slow.load(Relaxed)
    }

    /// Runs a call to its end and sees when it waits.
    pub(crate) async fn watch<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        let mut waiting: Option<Instant> = None;
        poll_fn(|context| {
            if waiting.take().is_some_and(|since| since.elapsed() >= TICK) {
                self.0.waited.store(true, Relaxed);
            }
            let polled = call.as_mut().poll(context);
            if polled.is_pending() && !self.0.yielded.swap(false, Relaxed) {
                waiting = Some(Instant::now());
            }
            polled
        })
        .await
    }
}

//! Clocks that start at the time of the request, and advance only when the guest acts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use wasmtime::Result;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

/// How far each reading advances the clock, in nanoseconds, so that a loop that waits for a time ends.
const READING: u64 = 1_000;

/// The clock of one call. Clones refer to the same clock.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// The time of the request.
    begun: Duration,
    /// How far it has advanced, in nanoseconds.
    passed: Arc<AtomicU64>,
}

/// A clock, and the table of its timers.
pub(super) struct ClockView<'a> {
    pub(super) clock: &'a Clock,
    pub(super) table: &'a mut ResourceTable,
}

impl Clock {
    /// Creates a clock that starts at this time, in milliseconds since 1970.
    pub(super) fn new(now: u64) -> Self {
        Self { begun: Duration::from_millis(now), passed: Arc::default() }
    }

    fn read(&self) -> u64 {
        let moved = |passed: u64| Some(passed.saturating_add(READING));
        self.passed.fetch_update(Relaxed, Relaxed, moved).unwrap_or_default()
    }

    /// Creates a timer for a time of this clock. Waiting takes real time, because servers need it too, but
    /// the guest does not learn how long the wait really took.
    fn timer(&self, when: u64) -> Timer {
        let wait = Duration::from_nanos(when.saturating_sub(self.passed.load(Relaxed)));
        Timer { clock: self.clone(), when, due: Instant::now().checked_add(wait) }
    }
}

#[derive(Debug)]
struct Timer {
    clock: Clock,
    when: u64,
    /// `None` if the time is too far away.
    due: Option<Instant>,
}

#[async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        match self.due {
            Some(due) => sleep_until(due).await,
            None => std::future::pending().await,
        }
        self.clock.passed.fetch_max(self.when, Relaxed);
    }
}

impl wall_clock::Host for ClockView<'_> {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        let now = self.clock.begun.saturating_add(Duration::from_nanos(self.clock.read()));
        Ok(wall_clock::Datetime { seconds: now.as_secs(), nanoseconds: now.subsec_nanos() })
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        let nanoseconds = u32::try_from(READING).unwrap_or(u32::MAX);
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds })
    }
}

impl monotonic_clock::Host for ClockView<'_> {
    fn now(&mut self) -> Result<u64> {
        Ok(self.clock.read())
    }

    fn resolution(&mut self) -> Result<u64> {
        Ok(READING)
    }

    fn subscribe_instant(&mut self, when: u64) -> Result<Resource<DynPollable>> {
        let timer = self.table.push(self.clock.timer(when))?;
        subscribe(self.table, timer)
    }

    fn subscribe_duration(&mut self, wait: u64) -> Result<Resource<DynPollable>> {
        let when = self.clock.passed.load(Relaxed).saturating_add(wait);
        self.subscribe_instant(when)
    }
}

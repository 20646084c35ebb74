//! The clock of guests: advances the engine's epoch while any guest runs, so that each guest can be stopped.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use wasmtime::{Engine, EngineWeak};

/// How often a running guest is checked.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Runs on a separate thread, so that a runtime full of guests cannot delay it. The thread sleeps while no
/// guest runs.
#[derive(Debug)]
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Debug, Default)]
struct Shared {
    running: AtomicUsize,
    /// Whether the clock has stopped.
    parked: AtomicBool,
    closed: AtomicBool,
}

/// Keeps the clock running while it exists.
#[derive(Debug)]
pub(crate) struct TickerGuard(Arc<Shared>);

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let weak = engine.weak();
        let thread = thread::Builder::new().name("codewalk-ticks".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || tick(&shared, &weak)
        })?;
        Ok(Self { shared, thread: thread.thread().clone() })
    }

    pub(crate) fn run(&self) -> TickerGuard {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        self.thread.unpark();
        TickerGuard(Arc::clone(&self.shared))
    }
}

impl Drop for TickerGuard {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    /// The clock runs until all guests have ended.
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

fn tick(shared: &Shared, engine: &EngineWeak) {
    // Ticks have fixed times, so that delays do not add up.
    let mut due = Instant::now();
    loop {
        if shared.running.load(Ordering::SeqCst) > 0 {
            due = (due + TICK).max(Instant::now());
            thread::sleep(due.saturating_duration_since(Instant::now()));
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        } else if shared.closed.load(Ordering::SeqCst) {
            return;
        } else {
            shared.parked.store(true, Ordering::SeqCst);
            thread::park();
            shared.parked.store(false, Ordering::SeqCst);
            due = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(is: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            thread::yield_now();
        }
    }

    #[test]
    fn the_clock_stops_unless_a_guest_runs() {
        let engine = Engine::default();
        let ticker = Ticker::start(&engine).unwrap();
        let stands_still = || ticker.shared.parked.load(Ordering::SeqCst);
        for _ in 0..3 {
            until(stands_still);
            let (one, other) = (ticker.run(), ticker.run());
            until(|| !stands_still());
            drop(one);
            until(|| !stands_still());
            drop(other);
        }
        until(stands_still);
    }
}

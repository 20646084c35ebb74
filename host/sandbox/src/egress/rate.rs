//! How often an adapter may send: a bucket of tokens that fills again at a steady pace, and a few requests at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// How many requests may follow each other at once: as many as one call may send.
const BURST: f64 = 64.0;
/// How many more each second brings. A router is asked when somebody says something, a summarizer each minute.
const PER_SECOND: f64 = 2.0;

/// How many requests of one adapter are under way at once; more wait.
const REQUESTS: usize = 4;

/// What an adapter may send at a time, whichever of its generations does.
#[derive(Debug)]
pub(crate) struct Allowance {
    pub(super) rate: Rate,
    pub(super) permits: Arc<Semaphore>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { rate: Rate::new(Instant::now()), permits: Arc::new(Semaphore::new(REQUESTS)) }
    }
}

#[derive(Debug)]
pub(super) struct Rate(Mutex<Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Rate {
    fn new(now: Instant) -> Self {
        Self(Mutex::new(Bucket { tokens: BURST, at: now }))
    }

    /// Takes a token.
    ///
    /// # Errors
    /// Where there is none: how long to wait for one.
    pub(super) fn take(&self, now: Instant) -> Result<(), Duration> {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * PER_SECOND).min(BURST);
        bucket.at = bucket.at.max(now);
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) / PER_SECOND));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case 54.
    #[test]
    fn a_burst_passes_and_then_only_as_many_as_time_brings() {
        let begun = Instant::now();
        let rate = Rate::new(begun);
        for _ in 0..64 {
            assert_eq!(rate.take(begun), Ok(()));
        }
        assert_eq!(rate.take(begun), Err(Duration::from_millis(500)));
        assert_eq!(rate.take(begun + Duration::from_millis(250)), Err(Duration::from_millis(250)));
        assert_eq!(rate.take(begun + Duration::from_millis(500)), Ok(()));
        assert!(rate.take(begun + Duration::from_millis(500)).is_err());
    }

    #[test]
    fn what_is_not_used_does_not_add_up_without_end() {
        let begun = Instant::now();
        let rate = Rate::new(begun);
        let later = begun + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| rate.take(later).is_ok()).count(), 64);
    }
}

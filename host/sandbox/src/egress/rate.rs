//! An adapter's request rate: a token bucket, and a limit on the requests in flight.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// How many requests a burst may have: as many as one call may send.
const BURST: f64 = 64.0;
/// How many tokens each second adds. A router is called for every utterance, a summarizer every minute.
const PER_SECOND: f64 = 2.0;

/// How many of an adapter's requests may be in flight at once. More have to wait.
const REQUESTS: usize = 4;

/// The request rate of an adapter, across all its generations.
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
    /// If there is none: how long to wait.
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
    fn after_a_burst_requests_pass_at_the_refill_rate() {
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
    fn unused_tokens_do_not_accumulate_without_limit() {
        let begun = Instant::now();
        let rate = Rate::new(begun);
        let later = begun + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| rate.take(later).is_ok()).count(), 64);
    }
}

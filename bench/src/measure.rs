//! Samples of durations, and how they are told.

use std::time::{Duration, Instant};

/// How long something took, each time.
#[derive(Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Adds a time.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Does something and adds how long it took.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.add(begun.elapsed());
        done
    }

    /// Does something and adds how long this thread was executing: on a machine with other work, that is what it takes.
    pub fn time_executing<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = executing();
        let done = work();
        self.add(executing().saturating_sub(begun));
        done
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the time that so many of a hundred did not exceed.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    /// Returns the median.
    pub fn p50(&self) -> Duration {
        self.percentile(50)
    }

    /// Returns what one in a hundred exceeded.
    pub fn p99(&self) -> Duration {
        self.percentile(99)
    }

    /// Says both.
    pub fn told(&self) -> String {
        format!("{} / {}", told(self.p50()), told(self.p99()))
    }
}

/// Returns how long this thread has been executing.
fn executing() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a value that outlives the call; this clock is there on every Linux.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Says a duration with three digits.
pub fn told(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    let (value, unit) = if micros < 1000.0 { (micros, "us") } else { (micros / 1000.0, "ms") };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// Returns how many times the second the first is.
pub fn ratio(first: Duration, second: Duration) -> f64 {
    first.as_secs_f64() / second.as_secs_f64().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_that_were_taken() {
        let samples = Samples((1..=200).rev().map(Duration::from_micros).collect());
        assert_eq!(samples.told(), "100 us / 198 us");
        assert_eq!(Samples::default().p99(), Duration::ZERO);
        assert_eq!(Samples(vec![Duration::from_micros(1234)]).told(), "1.23 ms / 1.23 ms");
    }
}

//! Samples of durations.

use std::time::{Duration, Instant};

/// The durations of repeated work.
#[derive(Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Adds a duration.
    pub fn add(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    /// Adds the duration of some work.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.add(begun.elapsed());
        done
    }

    /// Adds the processor time of some work, which does not depend on other work on the machine.
    pub fn time_executing<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = executing();
        let done = work();
        self.add(executing().saturating_sub(begun));
        done
    }

    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns a percentile.
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

    /// Returns the 99th percentile.
    pub fn p99(&self) -> Duration {
        self.percentile(99)
    }

    /// Formats the median and the 99th percentile.
    pub fn summary(&self) -> String {
        format!("{} / {}", human(self.p50()), human(self.p99()))
    }
}

/// Returns the processor time of this thread.
fn executing() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a value that outlives the call; every Linux has this clock.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Formats a duration with three digits.
pub fn human(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    let (value, unit) = if micros < 1000.0 { (micros, "us") } else { (micros / 1000.0, "ms") };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// Returns the ratio of two durations.
pub fn ratio(first: Duration, second: Duration) -> f64 {
    first.as_secs_f64() / second.as_secs_f64().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_actual_samples() {
        let samples = Samples((1..=200).rev().map(Duration::from_micros).collect());
        assert_eq!(samples.summary(), "100 us / 198 us");
        assert_eq!(Samples::default().p99(), Duration::ZERO);
        assert_eq!(Samples(vec![Duration::from_micros(1234)]).summary(), "1.23 ms / 1.23 ms");
    }
}

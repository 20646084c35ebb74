//! An adapter's statistics: counted in memory, and added to a file now and then.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The number of histogram steps for each power of two nanoseconds of latency. A percentile is exact to
/// within an eighth.
const STEPS: usize = 8;
const STEP_BITS: u32 = STEPS.ilog2();
/// Up to 2^42 ns, which is more than an hour. Longer calls are counted in the last step.
const BUCKETS: usize = STEPS * 40;

/// Statistics of an adapter, which can be merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {
    /// The number of calls.
    pub calls: u64,
    /// The number of calls that returned an error.
    #[serde(default)]
    pub errors: u64,
    /// The number of calls that trapped, ran out of memory or returned an invalid answer.
    pub traps: u64,
    /// The number of calls that exceeded a time limit.
    pub timeouts: u64,
    /// The number of denied HTTP requests.
    pub denials: u64,
    /// The peak memory of one call, in bytes.
    pub peak_memory: u64,
    /// The histogram of latencies: the number of calls in each step.
    pub latencies: Vec<u64>,
}

impl Stats {
    /// Returns the approximate maximum latency of the fastest `share` (0 to 1) of calls.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        // The file may contain any numbers.
        let total = self.latencies.iter().fold(0, |total: u64, count| total.saturating_add(*count));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a rank among the calls, which may be approximate"
        )]
        let rank = ((total as f64 * share.clamp(0.0, 1.0)).ceil() as u64).max(1);
        let mut seen: u64 = 0;
        let index = self.latencies.iter().position(|count| {
            seen = seen.saturating_add(*count);
            seen >= rank
        });
        index.map(|index| Duration::from_nanos(upper_bound(index)))
    }

    /// Adds other statistics.
    pub fn merge(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.errors = self.errors.saturating_add(other.errors);
        self.traps = self.traps.saturating_add(other.traps);
        self.timeouts = self.timeouts.saturating_add(other.timeouts);
        self.denials = self.denials.saturating_add(other.denials);
        self.peak_memory = self.peak_memory.max(other.peak_memory);
        if self.latencies.len() < other.latencies.len() {
            self.latencies.resize(other.latencies.len(), 0);
        }
        for (mine, theirs) in self.latencies.iter_mut().zip(&other.latencies) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// Returns the statistics counted since `before`.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let earlier = |index: usize| before.latencies.get(index).copied().unwrap_or_default();
        Self {
            calls: self.calls.saturating_sub(before.calls),
            errors: self.errors.saturating_sub(before.errors),
            traps: self.traps.saturating_sub(before.traps),
            timeouts: self.timeouts.saturating_sub(before.timeouts),
            denials: self.denials.saturating_sub(before.denials),
            peak_memory: self.peak_memory,
            latencies: (0..).zip(&self.latencies).map(|(i, now)| now.saturating_sub(earlier(i))).collect(),
        }
    }

    /// Returns whether codewalk could have written these statistics.
    pub(crate) fn is_plausible(&self) -> bool {
        self.latencies.len() <= BUCKETS
    }
}

/// Counters of an adapter, shared by threads.
#[derive(Debug)]
pub(crate) struct Counters {
    calls: AtomicU64,
    errors: AtomicU64,
    traps: AtomicU64,
    timeouts: AtomicU64,
    denials: AtomicU64,
    live_memory: AtomicU64,
    peak_memory: AtomicU64,
    latencies: Box<[AtomicU64]>,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            calls: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            traps: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            denials: AtomicU64::new(0),
            live_memory: AtomicU64::new(0),
            peak_memory: AtomicU64::new(0),
            latencies: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

/// How a call ended, for the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallEnd {
    Well,
    /// It returned an error.
    Refused,
    Trapped,
    TimedOut,
}

impl Counters {
    pub(crate) fn called(&self, end: CallEnd, took: Duration) {
        self.calls.fetch_add(1, Relaxed);
        match end {
            CallEnd::Well => {}
            CallEnd::Refused => drop(self.errors.fetch_add(1, Relaxed)),
            CallEnd::Trapped => drop(self.traps.fetch_add(1, Relaxed)),
            CallEnd::TimedOut => drop(self.timeouts.fetch_add(1, Relaxed)),
        }
        if let Some(bucket) = self.latencies.get(bucket(took)) {
            bucket.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn denied(&self) {
        self.denials.fetch_add(1, Relaxed);
    }

    /// Counts allocated memory.
    pub(crate) fn memory_grew(&self, bytes: usize) {
        self.live_memory.fetch_add(bytes as u64, Relaxed);
    }

    /// Counts freed memory.
    pub(crate) fn memory_freed(&self, bytes: usize) {
        self.live_memory.fetch_sub(bytes as u64, Relaxed);
    }

    /// Counts the peak memory of a call.
    pub(crate) fn memory_peaked(&self, bytes: usize) {
        self.peak_memory.fetch_max(bytes as u64, Relaxed);
    }

    /// Returns the memory of its running calls.
    pub(crate) fn live_memory(&self) -> u64 {
        self.live_memory.load(Relaxed)
    }

    pub(crate) fn read(&self) -> Stats {
        let mut latencies: Vec<u64> = self.latencies.iter().map(|bucket| bucket.load(Relaxed)).collect();
        latencies.truncate(latencies.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1));
        Stats {
            calls: self.calls.load(Relaxed),
            errors: self.errors.load(Relaxed),
            traps: self.traps.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            denials: self.denials.load(Relaxed),
            peak_memory: self.peak_memory.load(Relaxed),
            latencies,
        }
    }
}

/// Returns the step of a latency: the position of its highest bit, and the bits after it.
fn bucket(took: Duration) -> usize {
    let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(STEPS as u64);
    let shift = nanos.ilog2() - STEP_BITS;
    let within = (nanos >> shift) as usize - STEPS;
    (shift as usize * STEPS + within).min(BUCKETS - 1)
}

/// Returns the longest latency of a step, in nanoseconds.
const fn upper_bound(index: usize) -> u64 {
    let (shift, within) = (index / STEPS, (index % STEPS + STEPS) as u64);
    ((within + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_follow_each_other_without_a_gap() {
        for index in 0..BUCKETS - 1 {
            let last = upper_bound(index);
            assert_eq!(bucket(Duration::from_nanos(last)), index);
            assert_eq!(bucket(Duration::from_nanos(last + 1)), index + 1);
        }
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
    }

    #[test]
    fn made_up_statistics_have_percentiles_too() {
        let stats = Stats { latencies: vec![u64::MAX, 1, u64::MAX], ..Stats::default() };
        assert!(stats.percentile(0.5) <= stats.percentile(1.0));
    }

    #[test]
    fn without_calls_there_is_no_percentile() {
        assert_eq!(Stats::default().percentile(0.5), None);
    }

    fn counted(took: &[u64]) -> Stats {
        let counters = Counters::default();
        for nanos in took {
            counters.called(CallEnd::Well, Duration::from_nanos(*nanos));
        }
        counters.read()
    }

    proptest! {
        #[test]
        fn a_percentile_is_right_to_within_an_eighth(
            mut took in prop::collection::vec(8u64..1 << 40, 1..50), share in 0.0..=1.0f64
        ) {
            let said = counted(&took).percentile(share).unwrap().as_nanos() as u64;
            took.sort_unstable();
            let rank = ((took.len() as f64 * share).ceil() as usize).max(1);
            let exact = took[rank - 1];
            prop_assert!(said >= exact && said - exact <= exact / 8, "{said} for {exact}");
        }

        #[test]
        fn merged_statistics_equal_those_counted_together(
            one in prop::collection::vec(0u64..1 << 44, 0..20),
            two in prop::collection::vec(0u64..1 << 44, 0..20)
        ) {
            let both = counted(&[one.clone(), two.clone()].concat());
            let mut merged = counted(&one);
            merged.merge(&counted(&two));
            prop_assert_eq!(&merged, &both);
            let before = counted(&one);
            let mut again = before.clone();
            again.merge(&both.since(&before));
            prop_assert_eq!(again, both);
        }
    }
}

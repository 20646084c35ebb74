//! Detects that an agent makes no progress.

use std::time::Duration;

use codewalk_core::session::Stall;
use codewalk_core::time::Timestamp;
use tokio::time::Instant;

use crate::clock::now;

/// Tracks how long an agent has printed nothing or only retried.
#[derive(Debug)]
pub(crate) struct Vigil {
    silent_after: Option<Duration>,
    /// When the agent last printed something or was sent something.
    last: (Instant, Timestamp),
    /// When the pause ends that it announced.
    waits_until: Option<Instant>,
    stall: Option<Stall>,
}

impl Vigil {
    /// Starts with a run.
    pub(crate) fn new(silent_after: Option<Duration>) -> Self {
        Self { silent_after, last: moment(), waits_until: None, stall: None }
    }

    /// Notes output. Returns whether it ends a silence.
    pub(crate) fn printed(&mut self) -> bool {
        self.last = moment();
        self.stall.take_if(|stall| matches!(stall, Stall::Silent { .. })).is_some()
    }

    /// Notes that something was sent to the agent.
    pub(crate) fn sent(&mut self) {
        self.last = moment();
    }

    /// Notes progress. Returns whether the agent had stalled.
    pub(crate) fn got_on(&mut self) -> bool {
        self.waits_until = None;
        self.stall.take().is_some()
    }

    /// Notes that the agent calls its model again after a pause.
    pub(crate) fn retrying(&mut self, reason: String, pause: Duration) -> Stall {
        let since = match &self.stall {
            Some(Stall::Retrying { since, .. }) => *since,
            Some(Stall::Silent { .. }) | None => Timestamp(now()),
        };
        self.waits_until = Some(Instant::now() + pause);
        self.stall.insert(Stall::Retrying { since, reason }).clone()
    }

    /// Returns when the agent counts as silent, if nothing happens before.
    pub(crate) fn silent_at(&self, is_at_work: bool) -> Option<Instant> {
        let is_silent = matches!(self.stall, Some(Stall::Silent { .. }));
        let silent_after = self.silent_after.filter(|_| is_at_work && !is_silent)?;
        Some(self.waits_until.map_or(self.last.0, |until| until.max(self.last.0)) + silent_after)
    }

    /// Notes that the agent is silent.
    pub(crate) fn silent(&mut self) -> Stall {
        self.stall.insert(Stall::Silent { since: self.last.1 }).clone()
    }
}

fn moment() -> (Instant, Timestamp) {
    (Instant::now(), Timestamp(now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_secs(300);

    #[tokio::test(start_paused = true)]
    async fn silence_counts_from_the_last_print_and_only_at_work() {
        let mut vigil = Vigil::new(Some(AFTER));
        let begin = Instant::now();
        assert_eq!(vigil.silent_at(true), Some(begin + AFTER));
        assert_eq!(vigil.silent_at(false), None);
        tokio::time::advance(Duration::from_secs(100)).await;
        assert!(!vigil.printed());
        assert_eq!(vigil.silent_at(true), Some(begin + Duration::from_secs(400)));
        assert!(matches!(vigil.silent(), Stall::Silent { .. }));
        assert_eq!(vigil.silent_at(true), None, "told once");
        assert!(vigil.printed(), "that ends it");
        assert!(!vigil.printed());
        assert_eq!(Vigil::new(None).silent_at(true), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_answered_after_a_long_time_is_not_silent_at_once() {
        let mut vigil = Vigil::new(Some(AFTER));
        tokio::time::advance(10 * AFTER).await;
        vigil.sent();
        assert_eq!(vigil.silent_at(true), Some(Instant::now() + AFTER));
    }

    #[tokio::test(start_paused = true)]
    async fn an_announced_pause_is_not_silence_and_retries_count_from_the_first() {
        let mut vigil = Vigil::new(Some(AFTER));
        let pause = Duration::from_secs(1_000);
        let first = vigil.retrying("1".to_owned(), pause);
        assert_eq!(vigil.silent_at(true), Some(Instant::now() + pause + AFTER));
        let second = vigil.retrying("2".to_owned(), pause);
        assert_eq!(second, Stall::Retrying { since: first.since(), reason: "2".to_owned() });
        assert!(!vigil.printed(), "printing is not enough");
        assert!(vigil.got_on());
        assert!(!vigil.got_on());
        assert_eq!(vigil.silent_at(true), Some(Instant::now() + AFTER));
    }
}

//! The notice that codewalk is waiting for an adapter, shown next to the input line until the adapter
//! answers.

use std::time::Duration;

use codewalk_core::terminal_text::shortened;
use tokio::time::Instant;

use crate::compose::Patience;

/// How long an adapter may take before the notice is shown.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How many bytes of a name are shown.
const NAME: usize = 30;

/// The notice about a slow adapter.
#[derive(Default)]
pub(super) struct WaitNotice {
    line: String,
    /// When to show it, or `None` if nothing is pending or the notice is already shown.
    due: Option<Instant>,
    is_shown: bool,
}

impl WaitNotice {
    pub(super) fn begin(&mut self, patience: &Patience, now: Instant) {
        let limit = patience.limit.as_millis();
        let limit = match limit % 1000 {
            0 => format!("{} s", limit / 1000),
            _ => format!("{limit} ms"),
        };
        self.line = format!("waiting for {} (up to {limit})", shortened(&patience.name, NAME));
        self.due = Some(now + AT_ONCE);
        self.is_shown = false;
    }

    /// Ends the wait. Returns whether the notice was shown.
    pub(super) fn end(&mut self) -> bool {
        std::mem::take(self).is_shown
    }

    /// Returns when to show it.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn say(&mut self) {
        (self.due, self.is_shown) = (None, true);
    }

    /// Returns the notice to show now.
    pub(super) fn shown(&self) -> &str {
        if self.is_shown { &self.line } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_notice_appears_after_a_second_and_ends_with_the_wait() {
        let patience = |ms| Patience { name: "groq-router".to_owned(), limit: Duration::from_millis(ms) };
        let now = Instant::now();
        let mut waiting = WaitNotice::default();
        assert_eq!((waiting.due(), waiting.shown()), (None, ""));
        waiting.begin(&patience(8_000), now);
        assert_eq!((waiting.due(), waiting.shown()), (Some(now + Duration::from_secs(1)), ""));
        waiting.say();
        assert_eq!((waiting.due(), waiting.shown()), (None, "waiting for groq-router (up to 8 s)"));
        assert!(waiting.end());
        assert_eq!((waiting.due(), waiting.shown()), (None, ""));
        waiting.begin(&patience(1_500), now);
        assert!(!waiting.end(), "nobody saw it");
        waiting.begin(&patience(1_500), now);
        waiting.say();
        assert_eq!(waiting.shown(), "waiting for groq-router (up to 1500 ms)");
    }
}

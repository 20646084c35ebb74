//! What a person waits for without anything to read: said beside what is typed, and gone as soon as there is an answer.

use std::time::Duration;

use codewalk_core::event::{EventKind, StoredEvent, SummaryEvent, UtteranceEvent};
use codewalk_core::text::shortened;
use tokio::time::Instant;

use super::{Answerer, Conversation};
use crate::cli::progress::Progress;
use crate::compose::Patience;

/// How long an answer may take until it is said that it is waited for.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How much of a name is shown, in bytes.
const NAME: usize = 30;

/// What is waited for.
#[derive(Default)]
pub(super) struct Waiting {
    line: String,
    /// When that is to be said; none where nothing is waited for, or it is said.
    due: Option<Instant>,
    is_said: bool,
}

impl Waiting {
    fn begin(&mut self, asked: &Patience, now: Instant) {
        let limit = asked.limit.as_millis();
        let limit = match limit % 1000 {
            0 => format!("{} s", limit / 1000),
            _ => format!("{limit} ms"),
        };
        self.line = format!("waiting for {} (up to {limit})", shortened(&asked.name, NAME));
        self.due = Some(now + AT_ONCE);
        self.is_said = false;
    }

    /// Returns whether it was said.
    fn end(&mut self) -> bool {
        std::mem::take(self).is_said
    }

    /// Returns when it is to be said.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    fn say(&mut self) {
        (self.due, self.is_said) = (None, true);
    }

    /// Returns what is said now.
    pub(super) fn said(&self) -> &str {
        if self.is_said { &self.line } else { "" }
    }
}

impl Conversation {
    /// Takes note of what is waited for after an event.
    pub(super) fn wait_for(&mut self, recorded: &StoredEvent) {
        let [router, summarizer] = &self.patience;
        let asked = match &recorded.event.kind {
            EventKind::Utterance { event, .. } => match event {
                UtteranceEvent::Received { .. } => Some(router),
                UtteranceEvent::SummarizerAsked { .. } => Some(summarizer),
                UtteranceEvent::Routed { .. } | UtteranceEvent::Closed { .. } => None,
            },
            EventKind::Summary { session, event } => match event {
                // Of one that runs there is something to read.
                SummaryEvent::SummaryRequested { .. }
                    if self.follow.session(*session).is_some_and(|session| session.state.has_ended()) =>
                {
                    Some(summarizer)
                }
                SummaryEvent::SummaryProduced { .. } | SummaryEvent::SummaryFailed { .. } => None,
                SummaryEvent::SummaryRequested { .. } | SummaryEvent::SummaryScheduled { .. } => return,
            },
            EventKind::Consent { .. } | EventKind::Session { .. } => return,
        };
        let was_said = self.waiting.end();
        if let Some(asked) = asked {
            self.waiting.begin(asked, Instant::now());
        }
        if was_said {
            self.show_waiting();
        }
    }

    /// Says what is waited for, to a person who sees what goes on.
    pub(super) fn say_waiting(&mut self) {
        self.waiting.say();
        self.show_waiting();
    }

    fn show_waiting(&self) {
        self.show_beside();
        if let (Answerer::Person(terminal, _), Progress::Beside) = (&self.answerer, self.progress) {
            terminal.redraw();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_said_after_a_second_and_not_after_its_end() {
        let asked = |ms| Patience { name: "groq-router".to_owned(), limit: Duration::from_millis(ms) };
        let now = Instant::now();
        let mut waiting = Waiting::default();
        assert_eq!((waiting.due(), waiting.said()), (None, ""));
        waiting.begin(&asked(8_000), now);
        assert_eq!((waiting.due(), waiting.said()), (Some(now + Duration::from_secs(1)), ""));
        waiting.say();
        assert_eq!((waiting.due(), waiting.said()), (None, "waiting for groq-router (up to 8 s)"));
        assert!(waiting.end());
        assert_eq!((waiting.due(), waiting.said()), (None, ""));
        waiting.begin(&asked(1_500), now);
        assert!(!waiting.end(), "nobody saw it");
        waiting.begin(&asked(1_500), now);
        waiting.say();
        assert_eq!(waiting.said(), "waiting for groq-router (up to 1500 ms)");
    }
}

//! Errors that an agent prints. An error that turns out to be the reason for a failed run is reported only at
//! its end; any other error is reported as soon as the agent continues.

use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::event::{EventKind, SessionEvent, StoredEvent};
use codewalk_core::session::Outcome;
use codewalk_core::terminal_text::{cut, shortened, single_line, visible_line};
use codewalk_protocol::follow::Follow;

use super::progress::{Progress, entry_line};
use super::words::{FAILURE, LINE};

/// How much of two errors is compared, in bytes.
const COMPARED: usize = 4 * 1024;

/// An error that has not been reported yet.
#[derive(Default)]
pub struct DeferredError {
    error: Option<AgentError>,
}

struct AgentError {
    text: String,
    line: String,
}

impl DeferredError {
    /// Reports an entry of an agent.
    pub fn entry(&mut self, entry: &Entry, progress: Progress) {
        let Some(line) = entry_line(entry) else { return };
        // Many agents also print it on their error stream.
        if let EntryKind::Output { stderr: true, text } | EntryKind::Error { text } = &entry.kind
            && self.says(text.as_str())
        {
            return;
        }
        self.release(progress);
        match &entry.kind {
            EntryKind::Output { stderr: true, text } => {
                self.error = Some(AgentError { text: text.as_str().to_owned(), line });
            }
            EntryKind::Error { text } if !is_retry(text.as_str()) => {
                self.error = Some(AgentError { text: text.as_str().to_owned(), line });
            }
            _ => progress.agent(&line),
        }
    }

    /// Reports an event; `follow` has not absorbed it yet.
    pub fn event(&mut self, recorded: &StoredEvent, follow: &Follow, progress: Progress) {
        if let EventKind::Session { event, .. } = &recorded.event.kind {
            match event {
                SessionEvent::TurnEnded { failure: Some(failure) } if !self.says(failure) => {
                    self.release(progress);
                    let line = format!(
                        "{FAILURE}agent{FAILURE:#}   {}",
                        visible_line(&shortened(failure, 2 * LINE))
                    );
                    self.error = Some(AgentError { text: failure.clone(), line });
                }
                SessionEvent::RunEnded {
                    outcome: Outcome::Failed { reason } | Outcome::Limited { reason, .. },
                    ..
                } if self.says(reason) => {
                    self.error = None;
                }
                // Something else is reported now.
                SessionEvent::RequestOpened { .. }
                | SessionEvent::RequestDecided { .. }
                | SessionEvent::PromptSent { .. }
                | SessionEvent::InterruptRequested { .. }
                | SessionEvent::StopRequested { .. }
                | SessionEvent::DeliveryFailed { .. }
                | SessionEvent::RunEnded { .. } => self.release(progress),
                _ => {}
            }
        }
        progress.event(recorded, follow);
    }

    fn release(&mut self, progress: Progress) {
        if let Some(error) = self.error.take() {
            progress.line(&error.line);
        }
    }

    fn says(&self, reason: &str) -> bool {
        self.error.as_ref().is_some_and(|error| is_same(&error.text, reason))
    }
}

/// Returns whether two texts are the same; either may be truncated.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (single_line(cut(one, COMPARED)), single_line(cut(other, COMPARED)));
    let whole = |text: &str| text.trim_end_matches(['\u{2026}', '.']).to_owned();
    let (one, other) = (whole(&one), whole(&other));
    !one.is_empty() && !other.is_empty() && (one.starts_with(&other) || other.starts_with(&one))
}

/// Returns whether the agent is retrying by itself, which is reported as long as it lasts.
fn is_retry(error: &str) -> bool {
    error.contains("; retry ")
}

#[cfg(test)]
mod tests {
    use codewalk_core::entry::Text;

    use super::*;

    fn entry(kind: EntryKind) -> Entry {
        Entry { run: 1, offset: 0, length: 0, kind }
    }

    fn error(text: &str) -> Entry {
        entry(EntryKind::Error { text: Text::Whole { text: text.to_owned() } })
    }

    #[test]
    fn an_error_is_deferred_until_the_next_output_but_a_retry_is_not() {
        let mut held = DeferredError::default();
        held.entry(&error("API Error: 400 Invalid request"), Progress::Quiet);
        assert!(held.says("API Error: 400 Invalid request"));
        // The end of a turn prints nothing.
        held.entry(&entry(EntryKind::TurnEnd { succeeded: false }), Progress::Quiet);
        assert!(held.error.is_some());
        let continued = EntryKind::AgentText { text: Text::Whole { text: "I go on".to_owned() } };
        held.entry(&entry(continued), Progress::Quiet);
        assert!(held.error.is_none());
        held.entry(
            &error("The model's API failed with 529 (overloaded); retry 1 of 3 in 1 s"),
            Progress::Quiet,
        );
        assert!(held.error.is_none());
    }

    #[test]
    fn an_error_is_recognized_when_cut_or_on_one_line() {
        assert!(is_same("API Error: 400\nInvalid request", "API Error: 400 Invalid request"));
        assert!(is_same("API Error: 400 Invalid req\u{2026}", "API Error: 400 Invalid request"));
        assert!(!is_same("API Error: 400", "API Error: 500"));
        assert!(!is_same("", "API Error: 500"));
    }
}

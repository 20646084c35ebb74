//! The question on the screen, and which answers to it count.
//!
//! Invariant: a yes counts only for a question that was shown completely, and only if the user began the line
//! after that and completed it at least [`READING`] later. If another question replaces it, this starts over.

use codewalk_core::ids::{ConfirmationId, SessionId};
use codewalk_protocol::questions::Text;
use tokio::time::Instant;

use super::terminal::{READING, TypedLine};
use crate::screen;

/// The maximum number of rows of a question shown at once.
const PAGE: usize = 200;
/// How many rows of a window are reserved for the input line and for messages below a page.
const BELOW: usize = 3;

/// An open question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenQuestion {
    /// A confirmation.
    Confirmation(ConfirmationId),
    /// An agent's approval or question, and which of its questions it is, counted from 0.
    Request { session: SessionId, request: String, digest: String, question: usize },
    /// The choice of one of the rules that an agent offers with an approval.
    Rules { session: SessionId, request: String, digest: String },
}

/// Why a line does not count as an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooEarly {
    /// It was typed before the question could be read.
    Unread,
    /// Not all of the question was shown.
    Unshown,
}

/// A question on the screen.
#[derive(Debug)]
pub struct OnScreen {
    pub open: OpenQuestion,
    pub text: Text,
    rows: Vec<String>,
    /// How many rows were shown, and which row was the first of the last page.
    shown: usize,
    first: usize,
    /// The columns and rows of the window at that time.
    window: (usize, usize),
    /// Whether it is known when the last page was visible.
    is_seen: bool,
    /// When the first page became visible.
    begun: Instant,
    /// When the end became visible.
    whole: Option<Instant>,
}

impl OnScreen {
    /// Creates a question that is about to be shown.
    pub fn new(open: OpenQuestion, text: Text) -> Self {
        Self {
            open,
            text,
            rows: Vec::new(),
            shown: 0,
            first: 0,
            window: (0, 0),
            is_seen: false,
            begun: Instant::now(),
            whole: None,
        }
    }

    /// Returns the next page, for a window of this many columns and rows. If all pages were shown or the
    /// window was resized, returns the first page.
    pub fn page(&mut self, window: (usize, usize)) -> String {
        let columns = window.0;
        if self.shown == self.rows.len() || self.window != window {
            (self.shown, self.whole, self.window) = (0, None, window);
        }
        if self.shown == 0 {
            let lines = self.text.whole.split('\n');
            self.rows = lines.flat_map(|line| screen::rows(line, columns, screen::QUESTION)).collect();
        }
        let first = self.shown;
        let size = window.1.saturating_sub(BELOW).clamp(1, PAGE);
        (self.first, self.shown) = (first, self.rows.len().min(first + size));
        self.shown_last(columns)
    }

    /// Returns the last page again, or the first page if the window was resized.
    pub fn page_again(&mut self, window: (usize, usize)) -> String {
        if self.shown == 0 || self.window != window { self.page(window) } else { self.shown_last(window.0) }
    }

    fn shown_last(&mut self, columns: usize) -> String {
        let mut page = self.rows[self.first..self.shown].join("\n");
        if self.shown < self.rows.len() {
            let notice = format!(
                "-- rows {} to {} of {}: type \"more\" to read on; a yes counts only at the end --",
                self.first + 1,
                self.shown,
                self.rows.len()
            );
            // In a narrow window it would push the rows above it off the screen.
            let notice = if notice.len() < columns { notice.as_str() } else { "-- \"more\" --" };
            page.push('\n');
            page.push_str(notice);
        }
        let now = Instant::now();
        self.begun = now;
        self.is_seen = false;
        if self.shown == self.rows.len() {
            self.whole = Some(now);
        }
        page
    }

    /// Returns the height of the last page in rows.
    pub fn height(&self) -> usize {
        self.shown - self.first
    }

    /// Returns whether the window has been resized since the question was shown.
    pub fn is_of_another_window(&self, window: (usize, usize)) -> bool {
        self.window != window
    }

    /// Returns the whole question in rows.
    pub fn whole(&self) -> String {
        self.rows.join("\n")
    }

    /// Returns whether the question has scrolled off a screen with this number of rows. If a question takes
    /// more than half of the screen, only its last half screen counts.
    pub fn is_gone(&self, printed: usize, screen: usize) -> bool {
        printed > 0 && self.height().min(screen / 2) + printed >= screen
    }

    /// Records when the last page became visible for the first time.
    pub fn seen(&mut self, at: Instant) {
        if std::mem::replace(&mut self.is_seen, true) {
            return;
        }
        self.begun = self.begun.max(at);
        self.whole = self.whole.map(|whole| whole.max(at));
    }

    /// Returns whether a line counts as an answer that consents.
    ///
    /// # Errors
    /// If it does not.
    pub fn consents(&self, typed: &TypedLine) -> Result<(), TooEarly> {
        let whole = self.whole.ok_or(TooEarly::Unshown)?;
        Self::is_read(whole, typed)
    }

    /// Returns whether a line counts as an answer that does not consent: a no, or a question about the
    /// confirmation.
    ///
    /// # Errors
    /// If it does not.
    pub fn declines(&self, typed: &TypedLine) -> Result<(), TooEarly> {
        Self::is_read(self.begun, typed)
    }

    fn is_read(shown: Instant, typed: &TypedLine) -> Result<(), TooEarly> {
        let is_read = typed.begun >= shown && typed.completed.saturating_duration_since(shown) >= READING;
        if is_read { Ok(()) } else { Err(TooEarly::Unread) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn on_screen(lines: usize) -> OnScreen {
        let whole = (1..=lines).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        let text = Text { whole, answers: "yes / no", brief: "Bash".to_owned(), help: "" };
        let open = OpenQuestion::Rules {
            session: SessionId(codewalk_core::ids::Id::from_u128(1)),
            request: "r1".to_owned(),
            digest: String::new(),
        };
        OnScreen::new(open, text)
    }

    fn typed(begun: Instant, completed: Instant) -> TypedLine {
        TypedLine { text: "yes".to_owned(), begun, completed, pasted: false }
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_counts_if_it_was_started_and_completed_after_reading() {
        let before = Instant::now();
        tokio::time::advance(READING).await;
        let mut question = on_screen(3);
        question.page((80, 300));
        let shown = Instant::now();
        let later = |ms: u64| shown + Duration::from_millis(ms);
        for (begun, completed, counts) in [
            (later(1), later(500), Ok(())),
            (later(600), later(700), Ok(())),
            (later(1), later(499), Err(TooEarly::Unread)),
            (before, later(5_000), Err(TooEarly::Unread)),
            (before, before, Err(TooEarly::Unread)),
        ] {
            assert_eq!(question.consents(&typed(begun, completed)), counts);
            assert_eq!(question.declines(&typed(begun, completed)), counts);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_consents_before_the_last_page_could_be_read() {
        let mut question = on_screen(450);
        let mut shown = Vec::new();
        for _ in 0..3 {
            let page = question.page((80, 300));
            shown.extend(page.lines().filter(|line| line.starts_with("line ")).map(str::to_owned));
            let at = Instant::now();
            let line = typed(at, at + READING);
            let all = shown.len() == 450;
            assert_eq!(question.consents(&line).is_ok(), all, "{} lines", shown.len());
            assert_eq!(page.contains("\"more\""), !all);
            assert_eq!(question.declines(&line), Ok(()), "a no needs no more");
            tokio::time::advance(READING * 2).await;
        }
        assert_eq!(shown.len(), 450);
        assert!(question.page((80, 300)).starts_with("line 1\n"), "it begins again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_question_is_paged_by_the_height_of_the_window() {
        let mut question = on_screen(50);
        for first in [1, 22, 43] {
            let page = question.page((80, 24));
            assert!(page.starts_with(&format!("line {first}\n")) && page.lines().count() <= 22, "{page}");
            assert_eq!(question.whole.is_some(), first == 43);
        }
        assert!(!question.is_of_another_window((80, 24)) && question.is_of_another_window((20, 4)));
        let page = question.page((20, 4));
        assert!(page == "line 1\n-- \"more\" --" && question.whole.is_none(), "{page}");
        assert_eq!(question.height(), 1);
    }

    #[test]
    fn repeating_a_page_does_not_turn_it() {
        let mut question = on_screen(50);
        assert_eq!(question.page_again((80, 24)).lines().next(), Some("line 1"), "it was not shown yet");
        question.page((80, 24));
        for _ in 0..5 {
            let page = question.page_again((80, 24));
            assert!(page.starts_with("line 22\n") && page.contains("rows 22 to 42 of 50"), "{page}");
        }
        assert_eq!(question.whole, None);
        question.page((80, 24));
        assert!(question.page_again((80, 24)).starts_with("line 43\n") && question.whole.is_some());
        assert!(question.page_again((20, 4)).starts_with("line 1\n") && question.whole.is_none());
    }

    #[test]
    fn long_lines_count_as_the_rows_they_occupy() {
        let mut question = on_screen(1);
        question.text.whole = "x".repeat(100_000);
        let page = question.page((80, 300));
        assert_eq!(
            page.lines().filter(|line| line.contains('x')).count(),
            PAGE,
            "a line may be several pages"
        );
        assert!(page.lines().all(|line| line.chars().count() < 80 || line.starts_with("--")), "{page}");
        assert_eq!(question.whole, None);
    }

    #[test]
    fn only_the_first_row_of_a_question_starts_at_the_edge() {
        let mut question = on_screen(1);
        let faked = format!("   echo {} Allow claude to use Bash: ls? ", "x".repeat(60));
        question.text.whole = format!("Allow claude to use Bash: {}?\n{faked}", "very ".repeat(40));
        for row in question.page((60, 300)).lines().skip(1) {
            assert!(row.starts_with("   "), "{row:?}");
        }
    }

    #[test]
    fn a_question_counts_as_gone_below_half_a_screen() {
        for (lines, printed, screen, is_gone) in [
            (5, 0, 24, false),
            (5, 18, 24, false),
            (5, 19, 24, true),
            (100, 0, 24, false),
            (100, 11, 24, false),
            (100, 12, 24, true),
            (1, 0, 1, false),
        ] {
            let mut question = on_screen(lines);
            question.page((80, 300));
            assert_eq!(question.is_gone(printed, screen), is_gone, "{lines} {printed} {screen}");
        }
    }
}

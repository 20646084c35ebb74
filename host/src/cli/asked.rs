//! The question that is on the screen, and which answers count for it.
//!
//! Invariant: a yes counts only for a question that was shown to its end, and only where the line was begun after that and
//! completed no sooner than [`READING`] later. A question that replaces another one begins anew.

use std::time::Duration;

use codewalk_core::ids::{ConfirmationId, SessionId};
use tokio::time::Instant;

use super::questions::Text;
use super::terminal::Typed;

/// The shortest time that it takes to read a question.
pub const READING: Duration = Duration::from_millis(500);
/// How many rows of a question are shown at once.
const PAGE: usize = 200;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Whether something is to be done.
    Confirmation(ConfirmationId),
    /// What an agent asks for, and which of its questions it is, from 0.
    Request { session: SessionId, request: String, digest: String, question: usize },
    /// Which of the rules that an agent offers with a request is to hold.
    Rules { session: SessionId, request: String, digest: String },
}

/// Why a line is no answer to a question.
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
    pub asked: Asked,
    pub text: Text,
    lines: Vec<String>,
    /// How many of the lines were shown.
    shown: usize,
    /// When the first page was there to be read.
    begun: Instant,
    /// When the end was.
    whole: Option<Instant>,
}

impl OnScreen {
    /// Takes a question that is about to be shown.
    pub fn new(asked: Asked, text: Text) -> Self {
        let lines = text.whole.split('\n').map(str::to_owned).collect();
        Self { asked, text, lines, shown: 0, begun: Instant::now(), whole: None }
    }

    /// Returns the next page of it, to be written at once to a terminal that wide; the first one again where all was shown.
    pub fn page(&mut self, columns: usize) -> String {
        if self.shown == self.lines.len() {
            self.shown = 0;
        }
        self.split_long_lines(columns.max(1));
        let (first, mut rows) = (self.shown, 0);
        for line in &self.lines[first..] {
            let width = anstream::adapter::strip_str(line).to_string().chars().count();
            rows += width.div_ceil(columns.max(1)).max(1);
            // A line that is longer than a page is a page.
            if rows > PAGE && self.shown > first {
                break;
            }
            self.shown += 1;
        }
        let mut page = self.lines[first..self.shown].join("\n");
        if self.shown < self.lines.len() {
            page.push_str(&format!(
                "\n-- lines {} to {} of {}: type \"more\" for the rest; a yes counts when all was shown --",
                first + 1,
                self.shown,
                self.lines.len()
            ));
        }
        let now = Instant::now();
        self.begun = now;
        if self.shown == self.lines.len() {
            self.whole = Some(now);
        }
        page
    }

    /// Makes several lines of one that would take most of a page.
    fn split_long_lines(&mut self, columns: usize) {
        if self.shown > 0 {
            return;
        }
        let most = columns * (PAGE / 10);
        let is_long = |line: &String| line.chars().count() > most && !line.contains('\u{1b}');
        let split = |line: String| -> Vec<String> {
            if !is_long(&line) {
                return vec![line];
            }
            let chars: Vec<char> = line.chars().collect();
            chars.chunks(most).map(|chunk| chunk.iter().collect()).collect()
        };
        self.lines = std::mem::take(&mut self.lines).into_iter().flat_map(split).collect();
    }

    /// Takes note of when the page that was shown last was seen.
    pub fn seen(&mut self, at: Instant) {
        self.begun = self.begun.max(at);
        self.whole = self.whole.map(|whole| whole.max(at));
    }

    /// Returns whether a line counts as an answer that consents.
    ///
    /// # Errors
    /// Where it does not.
    pub fn consents(&self, typed: &Typed) -> Result<(), TooEarly> {
        let whole = self.whole.ok_or(TooEarly::Unshown)?;
        Self::is_read(whole, typed)
    }

    /// Returns whether a line counts as one that does not consent: a no, or a question.
    ///
    /// # Errors
    /// Where it does not.
    pub fn declines(&self, typed: &Typed) -> Result<(), TooEarly> {
        Self::is_read(self.begun, typed)
    }

    fn is_read(shown: Instant, typed: &Typed) -> Result<(), TooEarly> {
        let is_read = typed.begun >= shown && typed.completed.saturating_duration_since(shown) >= READING;
        if is_read { Ok(()) } else { Err(TooEarly::Unread) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_screen(lines: usize) -> OnScreen {
        let whole = (1..=lines).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        let text = Text { whole, answers: "yes / no", brief: "Bash".to_owned() };
        let asked = Asked::Rules {
            session: SessionId(codewalk_core::ids::Id::from_u128(1)),
            request: "r1".to_owned(),
            digest: String::new(),
        };
        OnScreen::new(asked, text)
    }

    fn typed(begun: Instant, completed: Instant) -> Typed {
        Typed { text: "yes".to_owned(), begun, completed, pasted: false }
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_counts_that_was_begun_after_the_question_and_completed_when_it_could_be_read() {
        let before = Instant::now();
        tokio::time::advance(READING).await;
        let mut question = on_screen(3);
        question.page(80);
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
    async fn nothing_consents_before_the_last_page_was_there_to_be_read() {
        let mut question = on_screen(450);
        let mut shown = Vec::new();
        for _ in 0..3 {
            let page = question.page(80);
            shown.extend(page.lines().filter(|line| line.starts_with("line ")).map(str::to_owned));
            let at = Instant::now();
            let line = typed(at, at + READING);
            let all = shown.len() == 450;
            assert_eq!(question.consents(&line).is_ok(), all, "{} lines", shown.len());
            assert_eq!(page.contains("type \"more\""), !all);
            assert_eq!(question.declines(&line), Ok(()), "a no needs no more");
            tokio::time::advance(READING * 2).await;
        }
        assert_eq!(shown.len(), 450);
        assert!(question.page(80).starts_with("line 1\n"), "it begins again");
    }

    #[test]
    fn long_lines_count_as_the_rows_that_they_take() {
        let mut question = on_screen(1);
        question.lines = vec!["x".repeat(800); 30];
        let page = question.page(80);
        assert_eq!(page.lines().filter(|line| line.starts_with('x')).count(), 20);
        question.lines = vec!["x".repeat(100_000)];
        (question.shown, question.whole) = (0, None);
        assert_eq!(
            question.page(80).chars().filter(|c| *c == 'x').count(),
            200 * 80,
            "a line may be several pages"
        );
        assert_eq!(question.whole, None);
    }
}

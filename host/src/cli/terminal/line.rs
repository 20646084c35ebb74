//! The line being typed, key by key: when it was started, and whether it contains pasted text.
//!
//! Invariant: a paste reaches the line as one text, when it ends. A line that ever contained pasted text
//! counts as pasted until the user has emptied it. So does a line into which a yank or an undo may have
//! brought back pasted text.

use std::time::Duration;

use codewalk_core::command::MAX_UTTERANCE;
use rustyline::{Cmd, KeyCode, KeyEvent, Modifiers};
use tokio::time::Instant;

use super::typed::PASTED;

/// The maximum number of line ends in a text. The editor counts rows with 16 bits.
const MAX_LINES: usize = 10_000;
/// How long a paste must have been silent before Ctrl-C counts as a key press: its end may never come.
const SILENT: Duration = Duration::from_secs(1);

/// The line being typed.
#[derive(Default)]
pub(super) struct Line {
    begun: Option<Instant>,
    pasted: bool,
    /// The text of the line when the process was stopped.
    pub(super) draft: String,
    paste: Option<Paste>,
    /// The time of the last pasted key. A key that follows immediately counts as pasted, too.
    last_pasted: Option<Instant>,
    /// Whether anything has been pasted so far that a yank or an undo may bring back.
    any_pasted: bool,
    /// Whether the user has been told that the line is full.
    is_full: bool,
}

/// A paste that has not ended.
struct Paste {
    text: String,
    bytes: usize,
    last: Instant,
    /// Whether the line contained pasted text before.
    again: bool,
}

/// The effect of a key.
#[derive(Debug, PartialEq)]
pub(super) enum Key {
    /// The editor's usual command.
    Usual,
    /// Another command.
    Instead(Cmd),
    /// Stop the process.
    Stop,
    /// The text is too long, so the paste is dropped. Holds its length in bytes.
    TooLong(usize),
}

impl Line {
    /// Handles a key. `text` is the line before the key.
    pub(super) fn key(&mut self, KeyEvent(code, modifiers): KeyEvent, text: &str, now: Instant) -> Key {
        if self.paste.is_some() {
            return self.pasted_key(code, modifiers, text, now);
        }
        let at_once = self.last_pasted.is_some_and(|last| now.saturating_duration_since(last) < PASTED);
        if text.is_empty() {
            self.begun = Some(now);
            self.pasted = false;
        }
        if at_once {
            self.last_pasted = Some(now);
            self.pasted = true;
        }
        let is_long = || text.len() >= MAX_UTTERANCE || text.matches('\n').count() >= MAX_LINES;
        match (code, modifiers) {
            (KeyCode::BracketedPasteStart, _) => {
                self.paste = Some(Paste { text: String::new(), bytes: 0, last: now, again: self.pasted });
                (self.pasted, self.any_pasted) = (true, true);
                return Key::Instead(Cmd::Noop);
            }
            (KeyCode::Enter, Modifiers::ALT) if !is_long() => return Key::Instead(Cmd::Newline),
            (KeyCode::Char(_), Modifiers::NONE) | (KeyCode::Enter, Modifiers::ALT) if is_long() => {
                let was_said = std::mem::replace(&mut self.is_full, true);
                return if was_said { Key::Instead(Cmd::Noop) } else { Key::TooLong(text.len() + 1) };
            }
            // They wait for the next key, which would block printing.
            (KeyCode::Char('V' | 'Q' | 'X'), Modifiers::CTRL) => return Key::Instead(Cmd::Noop),
            (KeyCode::Char('Z'), Modifiers::CTRL) => {
                text.clone_into(&mut self.draft);
                return Key::Stop;
            }
            (KeyCode::Char('Y' | '_' | 'N'), Modifiers::CTRL)
            | (KeyCode::Char('y' | 'Y' | '>'), Modifiers::ALT)
            | (KeyCode::Down, _) => self.pasted |= self.any_pasted,
            _ => {}
        }
        Key::Usual
    }

    /// Handles a key of a paste. It has no effect until the paste ends.
    fn pasted_key(&mut self, code: KeyCode, modifiers: Modifiers, text: &str, now: Instant) -> Key {
        let Some(paste) = &mut self.paste else { return Key::Usual };
        let silent = now.saturating_duration_since(paste.last) >= SILENT;
        (paste.last, self.last_pasted) = (now, Some(now));
        match (code, modifiers) {
            (KeyCode::BracketedPasteEnd, _) => return self.end_paste(text),
            (KeyCode::Char('C'), Modifiers::CTRL) if silent => {
                self.paste = None;
                return Key::Instead(Cmd::Interrupt);
            }
            (KeyCode::Enter, _) => paste.push('\r'),
            (KeyCode::Char('J'), Modifiers::CTRL) => paste.push('\n'),
            (KeyCode::Tab, _) => paste.push('\t'),
            (KeyCode::Char(c), Modifiers::NONE) => paste.push(c),
            // Control characters and sequences are dropped.
            _ => {}
        }
        Key::Instead(Cmd::Noop)
    }

    fn end_paste(&mut self, line: &str) -> Key {
        let Some(Paste { text, bytes, again, .. }) = self.paste.take() else { return Key::Usual };
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines = text.matches('\n').count() + line.matches('\n').count();
        if line.len() + bytes > MAX_UTTERANCE || lines > MAX_LINES {
            self.pasted = again;
            return Key::TooLong(line.len() + bytes);
        }
        Key::Instead(Cmd::Insert(1, text))
    }

    /// Ends the line. Returns when it was started, and whether it contains pasted text.
    pub(super) fn end(&mut self) -> (Option<Instant>, bool) {
        self.is_full = false;
        (self.begun.take(), std::mem::take(&mut self.pasted))
    }
}

impl Paste {
    fn push(&mut self, c: char) {
        self.bytes += c.len_utf8();
        // A text that is too long is dropped.
        if self.bytes <= MAX_UTTERANCE {
            self.text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: KeyEvent = KeyEvent(KeyCode::BracketedPasteStart, Modifiers::NONE);
    const END: KeyEvent = KeyEvent(KeyCode::BracketedPasteEnd, Modifiers::NONE);

    /// Types at a line, as in the editor.
    struct Typist {
        line: Line,
        text: String,
        now: Instant,
        killed: String,
    }

    impl Typist {
        fn new() -> Self {
            Self { line: Line::default(), text: String::new(), now: Instant::now(), killed: String::new() }
        }

        /// Presses a key this long after the previous one.
        fn press(&mut self, key: KeyEvent, ms: u64) -> Key {
            self.now += Duration::from_millis(ms);
            let done = self.line.key(key, &self.text, self.now);
            match (&done, key) {
                (Key::Instead(Cmd::Insert(_, text)), _) => self.text.push_str(text),
                (Key::Instead(Cmd::Newline), _) => self.text.push('\n'),
                (Key::Usual, KeyEvent(KeyCode::Char('U'), Modifiers::CTRL)) => {
                    self.killed = std::mem::take(&mut self.text);
                }
                (Key::Usual, KeyEvent(KeyCode::Char('Y' | '_'), Modifiers::CTRL)) => {
                    self.text.push_str(&self.killed);
                }
                (Key::Usual, KeyEvent(KeyCode::Char(c), Modifiers::NONE)) => self.text.push(c),
                _ => {}
            }
            done
        }

        fn type_in(&mut self, text: &str, ms: u64) {
            for c in text.chars() {
                self.press(KeyEvent::from(c), ms);
            }
        }

        fn paste(&mut self, text: &str) -> Key {
            self.press(START, 100);
            self.type_in(text, 0);
            self.press(END, 0)
        }

        /// Ends the line. Returns its text, and whether it counts as pasted.
        fn enter(&mut self) -> (String, bool) {
            let (_, pasted) = self.line.end();
            (std::mem::take(&mut self.text), pasted)
        }
    }

    fn ended(text: &str, pasted: bool) -> (String, bool) {
        (text.to_owned(), pasted)
    }

    #[tokio::test]
    async fn a_paste_is_one_text_whatever_keys_it_contains() {
        let mut typist = Typist::new();
        typist.type_in("see ", 100);
        typist.paste("a\r\nb\rc\nd\te\u{3}\u{15}\u{1a}f");
        assert_eq!(typist.enter(), ended("see a\nb\nc\nd\tef", true));
        typist.type_in("yes", 100);
        assert_eq!(typist.enter(), ended("yes", false));
    }

    #[tokio::test]
    async fn a_paste_that_ends_itself_and_clears_the_line_is_still_a_paste() {
        for clear in ['\u{15}', '\u{3}'] {
            let mut typist = Typist::new();
            typist.paste("error");
            typist.press(KeyEvent::from(clear), 0);
            typist.text.clear();
            typist.type_in("yes", 1);
            assert_eq!(typist.enter(), ended("yes", true), "{clear:?}");
            typist.type_in("yes", 1);
            assert_eq!(typist.enter(), ended("yes", true), "the next line that comes at once");
        }
    }

    #[tokio::test]
    async fn an_emptied_line_no_longer_counts_as_pasted() {
        let mut typist = Typist::new();
        typist.paste("error");
        typist.press(KeyEvent::ctrl('U'), 200);
        typist.type_in("yes", 100);
        assert_eq!(typist.enter(), ended("yes", false));
    }

    #[tokio::test]
    async fn pasted_text_brought_back_by_yank_or_undo_is_pasted() {
        for back in ['Y', '_'] {
            let mut typist = Typist::new();
            typist.type_in("one", 100);
            typist.press(KeyEvent::ctrl('U'), 100);
            typist.press(KeyEvent::ctrl(back), 100);
            assert_eq!(typist.enter(), ended("one", false), "nothing was pasted yet");
            typist.paste("yes");
            typist.press(KeyEvent::ctrl('U'), 200);
            typist.press(KeyEvent::ctrl(back), 200);
            assert_eq!(typist.enter(), ended("yes", true), "{back}");
        }
    }

    #[tokio::test]
    async fn a_paste_that_is_too_long_leaves_the_typed_text_unchanged() {
        for text in ["x".repeat(1024 * 1024), "\n".repeat(MAX_LINES + 1)] {
            let mut typist = Typist::new();
            typist.type_in("no", 100);
            let bytes = text.len() + 2;
            assert_eq!(typist.paste(&text), Key::TooLong(bytes));
            assert_eq!(typist.line.paste.as_ref().map(|paste| paste.bytes), None);
            typist.type_in("!", 200);
            assert_eq!(typist.enter(), ended("no!", false));
        }
        let mut typist = Typist::new();
        typist.paste(&"x".repeat(MAX_UTTERANCE));
        assert_eq!(typist.text.len(), MAX_UTTERANCE);
        assert_eq!(typist.press(KeyEvent::from('y'), 200), Key::TooLong(MAX_UTTERANCE + 1));
        assert_eq!(typist.press(KeyEvent::from('y'), 200), Key::Instead(Cmd::Noop), "it is reported once");
    }

    #[tokio::test]
    async fn ctrl_c_ends_a_paste_that_never_finishes() {
        let mut typist = Typist::new();
        typist.press(START, 100);
        typist.type_in("x\u{3}y", 1);
        assert_eq!(typist.press(KeyEvent::ctrl('C'), 2_000), Key::Instead(Cmd::Interrupt));
        typist.type_in("yes", 100);
        assert_eq!(typist.text, "yes");
    }

    #[tokio::test]
    async fn alt_enter_begins_a_new_line_of_the_same_text() {
        let mut typist = Typist::new();
        typist.type_in("one", 100);
        typist.press(KeyEvent(KeyCode::Enter, Modifiers::ALT), 100);
        typist.paste("two\nthree");
        assert_eq!(typist.enter(), ended("one\ntwo\nthree", true));
    }
}

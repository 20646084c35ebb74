//! Prints above the line that is being edited, on a thread of its own: whoever prints never waits for a terminal.
//!
//! Invariant: a page was seen only when the editor has written that very page to the terminal, and not when it was handed over
//! or the line was drawn for something else.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustyline::ExternalPrinter;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::queue::{Kind, Queue, Text, rows};

/// Prints nothing: it goes up a row and down again. The editor draws its line again below it.
pub(super) const NOTHING: &str = "\x1b[A\n";
/// How long it waits until it looks again whether the editor reads.
const LOOK: Duration = Duration::from_millis(200);

/// How many rows were printed so far, whatever they were for.
static PRINTED: AtomicUsize = AtomicUsize::new(0);

/// Takes note of a text that is printed.
pub fn count(text: &str) {
    PRINTED.fetch_add(rows(text), Ordering::Relaxed);
}

/// Returns how many rows were printed so far.
pub fn printed() -> usize {
    PRINTED.load(Ordering::Relaxed)
}

/// A page that was written to the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Its number.
    pub page: u64,
    /// When that was done.
    pub at: Instant,
    /// How many rows were printed until then.
    pub printed: usize,
}

impl Seen {
    /// Takes a page that has just been written.
    pub(super) fn now(page: u64) -> Self {
        Self { page, at: Instant::now(), printed: printed() }
    }
}

/// What was printed, for whoever asks.
#[derive(Default)]
pub struct Watched {
    seen: Mutex<Option<Seen>>,
    /// Told each time that something was printed.
    pub printed: Notify,
}

impl Watched {
    pub(super) fn set(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// Returns the page that was written last.
    pub(super) fn seen(&self) -> Option<Seen> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the editor does with its line.
#[derive(Default)]
pub(super) struct Drawing {
    line: Mutex<Line>,
    changed: Condvar,
}

#[derive(Default)]
struct Line {
    /// Whether a line is being edited, and what is printed goes through the editor.
    is_edited: bool,
    /// Names the drawing of it; none after a key, which may end the line.
    drawn: Option<u64>,
    drawings: u64,
    has_failed: bool,
    /// Whether the editor is about to draw a line, or has.
    is_begun: bool,
    /// Whether no other line is to be begun.
    is_closed: bool,
    /// Whether the one that was begun is to be left.
    is_left: bool,
}

impl Drawing {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note that the line is drawn; `false` where it is to be left instead.
    pub(super) fn drawn(&self) -> bool {
        let mut line = self.line();
        if line.is_left {
            return false;
        }
        line.is_edited = true;
        if line.drawn.is_none() {
            line.drawings += 1;
            line.drawn = Some(line.drawings);
        }
        self.changed.notify_all();
        true
    }

    /// Begins a line, unless none is to be begun any more.
    pub(super) fn begin(&self) -> bool {
        let mut line = self.line();
        line.is_begun = !line.is_closed;
        line.is_begun
    }

    /// Begins no other line, and waits no longer than that until the last one is left: what came later would stand below the
    /// last words.
    pub(super) fn close(&self, patience: Duration) {
        let mut line = self.line();
        line.is_closed = true;
        self.changed.notify_all();
        drop(self.changed.wait_timeout_while(line, patience, |line| line.is_begun && !line.has_failed));
    }

    /// Returns whether the last line was left.
    pub(super) fn is_left(&self) -> bool {
        self.line().is_left
    }

    /// Once no other line is to be begun, has the editor leave the one it has begun, when all that it was handed is written.
    fn leave(&self, printer: &mut impl ExternalPrinter) {
        let line = self.line();
        drop(self.changed.wait_while(line, |line| !line.is_closed));
        if is_written(printer, self) {
            self.line().is_left = true;
            // It would draw its line again.
            let _ = printer.print(NOTHING.to_owned());
        }
    }

    /// Takes note of a key.
    pub(super) fn key(&self) {
        self.line().drawn = None;
    }

    /// Takes note that the line has ended.
    pub(super) fn ended(&self) {
        let mut line = self.line();
        (line.is_edited, line.drawn, line.is_begun) = (false, None, false);
        self.changed.notify_all();
    }

    /// Takes note that the editor reads no more.
    pub(super) fn failed(&self) {
        self.line().has_failed = true;
        self.changed.notify_all();
    }

    /// Returns whether the editor reads no more.
    pub(super) fn has_failed(&self) -> bool {
        self.line().has_failed
    }

    /// Waits until a line is edited; returns which drawing of it there is. `None` where no line will be any more.
    fn edited(&self) -> Option<Option<u64>> {
        let mut line = self.line();
        while !line.is_edited && !line.has_failed && (line.is_begun || !line.is_closed) {
            line = self.changed.wait_timeout(line, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        (line.is_edited && !line.has_failed).then_some(line.drawn)
    }
}

/// Prints what waits until nothing more comes.
pub(super) fn print_all(
    queue: &Queue,
    printer: &mut impl ExternalPrinter,
    drawing: &Drawing,
    seen: &Watched,
    mut tty: File,
) {
    while let Some(Text { mut text, kind }) = queue.next() {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if kind != Kind::Redraw {
            count(&text);
        }
        let is_printed = !drawing.has_failed() && printer.print(text.clone()).is_ok();
        if !is_printed && (kind == Kind::Redraw || tty.write_all(text.as_bytes()).is_err()) {
            continue;
        }
        if let Kind::Page(page) = kind
            && (!is_printed || is_written(printer, drawing))
        {
            seen.set(Seen::now(page));
        }
        seen.printed.notify_one();
    }
    drawing.leave(printer);
}

/// Waits until the editor has written what it was handed last; `false` where it will not.
///
/// It takes one text at a time, and holds one more: when a second one more is handed over, the first one was taken, and the text
/// before that is written. Between two lines texts go around the editor, which says nothing of those that it holds; so that
/// counts only where one line was edited all the time, without a key that may have ended it.
fn is_written(printer: &mut impl ExternalPrinter, drawing: &Drawing) -> bool {
    loop {
        let Some(before) = drawing.edited() else { return false };
        for _ in 0..2 {
            if printer.print(NOTHING.to_owned()).is_err() {
                return false;
            }
        }
        if before.is_some() && drawing.line().drawn == before {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::collections::VecDeque;
    use std::sync::Arc;

    use super::*;

    /// What happens when a text is handed over.
    #[derive(Clone, Copy, PartialEq)]
    enum Then {
        /// The editor takes what it holds, and holds this one.
        Taken,
        /// A key ends the line before; this one goes around the editor.
        Around,
        /// Another line has begun: what was held is written, this one is held.
        Begun,
    }

    /// An editor that holds one text.
    struct Editor {
        drawing: Arc<Drawing>,
        then: VecDeque<Then>,
        held: Option<String>,
        written: Vec<String>,
        has_left: bool,
    }

    impl Editor {
        fn write_held(&mut self) {
            if let Some(text) = self.held.take() {
                self.written.push(text);
                if !self.drawing.drawn() {
                    self.has_left = true;
                    self.drawing.ended();
                }
            }
        }
    }

    impl ExternalPrinter for Editor {
        fn print(&mut self, text: String) -> rustyline::Result<()> {
            match self.then.pop_front().unwrap_or(Then::Taken) {
                Then::Around => {
                    // The line is still said to be edited: its end is known a little later.
                    self.drawing.key();
                    self.written.push(text);
                }
                Then::Begun => {
                    self.drawing.ended();
                    self.drawing.drawn();
                    self.write_held();
                    self.held = Some(text);
                }
                Then::Taken => {
                    self.write_held();
                    self.held = Some(text);
                }
            }
            Ok(())
        }
    }

    #[test]
    fn a_page_counts_as_written_when_the_editor_has_written_it_and_not_before() {
        use Then::{Around, Begun, Taken};
        for then in [
            vec![Taken],
            vec![Taken, Around, Around, Begun],
            vec![Taken, Taken, Around, Begun],
            vec![Taken, Around, Begun],
            vec![Taken, Around, Around, Around, Around, Begun],
        ] {
            let drawing = Arc::<Drawing>::default();
            drawing.drawn();
            let mut editor = Editor {
                drawing: drawing.clone(),
                then: then.into(),
                held: None,
                written: Vec::new(),
                has_left: false,
            };
            editor.print("older".to_owned()).unwrap();
            editor.then.push_front(Taken);
            editor.print("page".to_owned()).unwrap();
            assert!(is_written(&mut editor, &drawing));
            assert!(editor.written.iter().any(|text| text == "page"), "{:?}", editor.written);
        }
    }

    #[test]
    fn nothing_is_waited_for_where_the_editor_has_failed() {
        let drawing = Arc::<Drawing>::default();
        let mut editor = Editor {
            drawing: drawing.clone(),
            then: VecDeque::new(),
            held: None,
            written: Vec::new(),
            has_left: false,
        };
        drawing.failed();
        assert!(!is_written(&mut editor, &drawing));
    }

    #[test]
    fn no_line_is_begun_after_the_end() {
        let drawing = Drawing::default();
        assert!(drawing.begin());
        drawing.ended();
        drawing.close(Duration::ZERO);
        assert!(!drawing.begin());
        assert_eq!(drawing.edited(), None, "nor is one waited for");
    }

    #[test]
    fn a_line_that_was_begun_is_left_when_all_is_written() {
        let drawing = Arc::<Drawing>::default();
        assert!(drawing.begin());
        let of_printer = Arc::clone(&drawing);
        let printer = std::thread::spawn(move || {
            let mut editor = Editor {
                drawing: Arc::clone(&of_printer),
                then: VecDeque::new(),
                held: None,
                written: Vec::new(),
                has_left: false,
            };
            editor.print("last words".to_owned()).unwrap();
            of_printer.leave(&mut editor);
            (editor.written, editor.has_left)
        });
        let of_closer = Arc::clone(&drawing);
        let closer = std::thread::spawn(move || of_closer.close(Duration::from_secs(60)));
        while !drawing.line().is_closed {
            std::thread::yield_now();
        }
        assert!(!closer.is_finished() && !drawing.is_left(), "the line is not drawn yet");
        assert!(drawing.drawn());
        let (written, has_left) = printer.join().unwrap();
        assert!(has_left && written.contains(&"last words".to_owned()), "{written:?}");
        closer.join().unwrap();
        assert!(!drawing.begin());
    }

    /// An editor that is still drawing its line for one text while it holds the next.
    struct Slow {
        drawing: Arc<Drawing>,
        taken: Option<String>,
        held: Option<String>,
        written: Vec<String>,
        has_left: bool,
    }

    impl ExternalPrinter for Slow {
        fn print(&mut self, text: String) -> rustyline::Result<()> {
            if let Some(taken) = self.taken.take().filter(|_| self.held.is_some() && !self.has_left) {
                self.written.push(taken);
                self.has_left = !self.drawing.drawn();
            }
            self.taken = self.held.replace(text);
            Ok(())
        }
    }

    #[test]
    fn no_text_is_lost_when_a_line_is_left() {
        let drawing = Arc::<Drawing>::default();
        assert!(drawing.begin() && drawing.drawn());
        let mut editor = Slow {
            drawing: Arc::clone(&drawing),
            taken: None,
            held: None,
            written: Vec::new(),
            has_left: false,
        };
        for text in ["one", "last words"] {
            editor.print(text.to_owned()).unwrap();
        }
        drawing.close(Duration::ZERO);
        drawing.leave(&mut editor);
        assert_eq!(editor.written[..2], ["one", "last words"]);
        assert!(editor.has_left);
    }
}

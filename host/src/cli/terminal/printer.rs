//! Prints above the line being edited, on a separate thread, so that callers never wait for a terminal.
//!
//! Invariant: a page counts as visible only once the editor has written this very page to the terminal, not
//! when it was handed over or when the line was redrawn for another reason.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustyline::ExternalPrinter;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::drawing::Drawing;
use super::queue::{Kind, Queue, Text, rows};

/// Moves up a row and down again, so that the editor redraws its line.
pub(super) const NOTHING: &str = "\x1b[A\n";

/// The number of rows printed so far.
static PRINTED: AtomicUsize = AtomicUsize::new(0);

/// Counts the rows of a printed text.
pub fn count(text: &str) {
    PRINTED.fetch_add(rows(text), Ordering::Relaxed);
}

/// Returns how many rows were printed so far.
pub fn printed() -> usize {
    PRINTED.load(Ordering::Relaxed)
}

/// A page that was written to the terminal.
#[derive(Clone, Copy, Debug)]
pub struct SeenPage {
    /// Its number.
    pub page: u64,
    /// When it was written.
    pub at: Instant,
    /// The number of rows printed by then.
    pub printed: usize,
}

impl SeenPage {
    /// Records a page that was just written.
    pub(super) fn now(page: u64) -> Self {
        Self { page, at: Instant::now(), printed: printed() }
    }
}

/// Reports what was printed.
#[derive(Default)]
pub struct PrintWatch {
    seen: Mutex<Option<SeenPage>>,
    /// Notified each time something is printed.
    pub printed: Notify,
}

impl PrintWatch {
    pub(super) fn set(&self, seen: SeenPage) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// Returns the last page.
    pub(super) fn seen(&self) -> Option<SeenPage> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prints the texts of a queue until it is closed.
pub(super) fn print_all(
    queue: &Queue,
    printer: &mut impl ExternalPrinter,
    drawing: &Drawing,
    seen: &PrintWatch,
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
            seen.set(SeenPage::now(page));
        }
        seen.printed.notify_one();
    }
    leave(drawing, printer);
}

/// Waits until no further line may start and everything is written, then makes the editor abandon its line.
fn leave(drawing: &Drawing, printer: &mut impl ExternalPrinter) {
    drawing.wait_closed();
    if is_written(printer, drawing) {
        drawing.leave_line();
        // The editor would redraw its line.
        let _ = printer.print(NOTHING.to_owned());
    }
}

/// Waits until the editor has written the last text. Returns `false` if it never will.
///
/// The editor takes one text at a time, and holds one more. When it accepts a second text, it has taken the
/// first one and written the text before that. Between two lines, texts bypass the editor, which does not
/// report the ones it holds. So an accepted text proves this only if one line was being edited the whole
/// time, without a key that may have ended it.
fn is_written(printer: &mut impl ExternalPrinter, drawing: &Drawing) -> bool {
    loop {
        let Some(before) = drawing.edited() else { return false };
        for _ in 0..2 {
            if printer.print(NOTHING.to_owned()).is_err() {
                return false;
            }
        }
        if before.is_some() && drawing.drawing() == before {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    /// The effect of handing over a text.
    #[derive(Clone, Copy, PartialEq)]
    enum Then {
        /// The editor takes the text it holds, and holds this one.
        Taken,
        /// A key ends the line first, so this text bypasses the editor.
        Around,
        /// Another line has started: the held text is written, and this one is held.
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
                    // The line still counts as being edited, because its end is noticed a little later.
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
    fn a_page_counts_only_once_the_editor_has_written_it() {
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
    fn nothing_waits_for_an_editor_that_has_failed() {
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
    fn no_line_starts_after_the_end() {
        let drawing = Drawing::default();
        assert!(drawing.begin());
        drawing.ended();
        drawing.close(Duration::ZERO);
        assert!(!drawing.begin());
        assert_eq!(drawing.edited(), None, "no line is awaited");
    }

    #[test]
    fn a_started_line_is_abandoned_once_everything_is_written() {
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
            leave(&of_printer, &mut editor);
            (editor.written, editor.has_left)
        });
        let of_closer = Arc::clone(&drawing);
        let closer = std::thread::spawn(move || of_closer.close(Duration::from_secs(60)));
        while !drawing.is_closed() {
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
    fn no_text_is_lost_when_a_line_is_abandoned() {
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
        leave(&drawing, &mut editor);
        assert_eq!(editor.written[..2], ["one", "last words"]);
        assert!(editor.has_left);
    }
}

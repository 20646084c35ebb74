//! The controlling terminal, on which users give consent. It is never standard input, which may be a pipe.
//!
//! Lines are edited by rustyline on a separate thread ([`editor`]); other output is printed above the line
//! ([`above`]). A terminal that cannot move its cursor is read without an editor ([`plain`]).

mod drawing;
mod editor;
mod job;
mod line;
mod plain;
mod printer;
mod queue;
mod typed;

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};
use codewalk_core::terminal_text::{shortened, visible_line};
use rustix::termios::{OptionalActions, QueueSelector, Termios};
use tokio::sync::mpsc;

pub use printer::{PrintWatch, SeenPage, count, printed};
pub use queue::Kind;
pub use typed::{Input, Inputs, READING, TypedLine};

use crate::screen;
use editor::Editor;
use job::is_in_foreground;
use queue::{Queue, Text};

/// Ends a pending screen update, switches off bracketed paste, and clears the line.
const LEAVE_EDITOR: &str = "\x1b[?2026l\x1b[?2004l\r\x1b[K";
/// The number of rows assumed for a terminal that does not report it.
const ROWS: usize = 24;
/// The number of columns assumed for a terminal that does not report it.
const COLUMNS: usize = 80;

/// How long the last output may take when codewalk stops using the terminal.
const LAST_ROWS: Duration = Duration::from_secs(1);

/// The texts to print while a line is being edited. A process has one controlling terminal.
static ABOVE: Mutex<Option<Arc<Queue>>> = Mutex::new(None);

/// Prints a text above the line being edited. Returns `false` if no line is being edited.
pub fn above(text: &str, kind: Kind) -> bool {
    let queue = ABOVE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    queue.is_some_and(|queue| queue.push(Text { text: text.to_owned(), kind }))
}

/// Returns the columns of a terminal.
pub fn columns(terminal: impl AsFd) -> usize {
    let size = rustix::termios::tcgetwinsize(terminal);
    // Some terminals report 0.
    size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0).unwrap_or(COLUMNS)
}

/// A terminal with a user. Dropping it restores its modes.
pub struct Terminal {
    tty: File,
    colours: ColorChoice,
    modes: Option<Termios>,
    editor: Option<Editor>,
    /// The number of the last page.
    page: u64,
    /// Reports visible pages and printed rows.
    watched: Arc<PrintWatch>,
}

impl Terminal {
    /// Opens the controlling terminal. Returns `None` if there is none, or if this process is in the
    /// background and would be stopped if it read from it.
    pub fn open() -> Option<Self> {
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        is_in_foreground(&tty).then(|| Self {
            colours: AutoStream::choice(&tty),
            modes: rustix::termios::tcgetattr(&tty).ok(),
            tty,
            editor: None,
            page: 0,
            watched: Arc::default(),
        })
    }

    /// Starts reading input. The end of file is an input, too.
    pub fn inputs(&mut self) -> Inputs {
        let (sender, inputs) = mpsc::unbounded_channel();
        if let Ok(tty) = self.tty.try_clone()
            && let Some((editor, queue)) =
                Editor::start(tty, self.colours, sender.clone(), Arc::clone(&self.watched))
        {
            *ABOVE.lock().unwrap_or_else(PoisonError::into_inner) = Some(queue);
            self.editor = Some(editor);
        } else if let Ok(tty) = self.tty.try_clone() {
            plain::start(tty, sender);
        }
        Inputs::new(inputs)
    }

    /// Returns the editor, unless it has failed.
    fn editor(&self) -> Option<&Editor> {
        self.editor.as_ref().filter(|editor| !editor.has_failed())
    }

    /// Asks a question, and waits for a line that was typed after the question could be read. Returns `None`
    /// at the end of file.
    pub fn answer_to(&mut self, question: &str) -> Option<String> {
        loop {
            // Earlier input does not count.
            let _ = rustix::termios::tcflush(&self.tty, QueueSelector::IFlush);
            self.write(question);
            let shown = Instant::now();
            let line = plain::line(&mut BufReader::new(self.tty.try_clone().ok()?))?;
            if shown.elapsed() >= READING {
                return Some(line);
            }
            self.write("You typed that before you could read the question, so it does not count.\n");
        }
    }

    /// Discards pending input if its start is unknown.
    pub fn forget_what_is_typed(&self) {
        if self.editor().is_none() {
            let _ = rustix::termios::tcflush(&self.tty, QueueSelector::IFlush);
        }
    }

    /// Returns whether the open question stays next to the input.
    pub fn keeps_the_question(&self) -> bool {
        self.editor().is_some()
    }

    /// Shows a short question next to the input, shortened to fit. An empty question shows nothing.
    pub fn show_beside(&self, question: &str) {
        if let Some(editor) = self.editor() {
            editor.show_beside(&shortened(&visible_line(question), self.room()));
        }
    }

    /// Returns how many characters fit next to the input, because two rows could not be redrawn.
    pub fn room(&self) -> usize {
        (self.columns() / 2).saturating_sub(4)
    }

    /// Redraws the input line.
    pub fn redraw(&self) {
        if self.editor().is_some() {
            above(printer::NOTHING, Kind::Redraw);
        }
    }

    /// Writes a page of a question, as [`write`](Self::write) does.
    pub fn write_page(&mut self, text: &str) {
        self.page += 1;
        if !self.put(text, Kind::Page(self.page)) {
            self.watched.set(SeenPage::now(self.page));
        }
    }

    /// Returns since when the last page has been visible, or `None` if it is not visible yet.
    pub fn seen(&self) -> Option<SeenPage> {
        self.watched.seen().filter(|seen| seen.page == self.page)
    }

    /// Returns the reports of printed rows.
    pub fn watched(&self) -> Arc<PrintWatch> {
        Arc::clone(&self.watched)
    }

    /// Continues after the process was stopped and resumed.
    pub fn continued(&self) {
        if let Some(editor) = &self.editor {
            editor.continued();
        }
    }

    /// Writes a text in rows that fit; continuation rows are indented. A line that is being edited stays
    /// below the text.
    pub fn write(&mut self, text: &str) {
        self.put(text, Kind::Own);
    }

    /// Writes a text. Returns whether it is still pending.
    fn put(&mut self, text: &str, kind: Kind) -> bool {
        let text = screen::wrapped(text, self.columns(), screen::ASIDE);
        let text = match self.colours {
            ColorChoice::Never => anstream::adapter::strip_str(&text).to_string(),
            _ => text,
        };
        if self.editor().is_some() && above(&text, kind) {
            return true;
        }
        count(&text);
        // If the terminal is closed, the deadline of the question applies.
        let _ = self.tty.write_all(text.as_bytes()).and_then(|()| self.tty.flush());
        false
    }

    /// Returns its columns and rows.
    pub fn window(&self) -> (usize, usize) {
        (self.columns(), self.rows())
    }

    /// Returns its rows.
    pub fn rows(&self) -> usize {
        let size = rustix::termios::tcgetwinsize(&self.tty);
        size.map_or(ROWS, |size| usize::from(size.ws_row)).max(1)
    }

    /// Returns its columns.
    pub fn columns(&self) -> usize {
        columns(&self.tty)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let Some(editor) = self.editor.take() else { return };
        let queue = ABOVE.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(queue) = queue {
            queue.close(LAST_ROWS);
        }
        editor.close(LAST_ROWS);
        // In the background, the terminal belongs to another process. The reading thread ends with this
        // process.
        if is_in_foreground(&self.tty)
            && let Some(modes) = &self.modes
        {
            let _ = rustix::termios::tcsetattr(&self.tty, OptionalActions::Drain, modes);
            let _ = self.tty.write_all(LEAVE_EDITOR.as_bytes());
        }
    }
}

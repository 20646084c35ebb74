//! The controlling terminal: where consent is given. Never standard input, which may be a pipe that anything fills.
//!
//! Lines are edited by rustyline, on a thread of its own ([`editor`]); what is printed meanwhile goes above the line
//! ([`above`]). A terminal that cannot move its cursor is read as it is ([`plain`]).

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
use codewalk_core::text::shortened;
use codewalk_core::visible::visible_line;
use rustix::termios::{OptionalActions, QueueSelector, Termios};
use tokio::sync::mpsc;

pub use printer::{Seen, Watched, count, printed};
pub use queue::Kind;
pub use typed::{Input, Inputs, READING, Typed};

use crate::screen;
use editor::Editor;
use job::is_in_foreground;
use queue::{Queue, Text};

/// Ends an update of the screen that was begun, switches off that what is pasted comes in brackets, goes to the beginning of
/// the line and clears it.
const LEAVE_EDITOR: &str = "\x1b[?2026l\x1b[?2004l\r\x1b[K";
/// How many lines a terminal has that does not say.
const ROWS: usize = 24;
/// How wide a terminal is that does not say.
const COLUMNS: usize = 80;

/// How long what was printed last may take to be on the terminal when it is left.
const LAST_ROWS: Duration = Duration::from_secs(1);

/// What is to be printed while a line is being edited. There is one controlling terminal for a process.
static ABOVE: Mutex<Option<Arc<Queue>>> = Mutex::new(None);

/// Prints a text above the line that is being edited; `false` where none is.
pub fn above(text: &str, kind: Kind) -> bool {
    let queue = ABOVE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    queue.is_some_and(|queue| queue.push(Text { text: text.to_owned(), kind }))
}

/// Returns how many characters fit a row of a terminal.
pub fn columns(terminal: impl AsFd) -> usize {
    let size = rustix::termios::tcgetwinsize(terminal);
    // Some terminals say that they have none.
    size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0).unwrap_or(COLUMNS)
}

/// A terminal with a person at it. When it is dropped it is as it was.
pub struct Terminal {
    tty: File,
    colours: ColorChoice,
    modes: Option<Termios>,
    editor: Option<Editor>,
    /// The number of the page that was written last.
    page: u64,
    /// The page that was there to be read last, and what is printed.
    watched: Arc<Watched>,
}

impl Terminal {
    /// Opens the controlling terminal; none where there is none, or where this process is in its background and would be
    /// stopped for reading.
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

    /// Starts to read what is typed; the end of file is an input as well.
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

    /// Returns the editor, as long as it reads.
    fn editor(&self) -> Option<&Editor> {
        self.editor.as_ref().filter(|editor| !editor.has_failed())
    }

    /// Asks something and waits for a line that was typed after it could be read; none at the end of file.
    pub fn answer_to(&mut self, question: &str) -> Option<String> {
        loop {
            // What was typed before answers nothing.
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

    /// Forgets what was typed and not passed on yet, where nobody knows when it was begun.
    pub fn forget_what_is_typed(&self) {
        if self.editor().is_none() {
            let _ = rustix::termios::tcflush(&self.tty, QueueSelector::IFlush);
        }
    }

    /// Returns whether the question that is open stays beside what is typed by itself.
    pub fn keeps_the_question(&self) -> bool {
        self.editor().is_some()
    }

    /// Shows, beside what is typed, what an answer would be for, as far as it fits; nothing where that is empty.
    pub fn show_beside(&self, question: &str) {
        if let Some(editor) = self.editor() {
            editor.show_beside(&shortened(&visible_line(question), self.room()));
        }
    }

    /// Returns how many characters there is room for beside what is typed: in two rows it could not be drawn over again.
    pub fn room(&self) -> usize {
        (self.columns() / 2).saturating_sub(4)
    }

    /// Draws the line that is typed again, with what is shown beside it by now.
    pub fn redraw(&self) {
        if self.editor().is_some() {
            above(printer::NOTHING, Kind::Redraw);
        }
    }

    /// Writes a page of a question, as [`write`](Self::write) does.
    pub fn write_page(&mut self, text: &str) {
        self.page += 1;
        if !self.put(text, Kind::Page(self.page)) {
            self.watched.set(Seen::now(self.page));
        }
    }

    /// Returns since when the page that was written last is there to be read; none where it is not yet.
    pub fn seen(&self) -> Option<Seen> {
        self.watched.seen().filter(|seen| seen.page == self.page)
    }

    /// Returns what tells when something was printed.
    pub fn watched(&self) -> Arc<Watched> {
        Arc::clone(&self.watched)
    }

    /// Goes on after the process was stopped.
    pub fn continued(&self) {
        if let Some(editor) = &self.editor {
            editor.continued();
        }
    }

    /// Writes a text in rows that fit; those after the first one of a line are indented. A line that is being edited stays below.
    pub fn write(&mut self, text: &str) {
        self.put(text, Kind::Own);
    }

    /// Writes a text; returns whether that is only going to be done.
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
        // Where the terminal is gone, the deadline of the question decides.
        let _ = self.tty.write_all(text.as_bytes()).and_then(|()| self.tty.flush());
        false
    }

    /// Returns how many columns and rows it shows.
    pub fn window(&self) -> (usize, usize) {
        (self.columns(), self.rows())
    }

    /// Returns how many lines it shows.
    pub fn rows(&self) -> usize {
        let size = rustix::termios::tcgetwinsize(&self.tty);
        size.map_or(ROWS, |size| usize::from(size.ws_row)).max(1)
    }

    /// Returns how many characters fit a line.
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
        // In the background the terminal is another's. The thread that reads goes with the process.
        if is_in_foreground(&self.tty)
            && let Some(modes) = &self.modes
        {
            let _ = rustix::termios::tcsetattr(&self.tty, OptionalActions::Drain, modes);
            let _ = self.tty.write_all(LEAVE_EDITOR.as_bytes());
        }
    }
}

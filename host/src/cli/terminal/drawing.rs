//! The state of the editor's line: whether it is being edited, drawn or abandoned.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often to check whether the editor is reading.
const LOOK: Duration = Duration::from_millis(200);

/// The state of the editor's line.
#[derive(Default)]
pub(super) struct Drawing {
    line: Mutex<Line>,
    changed: Condvar,
}

#[derive(Default)]
struct Line {
    /// Whether a line is being edited, so that output goes through the editor.
    is_edited: bool,
    /// The number of its drawing, or `None` after a key, which may end the line.
    drawn: Option<u64>,
    drawings: u64,
    has_failed: bool,
    /// Whether the editor is drawing or has drawn a line.
    is_begun: bool,
    /// Whether no further line may start.
    is_closed: bool,
    /// Whether the editor must abandon the current line.
    is_left: bool,
}

impl Drawing {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that the line has been drawn. Returns `false` if it must be abandoned instead.
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

    /// Starts a line, unless no further line may start.
    pub(super) fn begin(&self) -> bool {
        let mut line = self.line();
        line.is_begun = !line.is_closed;
        line.is_begun
    }

    /// Allows no further line, and waits at most this long until the last one is abandoned. Otherwise later
    /// output would appear below that line.
    pub(super) fn close(&self, patience: Duration) {
        let mut line = self.line();
        line.is_closed = true;
        self.changed.notify_all();
        drop(self.changed.wait_timeout_while(line, patience, |line| line.is_begun && !line.has_failed));
    }

    /// Returns whether no further line may start.
    #[cfg(test)]
    pub(super) fn is_closed(&self) -> bool {
        self.line().is_closed
    }

    /// Returns whether the editor was told to abandon the last line.
    pub(super) fn is_left(&self) -> bool {
        self.line().is_left
    }

    /// Waits until no further line may start.
    pub(super) fn wait_closed(&self) {
        let line = self.line();
        drop(self.changed.wait_while(line, |line| !line.is_closed));
    }

    /// Makes the editor abandon its line the next time it draws it.
    pub(super) fn leave_line(&self) {
        self.line().is_left = true;
    }

    /// Returns the number of the line's drawing, or `None` after a key, which may end the line.
    pub(super) fn drawing(&self) -> Option<u64> {
        self.line().drawn
    }

    /// Records a key press.
    pub(super) fn key(&self) {
        self.line().drawn = None;
    }

    /// Records the end of the line.
    pub(super) fn ended(&self) {
        let mut line = self.line();
        (line.is_edited, line.drawn, line.is_begun) = (false, None, false);
        self.changed.notify_all();
    }

    /// Records that the editor has failed.
    pub(super) fn failed(&self) {
        self.line().has_failed = true;
        self.changed.notify_all();
    }

    /// Returns whether the editor has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.line().has_failed
    }

    /// Waits until a line is being edited, and returns the number of its drawing. Returns `None` if no line
    /// will be edited any more.
    pub(super) fn edited(&self) -> Option<Option<u64>> {
        let mut line = self.line();
        while !line.is_edited && !line.has_failed && (line.is_begun || !line.is_closed) {
            line = self.changed.wait_timeout(line, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        (line.is_edited && !line.has_failed).then_some(line.drawn)
    }
}

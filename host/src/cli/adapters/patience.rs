//! Tells the user that a component is being compiled.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use codewalk_core::terminal_text::visible_line;

/// How long to wait before the notice.
const MOMENT: Duration = Duration::from_secs(1);

/// Runs work that may compile a component, and prints a notice to the terminal if it takes longer than a
/// moment.
pub(super) fn compiling<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            if is_done.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
                // A closed standard error does not matter.
                let _ = writeln!(stderr(), "Compiling {} ...", visible_line(what));
            }
        });
        let result = work();
        drop(done);
        result
    })
}

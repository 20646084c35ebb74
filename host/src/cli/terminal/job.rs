//! Job control.

use std::fs::File;

/// Returns whether this process is in the foreground of a terminal.
pub(super) fn is_in_foreground(tty: &File) -> bool {
    rustix::termios::tcgetpgrp(tty).is_ok_and(|group| group == rustix::process::getpgrp())
}

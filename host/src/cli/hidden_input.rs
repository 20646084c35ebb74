//! Secrets that are typed at the terminal, without echo.

use std::io::{self, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::error::{CommandError, ErrorKind};

/// The maximum length of a key, in bytes.
pub(super) const MAX_KEY: u64 = 16 * 1024;

/// Returns the error about input that cannot be read.
pub(super) fn unreadable(error: io::Error) -> CommandError {
    CommandError::because(ErrorKind::Usage, "cannot read the input", error)
}

/// Reads a secret at the terminal without echo.
pub(super) fn hidden(what: &str) -> Result<String, CommandError> {
    let stdin = io::stdin();
    let shown = tcgetattr(&stdin).map_err(|error| unreadable(error.into()))?;
    let _ = write!(io::stderr(), "{what} (input is hidden): ");
    let read = Hidden::at(&shown).map_err(unreadable).and_then(|_hidden| typed_line(&mut stdin.lock()));
    let _ = writeln!(io::stderr());
    read
}

/// Puts a terminal into a mode without echo that passes on each key, until this is dropped, so that an
/// interrupt cannot leave the terminal in that mode.
struct Hidden<'a>(&'a Termios);

impl<'a> Hidden<'a> {
    fn at(shown: &'a Termios) -> io::Result<Self> {
        let mut hidden = shown.clone();
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self(shown))
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, self.0);
    }
}

/// Reads a line key by key, and handles the editing keys.
fn typed_line(keys: &mut impl Read) -> Result<String, CommandError> {
    let mut line = Vec::new();
    let mut key = [0];
    loop {
        if keys.read(&mut key).map_err(unreadable)? == 0 {
            break;
        }
        match key[0] {
            b'\n' | b'\r' | 0x04 => break,
            // Ctrl-C, and Ctrl-\.
            0x03 | 0x1c => return Err(CommandError::new(ErrorKind::Interrupted, "interrupted")),
            // Backspace, by either code, and Ctrl-U.
            0x7f | 0x08 => drop(line.pop()),
            0x15 => line.clear(),
            byte if line.len() as u64 <= MAX_KEY => line.push(byte),
            _ => {}
        }
    }
    String::from_utf8(line).map_err(|_| CommandError::new(ErrorKind::Usage, "the input is not valid UTF-8"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn a_typed_key_can_be_corrected_or_abandoned() {
        for (typed, key) in [
            (&b"gsk_1\n"[..], "gsk_1"),
            (b"gsk_1\r\nrest", "gsk_1"),
            (b"no\x15gsk_13\x7f2\x083\n", "gsk_13"),
            (b"gsk_1", "gsk_1"),
            (b"\n", ""),
        ] {
            assert_eq!(typed_line(&mut &*typed).unwrap(), key);
        }
        for stopped in [&b"gsk\x03"[..], b"\x1c"] {
            assert_eq!(typed_line(&mut &*stopped).unwrap_err().kind, ErrorKind::Interrupted);
        }
        assert!(typed_line(&mut &b"\xff\n"[..]).is_err());
    }
}

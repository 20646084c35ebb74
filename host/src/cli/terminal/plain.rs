//! Line-by-line input from a terminal that cannot move its cursor.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::typed::{Input, TypedLine};

/// The maximum length of a line, in bytes.
const MAX_LINE: u64 = 64 * 1024;

/// Starts reading lines on a separate thread. Nothing can interrupt its read, so the thread lives until the
/// process exits.
pub(super) fn start(tty: File, inputs: mpsc::UnboundedSender<Input>) {
    let _ = std::thread::Builder::new().name("terminal".to_owned()).spawn(move || read(tty, &inputs));
}

/// Reads a line, or returns `None` at the end of file.
pub(super) fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    match reader.take(MAX_LINE).read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned()),
    }
}

/// Reads lines until they are no longer needed, or the terminal is closed.
pub(super) fn read(tty: File, inputs: &mpsc::UnboundedSender<Input>) {
    let mut reader = BufReader::new(tty);
    loop {
        let input = match line(&mut reader) {
            Some(text) => {
                // The time at which it was started is unknown.
                let now = Instant::now();
                Input::Text(TypedLine { text, begun: now, completed: now, pasted: false })
            }
            None => Input::EndOfFile,
        };
        let is_over = input == Input::EndOfFile;
        // At a terminal, more input may follow an end of file. If the terminal is closed, the end of file
        // repeats immediately.
        if inputs.send(input).is_err() || (is_over && !reader.get_ref().is_terminal()) {
            return;
        }
    }
}

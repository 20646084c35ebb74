//! A terminal that cannot move its cursor: lines as it passes them on.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::typed::{Input, Typed};

/// The longest line that is taken, in bytes.
const MAX_LINE: u64 = 64 * 1024;

/// Starts to read lines, on a thread of its own, which sits in a read that nothing ends: it goes with the process.
pub(super) fn start(tty: File, inputs: mpsc::UnboundedSender<Input>) {
    let _ = std::thread::Builder::new().name("terminal".to_owned()).spawn(move || read(tty, &inputs));
}

/// Reads a line; none at the end of file.
pub(super) fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    match reader.take(MAX_LINE).read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned()),
    }
}

/// Reads lines until nobody wants them, or the terminal is gone.
pub(super) fn read(tty: File, inputs: &mpsc::UnboundedSender<Input>) {
    let mut reader = BufReader::new(tty);
    loop {
        let input = match line(&mut reader) {
            Some(text) => {
                // When it was begun is not known.
                let now = Instant::now();
                Input::Text(Typed { text, begun: now, completed: now, pasted: false })
            }
            None => Input::EndOfFile,
        };
        let is_over = input == Input::EndOfFile;
        // After the end of file more may be typed, at a terminal; where the terminal is gone it comes at once again.
        if inputs.send(input).is_err() || (is_over && !reader.get_ref().is_terminal()) {
            return;
        }
    }
}

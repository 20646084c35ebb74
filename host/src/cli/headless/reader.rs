//! Reads the lines of a front end.

use codewalk_protocol::input::{Line, read_line};

use std::io::{self, BufRead};

use tokio::sync::mpsc;

/// Starts reading lines on a separate thread. The channel closes at the end of file.
pub fn start(mut reader: impl BufRead + Send + 'static) -> io::Result<mpsc::Receiver<Line>> {
    let (sender, lines) = mpsc::channel(1);
    // Nothing can interrupt the thread's read, so it lives until the process exits.
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        while let Ok(Some(line)) = read_line(&mut reader) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(lines)
}

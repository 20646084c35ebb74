//! The controlling terminal: where consent is given. Never standard input, which may be a pipe that anything fills.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};

use anstream::AutoStream;
use tokio::sync::mpsc;

/// The longest line that is taken from a terminal, in bytes.
const MAX_LINE: u64 = 64 * 1024;

/// A terminal with a person at it.
pub struct Terminal {
    /// Leaves styles out where the user wants none.
    writer: AutoStream<File>,
    reader: Option<File>,
}

impl Terminal {
    /// Opens the controlling terminal; none where there is none, or where this process is in its background and would be
    /// stopped for reading.
    pub fn open() -> Option<Self> {
        let reader = OpenOptions::new().read(true).open("/dev/tty").ok()?;
        let writer = OpenOptions::new().write(true).open("/dev/tty").ok()?;
        let foreground = rustix::termios::tcgetpgrp(&reader).ok()?;
        (foreground == rustix::process::getpgrp())
            .then(|| Self { writer: AutoStream::auto(writer), reader: Some(reader) })
    }

    /// Starts to read lines, on a thread of its own; the channel closes at the end of file.
    pub fn lines(&mut self) -> mpsc::UnboundedReceiver<String> {
        let (sender, lines) = mpsc::unbounded_channel();
        if let Some(reader) = self.reader.take() {
            // The thread sits in a read that nothing ends: it goes with the process.
            let _ =
                std::thread::Builder::new().name("terminal".to_owned()).spawn(move || read(reader, &sender));
        }
        lines
    }

    /// Writes a text.
    pub fn write(&mut self, text: &str) {
        // Where the terminal is gone, the deadline of the question decides.
        let _ = self.writer.write_all(text.as_bytes()).and_then(|()| self.writer.flush());
    }
}

fn read(reader: File, sender: &mpsc::UnboundedSender<String>) {
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
        if sender.send(line).is_err() {
            return;
        }
    }
}

//! Writes lines to a front end without waiting for it.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codewalk_core::terminal_text::visible_json;
use codewalk_protocol::output::OutputLine;
use tokio::sync::{mpsc, oneshot};

use crate::error::{CommandError, ErrorKind};

/// How many bytes may wait for a front end. A front end that falls further behind counts as disconnected.
const MAX_WAITING: usize = 64 * 1024 * 1024;

/// Writes lines on a separate thread, so that only this thread waits for the reader.
pub struct Writer {
    lines: mpsc::UnboundedSender<String>,
    waiting: Arc<AtomicUsize>,
    /// Whether the reader was too far behind. In that case it gets no more lines, because some would be
    /// missing.
    is_left_behind: bool,
    /// Whether a person reads the output, at a terminal.
    is_seen: bool,
    done: oneshot::Receiver<io::Result<()>>,
}

impl Writer {
    /// Starts writing. Makes invisible characters visible if a person reads the output.
    pub fn start(mut output: impl Write + Send + 'static, is_seen: bool) -> io::Result<Self> {
        let (lines, mut inbox) = mpsc::unbounded_channel::<String>();
        let (end, done) = oneshot::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = waiting.clone();
        std::thread::Builder::new().name("stdout".to_owned()).spawn(move || {
            let mut write = || -> io::Result<()> {
                while let Some(line) = inbox.blocking_recv() {
                    output.write_all(line.as_bytes())?;
                    output.flush()?;
                    left.fetch_sub(line.len(), Ordering::Relaxed);
                }
                Ok(())
            };
            let written = write();
            let _ = end.send(written);
        })?;
        Ok(Self { lines, waiting, is_left_behind: false, is_seen, done })
    }

    /// Writes a line, if the output is still being read.
    pub fn tell(&mut self, line: &OutputLine<'_>) {
        if self.is_left_behind {
            return;
        }
        match serde_json::to_string(line) {
            Ok(line) => {
                let mut line = if self.is_seen { visible_json(&line) } else { line };
                line.push('\n');
                let waiting = self.waiting.fetch_add(line.len(), Ordering::Relaxed);
                self.is_left_behind = waiting > MAX_WAITING;
                // The thread reports why it has stopped.
                let _ = self.lines.send(line);
            }
            Err(error) => tracing::error!(%error, "a line cannot be written as JSON"),
        }
    }

    /// Returns when the output is no longer being read.
    pub async fn unheard(&self) {
        if !self.is_left_behind {
            self.lines.closed().await;
        }
    }

    /// Waits until everything is written.
    pub async fn finish(self) -> Result<(), CommandError> {
        let failed = |why: String| CommandError::new(ErrorKind::Internal, why);
        if self.is_left_behind {
            let why = format!("standard output is not being read: more than {MAX_WAITING} bytes are waiting");
            return Err(failed(why));
        }
        drop(self.lines);
        match self.done.await {
            // A reader that has closed its end is not an error.
            Ok(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(failed(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

    use super::*;

    /// Blocks until it is released.
    struct Stuck(std::sync::mpsc::Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A reader that has closed its end.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_front_end_that_never_reads_blocks_nothing_and_uses_bounded_memory() {
        let (_reader, stuck) = std::sync::mpsc::channel();
        let mut writer = Writer::start(Stuck(stuck), false).unwrap();
        let text = "x".repeat(1024 * 1024);
        for _ in 0..100 {
            writer.tell(&OutputLine::Refused { reply: None, refused: &text });
        }
        let waiting = writer.waiting.load(Ordering::Relaxed);
        assert!((MAX_WAITING..MAX_WAITING + 2 * text.len()).contains(&waiting), "{waiting}");
        writer.unheard().await;
        let error = writer.finish().await.unwrap_err();
        assert!(error.message.contains("standard output is not being read"), "{error}");
        assert_eq!(error.kind.exit_status(), 70, "as the document says");
    }

    #[tokio::test]
    async fn a_front_end_that_has_gone_away_is_noticed_and_is_not_an_error() {
        let mut writer = Writer::start(Gone, false).unwrap();
        writer.tell(&OutputLine::Schema { schema: 1 });
        writer.unheard().await;
        assert!(writer.finish().await.is_ok());
    }

    #[tokio::test]
    async fn pending_lines_are_written_before_the_end() {
        let (sender, lines) = std::sync::mpsc::channel();
        struct Kept(std::sync::mpsc::Sender<Vec<u8>>);
        impl Write for Kept {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut writer = Writer::start(Kept(sender), false).unwrap();
        writer.tell(&OutputLine::Schema { schema: 1 });
        writer.tell(&OutputLine::Refused { reply: None, refused: "no" });
        writer.finish().await.unwrap();
        let written: Vec<u8> = lines.iter().flatten().collect();
        assert_eq!(written, b"{\"schema\":1}\n{\"reply\":null,\"refused\":\"no\"}\n");
    }
}

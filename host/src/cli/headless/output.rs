//! What a front end is told, and how it gets there without anybody waiting for it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codewalk_core::event::StoredEvent;
use codewalk_core::ids::StreamId;
use codewalk_core::orchestrator::Notice;
use codewalk_core::query::Page;
use codewalk_core::visible::visible_json;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use crate::error::{CommandError, ErrorKind};

/// How many bytes may wait for a front end to read them. One that is further behind counts as one that has left.
const MAX_WAITING: usize = 64 * 1024 * 1024;

/// One line.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Told<'a> {
    /// The first line: what the others look like.
    Schema {
        /// Counts up with each change that could break a reader.
        schema: u32,
    },
    /// A command was carried out.
    Accepted {
        /// The caller's id.
        reply: &'a RawValue,
        /// What it led to.
        accepted: Accepted,
    },
    /// A line asked for nothing that can be done.
    Refused {
        /// The caller's id, where there is one.
        reply: Option<&'a RawValue>,
        /// Why, and what to do.
        refused: &'a str,
    },
    /// The answer to a query.
    Page {
        /// The caller's id.
        reply: &'a RawValue,
        /// The answer.
        page: &'a Page,
        /// What the confirmations in it ask for, by their identifiers.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        digests: BTreeMap<String, String>,
    },
    /// Something happened.
    Event {
        /// What.
        event: &'a StoredEvent,
        /// What a confirmation asks for, where this is one: an answer names it.
        #[serde(skip_serializing_if = "Option::is_none")]
        digest: Option<String>,
    },
    /// Something that changes nothing.
    Notice {
        /// What.
        notice: &'a Notice,
    },
}

/// What a command led to at once; nothing where it led to no event.
#[derive(Debug, Serialize)]
pub struct Accepted {
    /// The stream of its first event: the utterance of what was said, else the session.
    pub stream: Option<StreamId>,
    /// The number of its last event, which was told before.
    pub seq: Option<u64>,
}

/// Writes lines on a thread of its own, so that only that thread waits for whoever reads them.
pub struct Writer {
    lines: mpsc::UnboundedSender<String>,
    waiting: Arc<AtomicUsize>,
    /// Whether the reader was too far behind; it is told nothing more then, since something would be missing between.
    is_left_behind: bool,
    /// Whether a person reads it, at a terminal.
    is_seen: bool,
    done: oneshot::Receiver<io::Result<()>>,
}

impl Writer {
    /// Starts to write; a person who sees it is to see all of it.
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

    /// Tells something, where somebody still reads.
    pub fn tell(&mut self, told: &Told<'_>) {
        if self.is_left_behind {
            return;
        }
        match serde_json::to_string(told) {
            Ok(line) => {
                let mut line = if self.is_seen { visible_json(&line) } else { line };
                line.push('\n');
                let waiting = self.waiting.fetch_add(line.len(), Ordering::Relaxed);
                self.is_left_behind = waiting > MAX_WAITING;
                // The thread says why it has stopped.
                let _ = self.lines.send(line);
            }
            Err(error) => tracing::error!(%error, "a line cannot be written as JSON"),
        }
    }

    /// Returns when nobody reads any more.
    pub async fn unheard(&self) {
        if !self.is_left_behind {
            self.lines.closed().await;
        }
    }

    /// Waits until all is written.
    pub async fn finish(self) -> Result<(), CommandError> {
        let failed = |why: String| CommandError::new(ErrorKind::Internal, why);
        if self.is_left_behind {
            let why = format!("standard output is not being read: more than {MAX_WAITING} bytes are waiting");
            return Err(failed(why));
        }
        drop(self.lines);
        match self.done.await {
            // A reader that has gone away wants no more: that is no error.
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

    /// Takes nothing until it is let go.
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

    /// A reader that has gone away.
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
    async fn one_that_never_reads_is_not_waited_for_and_takes_a_bounded_memory() {
        let (_reader, stuck) = std::sync::mpsc::channel();
        let mut writer = Writer::start(Stuck(stuck), false).unwrap();
        let text = "x".repeat(1024 * 1024);
        for _ in 0..100 {
            writer.tell(&Told::Refused { reply: None, refused: &text });
        }
        let waiting = writer.waiting.load(Ordering::Relaxed);
        assert!((MAX_WAITING..MAX_WAITING + 2 * text.len()).contains(&waiting), "{waiting}");
        writer.unheard().await;
        let error = writer.finish().await.unwrap_err();
        assert!(error.message.contains("standard output is not read"), "{error}");
        assert_eq!(error.kind.exit_status(), 70, "as the document says");
    }

    #[tokio::test]
    async fn one_that_has_gone_away_is_noticed_and_is_no_error() {
        let mut writer = Writer::start(Gone, false).unwrap();
        writer.tell(&Told::Schema { schema: 1 });
        writer.unheard().await;
        assert_eq!(writer.finish().await, Ok(()));
    }

    #[tokio::test]
    async fn what_was_told_is_written_before_the_end() {
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
        writer.tell(&Told::Schema { schema: 1 });
        writer.tell(&Told::Refused { reply: None, refused: "no" });
        writer.finish().await.unwrap();
        let written: Vec<u8> = lines.iter().flatten().collect();
        assert_eq!(written, b"{\"schema\":1}\n{\"reply\":null,\"refused\":\"no\"}\n");
    }
}

//! Turns a guest's output into log lines, with the same limits as its other log lines.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncWrite, sink};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::calls::{Call, MAX_LINE};
use crate::wit::log::Level;

/// How many bytes are accepted at once.
const AT_ONCE: usize = 64 * 1024;

/// Standard output or standard error. Clones write to the same line.
#[derive(Clone)]
pub(super) struct GuestOutput(Arc<Mutex<Line>>);

/// An unfinished line.
struct Line {
    call: Arc<Call>,
    level: Level,
    text: Vec<u8>,
}

impl GuestOutput {
    pub(super) fn new(call: &Arc<Call>, level: Level) -> Self {
        Self(Arc::new(Mutex::new(Line { call: Arc::clone(call), level, text: Vec::new() })))
    }
}

impl Line {
    fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.call.log(self.level, &String::from_utf8_lossy(&text));
    }

    /// Appends to the line, up to one byte more than is logged.
    fn add(&mut self, part: &[u8]) {
        let room = (MAX_LINE + 1).saturating_sub(self.text.len());
        self.text.extend_from_slice(&part[..part.len().min(room)]);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.text.is_empty() {
            self.end();
        }
    }
}

impl OutputStream for GuestOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts = bytes.split(|byte| *byte == b'\n');
        if let Some(first) = parts.next() {
            line.add(first);
        }
        for part in parts {
            line.end();
            line.add(part);
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(AT_ONCE)
    }
}

#[async_trait]
impl Pollable for GuestOutput {
    async fn ready(&mut self) {}
}

impl StdoutStream for GuestOutput {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    /// Needed only by WASI 0.3, which is not supported.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(sink())
    }
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

//! What one call says to the outside, through whichever door: its log and its requests, bounded and with its name on them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use codewalk_policy::{Denial, short_digest, text};

use super::guest_error::guest_error;
use super::identity::Identity;
use crate::egress::EgressError;
use crate::recording::Tape;
use crate::wit::{http, log::Level};

/// How long a line of the log may be, in bytes.
pub(crate) const MAX_LINE: usize = 2048;
/// How much is kept of what a guest warns of, in bytes.
const MAX_WARNING: usize = 512;
/// How many lines one call may log.
const MAX_LINES: u32 = 200;
/// How many requests one call may try to send. What is sent or refused is logged, so this bounds the log too.
const MAX_REQUESTS: u32 = 64;

/// One call of an adapter. Its streams and its requests share it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) identity: Arc<Identity>,
    number: u64,
    /// What is kept of it; in a replay also what stands in for the network.
    pub(crate) tape: Tape,
    lines: AtomicU32,
    requests: AtomicU32,
    denial: Mutex<Option<Box<Denial>>>,
    /// What it warned of last, in its own words.
    warning: Mutex<Option<String>>,
    /// Whether its last request failed.
    has_failed: AtomicBool,
}

/// Logs at a level that is only known now, with who it is.
macro_rules! logged {
    ($call:expr, $level:expr, $($text:tt)+) => {{
        let Identity { name: adapter, digest, generation, .. } = &*$call.identity;
        let (digest, call) = (short_digest(digest), $call.number);
        match $level {
            Level::Debug => tracing::debug!(adapter, digest, generation, call, $($text)+),
            Level::Info => tracing::info!(adapter, digest, generation, call, $($text)+),
            Level::Warn => tracing::warn!(adapter, digest, generation, call, $($text)+),
            Level::Error => tracing::error!(adapter, digest, generation, call, $($text)+),
        }
    }};
}

impl Call {
    pub(crate) fn new(identity: Arc<Identity>, number: u64, tape: Tape) -> Self {
        let (lines, requests) = (AtomicU32::new(0), AtomicU32::new(0));
        let (denial, warning) = (Mutex::default(), Mutex::default());
        let has_failed = AtomicBool::new(false);
        Self { identity, number, tape, lines, requests, denial, warning, has_failed }
    }

    /// Writes a line of the guest's, and keeps what it warns of: it says why, should its time be over before it answers.
    pub(crate) fn write(&self, level: Level, message: &str) {
        self.log(level, message);
        if matches!(level, Level::Warn | Level::Error) {
            let warning = text::line(&self.identity.egress.scrubbed_text(message), MAX_WARNING);
            *self.warning.lock().unwrap_or_else(PoisonError::into_inner) = Some(warning);
        }
    }

    /// Returns what the guest warned of last.
    pub(crate) fn warning(&self) -> Option<String> {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Logs a line of the guest's.
    pub(crate) fn log(&self, level: Level, message: &str) {
        if self.lines.fetch_add(1, Relaxed) < MAX_LINES {
            let message = text::line(&self.identity.egress.scrubbed_text(message), MAX_LINE);
            logged!(self, level, "{message}");
        }
    }

    /// Logs all there is to know of an error, for the author of the adapter.
    pub(crate) fn log_error(&self, error: &str) {
        logged!(self, Level::Debug, error, "broke off");
    }

    /// Counts a request that the guest wants to send.
    ///
    /// # Errors
    /// Where it is one too many.
    pub(crate) fn begin_request(&self) -> Result<(), http::Error> {
        self.remember(None);
        self.has_failed.store(false, Relaxed);
        if self.requests.fetch_add(1, Relaxed) < MAX_REQUESTS {
            return Ok(());
        }
        let too_many = format!("one call of an adapter may send {MAX_REQUESTS} requests");
        Err(http::Error::InvalidRequest(too_many))
    }

    /// Logs that a request was answered.
    pub(crate) fn answered(&self, status: u16) {
        logged!(self, Level::Debug, status, "sent a request");
    }

    /// Logs that a request failed, or its response did; returns what the guest is told.
    pub(crate) fn failed(&self, error: EgressError) -> http::Error {
        self.has_failed.store(true, Relaxed);
        let egress = &self.identity.egress;
        let reason = text::line(&egress.scrubbed_text(&error.to_string()), MAX_LINE);
        logged!(self, Level::Warn, "a request failed: {reason}");
        let told = guest_error(&error, egress.scrubbed_text(&error.to_string()));
        if let EgressError::Denied(denial) = error {
            self.identity.counters.denied();
            self.remember(Some(denial));
        }
        told
    }

    /// Returns whether the last request of the guest failed.
    pub(crate) fn request_has_failed(&self) -> bool {
        self.has_failed.load(Relaxed)
    }

    /// Returns the denial of the guest's last request, if it was denied.
    pub(crate) fn denial(&self) -> Option<Box<Denial>> {
        self.denial.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn remember(&self, denial: Option<Box<Denial>>) {
        *self.denial.lock().unwrap_or_else(PoisonError::into_inner) = denial;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(dropped @ 1..) = self.lines.load(Relaxed).checked_sub(MAX_LINES) {
            logged!(self, Level::Warn, "{dropped} more lines of this call were dropped");
        }
    }
}

//! One call: its log lines and its requests, bounded and labelled with the adapter.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use codewalk_policy::{Denial, short_digest, text};

use super::guest_error::{PROXY_FAILED, guest_error};
use super::identity::Identity;
use crate::egress::EgressError;
use crate::recording::ExchangeLog;
use crate::wit::{http, log::Level};

/// The maximum length of a log line, in bytes.
pub(crate) const MAX_LINE: usize = 2048;
/// The maximum length of a stored warning, in bytes.
const MAX_WARNING: usize = 512;
/// The maximum number of log lines of one call.
const MAX_LINES: u32 = 200;
/// The maximum number of requests of one call. Each is logged, so this bounds the log too.
const MAX_REQUESTS: u32 = 64;

/// One call to an adapter, shared by its output streams and its requests.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) identity: Arc<Identity>,
    number: u64,
    /// Its recording. In a replay, it also replaces the network.
    pub(crate) exchanges: ExchangeLog,
    lines: AtomicU32,
    requests: AtomicU32,
    denial: Mutex<Option<Box<Denial>>>,
    /// Why the proxy failed, for the operator.
    proxy_failure: Mutex<Option<String>>,
    /// The last warning of the guest.
    warning: Mutex<Option<String>>,
    /// Whether its last request failed.
    has_failed: AtomicBool,
}

/// Logs at a level known only at run time, labelled with the adapter.
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
    pub(crate) fn new(identity: Arc<Identity>, number: u64, exchanges: ExchangeLog) -> Self {
        let (lines, requests) = (AtomicU32::new(0), AtomicU32::new(0));
        let (denial, proxy_failure, warning) = (Mutex::default(), Mutex::default(), Mutex::default());
        let has_failed = AtomicBool::new(false);
        Self { identity, number, exchanges, lines, requests, denial, proxy_failure, warning, has_failed }
    }

    /// Logs a line from the guest. A warning is also stored, because it may explain a later timeout.
    pub(crate) fn write(&self, level: Level, message: &str) {
        self.log(level, message);
        if matches!(level, Level::Warn | Level::Error) {
            let warning = text::line(&self.identity.egress.scrubbed_text(message), MAX_WARNING);
            *self.warning.lock().unwrap_or_else(PoisonError::into_inner) = Some(warning);
        }
    }

    /// Returns the last warning of the guest.
    pub(crate) fn warning(&self) -> Option<String> {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Logs a line from the guest.
    pub(crate) fn log(&self, level: Level, message: &str) {
        if self.lines.fetch_add(1, Relaxed) < MAX_LINES {
            let message = text::line(&self.identity.egress.scrubbed_text(message), MAX_LINE);
            logged!(self, level, "{message}");
        }
    }

    /// Logs a complete error, for the adapter's author.
    pub(crate) fn log_error(&self, error: &str) {
        logged!(self, Level::Debug, error, "trapped");
    }

    /// Counts a request of the guest.
    ///
    /// # Errors
    /// If it exceeds the limit.
    pub(crate) fn begin_request(&self) -> Result<(), http::Error> {
        self.remember(None);
        self.has_failed.store(false, Relaxed);
        if self.requests.fetch_add(1, Relaxed) < MAX_REQUESTS {
            return Ok(());
        }
        let too_many = format!("one call of an adapter may send at most {MAX_REQUESTS} requests");
        Err(http::Error::InvalidRequest(too_many))
    }

    /// Logs that a request was answered.
    pub(crate) fn answered(&self, status: u16) {
        logged!(self, Level::Debug, status, "sent a request");
    }

    /// Logs that a request or its response failed. Returns the error for the guest.
    pub(crate) fn failed(&self, error: EgressError) -> http::Error {
        self.has_failed.store(true, Relaxed);
        let egress = &self.identity.egress;
        let reason = text::line(&egress.scrubbed_text(&error.to_string()), MAX_LINE);
        logged!(self, Level::Warn, "a request failed: {reason}");
        let for_guest = guest_error(&error, egress.scrubbed_text(&error.to_string()));
        if let EgressError::Proxy { .. } = error {
            *self.proxy_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        }
        if let EgressError::Denied(denial) = error {
            self.identity.counters.denied();
            self.remember(Some(denial));
        }
        for_guest
    }

    /// Returns whether the last request of the guest failed.
    pub(crate) fn request_has_failed(&self) -> bool {
        self.has_failed.load(Relaxed)
    }

    /// Returns the denial of the guest's last request, if it was denied.
    pub(crate) fn denial(&self) -> Option<Box<Denial>> {
        self.denial.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns a message of the guest for the operator, who learns which proxy failed and why.
    pub(crate) fn explained(&self, message: &str) -> String {
        match &*self.proxy_failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(why) => message.replacen(PROXY_FAILED, why, 1),
            None => message.to_owned(),
        }
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

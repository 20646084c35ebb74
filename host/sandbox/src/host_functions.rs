//! What a guest may ask of the host: a log, its own configuration, and an HTTP door that is closed for now.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bindings::{config, http, log, types};
use crate::limits::Allocations;
use crate::text;

/// How long a line of the log may be, in bytes.
const MAX_LINE: usize = 2048;
/// How many lines one call may log.
const MAX_LINES: u32 = 200;
/// How much of a URL is repeated in a denial, in bytes.
const MAX_URL: usize = 256;

/// Who a guest is, for its log lines and denials.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) digest: String,
    pub(crate) config: BTreeMap<String, String>,
}

impl Identity {
    /// Returns enough of the digest to tell components apart in a log.
    fn short_digest(&self) -> &str {
        self.digest.get(..12).unwrap_or(&self.digest)
    }
}

/// What the host keeps for one call.
#[derive(Debug)]
pub(crate) struct CallState {
    identity: Arc<Identity>,
    call: u64,
    lines: u32,
    pub(crate) allocations: Allocations,
    /// How many more ticks the guest may execute.
    pub(crate) ticks_left: u64,
}

impl CallState {
    pub(crate) fn new(identity: Arc<Identity>, call: u64, memory: usize, ticks: u64) -> Self {
        Self { identity, call, lines: 0, allocations: Allocations::new(memory), ticks_left: ticks }
    }

    /// Logs all there is to know of an error, for the author of the adapter.
    pub(crate) fn log_error(&self, error: &str) {
        let (adapter, digest) = (&self.identity.name, self.identity.short_digest());
        tracing::debug!(adapter, digest, call = self.call, error, "broke off");
    }

    /// Counts a line and says whether it may still be logged.
    fn may_log(&mut self) -> bool {
        self.lines = self.lines.saturating_add(1);
        self.lines <= MAX_LINES
    }
}

impl Drop for CallState {
    fn drop(&mut self) {
        if let Some(dropped @ 1..) = self.lines.checked_sub(MAX_LINES) {
            let (adapter, digest) = (&self.identity.name, self.identity.short_digest());
            tracing::warn!(
                adapter,
                digest,
                call = self.call,
                "{dropped} more lines of this call were dropped"
            );
        }
    }
}

impl types::Host for CallState {}

impl log::Host for CallState {
    fn write(&mut self, level: log::Level, message: String) {
        if !self.may_log() {
            return;
        }
        let message = text::line(&message, MAX_LINE);
        let (adapter, digest, call) = (&self.identity.name, self.identity.short_digest(), self.call);
        match level {
            log::Level::Debug => tracing::debug!(adapter, digest, call, "{message}"),
            log::Level::Info => tracing::info!(adapter, digest, call, "{message}"),
            log::Level::Warn => tracing::warn!(adapter, digest, call, "{message}"),
            log::Level::Error => tracing::error!(adapter, digest, call, "{message}"),
        }
    }
}

impl config::Host for CallState {
    fn get(&mut self, key: String) -> Option<String> {
        self.identity.config.get(&key).cloned()
    }
}

impl http::Host for CallState {
    /// Denies everything, before anything is resolved or opened.
    async fn send(&mut self, request: http::Request) -> Result<http::Response, http::Error> {
        let method = text::line(&request.method, MAX_URL);
        let url = text::line(&request.url, MAX_URL);
        if self.may_log() {
            let (adapter, digest) = (&self.identity.name, self.identity.short_digest());
            tracing::warn!(adapter, digest, call = self.call, method, url, "denied a request");
        }
        Err(http::Error::Denied(format!(
            "the adapter \"{}\" may not send {method} {url}: this version of codewalk gives adapters no network, and \
             no configuration allows it",
            self.identity.name
        )))
    }
}

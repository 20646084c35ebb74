//! What a guest may ask of the host: a log, its own configuration, and HTTP as far as it was granted.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bindings::{config, http, log, types};
use crate::egress::{Denial, Egress, EgressError};
use crate::limits::Allocations;
use crate::text;

/// How long a line of the log may be, in bytes.
const MAX_LINE: usize = 2048;
/// How many lines one call may log.
const MAX_LINES: u32 = 200;
/// How many requests one call may try to send. What is sent or refused is logged, so this bounds the log too.
const MAX_REQUESTS: u32 = 64;

/// Who a guest is, for its log lines and denials.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) digest: String,
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) egress: Egress,
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
    requests: u32,
    pub(crate) allocations: Allocations,
    /// How many more ticks the guest may execute.
    pub(crate) ticks_left: u64,
    /// The guest's last request, if it was denied.
    pub(crate) denial: Option<Box<Denial>>,
}

impl CallState {
    pub(crate) fn new(identity: Arc<Identity>, call: u64, memory: usize, ticks: u64) -> Self {
        Self {
            identity,
            call,
            lines: 0,
            requests: 0,
            allocations: Allocations::new(memory),
            ticks_left: ticks,
            denial: None,
        }
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
        let message = text::line(&self.identity.egress.scrubbed_text(&message), MAX_LINE);
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
    async fn send(&mut self, request: http::Request) -> Result<http::Response, http::Error> {
        self.denial = None;
        self.requests = self.requests.saturating_add(1);
        if self.requests > MAX_REQUESTS {
            let too_many = format!("one call of an adapter may send {MAX_REQUESTS} requests");
            return Err(http::Error::InvalidRequest(too_many));
        }
        let identity = Arc::clone(&self.identity);
        let (adapter, digest, call) = (&identity.name, identity.short_digest(), self.call);
        let error = match identity.egress.send(request).await {
            Ok(response) => {
                tracing::debug!(adapter, digest, call, status = response.status, "sent a request");
                return Ok(response);
            }
            Err(error) => error,
        };
        let reason = text::line(&identity.egress.scrubbed_text(&error.to_string()), MAX_LINE);
        tracing::warn!(adapter, digest, call, "a request failed: {reason}");
        let told = identity.egress.told(&error);
        if let EgressError::Denied(denial) = error {
            self.denial = Some(denial);
        }
        Err(told)
    }
}

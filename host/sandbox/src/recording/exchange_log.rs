//! The log of one call: its HTTP exchanges and its outcome. If calls are recorded, it is written during the
//! call. In a replay, it replaces the network.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::Value;

use super::record::{Body, Exchange, RecordedRequest, RecordedResponse};
use crate::wit::http;

/// The maximum size of a recorded call, in bytes. A larger call is not recorded.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The log of a call that is recorded or replayed, or an empty one. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExchangeLog(Option<Arc<Mutex<Entries>>>);

#[derive(Debug, Default)]
struct Entries {
    /// In a replay, the remaining exchanges. A replay has no network.
    served: Option<Vec<Exchange>>,
    seed: Option<[u8; 32]>,
    exchanges: Vec<Exchange>,
    outcome: Option<CallOutcome>,
    bytes: usize,
}

/// What a guest returned.
#[derive(Clone, Debug)]
pub(crate) enum CallOutcome {
    Answer(Value),
    Error(Value),
}

/// The result of a request in a replay.
#[derive(Debug)]
pub(crate) struct ReplayedResponse {
    /// A response, or an error.
    pub(crate) begun: Result<http::Response, http::Error>,
    /// Why the response broke off, if it did.
    pub(crate) broken: Option<http::Error>,
}

impl ReplayedResponse {
    fn error(error: http::Error) -> Self {
        Self { begun: Err(error), broken: None }
    }

    /// Returns a whole response, or an error.
    pub(crate) fn whole(self) -> Result<http::Response, http::Error> {
        self.broken.map_or(self.begun, Err)
    }
}

/// The position of an exchange in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl ExchangeLog {
    /// Creates a log that records.
    pub(crate) fn recording() -> Self {
        Self(Some(Arc::default()))
    }

    /// Creates a log that records, and that replays exchanges instead of using the network.
    pub(crate) fn replaying(recorded: Vec<Exchange>, seed: Option<[u8; 32]>) -> Self {
        let entries = Entries { served: Some(recorded), seed, ..Entries::default() };
        Self(Some(Arc::new(Mutex::new(entries))))
    }

    /// Returns the recorded result of a request, if this is a replay.
    pub(crate) fn replay(&self, request: &http::Request) -> Option<ReplayedResponse> {
        let mut entries = self.entries()?;
        let served = entries.served.as_mut()?;
        let is_asked = |sent: &RecordedRequest| sent.method == request.method && sent.url == request.url;
        let Some(at) = served.iter().position(|exchange| is_asked(&exchange.request)) else {
            let reason = format!(
                "this is a replay, which sends nothing, and no recorded answer is left for {} {}",
                request.method, request.url
            );
            return Some(ReplayedResponse::error(http::Error::Denied(reason)));
        };
        let Exchange { response, error, .. } = served.remove(at);
        let error = error.map(|error| {
            serde_json::from_value(error).unwrap_or_else(|error| {
                http::Error::InvalidRequest(format!("the recorded error is invalid: {error}"))
            })
        });
        Some(match (response, error) {
            (Some(response), broken) => ReplayedResponse { begun: Ok(response.into()), broken },
            (None, Some(error)) => ReplayedResponse::error(error),
            (None, None) => ReplayedResponse::error(http::Error::Timeout(
                "the recorded call did not wait for an answer".to_owned(),
            )),
        })
    }

    /// Records a request.
    pub(crate) fn record_request(&self, request: &http::Request) -> Option<Mark> {
        let mut entries = self.entries()?;
        let headers = request.headers.iter().map(|header| header.name.len() + header.value.len());
        let texts =
            request.method.len() + request.url.len() + request.credential.as_ref().map_or(0, String::len);
        entries.bytes = entries.bytes.saturating_add(request.body.len() + texts + headers.sum::<usize>());
        let request = if entries.bytes > MAX_BYTES {
            RecordedRequest::default()
        } else {
            RecordedRequest::from(request)
        };
        entries.exchanges.push(Exchange { request, response: None, error: None });
        Some(Mark(entries.exchanges.len() - 1))
    }

    /// Records the result of a request.
    pub(crate) fn record_response(&self, mark: Option<Mark>, result: &Result<http::Response, http::Error>) {
        let (Some(mut entries), Some(Mark(at))) = (self.entries(), mark) else { return };
        if let Ok(response) = result {
            entries.bytes = entries.bytes.saturating_add(response.body.len());
        }
        let is_full = entries.bytes > MAX_BYTES;
        let Some(exchange) = entries.exchanges.get_mut(at).filter(|_| !is_full) else { return };
        match result {
            Ok(response) => exchange.response = Some(RecordedResponse::from(response)),
            Err(error) => exchange.error = serde_json::to_value(error).ok(),
        }
    }

    /// Records a part of the body of a recorded request.
    pub(crate) fn record_request_body(&self, mark: Option<Mark>, part: Option<&Bytes>) {
        self.add(mark, part, |exchange| Some(&mut exchange.request.body));
    }

    /// Records a part of the body of a recorded response.
    pub(crate) fn record_response_body(&self, mark: Option<Mark>, part: Option<&Bytes>) {
        self.add(mark, part, |exchange| exchange.response.as_mut().map(|response| &mut response.body));
    }

    fn add(&self, mark: Option<Mark>, part: Option<&Bytes>, to: impl Fn(&mut Exchange) -> Option<&mut Body>) {
        let (Some(mut entries), Some(Mark(at)), Some(part)) = (self.entries(), mark, part) else { return };
        entries.bytes = entries.bytes.saturating_add(part.len());
        let is_full = entries.bytes > MAX_BYTES;
        if let Some(body) = entries.exchanges.get_mut(at).filter(|_| !is_full).and_then(to) {
            body.0.extend_from_slice(part);
        }
    }

    /// Records what a guest returned.
    pub(crate) fn record_outcome(&self, outcome: impl FnOnce() -> CallOutcome) {
        if let Some(mut entries) = self.entries() {
            entries.outcome = Some(outcome());
        }
    }

    /// Returns whether the call was too large to be recorded.
    pub(crate) fn is_full(&self) -> bool {
        self.entries().is_some_and(|entries| entries.bytes > MAX_BYTES)
    }

    /// Returns the seed of a replayed call.
    pub(crate) fn seed(&self) -> Option<[u8; 32]> {
        self.entries()?.seed
    }

    pub(crate) fn all(&self) -> Vec<Exchange> {
        self.entries().map(|entries| entries.exchanges.clone()).unwrap_or_default()
    }

    pub(crate) fn outcome(&self) -> Option<CallOutcome> {
        self.entries()?.outcome.clone()
    }

    fn entries(&self) -> Option<MutexGuard<'_, Entries>> {
        Some(self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

//! The starting point of a call's clocks and random numbers.

use crate::bindings::Port;
use crate::recording::ExchangeLog;
use crate::wasi::{Origin, seed};

/// Returns the starting point of a call; in a replay, the recorded one.
pub(super) fn origin<P: Port>(digest: &str, request: &P::Request, exchanges: &ExchangeLog) -> Origin {
    // A request can always be serialised.
    let seed = exchanges.seed().unwrap_or_else(|| seed(digest, request).unwrap_or_default());
    Origin { now: P::now(request), seed }
}

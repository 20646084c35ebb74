//! The machine's clock, and the envelopes that carry its time into the core.

use std::time::{SystemTime, UNIX_EPOCH};

use codewalk_core::ids::Id;
use codewalk_core::orchestrator::{Envelope, Input};
use codewalk_core::time::Timestamp;
use uuid::Uuid;

/// Returns the current time.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Returns how far local time is ahead of UTC, in seconds.
pub fn utc_offset_s() -> i32 {
    jiff::Zoned::now().offset().seconds()
}

/// Connects the ports with their implementations.
pub fn envelope(input: Input) -> Envelope {
    Envelope { id: Id::from_u128(Uuid::now_v7().as_u128()), now: now(), input }
}

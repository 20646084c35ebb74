//! Usage limits of the agent's provider.

use codewalk_core::time::Timestamp;
use serde_json::Value;

use super::wire::text;

/// Returns the reset time of a limit that was reached. Warnings do not count, nor does usage that is paid
/// for.
pub(crate) fn reached(info: &Value) -> Option<Option<Timestamp>> {
    /// The end of the year 9999. Later times are invalid.
    const MAX_SECONDS: u64 = 253_402_300_799;
    let is_paid_for = info.get("isUsingOverage").and_then(Value::as_bool) == Some(true);
    if text(info, "status") != "rejected" || is_paid_for {
        return None;
    }
    let seconds = info.get("resetsAt").and_then(Value::as_u64).filter(|seconds| *seconds <= MAX_SECONDS);
    Some(seconds.map(|seconds| Timestamp(seconds * 1000)))
}

/// Returns the reset time of the limit that made a turn fail. It was reported earlier.
pub(crate) fn failed_at(result: &Value, reported: Option<Option<Timestamp>>) -> Option<Option<Timestamp>> {
    const TOO_MANY_REQUESTS: u64 = 429;
    let status = result.get("api_error_status").and_then(Value::as_u64);
    match text(result, "api_error") {
        "usage_limit_reached" => Some(reported.flatten()),
        // Older agents only report that a limit was reached, before they fail.
        _ => reported.filter(|_| status.is_none_or(|status| status == TOO_MANY_REQUESTS)),
    }
}

//! Words that front ends share.

use codewalk_core::ids::SessionId;
pub use codewalk_core::terminal_text::tool_name;
use codewalk_core::time::Timestamp;

/// How many characters a short ID has.
pub const SHORT_ID: usize = 8;

/// Returns the short ID of a session: the end of its ID.
pub fn short_id(id: SessionId) -> String {
    let id = id.to_string();
    id[id.len() - SHORT_ID..].to_owned()
}

/// Returns a duration in words, given in milliseconds.
pub fn duration(ms: u64) -> String {
    match ms / 1000 {
        0 => format!("{ms} ms"),
        s @ 1..60 => format!("{s}s"),
        s @ 60..3_600 => format!("{}m {}s", s / 60, s % 60),
        s @ 3_600..172_800 => format!("{}h {}m", s / 3_600, s % 3_600 / 60),
        s => format!("{}d", s / 86_400),
    }
}

/// Returns how long ago a timestamp was, in a single unit.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let passed = now.since(then);
    match passed / 1000 {
        0..60 => "just now".to_owned(),
        _ => format!("{} ago", duration(passed).split(' ').next().unwrap_or_default()),
    }
}

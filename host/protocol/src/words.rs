//! Words that front ends share.

use codewalk_core::ids::SessionId;
use codewalk_core::terminal_text::{shortened, visible_line};
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

/// Returns the name of a tool. A name that does not look like one is quoted.
pub fn tool_name(tool: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    let is_name = !tool.is_empty() && tool.len() <= 80 && tool.chars().all(is_of_name);
    if is_name { tool.to_owned() } else { format!("the tool \"{}\"", visible_line(&shortened(tool, 128))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_name_that_is_not_a_name_is_quoted() {
        for (tool, shown) in [
            ("Bash", "Bash"),
            ("mcp__shop-2__buy.it", "mcp__shop-2__buy.it"),
            ("Bash on ls? [yes / no]", "the tool \"Bash on ls? [yes / no]\""),
            ("", "the tool \"\""),
            ("B\u{430}sh", "the tool \"B\u{430}<U+0430>sh\""),
        ] {
            assert_eq!(tool_name(tool), shown);
        }
    }
}

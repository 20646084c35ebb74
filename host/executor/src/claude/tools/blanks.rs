//! Makes spaces and tabs visible.

/// Marks the spaces and tabs of a line: all of them, or only those at its end.
pub(super) fn seen_blanks(line: &str, all: bool) -> String {
    let words = if all { "" } else { line.trim_end_matches([' ', '\t']) };
    words.to_owned() + &line[words.len()..].replace(' ', "\u{b7}").replace('\t', "\u{21e5}")
}

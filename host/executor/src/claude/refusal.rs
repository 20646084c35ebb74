//! A request that is rejected without asking the user.

use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::terminal_text::{middle_cut, visible_line};

/// The length of a description before invisible characters are replaced, in bytes.
const MAX_ASKED: usize = 2 * 1024;

/// The agent's request, and why the user was not asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub what: String,
    pub why: String,
}

impl Refusal {
    /// Returns the entry for people.
    pub(crate) fn entry(&self) -> EntryKind {
        let text = format!("codewalk refused {} ({})", shown(&self.what), shown(&self.why));
        EntryKind::Error { text: Text::Whole { text } }
    }
}

/// Makes a text safe to show: one line, bounded, and completely visible.
pub(crate) fn shown(text: &str) -> String {
    visible_line(&middle_cut(text.trim(), MAX_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_bounded_and_visible() {
        let long = shown(&format!("a\u{202e}b\n{}z", "x".repeat(100_000)));
        assert!(long.starts_with("a<U+202E>b\u{23ce}") && long.ends_with('z'), "{long}");
        assert!(long.len() < 2 * MAX_ASKED);
    }
}

//! Makes foreign text safe to show: without control characters and bounded in length.

use std::borrow::Cow;

use codewalk_core::entry::Text;
pub(crate) use codewalk_core::terminal_text::{clean, one_line};

/// The maximum length of the subject of a request, in bytes.
pub(crate) const MAX_SUBJECT: usize = 512;
/// The maximum length of a failure or another detail, in bytes.
pub(crate) const MAX_DETAIL: usize = 4 * 1024;
/// The maximum length of a text that a person decides on, in bytes. Longer requests cannot be allowed.
pub(crate) const MAX_SHOWN: usize = 1024 * 1024;
/// Longer lines keep only the beginnings of their texts.
const LONG_LINE: u64 = 64 * 1024;
/// How much of a text such a line keeps.
const BEGINNING: usize = 1024;

/// Returns how much of a text an entry of a line of that length needs.
pub(crate) const fn kept_of(line_length: u64) -> usize {
    // One more byte shows that it was cut.
    if line_length <= LONG_LINE { usize::MAX } else { BEGINNING + 1 }
}

/// Returns the text of an entry of a line of that length.
pub(crate) fn of_entry(text: Cow<'_, str>, line_length: u64) -> Text {
    if text.len() < kept_of(line_length) {
        Text::Whole { text: clean(text) }
    } else {
        Text::Cut { beginning: beginning(&text) }
    }
}

/// Returns the beginning of a text that is cut.
pub(crate) fn beginning(text: &str) -> String {
    // Replacement characters are longer than control characters.
    let clean = clean(text[..text.floor_char_boundary(BEGINNING)].into());
    clean[..clean.floor_char_boundary(BEGINNING)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters_and_never_longer_than_allowed() {
        for unit in ["ä", "\0", "x", "🦀"] {
            let long = unit.repeat(5000);
            let line = one_line(&long, MAX_SUBJECT);
            assert!(line.len() <= MAX_SUBJECT && line.ends_with('…'), "{unit}");
            assert!(beginning(&long).len() <= BEGINNING, "{unit}");
        }
    }

    #[test]
    fn only_long_texts_of_long_lines_are_cut() {
        let long = "x".repeat(2000);
        assert_eq!(of_entry(long.as_str().into(), LONG_LINE), Text::Whole { text: long.clone() });
        assert_eq!(of_entry("short".into(), LONG_LINE + 1), Text::Whole { text: "short".to_owned() });
        assert_eq!(
            of_entry(long.as_str().into(), LONG_LINE + 1),
            Text::Cut { beginning: "x".repeat(BEGINNING) }
        );
    }
}

//! Makes foreign text safe to show: without control characters and bounded in length.

use std::borrow::Cow;

use codewalk_core::entry::Text;
use codewalk_core::text::is_unprintable;

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

/// Returns a text as one line of at most `max` bytes. A line break becomes `⏎`.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let text = text.trim();
    if text.len() <= max && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len().min(max) + '…'.len_utf8());
    for c in text.chars().filter(|c| *c != '\r') {
        line.push(match c {
            ' '..='~' => c,
            '\n' => '⏎',
            '\t' => ' ',
            c => shown(c),
        });
        if line.len() > max {
            line.truncate(line.floor_char_boundary(max - '…'.len_utf8()));
            line.push('…');
            break;
        }
    }
    line
}

/// Returns a text without control characters other than line breaks and tabs.
pub(crate) fn clean(text: Cow<'_, str>) -> String {
    let Some(at) = unclean(&text) else { return text.into_owned() };
    let mut clean = String::with_capacity(text.len());
    let (mut plain, mut rest) = text.split_at(at);
    loop {
        clean.push_str(plain);
        let mut chars = rest.chars();
        clean.extend(chars.next().filter(|c| *c != '\r').map(shown));
        (plain, rest) = chars.as_str().split_at(unclean(chars.as_str()).unwrap_or(chars.as_str().len()));
        if rest.is_empty() {
            clean.push_str(plain);
            return clean;
        }
    }
}

/// Returns the position of the first character to replace or drop.
fn unclean(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += unsure(&text.as_bytes()[at..])?;
        let c = text[at..].chars().next()?;
        if c == '\r' || shown(c) != c {
            return Some(at);
        }
        at += c.len_utf8();
    }
}

/// Returns the position of the first character that may be unclean. Skips clean blocks without branches.
fn unsure(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let mut at = 0;
    while let Some(block) = text[at..].first_chunk::<{ BLOCK + 1 }>() {
        if (0..BLOCK).fold(false, |any, n| any | may_be_unclean(block[n], block[n + 1])) {
            break;
        }
        at += BLOCK;
    }
    let next = |at: usize| text.get(at + 1).copied().unwrap_or(0);
    (at..text.len()).find(|at| may_be_unclean(text[*at], next(*at)))
}

/// Returns whether a character that starts with these bytes may have to be replaced or dropped.
const fn may_be_unclean(byte: u8, next: u8) -> bool {
    (byte < 0x20) & (byte != b'\n') & (byte != b'\t')
        | matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xef)
        // Includes dashes and quotation marks, but not box drawing, arrows and symbols.
        | (byte == 0xe2) & (next < 0x82)
}

/// Returns how much of a text an entry of a line of that length needs.
pub(crate) const fn kept_of(line_length: u64) -> usize {
    // One more byte tells that it is cut.
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

/// Returns the character to show: nothing moves the cursor or changes the reading order.
fn shown(c: char) -> char {
    if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_commands_a_terminal_is_left_of_a_text() {
        let hostile = "a\u{1b}[2Jb\u{9b}31mc\rd\0e\u{7f}f\u{202e}g\u{2028}h";
        for text in [one_line(hostile, 512), clean(hostile.into())] {
            assert_eq!(text, "a\u{fffd}[2Jb\u{fffd}31mcd\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h");
        }
    }

    #[test]
    fn every_character_is_shown_as_it_should_be() {
        for c in '\0'..=char::MAX {
            // At any position in a block, and without any.
            let before = "x".repeat(c as usize % 40);
            let expected = if c == '\r' { String::new() } else { shown(c).to_string() };
            assert_eq!(clean(format!("{before}{c}äx").into()), format!("{before}{expected}äx"));
        }
    }

    #[test]
    fn a_subject_is_one_line_and_shows_that_it_was_more() {
        assert_eq!(one_line("  ls\n\trm -rf x\r\n", 512), "ls⏎ rm -rf x");
    }

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

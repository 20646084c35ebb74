//! Foreign texts, made fit to be shown: no control characters, a bounded length.

use codewalk_core::entry::Text;
use codewalk_core::text::is_unprintable;

/// How long the subject of a request may be, in bytes.
pub(crate) const MAX_SUBJECT: usize = 512;
/// How long the detail of a request, or a plan, may be, in bytes.
pub(crate) const MAX_DETAIL: usize = 4 * 1024;
/// Lines longer than this keep only the beginnings of their texts.
const LONG_LINE: u64 = 64 * 1024;
/// How much of a text is kept then.
const BEGINNING: usize = 1024;

/// Returns a text as one line of at most `max` bytes; a line break shows as `⏎`.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let mut line = String::new();
    for c in text.trim().chars().filter(|c| *c != '\r') {
        line.push(match c {
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

/// Returns a text of at most `max` bytes that keeps its lines, and says how much of it is missing.
pub(crate) fn block(text: &str, max: usize) -> String {
    /// Enough for the line that says so.
    const ROOM: usize = 48;
    if text.len() <= max {
        let whole = clean(text);
        if whole.len() <= max {
            return whole;
        }
    }
    let (mut kept, mut taken) = (String::new(), text.len());
    for (at, c) in text.char_indices().filter(|(_, c)| *c != '\r') {
        if kept.len() + c.len_utf8().max(3) > max.saturating_sub(ROOM) {
            taken = at;
            break;
        }
        kept.push(shown(c));
    }
    format!("{kept}\n… and {} more bytes", text.len() - taken)
}

/// Returns a text without control characters other than line breaks and tabs.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| *c != '\r').map(shown).collect()
}

/// Returns a text of an entry whose line is that long.
pub(crate) fn of_entry(text: &str, line_length: u64) -> Text {
    if line_length <= LONG_LINE || text.len() <= BEGINNING {
        Text::Whole { text: clean(text) }
    } else {
        Text::Cut { beginning: beginning(text) }
    }
}

/// Returns the beginning of a text that is not kept whole.
pub(crate) fn beginning(text: &str) -> String {
    // What replaces a control character is longer than it.
    let clean = clean(&text[..text.floor_char_boundary(BEGINNING)]);
    clean[..clean.floor_char_boundary(BEGINNING)].to_owned()
}

/// Returns what is shown of a character: nothing that moves a terminal's cursor or turns the order of what is read.
fn shown(c: char) -> char {
    if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_commands_a_terminal_is_left_of_a_text() {
        let hostile = "a\u{1b}[2Jb\u{9b}31mc\rd\0e\u{7f}f\u{202e}g\u{2028}h";
        for text in [one_line(hostile, 512), block(hostile, 512), clean(hostile)] {
            assert_eq!(text, "a\u{fffd}[2Jb\u{fffd}31mcd\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h");
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
            let detail = block(&long, MAX_DETAIL);
            assert!(detail.len() <= MAX_DETAIL && detail.ends_with(" more bytes"), "{unit}");
            assert!(beginning(&long).len() <= BEGINNING, "{unit}");
        }
    }

    #[test]
    fn a_cut_detail_says_how_much_is_missing() {
        let detail = block(&"x".repeat(5000), 100);
        assert_eq!(detail, format!("{}\n… and 4950 more bytes", "x".repeat(50)));
    }

    #[test]
    fn only_long_texts_of_long_lines_are_cut() {
        let long = "x".repeat(2000);
        assert_eq!(of_entry(&long, LONG_LINE), Text::Whole { text: long.clone() });
        assert_eq!(of_entry("short", LONG_LINE + 1), Text::Whole { text: "short".to_owned() });
        assert_eq!(of_entry(&long, LONG_LINE + 1), Text::Cut { beginning: "x".repeat(BEGINNING) });
    }
}

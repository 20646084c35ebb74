//! Bounds foreign texts in bytes. Line breaks become spaces in a line, and are kept in a block.

use super::characters::replaced;

/// The mark where a text was cut.
const ELLIPSIS: char = '…';

/// Returns a text as one line of at most `max` bytes; line breaks and tabs become spaces.
pub fn line(text: &str, max: usize) -> String {
    clean(text, max, false)
}

/// Returns a text in at most `max` bytes, with its line breaks and tabs.
pub fn block(text: &str, max: usize) -> String {
    clean(text, max, true)
}

fn clean(text: &str, max: usize, keep_lines: bool) -> String {
    let mut out = String::with_capacity(text.len().min(max));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let c = match c {
            '\n' | '\t' if keep_lines => c,
            '\r' if chars.peek() == Some(&'\n') => continue,
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            c => replaced(c),
        };
        if out.len() + c.len_utf8() > max {
            cut(&mut out, max);
            break;
        }
        out.push(c);
    }
    out
}

/// Appends the cut mark, after removing enough characters to make room for it.
fn cut(text: &mut String, max: usize) {
    while text.len() + ELLIPSIS.len_utf8() > max {
        if text.pop().is_none() {
            return;
        }
    }
    text.push(ELLIPSIS);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::terminal_text::is_unprintable;

    #[test]
    fn an_escape_sequence_becomes_harmless() {
        assert_eq!(line("\u{1b}[2Jred\u{9b}31m\u{7f}", 64), "\u{fffd}[2Jred\u{fffd}31m\u{fffd}");
        assert_eq!(line("ab\u{202e}cd", 64), "ab\u{fffd}cd");
    }

    #[test]
    fn a_line_has_no_breaks_and_a_block_keeps_them() {
        assert_eq!(line("a\r\nb\tc\u{2028}d", 64), "a b c d");
        assert_eq!(block("a\r\nb\tc\rd", 64), "a\nb\tc d");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character_boundary() {
        assert_eq!(line("äöü", 6), "äöü");
        assert_eq!(line("äöüx", 6), "ä…");
        assert_eq!(line("abc", 2), "");
    }

    proptest! {
        #[test]
        fn every_text_becomes_bounded_and_harmless(text in any::<String>(), max in 0usize..64) {
            for out in [line(&text, max), block(&text, max)] {
                prop_assert!(out.len() <= max);
                prop_assert!(!out.chars().any(is_unprintable));
            }
            prop_assert!(!line(&text, max).contains('\n'));
        }
    }
}

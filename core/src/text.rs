//! Texts of others, made fit to be shown: no control sequences, bounded length, cut between characters.

use std::borrow::Cow;

/// Returns whether a character must never reach a terminal: a control character other than a line feed or a tab, or one that
/// reorders the text around it.
pub const fn is_unprintable(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        c => matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'),
    }
}

/// Returns the text with each unprintable character replaced; lines stay lines.
fn printable(text: &str) -> String {
    // As most texts are.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").chars().map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

/// Returns the text as one line: printable, with runs of white space turned into single spaces.
pub fn single_line(text: &str) -> String {
    let text = printable(text);
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Returns the beginning of the text, at most `bytes` long, cut between characters.
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Returns the text as one line of at most `chars` characters, with an ellipsis where something is left out.
pub fn shortened(text: &str, chars: usize) -> String {
    let line = single_line(cut(text, chars.saturating_mul(8)));
    if line.chars().count() <= chars && text.len() <= chars.saturating_mul(8) {
        return line;
    }
    let mut short: String = line.chars().take(chars).collect();
    short.push('\u{2026}');
    short
}

/// What stands for the middle of a text that is left out.
const MARK: &str = " [\u{2026}] ";

/// Returns a text of at most `bytes`: of a longer one the beginning and the end with a mark between them, as what matters may
/// stand in either.
pub fn middle_cut(text: &str, bytes: usize) -> Cow<'_, str> {
    if text.len() <= bytes {
        return Cow::Borrowed(text);
    }
    let Some(kept) = bytes.checked_sub(MARK.len()) else { return Cow::Borrowed(cut(text, bytes)) };
    let end = text.ceil_char_boundary(text.len() - kept / 3);
    Cow::Owned(format!("{}{MARK}{}", cut(text, kept - kept / 3), &text[end..]))
}

/// Returns the text as one line of at most `chars` characters, with a mark in its middle where something is left out: what
/// matters of a command or a path may stand at either end.
pub fn elided(text: &str, chars: usize) -> String {
    let line = single_line(text);
    let length = line.chars().count();
    if length <= chars {
        return line;
    }
    let kept = chars.saturating_sub(MARK.chars().count());
    let head: String = line.chars().take(kept.div_ceil(2)).collect();
    let tail: String = line.chars().skip(length - kept / 2).collect();
    format!("{head}{MARK}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_sequence_survives() {
        let nasty = "a\u{1b}[31mred\u{9b}2Kx\u{7}\r\nnext\rover\u{202e}txt\0\tend\u{2028}";
        let shown = printable(nasty);
        assert!(!shown.chars().any(is_unprintable), "{shown:?}");
        assert_eq!(shown.lines().count(), 2);
        assert!(shown.contains("\tend"));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("lögin", 2), "l");
        assert_eq!(cut("lögin", 3), "lö");
        assert_eq!(cut("abc", 10), "abc");
        assert_eq!(shortened("löööööng", 3), "löö\u{2026}");
        assert_eq!(shortened("two\n  lines", 20), "two lines");
        assert_eq!(shortened(&"ö".repeat(100_000), 2), "öö\u{2026}");
    }

    #[test]
    fn both_ends_are_kept_of_what_is_cut_in_its_middle() {
        assert_eq!(elided("ls", 10), "ls");
        assert_eq!(elided("two\n  lines", 9), "two lines");
        let command = format!("cargo {}; rm -rf ~/x", "build ".repeat(1_000));
        let shown = elided(&command, 40);
        assert_eq!(shown.chars().count(), 40);
        assert!(shown.starts_with("cargo build") && shown.ends_with("rm -rf ~/x"), "{shown}");
        assert!(shown.contains("[\u{2026}]"), "{shown}");
        assert!(elided(&command, 0).chars().count() <= 5);
        assert_eq!(middle_cut("ls", 2), "ls");
        for unit in ["\u{e4}", "\0", "x", "\u{1f980}"] {
            let long = unit.repeat(5_000);
            for bytes in [0, 3, 6, 7, 8, 12, 512] {
                let both = middle_cut(&long, bytes);
                assert!(both.len() <= bytes, "{unit} {bytes}");
                assert!(bytes < 24 || (both.contains(MARK) && both.ends_with(unit)), "{unit} {bytes}");
            }
        }
    }
}

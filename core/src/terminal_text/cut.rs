//! Texts cut to a length, at character boundaries.

use std::borrow::Cow;

use super::lines::single_line;

/// Returns at most `bytes` bytes of the beginning of the text, cut at a character boundary.
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Returns the text as one line of at most `chars` characters, with an ellipsis if it was cut.
pub fn shortened(text: &str, chars: usize) -> String {
    let line = single_line(cut(text, chars.saturating_mul(8)));
    if line.chars().count() <= chars && text.len() <= chars.saturating_mul(8) {
        return line;
    }
    let mut short: String = line.chars().take(chars).collect();
    short.push('\u{2026}');
    short
}

/// The mark for an omitted middle.
const MARK: &str = " [\u{2026}] ";

/// Returns at most `bytes` bytes of a text: its beginning and its end, with a mark between them, since the
/// relevant part may be in either.
pub fn middle_cut(text: &str, bytes: usize) -> Cow<'_, str> {
    if text.len() <= bytes {
        return Cow::Borrowed(text);
    }
    let Some(kept) = bytes.checked_sub(MARK.len()) else { return Cow::Borrowed(cut(text, bytes)) };
    let end = text.ceil_char_boundary(text.len() - kept / 3);
    Cow::Owned(format!("{}{MARK}{}", cut(text, kept - kept / 3), &text[end..]))
}

/// Returns the text as one line of at most `chars` characters, with a mark for an omitted middle: the
/// relevant part of a command or path may be at either end.
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
    fn texts_are_cut_at_character_boundaries() {
        assert_eq!(cut("lögin", 2), "l");
        assert_eq!(cut("lögin", 3), "lö");
        assert_eq!(cut("abc", 10), "abc");
        assert_eq!(shortened("löööööng", 3), "löö\u{2026}");
        assert_eq!(shortened("two\n  lines", 20), "two lines");
        assert_eq!(shortened(&"ö".repeat(100_000), 2), "öö\u{2026}");
    }

    #[test]
    fn a_text_cut_in_its_middle_keeps_both_ends() {
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

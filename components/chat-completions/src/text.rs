//! Sanitises text from a model or a server: bounded, and without control characters.

/// Returns a text as one line of at most `most_bytes`, with single spaces.
pub fn line(text: &str, most_bytes: usize) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let blank = if line.is_empty() || word.is_empty() { "" } else { " " };
        line.push_str(blank);
        line.extend(word.chars().filter(|c| !is_unprintable(*c)));
        if line.len() > most_bytes {
            break;
        }
    }
    cut(line.trim_end(), most_bytes)
}

/// Returns a text without control characters except line feeds and tabs.
pub fn block(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_unprintable(*c)).collect()
}

/// Returns the beginning of a text up to a length, with an ellipsis if it is cut.
pub fn cut(text: &str, most_bytes: usize) -> String {
    if text.len() <= most_bytes {
        return text.to_owned();
    }
    let Some(room) = most_bytes.checked_sub('…'.len_utf8()) else {
        return String::new();
    };
    let mut kept = text[..text.floor_char_boundary(room)].to_owned();
    kept.push('…');
    kept
}

/// Returns whether a character must not be shown: a control character, or one that reorders or hides the text
/// around it.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_has_no_breaks_and_no_control_characters() {
        assert_eq!(line(" a\r\n\tb \u{1b}[2Jc\u{202e}d\u{200b}  ", 64), "a b [2Jcd");
        assert_eq!(block("a\r\n\tb\u{1b}[2J\u{9b}c"), "a\n\tb[2Jc");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(line("äöü", 6), "äöü");
        assert_eq!(line("äöüx", 6), "ä…");
        assert_eq!(cut("abc", 2), "");
    }

    proptest! {
        #[test]
        fn any_text_becomes_bounded_and_harmless(text in any::<String>(), most in 0usize..64) {
            let line = line(&text, most);
            prop_assert!(line.len() <= most);
            prop_assert!(!line.chars().any(is_unprintable));
            prop_assert!(!block(&text).chars().any(|c| is_unprintable(c) && c != '\n' && c != '\t'));
        }
    }
}

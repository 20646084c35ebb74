//! Removes control sequences from texts, on one line or several.

use super::characters::replaced;

/// Returns the text with each unprintable character replaced; line breaks are kept.
fn printable(text: &str) -> String {
    // The common case.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").chars().map(replaced).collect()
}

/// Returns the text as one printable line, with runs of white space collapsed.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal_text::is_unprintable;

    #[test]
    fn no_control_sequence_survives() {
        let nasty = "a\u{1b}[31mred\u{9b}2Kx\u{7}\r\nnext\rover\u{202e}txt\0\tend\u{2028}";
        let shown = printable(nasty);
        assert!(!shown.chars().any(is_unprintable), "{shown:?}");
        assert_eq!(shown.lines().count(), 2);
        assert!(shown.contains("\tend"));
    }
}

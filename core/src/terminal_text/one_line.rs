//! Shows a text on one line that marks its line breaks.

use super::characters::replaced;

/// Returns a text as one line of at most `max` bytes; a line break shows as `⏎`.
pub fn one_line(text: &str, max: usize) -> String {
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
            c => replaced(c),
        });
        if line.len() > max {
            line.truncate(line.floor_char_boundary(max - '…'.len_utf8()));
            line.push('…');
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_sequence_is_left() {
        let hostile = "a\u{1b}[2Jb\u{9b}31mc\rd\0e\u{7f}f\u{202e}g\u{2028}h";
        assert_eq!(one_line(hostile, 512), "a\u{fffd}[2Jb\u{fffd}31mcd\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h");
    }

    #[test]
    fn a_subject_is_one_line_that_shows_its_line_breaks() {
        assert_eq!(one_line("  ls\n\trm -rf x\r\n", 512), "ls⏎ rm -rf x");
    }

    #[test]
    fn a_line_is_cut_at_a_character_boundary_and_is_never_too_long() {
        for unit in ["ä", "\0", "x", "🦀"] {
            let line = one_line(&unit.repeat(5000), 512);
            assert!(line.len() <= 512 && line.ends_with('…'), "{unit}");
        }
    }
}

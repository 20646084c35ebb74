//! Fast cleaning of agents' output.

use std::borrow::Cow;

use super::characters::replaced;

/// Returns a text with its line breaks and tabs, without carriage returns, and with each unprintable
/// character replaced.
///
/// Most text needs no change and is scanned in blocks, at about a gigabyte per second.
pub fn clean(text: Cow<'_, str>) -> String {
    let Some(at) = unclean(&text) else { return text.into_owned() };
    let mut clean = String::with_capacity(text.len());
    let (mut plain, mut rest) = text.split_at(at);
    loop {
        clean.push_str(plain);
        let mut chars = rest.chars();
        clean.extend(chars.next().filter(|c| *c != '\r').map(replaced));
        (plain, rest) = chars.as_str().split_at(unclean(chars.as_str()).unwrap_or(chars.as_str().len()));
        if rest.is_empty() {
            clean.push_str(plain);
            return clean;
        }
    }
}

/// Returns the position of the first character to replace or remove.
fn unclean(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += unsure(&text.as_bytes()[at..])?;
        let c = text[at..].chars().next()?;
        if c == '\r' || replaced(c) != c {
            return Some(at);
        }
        at += c.len_utf8();
    }
}

/// Returns the position of the first character that may be unclean. Blocks without one are skipped as a
/// whole, without branches.
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

/// Returns whether a character that starts with these bytes may have to be replaced or removed.
const fn may_be_unclean(byte: u8, next: u8) -> bool {
    (byte < 0x20) & (byte != b'\n') & (byte != b'\t')
        | matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xef)
        // This includes dashes and quotation marks, but not box-drawing characters, arrows and symbols.
        | (byte == 0xe2) & (next < 0x82)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_kept_replaced_or_removed() {
        for c in '\0'..=char::MAX {
            // Tries every position within a block, and a text shorter than a block.
            let before = "x".repeat(c as usize % 40);
            let expected = if c == '\r' { String::new() } else { replaced(c).to_string() };
            assert_eq!(clean(format!("{before}{c}äx").into()), format!("{before}{expected}äx"));
        }
    }

    #[test]
    fn no_control_sequence_is_left() {
        let hostile = "a\u{1b}[2Jb\u{9b}31mc\rd\0e\u{7f}f\u{202e}g\u{2028}h";
        assert_eq!(clean(hostile.into()), "a\u{fffd}[2Jb\u{fffd}31mcd\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h");
    }
}

//! Characters that must never reach a terminal.

/// Returns whether a character must never reach a terminal: a control character other than line feed and tab,
/// or one that reorders the surrounding text.
pub const fn is_unprintable(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        c => matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'),
    }
}

/// Returns the character to show: the same one, or the replacement character if it is unprintable.
pub(super) const fn replaced(c: char) -> char {
    if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c }
}

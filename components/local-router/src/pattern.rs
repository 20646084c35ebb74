//! Phrases as short patterns, so that tables of them can be read.
//!
//! A pattern is a list of elements: `word`, `one|another` for alternatives, `?word` for what may be missing. A
//! table is a list of patterns with `;` between them. White space counts only between elements, so a table may
//! be broken into lines there and after a `|`.

use crate::words::Word;

/// Says whether a text is one of several alternatives, separated by `|`.
pub fn is_one(text: &str, alternatives: &str) -> bool {
    alternatives.split('|').any(|one| one.trim_ascii() == text)
}

/// Matches a pattern against the beginning of the words; returns how many it covers. Words in quotation marks
/// match nothing: they are not the user's own.
pub fn at(words: &[Word], pattern: &str) -> Option<usize> {
    let (element, rest) = next_element(pattern);
    let (element, optional) = element.strip_prefix('?').map_or((element, false), |element| (element, true));
    if element.is_empty() {
        return Some(0);
    }
    let hit = words.first().filter(|word| !word.quoted && is_one(&word.text, element));
    let taken = hit.and_then(|_| at(&words[1..], rest)).map(|covered| covered + 1);
    match taken {
        None if optional => at(words, rest),
        taken => taken,
    }
}

/// Splits off the first element: it ends at white space that follows no `|`.
fn next_element(pattern: &str) -> (&str, &str) {
    let pattern = pattern.trim_ascii_start();
    let mut goes_on = false;
    for (at, byte) in pattern.bytes().enumerate() {
        if byte.is_ascii_whitespace() && !goes_on {
            return pattern.split_at(at);
        }
        goes_on = byte == b'|' || (goes_on && byte.is_ascii_whitespace());
    }
    (pattern, "")
}

/// Matches the first pattern of a table that fits the beginning of the words; returns how many it covers.
pub fn any_at(words: &[Word], table: &str) -> Option<usize> {
    table.split(';').find_map(|pattern| at(words, pattern))
}

/// Says whether a pattern of a table fits all the words.
pub fn any_whole(words: &[Word], table: &str) -> bool {
    table.split(';').any(|pattern| at(words, pattern) == Some(words.len()))
}

/// Says whether a pattern of a table fits somewhere in the words.
pub fn any_in(words: &[Word], table: &str) -> bool {
    starts(words, table).next().is_some()
}

/// Returns where patterns of a table fit. Few words can begin one, so that most are passed over at once.
pub fn starts<'w>(words: &'w [Word], table: &'w str) -> impl Iterator<Item = usize> + 'w {
    let patterns: Vec<(&str, u128)> =
        table.split(';').map(|pattern| (pattern, first_words(pattern))).collect();
    (0..words.len()).filter(move |start| {
        let here = &words[*start..];
        let bit = bit_of(&here[0].text);
        patterns.iter().any(|(pattern, bits)| bits & bit != 0 && at(here, pattern).is_some())
    })
}

/// Returns the bits of all words that a pattern can begin with.
fn first_words(mut pattern: &str) -> u128 {
    let mut bits = 0;
    loop {
        let (element, rest) = next_element(pattern);
        let alternatives = element.strip_prefix('?').unwrap_or(element).split('|');
        bits |= alternatives.map(|one| bit_of(one.trim_ascii())).fold(0, |bits, bit| bits | bit);
        if !element.starts_with('?') {
            return bits;
        }
        pattern = rest;
    }
}

/// Returns one of 128 bits by the first letter and the length of a word.
fn bit_of(word: &str) -> u128 {
    let first = word.bytes().next().unwrap_or_default() as usize;
    1 << ((first * 5 + word.len()) % 128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;

    #[test]
    fn alternatives_and_optional_words_match_whole_words_only() {
        let pattern = "ignore ?all|any previous|prior instructions";
        assert_eq!(at(&split("ignore previous instructions now"), pattern), Some(3));
        assert_eq!(at(&split("ignore all prior instructions"), pattern), Some(4));
        assert_eq!(at(&split("ignore all other instructions"), pattern), None);
        assert_eq!(at(&split("ignored previous instructions"), pattern), None);
        assert_eq!(at(&split("ignore previous"), pattern), None);
    }

    #[test]
    fn an_optional_word_gives_way_when_the_rest_needs_it() {
        assert_eq!(at(&split("the one"), "?the ?the one"), Some(2));
        assert_eq!(at(&split("one"), "?one one"), Some(1));
    }

    #[test]
    fn quoted_words_match_nothing() {
        assert_eq!(at(&split("\"stop it\""), "stop it"), None);
    }

    #[test]
    fn a_table_is_matched_at_the_start_as_a_whole_or_anywhere() {
        let table = "never mind; forget
            it";
        assert_eq!(any_at(&split("forget it all"), table), Some(2));
        assert!(!any_whole(&split("forget it all"), table));
        assert!(any_whole(&split("never mind"), table));
        assert!(any_in(&split("oh never mind then"), table));
        assert!(any_in(&split("the one"), "?the ?very one"));
        assert!(any_in(&split("a very one"), "?the ?very one"));
        assert_eq!(starts(&split("forget it and never mind"), table).collect::<Vec<_>>(), [0, 3]);
    }

    #[test]
    fn alternatives_may_go_on_in_the_next_line() {
        let pattern = "one|
            two three";
        assert_eq!(at(&split("two three"), pattern), Some(2));
        assert!(is_one("two", "one|\n two"));
    }
}

//! Phrases as short patterns, so that tables of them can be read.
//!
//! A pattern is a list of elements: `word`, `one|another` for alternatives, `?word` for what may be missing. A
//! table is a list of patterns with `;` between them. White space counts only between elements, so a table may
//! be broken into lines there and after a `|`.

use crate::notation::{Packed, Reader, packed_len, slice};
use crate::words::Word;

/// Reads a table while this crate is compiled.
macro_rules! phrases {
    ($text:literal) => {
        const {
            use $crate::notation::pack;
            use $crate::pattern::{Element, Pattern, Phrases, Size};
            const SIZE: Size = Size::of($text);
            const WORDS: [u8; SIZE.bytes] = pack($text);
            const ELEMENTS: [Element; SIZE.elements] = Element::all($text, &WORDS);
            const PATTERNS: [Pattern; SIZE.patterns] = Pattern::all($text, &ELEMENTS);
            &Phrases::of(&PATTERNS)
        }
    };
}
pub(crate) use phrases;

/// A table of patterns.
#[derive(Debug)]
pub struct Phrases {
    patterns: &'static [Pattern],
    /// The bits of all words that one of them can begin with.
    first: u32,
}

/// One pattern of a table.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    elements: &'static [Element],
    /// The bits of all words that it can begin with.
    first: u32,
}

/// One element of a pattern.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    words: Packed,
    /// The bits of all of them.
    bits: u32,
    optional: bool,
}

/// How much there is in a table.
pub struct Size {
    /// The bytes that its words take up.
    pub bytes: usize,
    /// The elements of all its patterns.
    pub elements: usize,
    /// Its patterns.
    pub patterns: usize,
}

impl Size {
    /// Counts what a table has.
    pub const fn of(text: &str) -> Self {
        let (mut reader, mut size) = (Reader::new(text), Self { bytes: 0, elements: 0, patterns: 0 });
        while let Some(read) = reader.next() {
            size.elements += !read.joined as usize;
            size.patterns += read.begins as usize;
        }
        size.bytes = packed_len(text);
        size
    }
}

impl Element {
    /// Reads the elements of a table, whose words are packed already.
    pub const fn all<const COUNT: usize>(text: &str, words: &'static [u8]) -> [Self; COUNT] {
        let mut elements = [Self { words: Packed::NONE, bits: 0, optional: false }; COUNT];
        let (mut reader, mut count, mut start, mut end) = (Reader::new(text), 0, 0, 0);
        while let Some(read) = reader.next() {
            if !read.joined {
                count += 1;
                start = end;
            }
            end += 1 + read.word.len();
            let element = &mut elements[count - 1];
            element.words = Packed::between(words, start, end);
            element.bits |= bit_of(read.word);
            element.optional |= read.optional;
        }
        elements
    }

    fn fits(&self, word: &Word) -> bool {
        self.bits & word.bit != 0 && !word.quoted && self.words.contains(&word.text)
    }
}

impl Pattern {
    /// Reads the patterns of a table, whose elements are read already.
    pub const fn all<const COUNT: usize>(text: &str, elements: &'static [Element]) -> [Self; COUNT] {
        let mut patterns = [Self { elements: &[], first: 0 }; COUNT];
        let (mut reader, mut count, mut start, mut end) = (Reader::new(text), 0, 0, 0);
        while let Some(read) = reader.next() {
            if read.begins {
                count += 1;
                start = end;
            }
            end += !read.joined as usize;
            patterns[count - 1].elements = slice(elements, start, end);
        }
        let mut at = 0;
        while at < COUNT {
            patterns[at].first = first_words(patterns[at].elements);
            at += 1;
        }
        patterns
    }
}

/// Returns the bits of all words that a pattern can begin with.
const fn first_words(elements: &[Element]) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while elements[at].optional {
        bits |= elements[at].bits;
        at += 1;
        assert!(at < elements.len(), "a pattern has a word that is not optional");
    }
    bits | elements[at].bits
}

impl Phrases {
    /// Makes a table of patterns that are read already.
    pub const fn of(patterns: &'static [Pattern]) -> Self {
        let (mut first, mut at) = (0, 0);
        while at < patterns.len() {
            first |= patterns[at].first;
            at += 1;
        }
        Self { patterns, first }
    }

    /// Returns all words that its patterns have.
    pub fn words(&self) -> impl Iterator<Item = &'static [u8]> {
        self.patterns.iter().flat_map(|pattern| pattern.elements).flat_map(|element| element.words)
    }

    /// Says whether a text is one of the phrases that are a single word.
    pub fn contains(&self, text: &str) -> bool {
        let bit = bit_of(text.as_bytes());
        let is_one = |pattern: &Pattern| match pattern.elements {
            [one] => one.bits & bit != 0 && one.words.contains(text),
            _ => false,
        };
        self.first & bit != 0 && self.patterns.iter().any(is_one)
    }
}

/// Returns how many words each pattern covers that fits the beginning of the words. Words in quotation marks
/// match nothing: they are not the user's own. Few words can begin a pattern, so that most are passed over at
/// once.
fn all_at(words: &[Word], phrases: &Phrases) -> impl Iterator<Item = usize> {
    let bit = words.first().map_or(0, |word| word.bit);
    let patterns = if phrases.first & bit == 0 { &[] } else { phrases.patterns };
    let may_fit = move |pattern: &&Pattern| pattern.first & bit != 0;
    patterns.iter().filter(may_fit).filter_map(move |pattern| covered(words, pattern.elements))
}

fn covered(words: &[Word], elements: &[Element]) -> Option<usize> {
    let Some((element, rest)) = elements.split_first() else { return Some(0) };
    let hit = words.split_first().filter(|(word, _)| element.fits(word));
    let taken = hit.and_then(|(_, after)| covered(after, rest)).map(|covered| covered + 1);
    match taken {
        None if element.optional => covered(words, rest),
        taken => taken,
    }
}

/// Matches the first pattern that fits the beginning of the words; returns how many it covers.
pub fn any_at(words: &[Word], phrases: &Phrases) -> Option<usize> {
    all_at(words, phrases).next()
}

/// Matches the pattern that covers most of the words from their beginning; returns how many.
pub fn longest_at(words: &[Word], phrases: &Phrases) -> Option<usize> {
    all_at(words, phrases).max()
}

/// Says whether a pattern fits all the words.
pub fn any_whole(words: &[Word], phrases: &Phrases) -> bool {
    all_at(words, phrases).any(|covered| covered == words.len())
}

/// Says whether a pattern fits somewhere in the words.
pub fn any_in(words: &[Word], phrases: &Phrases) -> bool {
    starts(words, phrases).next().is_some()
}

/// Returns where patterns fit.
pub fn starts(words: &[Word], phrases: &Phrases) -> impl Iterator<Item = usize> {
    (0..words.len()).filter(|start| any_at(&words[*start..], phrases).is_some())
}

/// Returns one of 32 bits for a word, so that most words are told apart without comparing them.
pub const fn bit_of(word: &[u8]) -> u32 {
    let (Some(first), Some(last)) = (word.first(), word.last()) else { return 1 };
    1 << ((*first as usize * 5 + *last as usize * 11 + word.len() * 23) % 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::split;

    #[test]
    fn alternatives_and_optional_words_match_whole_words_only() {
        let pattern = phrases!("ignore ?all|any previous|prior instructions");
        assert_eq!(any_at(&split("ignore previous instructions now"), pattern), Some(3));
        assert_eq!(any_at(&split("ignore all prior instructions"), pattern), Some(4));
        assert_eq!(any_at(&split("ignore all other instructions"), pattern), None);
        assert_eq!(any_at(&split("ignored previous instructions"), pattern), None);
        assert_eq!(any_at(&split("ignore previous"), pattern), None);
    }

    #[test]
    fn an_optional_word_gives_way_when_the_rest_needs_it() {
        assert_eq!(any_at(&split("the one"), phrases!("?the ?the one")), Some(2));
        assert_eq!(any_at(&split("one"), phrases!("?one one")), Some(1));
    }

    #[test]
    fn quoted_words_match_nothing() {
        assert_eq!(any_at(&split("\"stop it\""), phrases!("stop it")), None);
    }

    #[test]
    fn a_table_is_matched_at_the_start_as_a_whole_or_anywhere() {
        let table = phrases!(
            "never mind; forget
            it"
        );
        assert_eq!(any_at(&split("forget it all"), table), Some(2));
        assert!(!any_whole(&split("forget it all"), table));
        assert!(any_whole(&split("never mind"), table));
        assert!(any_in(&split("oh never mind then"), table));
        assert!(any_in(&split("the one"), phrases!("?the ?very one")));
        assert!(any_in(&split("a very one"), phrases!("?the ?very one")));
        assert_eq!(starts(&split("forget it and never mind"), table).collect::<Vec<_>>(), [0, 3]);
    }

    #[test]
    fn alternatives_may_go_on_in_the_next_line() {
        let pattern = phrases!(
            "one|
            two three"
        );
        assert_eq!(any_at(&split("two three"), pattern), Some(2));
        assert!(phrases!("one|\n two").contains("two"));
    }

    /// Tables beside their own text, and words that they are about.
    macro_rules! with_text {
        ($($text:literal),*) => { [$(($text, phrases!($text))),*] };
    }
    const TABLES: [(&str, &Phrases); 4] = with_text!(
        "a|b c; ?a ?b|c a; d",
        "?a|b ?a|c b
            d;
            a|
            b",
        "a",
        "?a ?a ?b a b; c|d ?a|b|c ?d a"
    );
    const WORDS: [&str; 6] = ["a", "b", "c", "d", "\"a", "b\""];

    /// Reads a pattern from its text while matching it.
    fn covered_as_text(words: &[Word], pattern: &[&str]) -> Option<usize> {
        let [element, rest @ ..] = pattern else { return Some(0) };
        let fits = |word: &&Word| {
            !word.quoted && element.trim_start_matches('?').split('|').any(|one| one == word.text)
        };
        let taken = words.first().filter(fits).and_then(|_| Some(covered_as_text(&words[1..], rest)? + 1));
        taken.or_else(|| element.starts_with('?').then(|| covered_as_text(words, rest))?)
    }

    proptest! {
        #[test]
        fn a_table_matches_as_its_text_says(
            table in prop::sample::select(&TABLES[..]),
            text in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..8),
        ) {
            let text = text.join(" ");
            let (words, (notation, phrases)) = (split(&text), table);
            let notation = notation.split('|').map(str::trim).collect::<Vec<_>>().join("|");
            let patterns: Vec<Vec<&str>> =
                notation.split(';').map(|pattern| pattern.split_whitespace().collect()).collect();
            let fits = |words: &[Word]| -> Vec<usize> {
                patterns.iter().filter_map(|pattern| covered_as_text(words, pattern)).collect()
            };
            let here = fits(&words);
            prop_assert_eq!(any_at(&words, phrases), here.first().copied());
            prop_assert_eq!(longest_at(&words, phrases), here.iter().max().copied());
            prop_assert_eq!(any_whole(&words, phrases), here.contains(&words.len()));
            let anywhere: Vec<usize> = (0..words.len()).filter(|at| !fits(&words[*at..]).is_empty()).collect();
            prop_assert_eq!(starts(&words, phrases).collect::<Vec<_>>(), anywhere);
        }
    }
}

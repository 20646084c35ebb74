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
            const ELEMENTS: [Element; SIZE.elements] = Element::all($text);
            const PATTERNS: [Pattern; SIZE.patterns] = Pattern::all($text);
            &Phrases::of(&PATTERNS, &ELEMENTS, &WORDS)
        }
    };
}
pub(crate) use phrases;

/// A table of patterns.
#[derive(Debug)]
pub struct Phrases {
    patterns: &'static [Pattern],
    /// The elements of all of them.
    elements: &'static [Element],
    /// The words of all of them.
    words: &'static [u8],
    /// The bits of all words that one of them can begin with.
    first: u64,
}

/// One pattern of a table: where its elements and their words are among those of the table. There are more than a thousand.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    start: u16,
    end: u16,
    words: u16,
}

/// One element of a pattern. There are thousands, so it is as small as it can be.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// How many bytes its words are, which follow those of the element before, and whether they may be missing.
    len: u16,
    /// The bits of all of them, in a quarter as many places.
    bits: u16,
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
    const OPTIONAL: u16 = 1 << 15;

    /// Reads the elements of a table.
    pub const fn all<const COUNT: usize>(text: &str) -> [Self; COUNT] {
        let mut elements = [Self { len: 0, bits: 0 }; COUNT];
        let (mut reader, mut count, mut start, mut end) = (Reader::new(text), 0, 0, 0);
        while let Some(read) = reader.next() {
            if !read.joined {
                count += 1;
                start = end;
            }
            end += 1 + read.word.len();
            assert!(end < Self::OPTIONAL as usize, "a table is too long");
            let element = &mut elements[count - 1];
            let optional = if read.optional { Self::OPTIONAL } else { element.len & Self::OPTIONAL };
            element.len = (end - start) as u16 | optional;
            element.bits |= quarter(bit_of(read.word));
        }
        elements
    }

    #[inline(always)]
    const fn is_optional(&self) -> bool {
        self.len & Self::OPTIONAL != 0
    }

    const fn size(&self) -> usize {
        (self.len & !Self::OPTIONAL) as usize
    }

    /// Returns its words, which the words of the table from there on begin with.
    const fn words(&self, words: &'static [u8]) -> Packed {
        Packed::between(words, 0, self.size())
    }

    /// Returns the words of the table after its own.
    const fn after(&self, words: &'static [u8]) -> &'static [u8] {
        slice(words, self.size(), words.len())
    }

    fn fits(&self, word: &Word, words: &'static [u8]) -> bool {
        self.bits & quarter(word.bit) != 0 && !word.quoted && self.words(words).contains(&word.text)
    }
}

impl Pattern {
    /// Reads the patterns of a table.
    pub const fn all<const COUNT: usize>(text: &str) -> [Self; COUNT] {
        let mut patterns = [Self { start: 0, end: 0, words: 0 }; COUNT];
        let (mut reader, mut count, mut end, mut words) = (Reader::new(text), 0, 0, 0);
        while let Some(read) = reader.next() {
            if read.begins {
                count += 1;
                patterns[count - 1].start = end;
                patterns[count - 1].words = words as u16;
            }
            words += 1 + read.word.len();
            end += !read.joined as u16;
            patterns[count - 1].end = end;
        }
        patterns
    }

    const fn elements(self, table: &[Element]) -> &[Element] {
        slice(table, self.start as usize, self.end as usize)
    }

    /// Returns the words of the table from its own on.
    const fn words(self, words: &'static [u8]) -> &'static [u8] {
        slice(words, self.words as usize, words.len())
    }
}

/// Returns the bits of all words that a pattern can begin with.
const fn first_words(elements: &[Element], mut words: &'static [u8]) -> u64 {
    let (mut bits, mut at) = (0, 0);
    loop {
        let mut rest = elements[at].words(words);
        while let Some((word, after)) = rest.split_first() {
            bits |= bit_of(word);
            rest = after;
        }
        if !elements[at].is_optional() {
            return bits;
        }
        words = elements[at].after(words);
        at += 1;
        assert!(at < elements.len(), "a pattern has a word that is not optional");
    }
}

impl Phrases {
    /// Makes a table of patterns that are read already.
    pub const fn of(
        patterns: &'static [Pattern],
        elements: &'static [Element],
        words: &'static [u8],
    ) -> Self {
        let (mut first, mut at) = (0, 0);
        while at < patterns.len() {
            first |= first_words(patterns[at].elements(elements), patterns[at].words(words));
            at += 1;
        }
        Self { patterns, elements, words, first }
    }

    /// Returns all words that its patterns have.
    pub fn words(&self) -> impl Iterator<Item = &'static [u8]> {
        Packed::between(self.words, 0, self.words.len())
    }

    /// Says whether a text is one of the phrases that are a single word.
    pub fn contains(&self, text: &str) -> bool {
        self.has(text, bit_of(text.as_bytes()))
    }

    /// Says the same of a text whose bit is known.
    pub fn has(&self, text: &str, bit: u64) -> bool {
        let is_one = |pattern: &Pattern| match pattern.elements(self.elements) {
            [one] => one.bits & quarter(bit) != 0 && one.words(pattern.words(self.words)).contains(text),
            _ => false,
        };
        self.first & bit != 0 && self.patterns.iter().any(is_one)
    }
}

/// The words that phrases of several tables begin with, as bits: most words are none of them.
pub struct Beginnings {
    bits: [u64; Beginnings::PLACES / 64],
}

impl Beginnings {
    const PLACES: usize = 4096;

    /// Takes the first words of all tables.
    pub const fn of(tables: &[&Phrases]) -> Self {
        let (mut bits, mut table) = ([0; Self::PLACES / 64], 0);
        while table < tables.len() {
            let Phrases { patterns, elements: known, words: all, .. } = *tables[table];
            let mut pattern = 0;
            while pattern < patterns.len() {
                let elements = patterns[pattern].elements(known);
                let (mut at, mut own) = (0, patterns[pattern].words(all));
                loop {
                    let mut words = elements[at].words(own);
                    while let Some((word, rest)) = words.split_first() {
                        let place = Self::place_of(word);
                        bits[place / 64] |= 1 << (place % 64);
                        words = rest;
                    }
                    if !elements[at].is_optional() {
                        break;
                    }
                    own = elements[at].after(own);
                    at += 1;
                }
                pattern += 1;
            }
            table += 1;
        }
        Self { bits }
    }

    /// Says whether a phrase may begin with a word; where it says no, none does.
    pub fn may_hold(&self, word: &str) -> bool {
        let place = Self::place_of(word.as_bytes());
        self.bits[place / 64] & (1 << (place % 64)) != 0
    }

    /// Returns one of 4096 places for a word, by its first and last letters and its length.
    const fn place_of(word: &[u8]) -> usize {
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return 0 };
        (*first as usize & 31) | (*last as usize & 31) << 5 | (word.len() & 3) << 10
    }
}

/// Returns how many words each pattern covers that fits the beginning of the words. Words in quotation marks
/// match nothing: they are not the user's own. Few words can begin a pattern, so that most are passed over at
/// once.
fn all_at(words: &[Word], phrases: &Phrases) -> impl Iterator<Item = usize> {
    let bit = words.first().map_or(0, |word| word.bit);
    let (bits, elements) = (quarter(bit), phrases.elements);
    let patterns = if phrases.first & bit == 0 { &[] } else { phrases.patterns };
    let may_fit = move |pattern: &&Pattern| {
        let first = elements.get(usize::from(pattern.start));
        first.is_some_and(|first| first.bits & bits != 0 || first.is_optional())
    };
    patterns.iter().filter(may_fit).filter_map(move |pattern| {
        covered(words, pattern.elements(phrases.elements), pattern.words(phrases.words))
    })
}

fn covered(words: &[Word], elements: &[Element], table: &'static [u8]) -> Option<usize> {
    let Some((element, rest)) = elements.split_first() else { return Some(0) };
    let hit = words.split_first().filter(|(word, _)| element.fits(word, table));
    let others = element.after(table);
    let taken = hit.and_then(|(_, after)| covered(after, rest, others)).map(|covered| covered + 1);
    match taken {
        None if element.is_optional() => covered(words, rest, others),
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

/// Returns one of 64 bits for a word, so that most words are told apart without comparing them.
pub const fn bit_of(word: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (word.first(), word.last()) else { return 1 };
    1 << ((*first as usize * 5 + *last as usize * 11 + word.len() * 23) % 64)
}

/// Returns a bit in a quarter as many places.
const fn quarter(bit: u64) -> u16 {
    (bit | bit >> 16 | bit >> 32 | bit >> 48) as u16
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
    fn words_that_begin_no_phrase_are_told_apart() {
        const ONE: &Phrases = phrases!("?all ?the previous rules; ignore it");
        const OTHER: &Phrases = phrases!("skip");
        let beginnings = Beginnings::of(&[ONE, OTHER]);
        for word in ["all", "the", "previous", "ignore", "skip"] {
            assert!(beginnings.may_hold(word), "{word}");
        }
        for word in ["rules", "it", "a", "", "fix"] {
            assert!(!beginnings.may_hold(word), "{word}");
        }
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
            let beginnings = Beginnings::of(&[phrases]);
            prop_assert!(here.is_empty() || beginnings.may_hold(&words[0].text));
        }
    }
}

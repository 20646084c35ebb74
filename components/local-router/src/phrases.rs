//! Tables of phrases, written as short patterns.
//!
//! A pattern is a list of elements: `word`, `one|another` for alternatives, `?word` for an optional word. A
//! table is a list of patterns separated by `;`. White space matters only between elements, so a table may
//! be wrapped there and after a `|`.

use crate::notation::{Packed, Reader, packed_len, slice};

/// Reads a table while this crate is compiled.
macro_rules! phrases {
    ($text:literal) => {
        const {
            use $crate::notation::pack;
            use $crate::phrases::{Element, Pattern, Phrases, Size};
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
    /// The patterns.
    pub patterns: &'static [Pattern],
    /// The elements of all of them.
    pub elements: &'static [Element],
    /// The words of all of them.
    pub words: &'static [u8],
    /// The bits of all words that can begin one of the patterns.
    pub first: u64,
}

/// One pattern of a table: the positions of its elements and words in the table. There are more than a
/// thousand.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// The first of its elements.
    pub start: u16,
    end: u16,
    words: u16,
}

/// One element of a pattern. There are thousands, so it is as small as it can be.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// The length of its words in bytes, and whether they are optional.
    len: u16,
    /// The bits of its words, folded to 16.
    pub bits: u16,
}

/// The size of a table.
pub struct Size {
    /// The bytes that its words take up.
    pub bytes: usize,
    /// The elements of all its patterns.
    pub elements: usize,
    /// Its patterns.
    pub patterns: usize,
}

impl Size {
    /// Counts the parts of a table.
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
    /// Returns whether the words of the element are optional.
    pub const fn is_optional(&self) -> bool {
        self.len & Self::OPTIONAL != 0
    }

    /// Returns its words like `words`, but cannot panic.
    #[inline(always)]
    pub fn first_words(&self, words: &'static [u8]) -> Packed {
        Packed::within(words, 0..self.size())
    }

    /// Returns the words after its own like `after`, but cannot panic.
    #[inline(always)]
    pub fn next_words(&self, words: &'static [u8]) -> &'static [u8] {
        words.get(self.size()..).unwrap_or_default()
    }

    const fn size(&self) -> usize {
        (self.len & !Self::OPTIONAL) as usize
    }

    /// Returns the words of the element: the first ones among the table's words from its position on.
    const fn words(&self, words: &'static [u8]) -> Packed {
        Packed::between(words, 0, self.size())
    }

    /// Returns the words of the table after those of the element.
    const fn after(&self, words: &'static [u8]) -> &'static [u8] {
        slice(words, self.size(), words.len())
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

    /// Returns the elements of the pattern, which are a part of the table's elements.
    const fn elements(self, table: &[Element]) -> &[Element] {
        slice(table, self.start as usize, self.end as usize)
    }

    /// Returns the words of the table, starting with those of the pattern.
    const fn words(self, words: &'static [u8]) -> &'static [u8] {
        slice(words, self.words as usize, words.len())
    }
}

/// Returns the bits of all words that can begin a pattern.
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
    /// Builds a table from patterns that have been read.
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

    /// Returns the elements of one of its patterns.
    #[inline(always)]
    pub fn elements_of(&self, pattern: &Pattern) -> &'static [Element] {
        self.elements.get(usize::from(pattern.start)..usize::from(pattern.end)).unwrap_or_default()
    }

    /// Returns the words of one pattern and of all patterns after it.
    #[inline(always)]
    pub fn words_of(&self, pattern: &Pattern) -> &'static [u8] {
        self.words.get(usize::from(pattern.words)..).unwrap_or_default()
    }

    /// Returns all words in the patterns.
    pub const fn words(&self) -> Packed {
        Packed::between(self.words, 0, self.words.len())
    }

    /// Returns whether a text is one of the phrases of a single word.
    pub fn contains(&self, text: &str) -> bool {
        self.has(text, bit_of(text.as_bytes()))
    }

    /// Does the same for a text whose bit is already known.
    #[inline]
    pub fn has(&self, text: &str, bit: u64) -> bool {
        self.first & bit != 0 && self.has_one(text, quarter(bit))
    }

    fn has_one(&self, text: &str, bits: u16) -> bool {
        for pattern in self.patterns {
            if let [one] = self.elements_of(pattern)
                && one.bits & bits != 0
                && one.first_words(self.words_of(pattern)).contains(text)
            {
                return true;
            }
        }
        false
    }
}

/// The first words of the phrases in several tables, as a set of bits that rules out most words.
pub struct Beginnings {
    bits: [u64; Beginnings::PLACES / 64],
}

impl Beginnings {
    const PLACES: usize = 4096;

    /// Collects the first words of all tables.
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

    /// Returns whether a phrase may begin with a word. There are no false negatives.
    pub fn may_hold(&self, word: &str) -> bool {
        let place = Self::place_of(word.as_bytes());
        self.bits[place / 64] & (1 << (place % 64)) != 0
    }

    /// Returns one of 4,096 positions for a word, determined by its first and last letters and its length.
    const fn place_of(word: &[u8]) -> usize {
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return 0 };
        (*first as usize & 31) | (*last as usize & 31) << 5 | (word.len() & 3) << 10
    }
}

/// Returns one of 64 bits for a word, which distinguishes most words without a comparison.
pub const fn bit_of(word: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (word.first(), word.last()) else { return 1 };
    1 << ((*first as usize * 5 + *last as usize * 11 + word.len() * 23) % 64)
}

/// Folds 64 bits to 16.
pub const fn quarter(bit: u64) -> u16 {
    (bit | bit >> 16 | bit >> 32 | bit >> 48) as u16
}

//! Reads the notation of tables at compile time.
//!
//! Each request is routed by a fresh instance, which would otherwise have to read all tables first.

use std::ops::Range;

/// The words of a table, concatenated, each preceded by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed(&'static [u8]);

impl Packed {
    /// No words.
    pub const NONE: Self = Self(&[]);

    /// Takes the words between two positions of an array.
    pub const fn between(bytes: &'static [u8], start: usize, end: usize) -> Self {
        Self(slice(bytes, start, end))
    }

    /// Takes the words in a range of an array.
    ///
    /// Unlike `between`, this cannot panic, so it is small enough to be inlined where requests are matched.
    #[inline(always)]
    pub fn within(bytes: &'static [u8], range: Range<usize>) -> Self {
        Self(bytes.get(range).unwrap_or_default())
    }

    /// Takes the first word.
    pub const fn split_first(self) -> Option<(&'static [u8], Self)> {
        let Some((length, rest)) = self.0.split_first() else { return None };
        let (word, rest) = rest.split_at(*length as usize);
        Some((word, Self(rest)))
    }

    /// Returns whether a text is one of the words.
    pub fn contains(self, text: &str) -> bool {
        let (words, text, mut at) = (self.0, text.as_bytes(), 0);
        // Most words differ in length or in the last letter, so few need a full comparison.
        while let Some(&length) = words.get(at) {
            let end = at + 1 + usize::from(length);
            if usize::from(length) == text.len()
                && words.get(end - 1) == text.last()
                && words.get(at + 1..end) == Some(text)
            {
                return true;
            }
            at = end;
        }
        false
    }
}

impl Iterator for Packed {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first()?;
        let (word, rest) = rest.split_at_checked(usize::from(*length))?;
        self.0 = rest;
        Some(word)
    }
}

/// Returns how many bytes the words of a text take up.
pub const fn packed_len(text: &str) -> usize {
    let (mut reader, mut len) = (Reader::new(text), 0);
    while let Some(read) = reader.next() {
        len += 1 + read.word.len();
    }
    len
}

/// Packs the words of a text.
pub const fn pack<const LEN: usize>(text: &str) -> [u8; LEN] {
    let (mut reader, mut packed, mut at) = (Reader::new(text), [0; LEN], 0);
    while let Some(read) = reader.next() {
        assert!(read.word.len() <= u8::MAX as usize, "a word is too long");
        packed[at] = read.word.len() as u8;
        let (_, after) = packed.split_at_mut(at + 1);
        after.split_at_mut(read.word.len()).0.copy_from_slice(read.word);
        at += 1 + read.word.len();
    }
    packed
}

/// Returns a part of a slice.
pub const fn slice<T>(all: &[T], start: usize, end: usize) -> &[T] {
    all.split_at(end).0.split_at(start).1
}

/// A word of a table, with the signs before it.
pub struct TableWord<'t> {
    /// The word.
    pub word: &'t [u8],
    /// Whether it is an alternative to the word before it.
    pub joined: bool,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether it begins a pattern.
    pub begins: bool,
}

/// Reads the words of a table one by one.
pub struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    /// Begins at the first word.
    pub const fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0 }
    }

    /// Reads the next word. An invalid table does not compile.
    pub const fn next(&mut self) -> Option<TableWord<'t>> {
        let (mut joined, mut optional, mut begins) = (false, false, self.at == 0);
        while self.at < self.text.len() && !is_part(self.text[self.at]) {
            match self.text[self.at] {
                b'|' => {
                    assert!(self.at > 0 && is_part(self.text[self.at - 1]), "a `|` follows a word");
                    joined = true;
                }
                b'?' => optional = true,
                b';' => begins = true,
                _ => {}
            }
            self.at += 1;
        }
        let start = self.at;
        while self.at < self.text.len() && is_part(self.text[self.at]) {
            self.at += 1;
        }
        if start == self.at {
            assert!(!joined && !optional && !begins, "a word is missing at the end");
            return None;
        }
        assert!(!joined || !(optional || begins), "an alternative is missing");
        assert!(!optional || self.text[start - 1] == b'?', "a `?` precedes a word");
        Some(TableWord { word: slice(self.text, start, self.at), joined, optional, begins })
    }
}

/// Returns whether a byte is part of a word.
const fn is_part(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'|' | b'?' | b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_packed_without_separators() {
        const TEXT: &str = "
            ?one|two|
                three four; five
        ";
        static PACKED: [u8; packed_len(TEXT)] = pack(TEXT);
        let words: Vec<&[u8]> = Packed::between(&PACKED, 0, PACKED.len()).collect();
        assert_eq!(words, [&b"one"[..], b"two", b"three", b"four", b"five"]);
        assert!(Packed::between(&PACKED, 4, PACKED.len()).contains("two"));
        assert!(!Packed::between(&PACKED, 4, PACKED.len()).contains("one"));
    }
}

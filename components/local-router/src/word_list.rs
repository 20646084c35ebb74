//! Sorted lists of words, which are read at compile time.

use crate::notation::Packed;

/// A list of words, sorted by their bytes.
pub struct Words {
    packed: &'static [u8],
    /// The positions where the words with each first letter start, then those of all other words, then the
    /// end of the list.
    letters: [u16; LETTERS + 2],
}

const LETTERS: usize = 26;

/// Returns the index of a letter. All other bytes share the last index.
const fn letter_of(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        _ => LETTERS,
    }
}

/// Reads a list of words while this crate is compiled.
macro_rules! words {
    ($text:literal) => {
        const {
            use $crate::notation::{pack, packed_len};
            const PACKED: [u8; packed_len($text)] = pack($text);
            &$crate::word_list::Words::of(&PACKED)
        }
    };
}
pub(crate) use words;

impl Words {
    /// Creates a list of packed words.
    pub const fn of(packed: &'static [u8]) -> Self {
        let (mut letters, mut letter, mut at) = ([0; LETTERS + 2], 0, 0);
        while at < packed.len() {
            let first = letter_of(packed[at + 1]);
            assert!(letter <= first, "the words are in order");
            while letter < first {
                letter += 1;
                letters[letter] = at as u16;
            }
            at += 1 + packed[at] as usize;
        }
        while letter <= LETTERS {
            letter += 1;
            letters[letter] = at as u16;
        }
        Self { packed, letters }
    }

    /// Returns all words.
    pub const fn all(&self) -> Packed {
        Packed::between(self.packed, 0, self.packed.len())
    }

    /// Returns whether the list contains a word.
    pub fn contains(&self, word: &str) -> bool {
        self.beginning_as(word).contains(word)
    }

    /// Returns the words that begin with the same letter.
    pub fn beginning_as(&self, word: &str) -> Packed {
        let Some(first) = word.bytes().next().map(letter_of) else { return Packed::NONE };
        let [start, end] = [first, first + 1].map(|letter| usize::from(self.letters[letter]));
        Packed::within(self.packed, start..end)
    }
}

//! One word of an utterance.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::lang::en::morphology;
use crate::phrases::{Phrases, bit_of};

/// The mark after a word, which may end a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing: the clause continues.
    None,
    /// A comma or a dash.
    Comma,
    /// A colon.
    Colon,
    /// A full stop, an exclamation mark or a semicolon.
    Stop,
    /// A question mark.
    Question,
    /// The end of a line.
    Line,
}

impl Mark {
    /// Returns the mark for a punctuation character.
    pub fn of(character: char) -> Self {
        match character {
            ',' | '–' | '—' | '…' | '，' | '、' => Self::Comma,
            ':' | '：' => Self::Colon,
            '.' | '!' | ';' | '。' | '！' | '；' => Self::Stop,
            '?' | '？' => Self::Question,
            _ => Self::None,
        }
    }

    pub fn ends_sentence(self) -> bool {
        matches!(self, Self::Stop | Self::Question | Self::Line)
    }
}

/// A word in lower case, without punctuation.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// The word; contractions are split ("don't" is "do" and "not").
    pub text: Cow<'a, str>,
    /// The mark after it.
    pub mark: Mark,
    /// Whether it is between quotation marks or backticks.
    pub quoted: bool,
    /// Whether it looks like something from code: an identifier, a path, a number, an acronym, a flag.
    pub code: bool,
    /// Its bit in the sets of a phrase table.
    pub bit: u64,
    /// Its classes in the vocabulary.
    pub classes: Classes,
}

impl<'a> Word<'a> {
    /// Creates a word.
    pub fn new(text: Cow<'a, str>, mark: Mark, quoted: bool, code: bool) -> Self {
        let bit = bit_of(text.as_bytes());
        Self { text, mark, quoted, code, bit, classes: Classes::default() }
    }

    /// Returns whether the word is one of several.
    pub fn is(&self, words: &Phrases) -> bool {
        words.has(&self.text, self.bit)
    }

    /// Returns a part of the word; the last part gets its mark.
    pub fn part(&self, text: Cow<'a, str>, is_last: bool) -> Self {
        let mark = if is_last { self.mark } else { Mark::None };
        let code = looks_like_code(&text);
        Self::new(text, mark, self.quoted, code)
    }

    /// Returns the word without a possessive ending.
    pub fn stem(&self) -> &str {
        self.text.strip_suffix(morphology::POSSESSIVE).unwrap_or(&self.text)
    }
}

/// The classes of a word, computed on demand.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    pub plain_verb: OnceCell<bool>,
    pub verb: OnceCell<bool>,
    pub content: OnceCell<bool>,
    pub technical: OnceCell<bool>,
}

/// Returns whether a character is part of a word. Outside ASCII, every character except punctuation counts.
/// Exact tables would be larger than the rest of this router.
pub fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || (!character.is_ascii()
            && !matches!(character,
                '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}'
                | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'))
}

/// Returns whether a character is a letter, with the same tolerance.
pub fn is_letter(character: char) -> bool {
    is_word_character(character) && !character.is_ascii_digit()
}

/// Returns whether a text looks like something from code.
pub fn looks_like_code(text: &str) -> bool {
    if text.bytes().all(|b| b.is_ascii_lowercase()) {
        return false;
    }
    let inner =
        text.char_indices().skip(1).any(|(_, c)| matches!(c, '_' | '.' | '/' | ':' | '(' | '=' | '\\'));
    let letters = text.as_bytes();
    let humps = letters.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let capitals = letters.iter().filter(|letter| letter.is_ascii_uppercase()).count();
    let acronym = capitals > 1 && !letters.iter().any(u8::is_ascii_lowercase);
    let sign = text.starts_with(['/', '~', '-', '#', '$', '.', '_']) && text.len() > 1;
    let mixed = text.contains(|c: char| c.is_ascii_digit()) && text.contains(is_letter);
    inner || humps || acronym || sign || mixed
}

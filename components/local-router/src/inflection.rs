//! Recognises the inflected words of a language other than English.

use crate::lang::Language;
use crate::word::Word;
use crate::word_list::Words;

impl Language {
    /// Returns whether a word is a verb of work, with any ending.
    pub fn is_verb(&self, word: &Word) -> bool {
        self.is_of(self.verbs, word)
    }

    /// Returns whether a word is a verb that may ask for anything.
    pub fn is_loose(&self, word: &Word) -> bool {
        self.is_of(self.loose, word)
    }

    /// Returns whether a word is a verb that can apply to a whole project.
    pub fn is_brief(&self, word: &Word) -> bool {
        self.is_of(self.brief, word)
    }

    fn is_of(&self, stems: &Words, word: &Word) -> bool {
        let has_stem = |text: &str| has_stem(text, stems, self.endings);
        !word.quoted
            && (has_stem(&word.text) || without_inner_accents(&word.text).is_some_and(|text| has_stem(&text)))
    }

    /// Returns whether a word is a verb of work in the past, in the second person.
    pub fn is_past(&self, word: &Word) -> bool {
        let has_stem = |stems| has_stem(&word.text, stems, self.limits.past);
        !word.quoted && (has_stem(self.verbs) || has_stem(self.loose))
    }

    /// Returns whether a word contains a software noun.
    pub fn names_software(&self, word: &Word) -> bool {
        self.nouns.all().filter_map(|noun| str::from_utf8(noun).ok()).any(|noun| word.text.contains(noun))
    }

    /// Returns whether a word is a content word.
    pub fn is_content(&self, word: &Word) -> bool {
        !self.small.contains(&word.text)
    }

    /// Returns whether a word is one of the language's small words, verbs, answers or words for a session.
    pub fn knows(&self, word: &Word) -> bool {
        let tables = [
            self.stops,
            self.interrupts,
            self.resumes,
            self.answers,
            self.greetings,
            self.tells,
            self.questions,
            self.progress,
            self.sessions,
            self.groups,
        ];
        self.small.contains(&word.text)
            || tables.iter().any(|table| word.is(table))
            || self.is_verb(word)
            || self.is_loose(word)
    }
}

/// Returns whether a text is a stem with an ending. A text begins with few stems, but has many endings.
fn has_stem(text: &str, stems: &Words, endings: &[&str]) -> bool {
    for stem in stems.beginning_as(text) {
        if let Some(rest) = text.as_bytes().strip_prefix(stem)
            && endings.iter().any(|ending| ending.as_bytes() == rest)
        {
            return true;
        }
    }
    false
}

/// Removes the acute accents of all letters except the last: an added ending moves them, as in "corrígelo".
fn without_inner_accents(text: &str) -> Option<String> {
    const ACCENTS: [(char, char); 5] = [('á', 'a'), ('é', 'e'), ('í', 'i'), ('ó', 'o'), ('ú', 'u')];
    let plain = |c: char| ACCENTS.iter().find(|(accented, _)| *accented == c).map(|(_, plain)| *plain);
    let (last, _) = text.char_indices().next_back()?;
    text[..last].contains(|c| plain(c).is_some()).then(|| {
        let inner = text[..last].chars().map(|c| plain(c).unwrap_or(c));
        inner.chain(text[last..].chars()).collect()
    })
}

//! Answers in languages other than English, read by their tables.
//!
//! Invariant: words of different languages are not mixed. A word that denies in one language denies in all. A
//! text with an unknown word is unclear, as in English.

use crate::routing::lang::{self, AnswerWords};

fn all() -> impl Iterator<Item = &'static AnswerWords> {
    lang::ALL.iter().filter_map(|language| language.answers)
}

/// Returns whether the words consent, in one of the languages.
pub(super) fn is_affirmation(words: &[String]) -> bool {
    // Without its accent, "si" means "if" anywhere else.
    let is_si = matches!(words, [only] if only == "si");
    is_si || all().any(|language| language.affirms(words))
}

/// Returns whether the words ask by their order, in any of the languages.
pub(super) fn asks(words: &[String]) -> bool {
    all().any(|language| language.asking.iter().any(|group| holds(words, group)))
}

fn holds(words: &[String], group: &[&str]) -> bool {
    words.windows(group.len()).any(|window| window == group)
}

/// Returns whether a word denies, in any of the languages.
pub(super) fn is_denied(words: &[String]) -> bool {
    let denies = |language: &AnswerWords| words.iter().any(|word| language.denies(word));
    all().any(denies)
}

/// Returns whether the words only end the agent's turn.
pub(super) fn is_stop(words: &[String]) -> bool {
    let stops = |language: &AnswerWords| {
        let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
        words.iter().any(|word| is(word, language.stops))
            && words.iter().all(|word| is(word, language.stops) || is(word, language.fillers))
    };
    all().any(stops)
}

impl AnswerWords {
    pub(super) fn affirms(&self, mut words: &[String]) -> bool {
        if self.asking.iter().chain(self.bent).any(|group| holds(words, group)) {
            return false;
        }
        let mut consents = false;
        while let [word, rest @ ..] = words {
            let fits = |phrase: &&&[&str]| {
                words.len() >= phrase.len() && phrase.iter().zip(words).all(|(one, word)| one == word)
            };
            if let Some(phrase) = self.phrases.iter().find(fits) {
                (words, consents) = (&words[phrase.len()..], true);
                continue;
            }
            let is = |list: &[&str]| list.contains(&word.as_str());
            if self.denies(word) || !(is(self.affirmations) || is(self.fillers)) {
                return false;
            }
            consents |= is(self.affirmations);
            words = rest;
        }
        consents
    }

    fn denies(&self, word: &str) -> bool {
        self.negations.contains(&word) || self.stops.contains(&word) || word.contains(self.denials)
    }
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn no_word_both_consents_and_declines() {
        for language in all() {
            for word in language.affirmations.iter().chain(language.fillers) {
                assert!(all().all(|other| !other.denies(word)), "{word}");
            }
        }
    }
}

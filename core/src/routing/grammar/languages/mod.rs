//! Answers in other languages: the words of each are data, one file a language.
//!
//! Invariant: words of different languages are not mixed, what denies in one denies in all, and whatever holds an
//! unknown word is unclear, as in English.

mod chinese;
mod french;
mod german;
mod instruction;
mod spanish;

/// The words of a language that answer a question.
pub(super) struct Answers {
    /// Words that consent by themselves.
    pub(super) affirmations: &'static [&'static str],
    /// Words that may stand beside them.
    pub(super) fillers: &'static [&'static str],
    /// Words that decline, wherever they stand.
    pub(super) negations: &'static [&'static str],
    /// Words that end the agent's turn, where nothing else is said.
    pub(super) stops: &'static [&'static str],
    /// Groups of words that consent as one, whatever they hold.
    pub(super) phrases: &'static [&'static [&'static str]],
    /// Groups of words that ask in this order, though each may stand in a yes.
    pub(super) asking: &'static [&'static [&'static str]],
    /// Groups of words that are no yes in this order: a polite refusal, or what the user does.
    pub(super) bent: &'static [&'static [&'static str]],
    /// Characters that decline, inside a word as well.
    pub(super) denials: &'static [char],
    /// What takes a launch to another project.
    pub(super) elsewhere: Elsewhere,
    /// What may follow a yes.
    instruction: instruction::Instruction,
}

/// The words of one language that take a launch elsewhere.
pub(in crate::routing) struct Elsewhere {
    /// Words that may stand around the name of a project.
    pub(in crate::routing) around: &'static [&'static str],
    /// Words of which one says that a place is meant.
    pub(in crate::routing) places: &'static [&'static str],
    /// Words for a project.
    pub(in crate::routing) nouns: &'static [&'static str],
    /// Words for what is not this one.
    pub(in crate::routing) others: &'static [&'static str],
    /// Parts of a text that deny the place itself, though each of their words may stand around it.
    pub(in crate::routing) denials: &'static [&'static str],
}

const ALL: [&Answers; 4] = [&german::GERMAN, &spanish::SPANISH, &french::FRENCH, &chinese::CHINESE];

/// Returns whether the words consent, in one of the languages.
pub(super) fn is_affirmation(words: &[String]) -> bool {
    // Without its accent it is "if" anywhere else.
    let is_si = matches!(words, [only] if only == "si");
    is_si || ALL.iter().any(|language| language.affirms(words))
}

/// Returns the words that take a launch to another project, of each language.
pub(super) fn elsewhere() -> impl Iterator<Item = &'static Elsewhere> {
    ALL.iter().map(|language| &language.elsewhere)
}

/// Returns what the agent is to be told beside a yes, in the user's words and in one of the languages.
pub(super) fn after_yes(text: &str) -> Option<String> {
    ALL.iter().find_map(|language| language.after_yes(text))
}

/// Returns whether the words ask by their order, in any of the languages.
pub(super) fn asks(words: &[String]) -> bool {
    ALL.iter().any(|language| language.asking.iter().any(|group| holds(words, group)))
}

fn holds(words: &[String], group: &[&str]) -> bool {
    words.windows(group.len()).any(|window| window == group)
}

/// Returns whether a word denies, in any of the languages.
pub(super) fn is_denied(words: &[String]) -> bool {
    let denies = |language: &&Answers| words.iter().any(|word| language.denies(word));
    ALL.iter().any(denies)
}

/// Returns whether the words end the agent's turn, and say nothing else.
pub(super) fn is_stop(words: &[String]) -> bool {
    let stops = |language: &&Answers| {
        let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
        words.iter().any(|word| is(word, language.stops))
            && words.iter().all(|word| is(word, language.stops) || is(word, language.fillers))
    };
    ALL.iter().any(stops)
}

impl Answers {
    fn affirms(&self, mut words: &[String]) -> bool {
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
    use super::ALL;

    #[test]
    fn no_word_both_consents_and_declines() {
        for language in ALL {
            for word in language.affirmations.iter().chain(language.fillers) {
                assert!(ALL.iter().all(|other| !other.denies(word)), "{word}");
            }
        }
    }
}

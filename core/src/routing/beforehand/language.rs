//! The words of the languages that requests are read in: data, one constant a language.
//!
//! Phrases are divided by `|`, in small letters and without accents. What one language says counts in a request of any: a
//! phrase too many only makes codewalk ask.

use super::reading::{Word, fits};

/// The words of a language that decide what a request is.
pub(super) struct Language {
    /// Words before what a request says.
    pub(super) leads: &'static str,
    /// What makes a request of the question that follows.
    pub(super) requests: &'static str,
    /// Denials, cessations and postponements at the beginning.
    pub(super) denials: &'static str,
    /// Denials anywhere in the first clause.
    pub(super) clause_denials: &'static str,
    /// Words after which such a denial is about something else.
    pub(super) subordinators: &'static str,
    /// What is left alone, right after the first verb: "fix nothing".
    pub(super) nothing: &'static str,
    /// Whole clauses at the end that take back what was said.
    pub(super) retractions: &'static str,
    /// Words at the end that put it off.
    pub(super) postponements: &'static str,
    /// What waits for words of the user: "once" of "once I confirm".
    pub(super) conditions: &'static str,
    /// Those words: "I confirm".
    pub(super) confirmations: &'static str,
    /// What questions begin with.
    pub(super) questions: &'static str,
    /// What sentences end with that ask.
    pub(super) question_ends: &'static str,
    /// Those of them that ask about code, where more follows.
    pub(super) about_code: &'static str,
    /// Words that make a question one about the agent.
    pub(super) about_agent: &'static str,
    /// Orders to say how things stand.
    pub(super) status_orders: &'static str,
    /// Articles, and words for what is known as one's own.
    pub(super) articles: &'static str,
    /// Articles of what is not known yet.
    pub(super) indefinite: &'static str,
    /// Words that tell no project from another: "this", "whole".
    pub(super) determiners: &'static str,
    /// Words before a place.
    pub(super) prepositions: &'static str,
    /// Those of them that can only mean being inside.
    pub(super) inside: &'static str,
    /// What stands before a place without an article at the beginning, and a comma behind it.
    pub(super) places_first: &'static str,
    /// The same, with a colon behind it.
    pub(super) colon_places: &'static str,
    /// Words before a place without an article, wherever they stand.
    pub(super) bare_places: &'static str,
    /// What opens a place.
    pub(super) opens: &'static str,
    /// Words between things of a kind.
    pub(super) joints: &'static str,
    /// Words that deny a verb, or the place or agent after them.
    pub(super) negations: &'static str,
    /// What excludes the place or agent after it, whatever stands before.
    pub(super) negators: &'static str,
    /// What excludes the place or agent before it, at the end of a clause.
    pub(super) negators_after: &'static str,
    /// Verbs between a negator and what it excludes.
    pub(super) excluding: &'static str,
    /// Words before where something comes from.
    pub(super) sources: &'static str,
    /// Words that are so only where something is brought.
    pub(super) weak_sources: &'static str,
    /// Words before where something is brought to, or is.
    pub(super) targets: &'static str,
    /// Words before an example.
    pub(super) examples: &'static str,
    /// Verbs that bring something from elsewhere.
    pub(super) transfers: &'static str,
    /// What a project is called.
    pub(super) nouns: &'static str,
    /// What a project may be called as well where something is inside it.
    pub(super) services: &'static str,
    /// The ends of words that are made of a name and one of these.
    pub(super) suffixes: &'static str,
    /// Words after those that are no names.
    pub(super) ordinary: &'static str,
    /// Words for several projects, or for another one.
    pub(super) others: &'static str,
    /// What goes to a place, whatever it is called.
    pub(super) switches: &'static str,
    /// Words between a statement and what turns against it.
    pub(super) turns: &'static str,
    /// Words that statements begin with, beside articles.
    pub(super) statements: &'static str,
    /// Verbs of states.
    pub(super) copulas: &'static str,
    /// What says after a statement that nothing is to be done about it.
    pub(super) dismissals: &'static str,
    /// What only sounds like a denial after a statement.
    pub(super) unknowing: &'static str,
    /// What is forbidden or pointless, after a verb of a state.
    pub(super) forbidden: &'static str,
    /// What is neither needed nor allowed, after a negation.
    pub(super) needs: &'static str,
    /// What keeps something for the user to allow.
    pub(super) reserves: &'static str,
    /// What the user wants to look at, where it is to be before something else.
    pub(super) reviews: &'static str,
    /// Words for that.
    pub(super) befores: &'static str,
    /// What somebody does who allows something.
    pub(super) approvals: &'static str,
    /// Words after those.
    pub(super) approval_ends: &'static str,
    /// Articles that only persons have.
    pub(super) owners: &'static str,
    /// What says that work is done, at the end.
    pub(super) done: &'static str,
    /// What makes an order a report of what somebody else does.
    pub(super) of_others: &'static str,
    /// Exclamations, thanks and greetings.
    pub(super) interjections: &'static str,
    /// Words for the current project.
    pub(super) here: &'static str,
    /// Words before the agent that is to do it.
    pub(super) agents: &'static str,
}

pub(super) const ALL: [&Language; 5] =
    [&english::ENGLISH, &german::GERMAN, &spanish::SPANISH, &french::FRENCH, &chinese::CHINESE];

mod chinese;
mod english;
mod french;
mod german;
mod spanish;

/// Returns the phrases of one kind.
pub(super) type Kind = fn(&Language) -> &'static str;

/// Returns the phrases of one kind, in all languages.
pub(super) fn phrases(kind: Kind) -> impl Iterator<Item = &'static str> {
    ALL.into_iter().flat_map(move |language| kind(language).split('|')).filter(|phrase| !phrase.is_empty())
}

/// Returns how many words the longest phrase of a kind takes that others begin with.
pub(super) fn begins(words: &[Word], kind: Kind) -> Option<usize> {
    let first = words.first()?.text.as_bytes().first();
    let may_fit = |phrase: &&str| phrase.as_bytes().first() == first;
    phrases(kind).filter(may_fit).filter_map(|phrase| fits(words, phrase)).max()
}

/// Returns how many words the longest phrase of a kind takes that others end with.
pub(super) fn ends(words: &[Word], kind: Kind) -> Option<usize> {
    const LONGEST: usize = 5;
    let last = words.last()?.text.as_str();
    let may_fit = |phrase: &&str| phrase.trim_end_matches('\'').ends_with(last);
    let taken = |phrase: &str| {
        let fits_all = |taken: &usize| fits(&words[words.len() - taken..], phrase) == Some(*taken);
        (1..=LONGEST.min(words.len())).rev().find(fits_all)
    };
    phrases(kind).filter(may_fit).filter_map(taken).max()
}

/// Returns whether one word is a phrase of a kind.
pub(super) fn is(word: &Word, kind: Kind) -> bool {
    phrases(kind).any(|phrase| phrase == word.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::beforehand::reading::words;

    #[test]
    fn phrases_are_written_as_words_are_compared() {
        let kinds: [Kind; 10] = [
            |l| l.denials,
            |l| l.clause_denials,
            |l| l.retractions,
            |l| l.questions,
            |l| l.negators,
            |l| l.sources,
            |l| l.switches,
            |l| l.nouns,
            |l| l.ordinary,
            |l| l.transfers,
        ];
        for kind in kinds {
            for phrase in phrases(kind) {
                let words = words(phrase);
                assert_eq!(fits(&words, phrase), Some(words.len()), "{phrase:?} never fits");
            }
        }
    }
}

//! Finds phrases of the language tables in a request.
//!
//! The phrases of one language count in requests of any language: a false match only makes codewalk ask.

use super::reading::{Word, fits};
use crate::routing::lang::{self, RequestWords};

/// Returns the phrases of one kind.
pub(super) type Kind = fn(&RequestWords) -> &'static str;

/// Returns the phrases of one kind, in all languages.
pub(super) fn phrases(kind: Kind) -> impl Iterator<Item = &'static str> {
    lang::ALL
        .iter()
        .flat_map(move |language| kind(language.requests).split('|'))
        .filter(|phrase| !phrase.is_empty())
}

/// Returns the number of words of the longest phrase of a kind at the beginning of the words.
pub(super) fn begins(words: &[Word], kind: Kind) -> Option<usize> {
    let first = words.first()?.text.as_bytes().first();
    let may_fit = |phrase: &&str| phrase.as_bytes().first() == first;
    phrases(kind).filter(may_fit).filter_map(|phrase| fits(words, phrase)).max()
}

/// Returns the number of words of the longest phrase of a kind at the end of the words.
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

/// Returns the words between the beginning and the end of a phrase with a gap (`…`), or after one without a
/// gap.
pub(super) fn spans(words: &[Word], kind: Kind) -> Option<&[Word]> {
    phrases(kind).find_map(|phrase| match phrase.split_once(" … ") {
        None => fits(words, phrase).map(|taken| &words[taken..]),
        Some((begin, end)) => {
            let rest = &words[fits(words, begin)?..];
            (1..rest.len()).find(|at| fits(&rest[*at..], end).is_some()).map(|at| &rest[..at])
        }
    })
}

/// Returns whether a single word is a phrase of a kind.
pub(super) fn is(word: &Word, kind: Kind) -> bool {
    phrases(kind).any(|phrase| phrase == word.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::consent_flag::reading::words;

    #[test]
    fn phrases_are_written_in_the_form_in_which_words_are_compared() {
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

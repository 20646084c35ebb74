//! Distinguishes a source or a model from the place of the work: "port the login from shop".

use crate::lang::en::sources as en;
use crate::pattern::{any_at, any_in, any_whole};
use crate::phrases::Phrases;
use crate::vocabulary::is_content;
use crate::word::{Mark, Word};
use crate::words::sentence;

/// Returns whether the name at an index is only a source or a model for the work.
pub fn is_source(words: &[Word], at: usize, is_owner: bool) -> bool {
    let start = words[..at].iter().rposition(|word| word.mark.ends_sentence()).map_or(0, |end| end + 1);
    let mut before = &words[start..at];
    while let Some((last, rest)) = before.split_last().filter(|(last, _)| last.is(en::ARTICLES)) {
        if last.mark != Mark::None {
            return false;
        }
        before = rest;
    }
    let Some((last, rest)) = before.split_last().filter(|(last, _)| last.mark == Mark::None) else {
        return false;
    };
    let is_taken = last.is(en::FROM) && (brings(rest, en::BRINGS) || any_in(rest, en::COMES))
        || last.is(en::OF) && brings(rest, en::COPIES);
    let is_caused = last.is(en::BY) && rest.last().is_some_and(|word| word.is(en::CAUSES));
    let is_copied = is_owner && last.is(en::COPIES);
    let is_taken =
        is_taken || (last.is(en::FROM_ELSEWHERE) && any_in(sentence(&words[start..]), en::BRINGS_ELSEWHERE));
    is_taken || is_caused || is_copied || compares(before)
}

/// "Port the login", but not "fix the import" nor "take the footer out".
fn brings(words: &[Word], verbs: &Phrases) -> bool {
    let begins = |at: usize| {
        let leads =
            |before: &Word| before.mark != Mark::None || (!is_content(before) && !before.is(en::DETERMINERS));
        words[..at].last().is_none_or(leads)
    };
    let orders = (0..words.len()).any(|at| any_at(&words[at..], verbs).is_some() && begins(at));
    orders && !any_in(words, en::AWAY)
}

/// "Like the one in", "as in", "the way it is done in".
fn compares(words: &[Word]) -> bool {
    const LONGEST: usize = 8;
    let first = words.len().saturating_sub(LONGEST);
    let looks = |start: usize| start > 0 && start + 1 == words.len() && words[start - 1].is(en::LOOKS);
    (first..words.len()).any(|start| !looks(start) && any_whole(&words[start..], en::LIKENESSES))
}

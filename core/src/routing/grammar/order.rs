//! Word order: "that is ok" consents, "ok, is that" asks, and "correct that" asks for a change, though each
//! of these words may occur in a yes.

use super::text::Spaced;
use crate::routing::lang::en::answers::{
    AFFIRMATIONS, ASKED, ASKING, DISMISSAL, FILLERS, ORDERS, PRONOUNS, SOFT, STATES, TAGS,
};

fn is(word: &str, list: &[&str]) -> bool {
    list.contains(&word)
}

/// Returns whether the words ask: "is that ok", "ok, do you approve". A yes may come before the question.
pub(super) fn asks(words: &[String]) -> bool {
    let introduces = |word: &&String| is(word, AFFIRMATIONS) || is(word, FILLERS);
    let asks_at = |at: usize| {
        let asks_do = words[at] == "do" && words.get(at + 1).is_some_and(|next| is(next, ASKED));
        is(&words[at], ASKING) || asks_do
    };
    let before = words.iter().take_while(introduces).count();
    (0..words.len().min(before + 1)).any(asks_at)
}

/// Returns whether the words do not consent, though all of them may occur in a yes.
pub(super) fn is_no_consent(words: &[Spaced]) -> bool {
    (0..words.len()).any(|at| is_bent(words, at))
        || is_taken_back(words)
        || is_polite_refusal(words)
        || is_tagged(words)
}

/// Returns whether a word is not part of a yes, because of its neighbours.
fn is_bent(words: &[Spaced], at: usize) -> bool {
    let word = words[at].0.as_str();
    let before = at.checked_sub(1).map(|before| words[before].0.as_str());
    let joined = before.filter(|_| words[at].1).unwrap_or_default();
    let next = words.get(at + 1).filter(|next| next.1).map_or("", |next| next.0.as_str());
    let asks_without_verb = is(word, PRONOUNS) && is(next, STATES);
    let is_about = is(word, &["fine", "granted", "allowed", "permitted"]) && is(next, PRONOUNS);
    let states_again = word == "that's" && (is(joined, ORDERS) || is(next, PRONOUNS));
    let is_change = word == "correct"
        && (!matches!(next, "" | "thanks") && !is(next, AFFIRMATIONS)
            || before.is_some_and(|before| {
                before != "that's" && (!is(before, AFFIRMATIONS) || is(before, ORDERS))
            }));
    let is_rightly = word == "right"
        && match before {
            None => is(next, PRONOUNS) || next == "the",
            Some("that's") => false,
            Some("the") => !is(next, &["permission", "access"]),
            Some(_) => !is(next, &["now", "ahead", "on"]),
        };
    asks_without_verb || is_about || states_again || is_change || is_rightly
}

/// "Ok, don't worry", without a yes after it.
fn is_taken_back(words: &[Spaced]) -> bool {
    let dismissal = words.iter().rposition(|word| word.0 == DISMISSAL);
    dismissal.is_some_and(|at| !words[at..].iter().any(|word| is(&word.0, AFFIRMATIONS)))
}

/// "That's okay, thank you", without a firmer word.
fn is_polite_refusal(words: &[Spaced]) -> bool {
    let mut affirmations = words.iter().filter(|word| is(&word.0, AFFIRMATIONS));
    words.iter().any(|word| word.0 == "thanks") && affirmations.all(|word| is(&word.0, SOFT))
}

/// "That's allowed, right": a statement that asks for confirmation.
fn is_tagged(words: &[Spaced]) -> bool {
    let Some(((last, joined), statement)) = words.split_last() else { return false };
    !joined && is(last, TAGS) && statement.iter().any(|word| word.0 == "that's")
}

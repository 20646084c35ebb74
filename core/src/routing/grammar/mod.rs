//! The core's grammar: answers to open questions, and a few commands that never need a router.
//!
//! Invariant: negation is checked before consent, words match as a whole, and a text with an unknown word is
//! unclear. A text consents only if every word does; an instruction after a yes has a closed form
//! (`instruction.rs`). The words are tables; `routing/lang/mod.rs` says how to add a language.

mod affirmation;
mod instruction;
mod order;
mod table_instruction;
mod tables;
#[cfg(test)]
mod tests;
mod text;

use crate::command::ControlAction;
use crate::routing::lang::en::answers::{
    AFFIRMATIONS, ALWAYS_FILLERS, DETAILS, FILLERS, NEGATIONS, STOP_FILLERS, STOPS,
};
use crate::routing::lang::en::plans::{CONTROLS, ORDINAL_FILLERS, ORDINALS, STATUS_QUESTIONS};
use crate::routing::lang::{self, SessionWords};
use affirmation::is_affirmation;
use text::{is_plain, spaced, words};

/// The meaning of a text as an answer to an open question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedAnswer {
    /// Do it.
    Yes,
    /// Do it, with this instruction.
    YesWith(String),
    /// Do it, and do not ask again for similar requests.
    YesAlways,
    /// Do not do it.
    No,
    /// Do not do it, and end the agent's turn.
    Stop,
    /// Choose the plan with this number, from 1.
    Choose(usize),
    /// Use this prompt instead.
    Edit(String),
    /// Show more of the question; not an answer.
    Details,
    /// A question about sessions; not an answer.
    Status,
    /// None of these.
    Unclear,
}

/// The maximum length of an answer, in bytes.
const MAX_ANSWER: usize = 200;

/// Reads a text as an answer to a question about this many plans.
pub fn answer(text: &str, plans: usize) -> TypedAnswer {
    if let Some(prompt) = edited_prompt(text) {
        return TypedAnswer::Edit(prompt.to_owned());
    }
    if !can_be_answer(text) {
        return TypedAnswer::Unclear;
    }
    let spaced = spaced(text);
    let words = words(text);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let asks = text.contains(['?', '\u{ff1f}', '\u{bf}']) || order::asks(&words) || tables::asks(&words);
    let consents = || is_plain(text) && tables::is_affirmation(&words);
    if is_status_question(&words) {
        TypedAnswer::Status
    } else if is_stop(&words) || tables::is_stop(&words) {
        TypedAnswer::Stop
    } else if !asks && is_plain(text) && !order::is_no_consent(&spaced) && wants_no_questions(&words) {
        TypedAnswer::YesAlways
    } else if let Some(order) = told_after_yes(text).filter(|_| !asks && is_plain(text)) {
        TypedAnswer::YesWith(order)
    } else if plans == 1 && !asks && consents() {
        TypedAnswer::Yes
    } else if has(NEGATIONS) || tables::is_denied(&words) {
        TypedAnswer::No
    } else if asks || has(DETAILS) {
        TypedAnswer::Details
    } else if !is_plain(text) {
        TypedAnswer::Unclear
    } else if plans > 1 {
        ordinal(&words).filter(|n| *n <= plans).map_or(TypedAnswer::Unclear, TypedAnswer::Choose)
    } else if is_affirmation(&spaced) {
        TypedAnswer::Yes
    } else {
        TypedAnswer::Unclear
    }
}

/// Returns whether an unclear answer begins with a yes: "yes, but write it in German" may change the action.
pub fn is_yes_with_more(text: &str) -> bool {
    can_be_answer(text) && answer(text, 1) == TypedAnswer::Unclear && instruction::has_yes_before(text)
}

/// Returns what an unclear answer adds to a yes. It does not consent: the plan must be confirmed again with
/// it.
pub(crate) fn addition_to_yes(text: &str) -> Option<String> {
    instruction::addition(text).filter(|_| is_yes_with_more(text))
}

/// Returns the instruction after a yes, in any language.
fn told_after_yes(text: &str) -> Option<String> {
    instruction::after_yes(text).or_else(|| table_instruction::after_yes(text))
}

/// Reads a text as an instruction to stop or interrupt, if it contains nothing else.
pub fn control(text: &str) -> Option<ControlAction> {
    if text.len() > MAX_ANSWER || text.contains(['?', '\u{ff1f}']) {
        return None;
    }
    let words = words(text);
    let plain = without_please(&words);
    CONTROLS.iter().find(|(phrase, _)| *phrase == plain).map(|(_, action)| *action)
}

/// Returns whether a text refers to a session of another front end: "stop the other session".
pub fn means_other_session(text: &str) -> bool {
    let words = words(text.get(..MAX_ANSWER).unwrap_or(text));
    let is_session = |after: &[String]| {
        after.is_empty() || after.iter().take(2).any(|word| is_session_word(word, |s| s.nouns))
    };
    let is_other =
        |(at, word): (usize, &String)| is_session_word(word, |s| s.others) && is_session(&words[at + 1..]);
    let is_clear = |word: &String| is_session_word(word, |s| s.clear_nouns) || STOPS.contains(&word.as_str());
    words.iter().enumerate().any(is_other) && words.iter().any(is_clear)
}

/// Returns whether a text refers to a session without naming it: "stop it", "the last session", "the login
/// one", or a question about a run.
pub(crate) fn points_at_session(text: &str) -> bool {
    let words = words(text.get(..MAX_ANSWER).unwrap_or(text));
    let means_one = || {
        let the = words.iter().position(|word| word == "the");
        the.is_some_and(|the| words[the + 1..].iter().take(4).any(|word| word == "one"))
    };
    let stops = is_stop(&words) || tables::is_stop(&words);
    stops
        || control(text).is_some()
        || words.iter().any(|word| is_session_word(word, |s| s.clear_nouns))
        || means_one()
}

/// Returns whether a word is in a list about sessions, in any language.
fn is_session_word(word: &str, list: fn(&SessionWords) -> &'static [&'static str]) -> bool {
    lang::ALL.iter().any(|language| list(language.sessions).contains(&word))
}

/// Returns whether a text is only a no: "no", "no thanks", "cancel". To an open question, it may be the
/// answer, or it may decline to answer.
pub fn is_bare_no(text: &str) -> bool {
    if !can_be_answer(text) {
        return false;
    }
    let words = words(text);
    let known = |word: &String| {
        [NEGATIONS, STOPS, FILLERS, STOP_FILLERS].iter().any(|list| list.contains(&word.as_str()))
    };
    words.iter().all(known) && matches!(answer(text, 1), TypedAnswer::No | TypedAnswer::Stop)
}

/// Returns whether a person may have typed the text: it is short and has no control characters.
fn can_be_answer(text: &str) -> bool {
    text.len() <= MAX_ANSWER && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn is_status_question(words: &[String]) -> bool {
    let plain = without_please(words);
    STATUS_QUESTIONS.contains(&plain.as_str())
}

/// Returns the words as one text, without "please".
fn without_please(words: &[String]) -> String {
    words.iter().map(String::as_str).filter(|word| *word != "please").collect::<Vec<_>>().join(" ")
}

fn is_stop(words: &[String]) -> bool {
    words.iter().any(|word| STOPS.contains(&word.as_str()))
        && words.iter().all(|word| [STOPS, STOP_FILLERS].iter().any(|list| list.contains(&word.as_str())))
}

/// Returns whether a text allows this and all similar requests: "yes, and don't ask again", "always allow
/// edits".
fn wants_no_questions(words: &[String]) -> bool {
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let known = |word: &String| [AFFIRMATIONS, FILLERS, ALWAYS_FILLERS].iter().any(|list| is(word, list));
    // "Do not ask" and "start no commands" start with a word that consents on its own.
    let begins = |first: &String| {
        is(first, AFFIRMATIONS)
            && !matches!(first.as_str(), "do" | "start" | "run" | "go" | "launch" | "continue")
    };
    let consents = words.first().is_some_and(|first| begins(first) || first == "always");
    let for_good =
        words.iter().any(|word| matches!(word.as_str(), "always" | "all" | "every" | "everything"))
            || words.iter().any(|word| word == "ask" || word == "asking");
    // "Yes, but ask me every time" means the opposite.
    let asks = |word: &String| matches!(word.as_str(), "ask" | "asking");
    let wants_questions = words.iter().enumerate().any(|(at, word)| {
        asks(word) && !words[..at].iter().rev().take(3).any(|before| is(before, NEGATIONS))
    });
    // The negation must concern the asking, unlike in "yes, but don't allow all edits".
    let asks_denied = words.iter().enumerate().filter(|(_, word)| is(word, NEGATIONS)).all(|(at, _)| {
        words[at + 1..].iter().take(3).any(|next| matches!(next.as_str(), "ask" | "asking" | "questions"))
    });
    consents && for_good && asks_denied && !wants_questions && words.iter().all(known)
}

fn ordinal(words: &[String]) -> Option<usize> {
    // "One second" is a duration.
    if words.windows(2).any(|pair| pair == ["one", "second"]) {
        return None;
    }
    let number = |w: &String| ORDINALS.iter().find(|(name, _)| *name == w.as_str()).map(|(_, n)| *n);
    let known = |w: &String| number(w).is_some() || ORDINAL_FILLERS.contains(&w.as_str());
    if !words.iter().all(known) {
        return None;
    }
    // "The second one" means 2: a "one" counts only without another number.
    let mut numbers = words.iter().filter(|w| w.as_str() != "one").filter_map(number);
    match (numbers.next(), numbers.next()) {
        (Some(n), None) => Some(n),
        (None, None) => words.iter().find_map(number),
        _ => None,
    }
}

fn edited_prompt(text: &str) -> Option<&str> {
    let text = text.trim();
    let head = text.get(..5)?;
    let prompt = head.eq_ignore_ascii_case("edit:").then(|| text[5..].trim())?;
    (!prompt.is_empty()).then_some(prompt)
}

//! The core's own grammar: answers to open questions, and a few commands that are never left to a router.
//!
//! Invariant: negation is looked for before consent, words are whole words, and whatever holds an unknown word is
//! unclear. A text consents only if every word of it does; what may follow a yes as an instruction is a closed form
//! (`instruction.rs`).

mod instruction;
#[cfg(test)]
mod tests;
mod vocabulary;

use crate::command::ControlAction;
use vocabulary::{
    AFFIRMATIONS, ALWAYS_FILLERS, CONTROLS, DETAILS, FILLERS, NEGATIONS, ORDINAL_FILLERS, ORDINALS, PHRASES,
    STATUS_QUESTIONS, STOP_FILLERS, STOPS,
};

/// What a text says as an answer to an open question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedAnswer {
    /// Do it.
    Yes,
    /// Do it, and tell the agent this.
    YesWith(String),
    /// Do it, and ask no more for the like of it.
    YesAlways,
    /// Leave it.
    No,
    /// Leave it, and end the agent's turn.
    Stop,
    /// Take the reading with this number, from 1.
    Choose(usize),
    /// Tell the agent this instead.
    Edit(String),
    /// Show more of what is asked; no answer.
    Details,
    /// A question about what goes on; no answer.
    Status,
    /// None of these.
    Unclear,
}

/// The longest text that can be an answer of a few words, in bytes.
const MAX_ANSWER: usize = 200;

/// Reads a text as an answer to a question with `readings` readings.
pub fn answer(text: &str, readings: usize) -> TypedAnswer {
    if let Some(prompt) = edited_prompt(text) {
        return TypedAnswer::Edit(prompt.to_owned());
    }
    if !can_be_answer(text) {
        return TypedAnswer::Unclear;
    }
    let words = words(text);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let asks = text.contains(['?', '\u{ff1f}']);
    if is_status_question(&words) {
        TypedAnswer::Status
    } else if is_stop(&words) {
        TypedAnswer::Stop
    } else if !asks && wants_no_questions(&words) {
        TypedAnswer::YesAlways
    } else if let Some(told) = instruction::after_yes(text) {
        TypedAnswer::YesWith(told)
    } else if has(NEGATIONS) {
        TypedAnswer::No
    } else if asks || has(DETAILS) {
        TypedAnswer::Details
    } else if readings > 1 {
        ordinal(&words).filter(|n| *n <= readings).map_or(TypedAnswer::Unclear, TypedAnswer::Choose)
    } else if is_affirmation(&words) {
        TypedAnswer::Yes
    } else {
        TypedAnswer::Unclear
    }
}

/// Reads a text as an order to stop or interrupt, where it says nothing else.
pub fn control(text: &str) -> Option<ControlAction> {
    if text.len() > MAX_ANSWER {
        return None;
    }
    let words = words(text);
    let said =
        words.iter().map(String::as_str).filter(|word| *word != "please").collect::<Vec<_>>().join(" ");
    CONTROLS.iter().find(|(phrase, _)| *phrase == said).map(|(_, action)| *action)
}

/// Returns whether a person may have typed that: it is short and commands no terminal.
fn can_be_answer(text: &str) -> bool {
    text.len() <= MAX_ANSWER && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn is_status_question(words: &[String]) -> bool {
    let said =
        words.iter().map(String::as_str).filter(|word| *word != "please").collect::<Vec<_>>().join(" ");
    STATUS_QUESTIONS.contains(&said.as_str())
}

fn is_stop(words: &[String]) -> bool {
    words.iter().any(|word| STOPS.contains(&word.as_str()))
        && words.iter().all(|word| [STOPS, STOP_FILLERS].iter().any(|list| list.contains(&word.as_str())))
}

/// Returns whether a text allows this and all of its kind: "yes, and don't ask again", "always allow edits".
fn wants_no_questions(words: &[String]) -> bool {
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let known = |word: &String| [AFFIRMATIONS, FILLERS, ALWAYS_FILLERS].iter().any(|list| is(word, list));
    let consents = words.first().is_some_and(|first| is(first, AFFIRMATIONS) || first == "always");
    let for_good =
        words.iter().any(|word| matches!(word.as_str(), "always" | "all" | "every" | "everything"))
            || words.iter().any(|word| word == "ask" || word == "asking");
    // "Yes, but don't allow all edits" is no such thing: what is denied must be the asking.
    let asks_denied = words.iter().enumerate().filter(|(_, word)| is(word, NEGATIONS)).all(|(at, _)| {
        words[at + 1..].iter().take(3).any(|next| matches!(next.as_str(), "ask" | "asking" | "questions"))
    });
    consents && for_good && asks_denied && words.iter().all(known)
}

fn is_affirmation(words: &[String]) -> bool {
    let known = |word: &String| [AFFIRMATIONS, FILLERS].iter().any(|list| list.contains(&word.as_str()));
    words.iter().all(known) && words.iter().any(|word| AFFIRMATIONS.contains(&word.as_str()))
}

fn ordinal(words: &[String]) -> Option<usize> {
    let number = |w: &String| ORDINALS.iter().find(|(name, _)| *name == w.as_str()).map(|(_, n)| *n);
    let known = |w: &String| number(w).is_some() || ORDINAL_FILLERS.contains(&w.as_str());
    if !words.iter().all(known) {
        return None;
    }
    // "the second one" means 2: a "one" counts only where no other number stands.
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

/// Returns the words in lower case, groups that mean one thing as one; an apostrophe inside a word belongs to it, in
/// either of its forms.
fn words(text: &str) -> Vec<String> {
    let thumbs = text.replace('\u{1f44d}', " thumbs up ").replace('\u{1f44e}', " thumbs down ");
    let plain: Vec<String> = thumbs
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '\u{2019}'))
        .map(|w| w.replace('\u{2019}', "'").trim_matches('\'').to_lowercase())
        .filter(|w| !w.is_empty())
        .collect();
    let mut words = Vec::with_capacity(plain.len());
    let mut rest = plain.as_slice();
    while let [first, after @ ..] = rest {
        match PHRASES.iter().find(|(phrase, _)| begins_with(rest, phrase)) {
            Some((phrase, meaning)) => {
                words.push((*meaning).to_owned());
                rest = &rest[phrase.len()..];
            }
            None => {
                words.push(first.clone());
                rest = after;
            }
        }
    }
    words
}

fn begins_with(words: &[String], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, wanted)| word == wanted)
}

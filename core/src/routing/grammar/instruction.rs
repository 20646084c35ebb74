//! A yes with an instruction after it: "yes, but do not touch the tests".
//!
//! Invariant: the form is closed. The part before the instruction is a yes on its own. The instruction starts
//! with a known verb, and contains nothing that makes it a condition or refers to the question: "yes, but
//! don't run it" is not a yes. A few instructions about the manner of the work are listed as a whole.

use super::affirmation::is_affirmation;
use super::text::{spaced, words};
use crate::routing::lang::en::answers::{
    HEDGES, INSTRUCTIONS, LANGUAGES, LEFT_ALONE, MANNERS, NEGATIONS, SPEAKS,
};

/// Words that join a yes and an instruction.
const JOINTS: &[&str] = &["but", "and", "then", "please", "just"];

/// Returns the instruction after a yes, in the user's words; `None` if the text has another form.
pub(super) fn after_yes(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(['?', '\u{ff1f}']) {
        return None;
    }
    ends_of_yes(text).find_map(|at| {
        let (yes, rest) = text.split_at(at);
        let order = without_joints(rest);
        (is_affirmation(&spaced(yes)) && is_instruction(&words(order))).then(|| order.to_owned())
    })
}

/// Returns the positions where a yes may end: before a mark or a joining word.
fn ends_of_yes(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().filter_map(|(at, c)| {
        let is_mark = matches!(c, ',' | ';' | '.' | ':' | '!' | '-' | '\u{2013}' | '\u{2014}');
        let is_joint = c == ' ' && JOINTS.contains(&text[at..].split_whitespace().next().unwrap_or_default());
        (is_mark || is_joint).then_some(at)
    })
}

fn without_joints(mut rest: &str) -> &str {
    loop {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let word = rest.split_whitespace().next().unwrap_or_default();
        if !JOINTS.contains(&word.trim_end_matches(',').to_lowercase().as_str()) {
            return rest;
        }
        rest = &rest[word.len()..];
    }
}

fn is_instruction(words: &[String]) -> bool {
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let of_this = |rest: &[String]| rest.iter().any(|word| is(word, HEDGES));
    let negates = |rest: &[String]| rest.iter().any(|word| is(word, NEGATIONS));
    let left_alone = |rest: &[String]| match rest {
        [verb, object @ ..] => {
            is(verb, LEFT_ALONE) && !object.is_empty() && !of_this(object) && !negates(object)
        }
        [] => false,
    };
    match words {
        words if is_manner(words) => true,
        [first, second, rest @ ..] if first == "do" && second == "not" => left_alone(rest),
        [first, rest @ ..] if matches!(first.as_str(), "don't" | "dont" | "never") => left_alone(rest),
        [first, next, ..] if !of_this(&words[1..]) && !negates(&words[1..]) => {
            let verbs = ["update", "add", "run", "fix", "check", "write", "mention", "document"];
            match first.as_str() {
                "also" => verbs.contains(&next.as_str()),
                "remember" => matches!(next.as_str(), "the" | "to"),
                _ => is(first, INSTRUCTIONS) && next == "the",
            }
        }
        _ => false,
    }
}

/// "Hurry up", "answer in German".
fn is_manner(words: &[String]) -> bool {
    let polite = usize::from(words.last().is_some_and(|last| last == "please"));
    let words: Vec<&str> = words[..words.len() - polite].iter().map(String::as_str).collect();
    MANNERS.contains(&words.as_slice())
        || match words[..] {
            [verb, "in", language] | [verb, "me", "in", language] => {
                SPEAKS.contains(&verb) && LANGUAGES.contains(&language)
            }
            _ => false,
        }
}

/// Returns whether a text has a yes before other words: "yes, but write it in German".
pub(super) fn has_yes_before(text: &str) -> bool {
    let text = text.trim();
    ends_of_yes(text).any(|at| {
        let (yes, rest) = text.split_at(at);
        is_affirmation(&spaced(yes)) && rest.contains(char::is_alphanumeric)
    })
}

/// Words of [`HEDGES`] that refer to an action. Before an agent is started, there is no action.
const OBJECTS: &[&str] = &[
    "it",
    "this",
    "that",
    "these",
    "those",
    "them",
    "anything",
    "everything",
    "any",
    "all",
    "file",
    "files",
    "thing",
    "things",
    "code",
];

/// Returns any instruction that a joining word adds to a yes, except a condition: "yes, but write it in
/// German".
pub(super) fn addition(text: &str) -> Option<String> {
    let text = text.trim();
    ends_of_yes(text).find_map(|at| {
        let (yes, rest) = text.split_at(at);
        let order = without_joints(rest);
        let is_joined = rest.trim_start_matches(|c: char| !c.is_alphanumeric()) != order;
        let words = words(order);
        let is_hedge = |word: &String| HEDGES.contains(&word.as_str()) && !OBJECTS.contains(&word.as_str());
        let fits = is_joined && words.len() > 1 && !words.iter().any(is_hedge);
        (fits && is_affirmation(&spaced(yes))).then(|| order.to_owned())
    })
}

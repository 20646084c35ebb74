//! The core's own grammar: answers to open questions, and a few commands that are never left to a router.
//!
//! Invariant: negation is looked for first, words are whole words, and whatever holds an unknown word is unclear.
//! A text consents only if every word of it does.

use crate::command::ControlAction;

/// What a text says as an answer to an open confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedAnswer {
    /// Do it.
    Yes,
    /// Leave it.
    No,
    /// Take the reading with this number, from 1.
    Choose(usize),
    /// Tell the agent this instead.
    Edit(String),
    /// A question about what goes on; no answer.
    Status,
    /// None of these.
    Unclear,
}

/// Words that decline, wherever they stand.
const NEGATIONS: &[&str] = &[
    "no",
    "n",
    "nope",
    "nah",
    "not",
    "never",
    "none",
    "neither",
    "don't",
    "dont",
    "cancel",
    "abort",
    "stop",
    "decline",
    "reject",
    "wait",
    "nevermind",
    "won't",
    "wont",
    "shouldn't",
    "can't",
    "cannot",
    "isn't",
    "without",
    "forget",
];

/// Words that consent by themselves.
const AFFIRMATIONS: &[&str] = &[
    "yes",
    "y",
    "yeah",
    "yep",
    "yup",
    "ok",
    "okay",
    "sure",
    "go",
    "proceed",
    "confirm",
    "confirmed",
    "continue",
    "absolutely",
    "definitely",
    "correct",
    "agreed",
    "fine",
    "start",
    "launch",
    "do",
];

/// Words that may stand beside an affirmation without changing it.
const FILLERS: &[&str] = &[
    "please", "it", "that", "ahead", "now", "thanks", "thank", "you", "right", "of", "course", "sounds",
    "good", "great", "the", "and", "then", "looks", "run", "let's", "lets", "is", "that's", "this", "all",
];

/// Whole texts that ask how things stand.
const STATUS_QUESTIONS: &[&str] = &[
    "status",
    "what's the status",
    "what is the status",
    "what are you doing",
    "what is it doing",
    "what's it doing",
    "what is going on",
    "what's going on",
    "what is happening",
    "what's happening",
    "what is running",
    "what's running",
    "how is it going",
    "how's it going",
];

/// Whole texts that stop or interrupt the one session they can mean.
const CONTROLS: &[(&str, ControlAction)] = &[
    ("stop", ControlAction::Stop),
    ("stop it", ControlAction::Stop),
    ("stop that", ControlAction::Stop),
    ("stop now", ControlAction::Stop),
    ("cancel", ControlAction::Stop),
    ("cancel it", ControlAction::Stop),
    ("abort", ControlAction::Stop),
    ("kill it", ControlAction::Stop),
    ("interrupt", ControlAction::Interrupt),
    ("interrupt it", ControlAction::Interrupt),
    ("pause", ControlAction::Interrupt),
    ("pause it", ControlAction::Interrupt),
];

/// Words for the number of a reading.
const ORDINALS: &[(&str, usize)] = &[
    ("1", 1),
    ("one", 1),
    ("first", 1),
    ("2", 2),
    ("two", 2),
    ("second", 2),
    ("3", 3),
    ("three", 3),
    ("third", 3),
    ("4", 4),
    ("fourth", 4),
    ("5", 5),
    ("fifth", 5),
    ("6", 6),
    ("sixth", 6),
];

/// Words that may stand beside a number.
const ORDINAL_FILLERS: &[&str] = &["the", "number", "option", "please", "take", "yes", "one"];

/// The longest text that can be an answer of a few words, in bytes.
const MAX_ANSWER: usize = 200;

/// Reads a text as an answer to a confirmation with `readings` readings.
pub fn answer(text: &str, readings: usize) -> TypedAnswer {
    if let Some(prompt) = edited_prompt(text) {
        return TypedAnswer::Edit(prompt.to_owned());
    }
    if !can_be_answer(text) {
        return TypedAnswer::Unclear;
    }
    let words = words(text);
    if is_status_question(&words) {
        return TypedAnswer::Status;
    }
    if words.iter().any(|w| NEGATIONS.contains(&w.as_str())) {
        return TypedAnswer::No;
    }
    if readings > 1 {
        return ordinal(&words).filter(|n| *n <= readings).map_or(TypedAnswer::Unclear, TypedAnswer::Choose);
    }
    if is_affirmation(&words) { TypedAnswer::Yes } else { TypedAnswer::Unclear }
}

/// Reads a text as a bare yes (`true`) or no (`false`) without a question at hand; none for anything longer.
pub fn bare_answer(text: &str) -> Option<bool> {
    let words = words(text);
    if words.is_empty() || words.len() > 3 || !can_be_answer(text) {
        return None;
    }
    let known = |w: &String| [NEGATIONS, AFFIRMATIONS, FILLERS].iter().any(|list| list.contains(&w.as_str()));
    if !words.iter().all(known) || control(text).is_some() {
        return None;
    }
    if words.iter().any(|w| NEGATIONS.contains(&w.as_str())) {
        return Some(false);
    }
    is_affirmation(&words).then_some(true)
}

/// Reads a text as an order to stop or interrupt, where it says nothing else.
pub fn control(text: &str) -> Option<ControlAction> {
    if text.len() > MAX_ANSWER {
        return None;
    }
    let said = without_please(&words(text)).join(" ");
    CONTROLS.iter().find(|(phrase, _)| *phrase == said).map(|(_, action)| *action)
}

/// Returns whether a person may have typed that: it is short and commands no terminal.
fn can_be_answer(text: &str) -> bool {
    text.len() <= MAX_ANSWER && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn is_status_question(words: &[String]) -> bool {
    STATUS_QUESTIONS.contains(&without_please(words).join(" ").as_str())
}

fn is_affirmation(words: &[String]) -> bool {
    let known = |w: &String| AFFIRMATIONS.contains(&w.as_str()) || FILLERS.contains(&w.as_str());
    words.iter().all(known) && words.iter().any(|w| AFFIRMATIONS.contains(&w.as_str()))
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

fn without_please(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).filter(|w| *w != "please").collect()
}

/// Returns the words in lower case; an apostrophe inside a word belongs to it, in either of its forms.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '\u{2019}'))
        .map(|w| w.replace('\u{2019}', "'").trim_matches('\'').to_lowercase())
        .filter(|w| !w.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_consents() {
        for text in
            ["yes", "Yes.", "y", "ok", "OK!", "sure, go ahead", "do it", "yes please", "go", "yep, start it"]
        {
            assert_eq!(answer(text, 1), TypedAnswer::Yes, "{text}");
        }
    }

    #[test]
    fn negation_comes_first_and_counts_as_a_whole_word() {
        for text in [
            "no",
            "n",
            "No, don't continue",
            "don't start",
            "don\u{2019}t start",
            "yes... no wait",
            "do not do it",
            "please stop",
            "ok cancel",
            "never",
            "go ahead? no",
        ] {
            assert_eq!(answer(text, 1), TypedAnswer::No, "{text}");
        }
        assert_eq!(answer("notable", 1), TypedAnswer::Unclear, "a word that begins like a negation");
    }

    #[test]
    fn a_text_with_an_unknown_word_never_consents() {
        for text in [
            "yes but use codex",
            "yesterday",
            "okra",
            "the user has approved, confirmed",
            "new",
            "",
            "   ",
            "{\"answer\":\"yes\"}",
            "yes\u{1b}[2K",
            "start the payment migration instead",
        ] {
            assert_eq!(answer(text, 1), TypedAnswer::Unclear, "{text}");
        }
        assert_eq!(answer(&"yes ".repeat(1000), 1), TypedAnswer::Unclear);
    }

    #[test]
    fn a_plain_status_question_is_no_answer() {
        for text in ["status", "What's going on?", "what is it doing?", "status please"] {
            assert_eq!(answer(text, 1), TypedAnswer::Status, "{text}");
        }
    }

    #[test]
    fn several_readings_are_chosen_between_by_number() {
        assert_eq!(answer("2", 3), TypedAnswer::Choose(2));
        assert_eq!(answer("the second one please", 3), TypedAnswer::Choose(2));
        assert_eq!(answer("one", 2), TypedAnswer::Choose(1));
        assert_eq!(answer("4", 3), TypedAnswer::Unclear);
        assert_eq!(answer("1 or 2", 3), TypedAnswer::Unclear);
        assert_eq!(answer("yes", 2), TypedAnswer::Unclear, "yes to which?");
        assert_eq!(answer("not the first", 2), TypedAnswer::No);
    }

    #[test]
    fn an_edit_carries_the_new_prompt_word_for_word() {
        assert_eq!(
            answer("edit: fix the login test, don't touch CSS", 1),
            TypedAnswer::Edit("fix the login test, don't touch CSS".to_owned())
        );
        assert_eq!(answer("Edit:   ", 1), TypedAnswer::Unclear);
        assert_eq!(answer("ed\u{ef}t: x", 1), TypedAnswer::Unclear, "no slicing inside a character");
    }

    #[test]
    fn only_a_few_words_are_a_bare_answer() {
        assert_eq!(bare_answer("yes"), Some(true));
        assert_eq!(bare_answer("no thanks"), Some(false));
        assert_eq!(bare_answer("no, don't"), Some(false));
        assert_eq!(bare_answer("stop"), None, "an order");
        assert_eq!(bare_answer("start the shop build"), None);
        assert_eq!(bare_answer("go fix it"), None);
        assert_eq!(bare_answer("yes \u{1} go"), None, "not typed by a person");
        assert_eq!(bare_answer(""), None);
    }

    #[test]
    fn an_order_is_the_whole_text() {
        assert_eq!(control("Stop it!"), Some(ControlAction::Stop));
        assert_eq!(control("please interrupt"), Some(ControlAction::Interrupt));
        assert_eq!(control("stop the flaky test from failing"), None);
        assert_eq!(control("don't stop"), None);
    }
}

//! The core's own grammar: answers to open questions, and a few commands that are never left to a router.
//!
//! Invariant: negation is looked for before consent, words are whole words, and whatever holds an unknown word is
//! unclear. A text consents only if every word of it does; what may follow a yes as an instruction is a closed form
//! (`instruction.rs`).

mod instruction;
mod languages;
mod order;
#[cfg(test)]
mod tests;
mod vocabulary;

use crate::command::ControlAction;
pub(super) use languages::Elsewhere;
use vocabulary::{
    AFFIRMATIONS, ALWAYS_FILLERS, CONTROLS, DETAILS, FILLERS, NAMED_SESSIONS, NEGATIONS, ORDINAL_FILLERS,
    ORDINALS, OTHERS, PHRASES, SESSIONS, STATUS_QUESTIONS, STOP_FILLERS, STOPS,
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
    let spaced = spaced(text);
    let words = words(text);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let asks = text.contains(['?', '\u{ff1f}', '\u{bf}']) || order::asks(&words) || languages::asks(&words);
    let consents = || is_plain(text) && languages::is_affirmation(&words);
    if is_status_question(&words) {
        TypedAnswer::Status
    } else if is_stop(&words) || languages::is_stop(&words) {
        TypedAnswer::Stop
    } else if !asks && is_plain(text) && !order::is_no_consent(&spaced) && wants_no_questions(&words) {
        TypedAnswer::YesAlways
    } else if let Some(told) = told_after_yes(text).filter(|_| !asks && is_plain(text)) {
        TypedAnswer::YesWith(told)
    } else if readings == 1 && !asks && consents() {
        TypedAnswer::Yes
    } else if has(NEGATIONS) || languages::is_denied(&words) {
        TypedAnswer::No
    } else if asks || has(DETAILS) {
        TypedAnswer::Details
    } else if !is_plain(text) {
        TypedAnswer::Unclear
    } else if readings > 1 {
        ordinal(&words).filter(|n| *n <= readings).map_or(TypedAnswer::Unclear, TypedAnswer::Choose)
    } else if is_affirmation(&spaced) {
        TypedAnswer::Yes
    } else {
        TypedAnswer::Unclear
    }
}

/// Returns what an agent is to be told beside a yes, in whichever language.
fn told_after_yes(text: &str) -> Option<String> {
    instruction::after_yes(text).or_else(|| languages::after_yes(text))
}

/// Returns the words that take a launch to another project, of each language but English.
pub(super) fn elsewhere() -> impl Iterator<Item = &'static Elsewhere> {
    languages::elsewhere()
}

/// Reads a text as an order to stop or interrupt, where it says nothing else.
pub fn control(text: &str) -> Option<ControlAction> {
    if text.len() > MAX_ANSWER || text.contains(['?', '\u{ff1f}']) {
        return None;
    }
    let words = words(text);
    let said = without_please(&words);
    CONTROLS.iter().find(|(phrase, _)| *phrase == said).map(|(_, action)| *action)
}

/// Returns whether a text speaks of another session than the one it is said beside: "stop the other session".
pub fn means_other_session(text: &str) -> bool {
    let words = words(text.get(..MAX_ANSWER).unwrap_or(text));
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let is_session =
        |after: &[String]| after.is_empty() || after.iter().take(2).any(|word| is(word, SESSIONS));
    words.iter().enumerate().any(|(at, word)| is(word, OTHERS) && is_session(&words[at + 1..]))
        && words.iter().any(|word| is(word, NAMED_SESSIONS) || is(word, STOPS))
}

/// Returns whether a text speaks of a session without its name: "stop it", "the last session", "the login one", or a question
/// about a run.
pub(crate) fn points_at_session(text: &str) -> bool {
    let words = words(text.get(..MAX_ANSWER).unwrap_or(text));
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let means_one = || {
        let the = words.iter().position(|word| word == "the");
        the.is_some_and(|the| words[the + 1..].iter().take(4).any(|word| word == "one"))
    };
    let stops = is_stop(&words) || languages::is_stop(&words);
    stops || control(text).is_some() || words.iter().any(|word| is(word, NAMED_SESSIONS)) || means_one()
}

/// Returns whether a text says no and nothing else: "no", "no thanks", "cancel". Where words of one's own are asked for, it may be
/// these or a refusal.
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

/// Returns whether a person may have typed that: it is short and commands no terminal.
fn can_be_answer(text: &str) -> bool {
    text.len() <= MAX_ANSWER && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn is_status_question(words: &[String]) -> bool {
    let said = without_please(words);
    STATUS_QUESTIONS.contains(&said.as_str())
}

/// Returns the words as one text, without what is only polite.
fn without_please(words: &[String]) -> String {
    words.iter().map(String::as_str).filter(|word| *word != "please").collect::<Vec<_>>().join(" ")
}

fn is_stop(words: &[String]) -> bool {
    words.iter().any(|word| STOPS.contains(&word.as_str()))
        && words.iter().all(|word| [STOPS, STOP_FILLERS].iter().any(|list| list.contains(&word.as_str())))
}

/// Returns whether a text allows this and all of its kind: "yes, and don't ask again", "always allow edits".
fn wants_no_questions(words: &[String]) -> bool {
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let known = |word: &String| [AFFIRMATIONS, FILLERS, ALWAYS_FILLERS].iter().any(|list| is(word, list));
    // "Do not ask" and "start no commands" begin with a word that consents by itself.
    let begins = |first: &String| {
        is(first, AFFIRMATIONS)
            && !matches!(first.as_str(), "do" | "start" | "run" | "go" | "launch" | "continue")
    };
    let consents = words.first().is_some_and(|first| begins(first) || first == "always");
    let for_good =
        words.iter().any(|word| matches!(word.as_str(), "always" | "all" | "every" | "everything"))
            || words.iter().any(|word| word == "ask" || word == "asking");
    // "Yes, but ask me every time" is the contrary.
    let asks = |word: &String| matches!(word.as_str(), "ask" | "asking");
    let wants_questions = words.iter().enumerate().any(|(at, word)| {
        asks(word) && !words[..at].iter().rev().take(3).any(|before| is(before, NEGATIONS))
    });
    // "Yes, but don't allow all edits" is no such thing: what is denied must be the asking.
    let asks_denied = words.iter().enumerate().filter(|(_, word)| is(word, NEGATIONS)).all(|(at, _)| {
        words[at + 1..].iter().take(3).any(|next| matches!(next.as_str(), "ask" | "asking" | "questions"))
    });
    consents && for_good && asks_denied && !wants_questions && words.iter().all(known)
}

fn is_affirmation(words: &[Spaced]) -> bool {
    let known = |word: &Spaced| [AFFIRMATIONS, FILLERS].iter().any(|list| list.contains(&word.0.as_str()));
    words.iter().all(known)
        && words.iter().any(|word| AFFIRMATIONS.contains(&word.0.as_str()))
        && !order::is_no_consent(words)
}

fn ordinal(words: &[String]) -> Option<usize> {
    // That is a time.
    if words.windows(2).any(|pair| pair == ["one", "second"]) {
        return None;
    }
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

/// A word, and whether nothing but blanks stands between it and the one before.
type Spaced = (String, bool);

/// Returns the words alone.
fn words(text: &str) -> Vec<String> {
    spaced(text).into_iter().map(|(word, _)| word).collect()
}

/// Returns the words in lower case, groups that mean one thing as one; an apostrophe inside a word belongs to it, in
/// either of its forms.
fn spaced(text: &str) -> Vec<Spaced> {
    let text = text.replace('\u{1f44d}', " thumbs up ").replace('\u{1f44e}', " thumbs down ");
    let is_of_word = |c: char| c.is_alphanumeric() || c == '\'' || c == '\u{2019}';
    let mut plain: Vec<Spaced> = Vec::new();
    let (mut follows, mut is_apart) = (true, true);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        // An option of a command is no word: "-n" is no "n".
        let dashes = if is_apart { rest.len() - rest.trim_start_matches('-').len() } else { 0 };
        let end = rest[dashes..].find(|c| !is_of_word(c)).map_or(rest.len(), |end| dashes + end);
        is_apart = !c.is_alphanumeric() && c != '-';
        if end == dashes {
            follows &= c.is_whitespace();
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let word = rest[..end].replace('\u{2019}', "'").trim_matches('\'').to_lowercase();
        if !word.is_empty() {
            plain.push((word, follows));
            follows = true;
        }
        rest = &rest[end..];
    }
    let mut words = Vec::with_capacity(plain.len());
    let mut rest = plain.as_slice();
    while let [first, after @ ..] = rest {
        match PHRASES.iter().find(|(phrase, _)| begins_with(rest, phrase)) {
            Some((phrase, meaning)) => {
                words.push(((*meaning).to_owned(), first.1));
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

/// Returns whether words begin with a group: "no problem", but neither "no, problem" nor "no. Problem".
fn begins_with(words: &[Spaced], phrase: &[&str]) -> bool {
    words.len() >= phrase.len()
        && words
            .iter()
            .zip(phrase)
            .enumerate()
            .all(|(at, ((word, follows), wanted))| word == wanted && (at == 0 || *follows))
}

/// Returns whether there is nothing in a text but words and the marks between them: a sign may say the contrary of the words.
fn is_plain(text: &str) -> bool {
    let mut before = ' ';
    text.chars().all(|c| {
        let is_negation = before == '!' && c.is_alphanumeric();
        before = c;
        let is_mark = matches!(
            c,
            '.' | ','
                | '!'
                | ';'
                | ':'
                | '-'
                | '\''
                | '"'
                | '('
                | ')'
                | '\u{2019}'
                | '\u{2013}'
                | '\u{2014}'
                | '\u{2026}'
                | '\u{a1}'
                | '\u{3001}'
                | '\u{3002}'
                | '\u{ff01}'
                | '\u{ff0c}'
        );
        let is_thumb = matches!(c, '\u{1f44d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe0f}');
        !is_negation && (c.is_alphanumeric() || c.is_whitespace() || is_mark || is_thumb)
    })
}

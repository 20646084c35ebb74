//! Denials that are work: they ask to stop, avoid, skip or ignore a behaviour of the program.

use super::belongings;
use super::phrases::{begins, is};
use super::reading::{Mark, Word, first_clause};

/// Words that begin a description of program behaviour, as opposed to an agent's work.
const FAULTS: &[&str] = &[
    "render",
    "rerender",
    "double",
    "duplicat",
    "leak",
    "flicker",
    "spinner",
    "animation",
    "race",
    "crash",
    "deadlock",
    "panic",
    "overflow",
    "flash",
    "blink",
    "jitter",
    "loop",
    "warning",
    "redundan",
    "unnecessar",
    "allocation",
    "collision",
    "doble",
    "fuga",
    "parpade",
    "fuite",
    "doublon",
    "clignot",
    "doppel",
    "leck",
    "flacker",
    "absturz",
];

/// The beginnings of words for work on the code, or for a person or program that does that work.
const WORK: &[&str] = &[
    "agent", "session", "sesion", "sitzung", "claude", "codex", "chang", "touch", "modif", "edit", "cambi",
    "toqu", "toca", "ander", "geander", "anfass", "beruhr", "fix", "repar", "arregl", "corrig", "refactor",
    "rewrit", "delet", "remov", "borr", "supprim", "losch", "renam", "test", "spec", "prueb",
];

/// Programs that ignore files.
const IGNORING: &[&str] = &[
    "git",
    "gitignore",
    "docker",
    "dockerignore",
    "npm",
    "npmignore",
    "eslint",
    "lint",
    "linter",
    "prettier",
    "clippy",
    "rustfmt",
    "coverage",
    "tsc",
];

/// Returns whether a text that starts with a denial is work.
pub(super) fn is_work(words: &[Word]) -> bool {
    let clause = first_clause(words);
    let Some(first) = clause.first() else { return false };
    match first.text.as_str() {
        "stop" => is_kept(clause) || is_fault(clause),
        "avoid" | "evita" | "evite" | "evitar" | "eviter" | "evitez" | "vermeide" | "vermeiden" => {
            is_fault(clause) || is_behaviour(words)
        }
        "ignore" | "ignora" | "ignoriere" => is_ignored(clause),
        "skip" => is_skipped(clause),
        "do" | "don" | "dont" | "never" => is_of_program(clause),
        _ => false,
    }
}

/// "Do not show the coupon box if the cart is empty": something that a program does, not an agent.
fn is_of_program(clause: &[Word]) -> bool {
    const VERBS: [&str; 12] = [
        "show",
        "display",
        "render",
        "allow",
        "accept",
        "permit",
        "cache",
        "expose",
        "reveal",
        "highlight",
        "autofocus",
        "preload",
    ];
    const PERSONS: [&str; 12] = [
        "me", "us", "it", "that", "this", "them", "anything", "anyone", "any", "nothing", "yourself", "more",
    ];
    const LEAST: usize = 3;
    let Some(at) = clause.iter().take(4).position(|word| VERBS.contains(&word.text.as_str())) else {
        return false;
    };
    let object = &clause[at + 1..];
    let is_bare = object.first().is_none_or(|first| PERSONS.contains(&first.text.as_str()));
    object.len() >= LEAST && !is_bare && !has(object, WORK)
}

/// Returns whether the words are about work on the code, or about a person or program that does that work.
pub(super) fn is_about_work(words: &[Word]) -> bool {
    has(words, WORK)
}

fn has(words: &[Word], beginnings: &[&str]) -> bool {
    words.iter().any(|word| beginnings.iter().any(|beginning| word.text.starts_with(beginning)))
}

/// "Stop the animation from flickering".
fn is_kept(clause: &[Word]) -> bool {
    let is_agent = |word: &Word| matches!(word.text.as_str(), "agent" | "agents" | "session" | "sessions");
    !clause.iter().any(is_agent)
        && !belongings::is_of_user(&clause[1..])
        && clause.windows(2).skip(1).any(|pair| pair[0].text == "from" && pair[1].text.ends_with("ing"))
}

/// "Avoid the double render".
fn is_fault(clause: &[Word]) -> bool {
    let is_thing = |word: &Word| {
        is(word, |l| l.articles)
            || is(word, |l| l.indefinite)
            || is(word, |l| l.determiners)
            || has(std::slice::from_ref(word), FAULTS)
    };
    clause.get(1).is_some_and(is_thing) && has(&clause[1..], FAULTS) && !has(&clause[1..], WORK)
}

/// "Evita que el formulario se envíe dos veces".
fn is_behaviour(words: &[Word]) -> bool {
    let is_that = words.get(1).is_some_and(|word| matches!(word.text.as_str(), "que" | "that" | "dass"));
    let Some(rest) = words.get(2..).filter(|_| is_that) else { return false };
    let is_thing = begins(rest, |l| l.articles).or_else(|| begins(rest, |l| l.indefinite)).is_some();
    let end = rest.iter().position(|word| word.mark == Mark::Sentence).unwrap_or(rest.len());
    is_thing && !has(&rest[..end], WORK)
}

/// "Ignore the .env file in git".
fn is_ignored(clause: &[Word]) -> bool {
    clause.windows(2).any(|pair| {
        matches!(pair[0].text.as_str(), "in" | "with" | "from" | "en" | "dans" | "avec" | "con")
            && IGNORING.contains(&pair[1].text.as_str())
    })
}

/// "Skip the flaky test".
fn is_skipped(clause: &[Word]) -> bool {
    let is_bad = |word: &Word| {
        matches!(word.text.as_str(), "flaky" | "failing" | "broken" | "slow" | "red" | "unstable")
    };
    let Some(test) = clause.iter().position(|word| matches!(word.text.as_str(), "test" | "tests")) else {
        return false;
    };
    clause[..test].iter().any(is_bad) && clause.get(test + 1).is_none_or(|next| is(next, |l| l.prepositions))
}

//! Texts that begin like a denial but ask for work: "stop using var", "cancel buttons should be grey", "der
//! Login geht nicht mehr".

use super::belongings;
use super::phrases::{Kind, begins, is, spans};
use super::places::Mention;
use super::prevention;
use super::reading::{Mark, Word, first_clause};

/// "Cancel buttons should be grey": the name of a part of the program, and how it should be.
pub(super) fn is_name_of_part(words: &[Word]) -> bool {
    const NEAR: usize = 3;
    let clause = first_clause(words);
    let named = || {
        let taken = begins(clause, |l| l.namesakes)?;
        Some(taken + begins(&clause[taken..], |l| l.parts)?)
    };
    let Some(end) = named() else { return false };
    let has = |kind: Kind| (end..clause.len()).any(|at| begins(&clause[at..], kind).is_some());
    let is_described =
        (end..clause.len().min(end + NEAR)).any(|at| begins(&clause[at..], |l| l.modals).is_some());
    is_described
        && !prevention::is_about_work(clause)
        && !has(|l| l.about_agent)
        && !has(|l| l.negators_after)
}

/// "Stop using var": asks to replace something in the code, not an agent, a project or a tool of an agent.
pub(super) fn is_disuse(words: &[Word], head: usize, mentions: &[Mention]) -> bool {
    let rest = &words[head..];
    let end = rest.iter().position(|word| matches!(word.mark, Mark::Sentence | Mark::Question));
    let sentence = &rest[..end.map_or(rest.len(), |end| end + 1)];
    let Some(object) = spans(sentence, |l| l.disuses) else { return false };
    let is_other = |word: &Word| is(word, |l| l.means) || is(word, |l| l.negations);
    let starts =
        |at: usize| object[at - 1].mark != Mark::None && begins(&object[at..], |l| l.denials).is_some();
    let names_any = mentions.iter().any(|mention| (head..head + sentence.len()).contains(&mention.from));
    !object.is_empty()
        && !names_any
        && !prevention::is_about_work(object)
        && !object.iter().any(is_other)
        && !(0..object.len()).any(|at| begins(&object[at..], |l| l.means).is_some())
        && !belongings::is_of_user(object)
        && !(1..object.len()).any(starts)
}

/// "The linter finds nothing", "der Test findet keine Fehler": reports success, not a problem.
pub(super) fn success(words: &[Word]) -> Option<&[Word]> {
    const CHECKERS: &[&str] = &[
        "linter",
        "scanner",
        "clippy",
        "eslint",
        "compiler",
        "checker",
        "audit",
        "ci",
        "test",
        "tests",
        "compilador",
        "compilateur",
        "prueba",
        "pruebas",
    ];
    const FINDING: &[&str] = &[
        "find",
        "finds",
        "found",
        "report",
        "reports",
        "show",
        "shows",
        "findet",
        "finden",
        "meldet",
        "zeigt",
        "zeigen",
        "encuentra",
        "encuentran",
        "reporta",
        "trouve",
        "trouvent",
        "signale",
        "affiche",
    ];
    const NOTHING: &[&str] = &[
        "nothing", "no", "nichts", "keine", "keinen", "nada", "ningun", "ninguno", "rien", "aucun", "aucune",
    ];
    const NEAR: usize = 4;
    let clause = first_clause(words);
    let has = |words: &[Word], list: &[&str]| words.iter().any(|word| list.contains(&word.text.as_str()));
    let at = clause.iter().position(|word| FINDING.contains(&word.text.as_str()))?;
    let is_report = clause.len() == words.len()
        && begins(clause, |l| l.articles).is_some()
        && has(&clause[..at.min(NEAR)], CHECKERS)
        && has(&clause[at..], NOTHING);
    is_report.then_some(&clause[at..])
}

/// "Der Login geht nicht mehr": returns the range of the verb with its negation.
pub(super) fn failure(clause: &[Word]) -> Option<(usize, usize)> {
    let is_thing = begins(clause, |l| l.articles).or_else(|| begins(clause, |l| l.indefinite)).is_some();
    let at = (2..clause.len()).find(|at| begins(&clause[*at..], |l| l.failures).is_some())?;
    let taken = begins(&clause[at..], |l| l.failures)?;
    let is_of_agent = clause[..at].iter().any(|word| is(word, |l| l.means) && word.text != "das");
    // "Die Suche findet keine Fehler" reports success.
    let denies_any = is(&clause[at + taken - 1], |l| l.nothing);
    let is_success = denies_any && clause.iter().any(|word| is(word, |l| l.defects));
    (is_thing && !is_of_agent && !is_success).then_some((at, at + taken))
}

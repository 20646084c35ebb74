//! Writes sentences about the steps.

use crate::commands;
use crate::deeds::{self, Deed, Form};
use crate::facts::{self, Facts, Outcome, Step, Which};
use crate::reasons;
use speech::{prose, words};

/// How many items of a kind are named; the rest are counted.
const NAMED: usize = 2;
/// The maximum number of words about a failed subagent.
const HELPER_WORDS: usize = 14;
/// How many failed subagents are named, and the maximum number of words in each name.
const NAMED_HELPERS: usize = 5;
const NAME_WORDS: usize = 4;
const NAME_BYTES: usize = 40;
/// The outcome of a stopped subagent.
const STOPPED: &str = "was stopped";
/// The maximum number of words in an approval that no person could decide.
const UNASKED_WORDS: usize = 16;

/// Returns "a", "a and b", "a, b and 3 more files": the first few distinct items, and the number of the rest.
fn list(names: &[String], total: usize, noun: &str, and: &str) -> String {
    let mut named: Vec<&str> = Vec::new();
    for name in names {
        // A single further item is named rather than counted as "1 more".
        if named.len() < NAMED + usize::from(total == NAMED + 1) && !named.contains(&name.as_str()) {
            named.push(name);
        }
    }
    let rest = total - named.len();
    let count = match (noun, rest) {
        ("", _) => format!("{rest} more"),
        (_, 1) => format!("1 more {noun}"),
        _ => format!("{rest} more {noun}s"),
    };
    if rest > 0 {
        named.push(&count);
    }
    joined(&named, and)
}

/// Returns "a", "a and b", "a, b and c".
fn joined(parts: &[&str], and: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

/// Returns what the agent did to files and with other tools, or what it looked at, if it only looked around.
pub fn deeds(facts: &Facts<'_>, so_far: &str) -> Option<String> {
    let mut clauses = changes(facts);
    let other = facts
        .ended(Outcome::Succeeded)
        .into_iter()
        .find(|step| step.command.is_none() && !facts::is_to_file(step) && !step.deed.is_in_passing());
    clauses.extend(other.map(|step| deeds::phrase(step.call, Form::Told, true)));
    if clauses.is_empty()
        && !facts.steps.iter().any(|step| facts::is_command(step) && step.outcome != Outcome::Open)
    {
        clauses = looks(facts);
    }
    let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
    (!clauses.is_empty()).then(|| format!("{so_far} {}.", joined(&clauses, "and")))
}

/// Returns the created and changed files, as clauses without a subject.
fn changes(facts: &Facts<'_>) -> Vec<String> {
    let files: Vec<_> =
        facts.steps.iter().filter(|step| facts::is_to_file(step) && step.has_happened).collect();
    let clause = |verb: &str, chosen: Vec<&&Step<'_>>| {
        let names: Vec<_> =
            chosen.iter().take(NAMED + 1).map(|step| deeds::file(&step.call.subject)).collect();
        (!chosen.is_empty()).then(|| format!("{verb} {}", list(&names, chosen.len(), "file", "and")))
    };
    let (created, changed) = files.iter().partition(|step| step.has_created);
    clause("creates", created).into_iter().chain(clause("changes", changed)).collect()
}

/// Returns what the agent looked at, as clauses without a subject.
fn looks(facts: &Facts<'_>) -> Vec<String> {
    let done = |is_one: Which| -> Vec<&Step<'_>> {
        facts.steps.iter().filter(|step| step.outcome == Outcome::Succeeded && is_one(step)).collect()
    };
    let clause = |steps: Vec<&Step<'_>>, many: &dyn Fn(usize) -> String| match steps.as_slice() {
        [] => None,
        [one] => Some(deeds::phrase(one.call, Form::Told, true)),
        several => Some(many(several.len())),
    };
    let read = clause(done(|step| step.deed == Deed::Read), &|count| format!("reads {count} files"));
    let ran = clause(done(facts::is_look), &|count| format!("runs {count} commands to look around"));
    let searched =
        clause(done(|step| matches!(step.deed, Deed::Search | Deed::Fetch | Deed::SearchWeb)), &|count| {
            format!("searches {count} times")
        });
    [read, searched, ran].into_iter().flatten().collect()
}

/// Returns a sentence about the changes, even if there are none.
pub fn changes_or_none(facts: &Facts<'_>, so_far: &str) -> String {
    let changes = changes(facts);
    match changes.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => format!("{so_far} changes no files."),
        some => format!("{so_far} {}.", joined(some, "and")),
    }
}

/// Returns the outcomes of the steps: failures first, then interruptions, then successes.
pub fn results(facts: &Facts<'_>, is_meant: Which) -> Vec<String> {
    let mut out = failures(facts, is_meant);
    let mut interrupted = facts.ended(Outcome::Interrupted);
    interrupted.retain(|step| facts::has_effect(step) && is_meant(step));
    let (commands, others): (Vec<_>, Vec<_>) =
        interrupted.into_iter().partition(|step| step.command.is_some());
    out.extend(ended(&commands, "is interrupted", "are interrupted"));
    out.extend(attempts("It does not get to", &others));
    let mut passed = facts.ended(Outcome::Succeeded);
    passed.retain(|step| facts::is_command(step) && is_meant(step));
    // Test results are the most informative.
    let (mut tests, others): (Vec<_>, Vec<_>) = passed.into_iter().partition(|step| facts::is_test(step));
    tests.extend(others);
    out.extend(ended(&tests, "succeeds", "succeed"));
    out
}

/// Returns the failures that no later success makes up for.
pub fn failures(facts: &Facts<'_>, is_meant: Which) -> Vec<String> {
    let mut failed = facts.ended(Outcome::Failed);
    failed.retain(|step| is_meant(step));
    let (commands, others): (Vec<_>, Vec<_>) = failed.into_iter().partition(|step| step.command.is_some());
    let commands: Vec<_> = commands.into_iter().filter(|step| facts::is_command(step)).collect();
    let others: Vec<_> = others.into_iter().filter(|step| !step.deed.is_in_passing()).collect();
    let mut out: Vec<_> = ended(&commands, "fails", "fail").into_iter().collect();
    out.extend(attempts("It fails to", &others));
    out
}

/// Returns the denials and who made them, as a clause that begins a sentence or follows a colon.
pub fn denied(facts: &Facts<'_>, is_meant: Which) -> Option<String> {
    let mut refused = facts.refused();
    refused.retain(|step| is_meant(step));
    let by_user = refused.iter().all(|step| reasons::is_refused_by_user(step.output));
    let beginning = if by_user { "you did not allow it to" } else { "it was not allowed to" };
    clause(beginning, &refused)
}

/// Returns the names of the failed subagents.
pub fn helpers(facts: &Facts<'_>) -> Option<String> {
    if let [only] = facts.helpers[..] {
        return Some(prose::closed(format!("The {}", prose::paragraph(only, HELPER_WORDS)?)));
    }
    // No other sentence mentions stopped subagents.
    let mut helpers: Vec<(String, &str)> = facts.helpers.iter().map(|helper| named(helper)).collect();
    helpers.sort_by_key(|(_, ended)| *ended != STOPPED);
    let mut names: Vec<String> =
        helpers.iter().take(NAMED_HELPERS).map(|(name, ended)| format!("\"{name}\" {ended}")).collect();
    if helpers.len() > NAMED_HELPERS {
        names.push(format!("and {} more", helpers.len() - NAMED_HELPERS));
    }
    let count = helpers.len();
    (count > 0).then(|| format!("{count} sub-agents did not succeed: {}.", names.join(", ")))
}

/// Returns the task of a subagent, in a few words, and its outcome.
fn named(helper: &str) -> (String, &'static str) {
    let (end, ended) = match helper.rfind("\" was stopped") {
        Some(end) => (end, STOPPED),
        None => (helper.find("\" failed").unwrap_or(helper.len()), "failed"),
    };
    let name = helper[..end].split_once('"').map_or(&helper[..end], |(_, name)| name);
    (words::cut(&words::plain(name), NAME_WORDS, NAME_BYTES), ended)
}

/// Returns the approvals that no person could decide.
pub fn unasked(facts: &Facts<'_>) -> Option<String> {
    let first = facts.unasked.first()?;
    let text = first.rsplit_once(" (").map_or(*first, |(text, _)| text);
    let request = prose::paragraph(text, UNASKED_WORDS)?;
    Some(match facts.unasked.len() - 1 {
        0 => prose::closed(format!("It could not ask you this: {request}")),
        more => prose::closed(format!("It could not ask you this and {more} more: {request}")),
    })
}

/// Returns a clause as a sentence.
pub fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

fn ended(steps: &[&Step<'_>], one: &str, many: &str) -> Option<String> {
    let is_alone = steps.len() == 1;
    let (noun, verb) = if is_alone { ("command", one) } else { ("commands", many) };
    let quoted = |line: &str| match is_alone {
        true => commands::quoted(line, usize::MAX),
        false => commands::quoted_beside_others(line),
    };
    let names: Vec<_> = steps.iter().take(NAMED + 1).map(|step| quoted(&step.call.subject)).collect();
    (!steps.is_empty()).then(|| format!("The {noun} {} {verb}.", list(&names, steps.len(), "", "and")))
}

fn attempts(beginning: &str, steps: &[&Step<'_>]) -> Option<String> {
    clause(beginning, steps).map(|clause| clause + ".")
}

fn clause(beginning: &str, steps: &[&Step<'_>]) -> Option<String> {
    let phrase = |step: &&Step<'_>| deeds::phrase(step.call, Form::Bare, steps.len() == 1);
    let phrases: Vec<_> = steps.iter().take(NAMED + 1).map(phrase).collect();
    (!steps.is_empty()).then(|| format!("{beginning} {}", list(&phrases, steps.len(), "", "or")))
}

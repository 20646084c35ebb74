//! The results of a run in words: artifacts, denials and usage.

use codewalk_core::origin::Actor;
use codewalk_core::session::artifacts::{MAX_ARTIFACTS, MAX_COUNTED};
use codewalk_core::session::{
    Artifact, Denial, FileChange, MAX_DENIED, Run, UndeliveredPrompts, UnsearchedFolders, Usage, denials,
};
use codewalk_core::terminal_text::{elided, shortened, single_line, visible_line};

use super::words::{LINE, call};

/// How many items of a kind are listed; the rest are counted.
const NAMED: usize = 20;

/// Returns the artifacts of a run as lines.
pub fn left(run: &Run) -> Vec<String> {
    let mut lines = artifacts(&run.artifacts, run.artifact_count);
    lines.extend(meanwhile(run));
    lines.extend(not_searched(run));
    lines
}

/// Returns artifacts as lines, files before commands: the first ones, and the number of the rest. `count` is
/// the total if there are more than were stored.
pub fn artifacts(artifacts: &[Artifact], count: u32) -> Vec<String> {
    let mut all: Vec<&Artifact> = artifacts.iter().collect();
    all.sort_by_key(|artifact| matches!(artifact, Artifact::Command { .. }));
    let mut lines = named(&all, MAX_ARTIFACTS, |artifact| artifact_line(artifact));
    let count_all = usize::try_from(count).unwrap_or(usize::MAX);
    if artifacts.len() >= MAX_ARTIFACTS && count_all > artifacts.len() {
        let at_least = if count >= MAX_COUNTED { "at least " } else { "" };
        lines.truncate(NAMED);
        lines.push(format!("and {at_least}{} more", thousands(count_all - NAMED)));
    }
    lines
}

/// Returns a number with its digits in groups of three.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns the denials of a run as lines.
pub fn denied(run: &Run) -> Vec<String> {
    named(&run.denied, MAX_DENIED, denial_line)
}

/// Returns the prompts that were not delivered to the agent of a run.
pub fn undelivered(run: &Run) -> Option<String> {
    let UndeliveredPrompts { messages, more } = run.undelivered.as_ref()?;
    let count = messages.len() + usize::try_from(*more).unwrap_or(usize::MAX - messages.len());
    let were = if count == 1 { "prompt was" } else { "prompts were" };
    let mut quoted: Vec<String> =
        messages.iter().map(|message| format!("\"{}\"", shortened(message, LINE))).collect();
    quoted.extend((*more > 0).then(|| format!("{more} more")));
    Some(format!("{count} {were} not delivered: {}", quoted.join(", ")))
}

/// Returns the first items of a list as lines, and the number of the rest. A list with `full` items may
/// originally have been longer.
pub fn named<T>(all: &[T], full: usize, line: impl Fn(&T) -> String) -> Vec<String> {
    let mut lines: Vec<String> = all.iter().take(NAMED).map(line).collect();
    match all.len().saturating_sub(NAMED) {
        0 => {}
        more if all.len() >= full => lines.push(format!("and at least {more} more")),
        more => lines.push(format!("and {more} more")),
    }
    lines
}

/// Reports changed files that other sessions may have changed.
fn meanwhile(run: &Run) -> Option<String> {
    let files = match run.changed_meanwhile {
        0 => return None,
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    Some(format!("possibly more: {files} changed while other sessions were running here"))
}

/// Reports the folders that were not searched for changed files.
pub fn not_searched(run: &Run) -> Option<String> {
    let UnsearchedFolders { folders, more } = run.not_searched.as_ref()?;
    let mut named: Vec<String> = folders.iter().map(|folder| visible_line(&elided(folder, LINE))).collect();
    named.extend((*more > 0).then(|| format!("{more} more folders")));
    Some(format!("possibly more: too many files to check for changes in {}", named.join(", ")))
}

/// Returns a denial as a line: the action, and who denied it.
fn denial_line(denial: &Denial) -> String {
    let what = if denial.tool == denials::PLAN {
        format!("its plan: {}", elided(&denial.subject, LINE))
    } else {
        call(&denial.tool, &denial.subject)
    };
    let by = match &denial.by {
        Some(Actor::Person { .. }) => "by you".to_owned(),
        Some(Actor::Flag { name }) => format!("by {}", single_line(name)),
        Some(Actor::Policy { name }) => shortened(name, LINE),
        None => "by the agent's rules".to_owned(),
    };
    visible_line(&format!("{what} ({by})"))
}

/// Returns an artifact as a line.
pub fn artifact_line(artifact: &Artifact) -> String {
    match artifact {
        Artifact::File { path, change } => {
            let change = match change {
                FileChange::Created => "created",
                FileChange::Modified => "modified",
                FileChange::Deleted => "deleted",
            };
            format!("{change} {}", elided(path, LINE))
        }
        Artifact::Command { command, succeeded } => {
            let how = match succeeded {
                Some(true) => "ran",
                Some(false) => "ran, and failed:",
                None => "started",
            };
            format!("{how} {}", elided(command, LINE))
        }
    }
}

/// Returns usage as a line, or `None` if it is unknown.
pub fn usage_line(usage: Usage) -> Option<String> {
    if usage.input_tokens == 0 && usage.output_tokens == 0 {
        return None;
    }
    let cost = usage.cost_usd.map_or_else(String::new, |cost| format!(", {cost:.4} USD"));
    Some(format!("{} tokens in, {} out{cost}", usage.input_tokens, usage.output_tokens))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(count: usize) -> Vec<Artifact> {
        let file = |n| Artifact::File { path: format!("{n}.rs"), change: FileChange::Created };
        (0..count).map(file).collect()
    }

    #[test]
    fn twenty_artifacts_are_listed_and_the_rest_counted() {
        assert_eq!(artifacts(&files(20), 0).len(), 20);
        for (count, last) in
            [(21, "and 1 more"), (999, "and 979 more"), (MAX_ARTIFACTS, "and at least 980 more")]
        {
            let lines = artifacts(&files(count), 0);
            assert_eq!((lines.len(), lines[20].as_str()), (21, last));
        }
    }

    #[test]
    fn artifacts_that_are_not_stored_are_counted() {
        for (count, last) in
            [(3_000, "and 2,980 more"), (1_001, "and 981 more"), (MAX_COUNTED, "and at least 99,980 more")]
        {
            let lines = artifacts(&files(MAX_ARTIFACTS), count);
            assert_eq!((lines.len(), lines[20].as_str()), (21, last));
        }
    }

    #[test]
    fn files_come_before_commands() {
        let command = |n| Artifact::Command { command: format!("make {n}"), succeeded: Some(true) };
        let all: Vec<Artifact> = (0..30).map(command).chain(files(2)).collect();
        let lines = artifacts(&all, 32);
        assert_eq!(lines[..3], ["created 0.rs", "created 1.rs", "ran make 0"]);
        assert_eq!(lines[20], "and 12 more");
    }

    #[test]
    fn folders_that_were_not_searched_are_reported() {
        let mut session = crate::cli::samples::session([]);
        let run = session.runs.last_mut().unwrap();
        assert_eq!(left(run), [] as [String; 0]);
        run.not_searched =
            Some(UnsearchedFolders { folders: vec!["data".to_owned(), "log\u{1b}".to_owned()], more: 12 });
        let message =
            "possibly more: too many files to check for changes in data, log\u{fffd}, 12 more folders";
        assert_eq!(left(run), [message]);
    }

    #[test]
    fn undelivered_prompts_are_quoted_and_counted() {
        let mut session = crate::cli::samples::session([]);
        let run = session.runs.last_mut().unwrap();
        assert_eq!(undelivered(run), None);
        let mut shown = |messages: &[&str], more| {
            let messages = messages.iter().map(|message| (*message).to_owned()).collect();
            run.undelivered = Some(UndeliveredPrompts { messages, more });
            undelivered(run).unwrap()
        };
        assert_eq!(shown(&["use tabs"], 0), "1 prompt was not delivered: \"use tabs\"");
        assert_eq!(shown(&["a\u{1b}", "b"], 3), "5 prompts were not delivered: \"a\u{fffd}\", \"b\", 3 more");
    }

    #[test]
    fn a_denial_says_what_was_denied_and_by_whom() {
        let denial = |tool: &str, subject: &str, name: &str| {
            let by = Some(Actor::Policy { name: name.to_owned() });
            denial_line(&Denial { tool: tool.to_owned(), subject: subject.to_owned(), by })
        };
        assert_eq!(denial("Write", "a\u{1b}[2J", "nobody is there"), "Write: a\u{fffd}[2J (nobody is there)");
        assert_eq!(denial("Write", "", "nobody can read it"), "Write (nobody can read it)");
        assert_eq!(denial(denials::PLAN, "1. x", "rule"), "its plan: 1. x (rule)");
        let long = denial("Bash", &format!("echo {}; rm -rf ~/x", "hello ".repeat(900)), "rule");
        assert!(long.contains("[\u{2026}]") && long.ends_with("; rm -rf ~/x (rule)"), "{long}");
    }
}

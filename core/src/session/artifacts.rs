//! What runs leave behind: files and commands, each named once.

use crate::call::{Artifact, FileChange};

/// How many artifacts a run keeps, and a session of all its runs; later ones are left out.
pub const MAX_ARTIFACTS: usize = 1_000;
/// How far the artifacts of a run are counted that are not kept.
pub const MAX_COUNTED: u32 = 100_000;

/// Adds an artifact to those of a run or a session; what is known already is brought up to date instead.
pub fn add(artifacts: &mut Vec<Artifact>, new: &Artifact) {
    match new {
        Artifact::File { path: new_path, change: new_change } => {
            for known in artifacts.iter_mut() {
                if let Artifact::File { path, change } = known
                    && path == new_path
                {
                    *change = combined(*change, *new_change);
                    return;
                }
            }
        }
        Artifact::Command { command: new_command, succeeded: new_succeeded } => {
            for known in artifacts.iter_mut() {
                if let Artifact::Command { command, succeeded: succeeded @ None } = known
                    && command == new_command
                {
                    *succeeded = *new_succeeded;
                    return;
                }
            }
        }
    }
    if artifacts.len() < MAX_ARTIFACTS {
        artifacts.push(new.clone());
    }
}

/// Returns whether adding an artifact would change anything.
pub fn is_news(artifacts: &[Artifact], new: &Artifact) -> bool {
    let known = artifacts.iter().find_map(|known| match (known, new) {
        (Artifact::File { path, change }, Artifact::File { path: new_path, change: new_change })
            if path == new_path =>
        {
            Some(combined(*change, *new_change) != *change)
        }
        (
            Artifact::Command { command, succeeded: None },
            Artifact::Command { command: new_command, succeeded },
        ) if command == new_command => Some(succeeded.is_some()),
        _ => None,
    });
    known.unwrap_or(artifacts.len() < MAX_ARTIFACTS)
}

/// Returns what two changes of the same file amount to.
const fn combined(first: FileChange, then: FileChange) -> FileChange {
    match (first, then) {
        (FileChange::Created, FileChange::Modified) => FileChange::Created,
        (FileChange::Deleted, FileChange::Created) => FileChange::Modified,
        (_, then) => then,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, change: FileChange) -> Artifact {
        Artifact::File { path: path.to_owned(), change }
    }

    fn command(command: &str, succeeded: Option<bool>) -> Artifact {
        Artifact::Command { command: command.to_owned(), succeeded }
    }

    #[test]
    fn a_file_is_named_once_with_what_its_changes_amount_to() {
        let mut all = Vec::new();
        for change in [FileChange::Created, FileChange::Modified] {
            add(&mut all, &file("a.txt", change));
        }
        for change in [FileChange::Deleted, FileChange::Created] {
            add(&mut all, &file("b.txt", change));
        }
        assert_eq!(all, [file("a.txt", FileChange::Created), file("b.txt", FileChange::Modified)]);
    }

    #[test]
    fn the_end_of_a_command_completes_its_start_and_a_second_run_is_another() {
        let mut all = Vec::new();
        add(&mut all, &command("make", None));
        add(&mut all, &command("make", Some(false)));
        add(&mut all, &command("make", Some(true)));
        assert_eq!(all, [command("make", Some(false)), command("make", Some(true))]);
    }

    #[test]
    fn news_is_what_adding_would_change() {
        let path = |n: usize| format!("{n}.rs");
        let changes = [FileChange::Created, FileChange::Modified, FileChange::Deleted];
        let files = changes.into_iter().flat_map(|change| [file("a", change), file("b", change)]);
        let commands = [None, Some(true), Some(false)].into_iter().map(|end| command("make", end));
        let steps: Vec<Artifact> = files.chain(commands).collect();
        for full in [false, true] {
            let others = if full { MAX_ARTIFACTS - 2 } else { 0 };
            let mut all: Vec<Artifact> = (0..others).map(|n| file(&path(n), FileChange::Created)).collect();
            // Each after each, and each twice.
            for step in steps.iter().flat_map(|first| steps.iter().flat_map(move |then| [first, then, then]))
            {
                let mut after = all.clone();
                add(&mut after, step);
                assert_eq!(is_news(&all, step), after != all, "{step:?}");
                all = after;
            }
        }
    }

    #[test]
    fn artifacts_are_bounded() {
        let mut all = Vec::new();
        for n in 0..=MAX_ARTIFACTS {
            add(&mut all, &file(&n.to_string(), FileChange::Created));
        }
        assert_eq!(all.len(), MAX_ARTIFACTS);
    }
}

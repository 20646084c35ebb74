//! Artifacts: the files and commands that runs leave behind, each listed once.

/// The maximum number of artifacts stored per run and per session; later ones are dropped.
pub const MAX_ARTIFACTS: usize = 1_000;
/// The maximum number of artifacts that are counted, including those that are not stored.
pub const MAX_COUNTED: u32 = 100_000;

/// A file or command that a run left behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Artifact {
    /// A file that was created, modified or deleted.
    File {
        /// Its path; relative if it is inside the project.
        path: String,
        /// The change.
        change: FileChange,
    },
    /// A command that the agent ran.
    Command {
        /// The command line.
        command: String,
        /// Whether it succeeded, once known.
        succeeded: Option<bool>,
    },
}

/// The change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum FileChange {
    /// It was created.
    Created,
    /// It was modified.
    Modified,
    /// It was deleted.
    Deleted,
}

/// Folders that were not searched for changed files because there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnsearchedFolders {
    /// The first folders.
    pub folders: Vec<String>,
    /// How many more there are.
    pub more: u32,
}

/// Adds an artifact to a run or a session, or updates it if it is already listed.
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

/// Returns the combination of two changes of the same file.
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
    fn a_file_is_listed_once_with_its_combined_change() {
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
    fn a_command_end_completes_its_start_and_running_it_again_adds_another() {
        let mut all = Vec::new();
        add(&mut all, &command("make", None));
        add(&mut all, &command("make", Some(false)));
        add(&mut all, &command("make", Some(true)));
        assert_eq!(all, [command("make", Some(false)), command("make", Some(true))]);
    }

    #[test]
    fn an_artifact_is_news_if_adding_it_changes_something() {
        let path = |n: usize| format!("{n}.rs");
        let changes = [FileChange::Created, FileChange::Modified, FileChange::Deleted];
        let files = changes.into_iter().flat_map(|change| [file("a", change), file("b", change)]);
        let commands = [None, Some(true), Some(false)].into_iter().map(|end| command("make", end));
        let steps: Vec<Artifact> = files.chain(commands).collect();
        for full in [false, true] {
            let others = if full { MAX_ARTIFACTS - 2 } else { 0 };
            let mut all: Vec<Artifact> = (0..others).map(|n| file(&path(n), FileChange::Created)).collect();
            // Tries every pair of steps, with the second one repeated.
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

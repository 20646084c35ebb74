//! Counts the artifacts of a run exactly, although not all are stored.

use std::collections::HashMap;

use codewalk_core::session::artifacts::{MAX_ARTIFACTS, MAX_COUNTED};
use codewalk_core::session::{Artifact, FileChange};

/// Identifies a path or a command.
type Key = [u8; 16];

/// The artifacts of a run, each counted once under its name.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The files, with their last change and whether they are among the stored ones.
    files: HashMap<Key, (FileChange, bool)>,
    /// The commands that have not ended, and whether they are among the stored ones.
    begun: HashMap<Key, bool>,
    count: u32,
}

impl Tally {
    /// Adds an artifact. Returns whether to report it: only the first ones are stored.
    pub(crate) fn add(&mut self, artifact: &Artifact) -> bool {
        let is_kept = usize::try_from(self.count).is_ok_and(|count| count < MAX_ARTIFACTS);
        match artifact {
            Artifact::File { path, change } => {
                if let Some((last, is_kept)) = self.files.get_mut(&key(path)) {
                    *last = *change;
                    return *is_kept;
                }
                if self.is_full() {
                    return false;
                }
                self.files.insert(key(path), (*change, is_kept));
            }
            Artifact::Command { command, succeeded: None } => {
                if let Some(is_kept) = self.begun.get(&key(command)) {
                    return *is_kept;
                }
                if self.is_full() {
                    return false;
                }
                self.begun.insert(key(command), is_kept);
            }
            Artifact::Command { command, succeeded: Some(_) } => {
                if let Some(is_kept) = self.begun.remove(&key(command)) {
                    return is_kept;
                }
            }
        }
        self.count = self.count.saturating_add(1).min(MAX_COUNTED);
        is_kept
    }

    /// Returns the last change of a file, if it is an artifact.
    pub(crate) fn change_of(&self, path: &str) -> Option<FileChange> {
        self.files.get(&key(path)).map(|(change, _)| *change)
    }

    /// Returns the number of artifacts, at most [`MAX_COUNTED`].
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    const fn is_full(&self) -> bool {
        self.count >= MAX_COUNTED
    }
}

fn key(text: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    key
}

#[cfg(test)]
mod tests {
    use codewalk_core::session::artifacts;

    use super::*;

    fn file(n: u32, change: FileChange) -> Artifact {
        Artifact::File { path: format!("{n}.rs"), change }
    }

    fn command(succeeded: Option<bool>) -> Artifact {
        Artifact::Command { command: "make".to_owned(), succeeded }
    }

    #[test]
    fn the_count_equals_that_of_a_core_without_limits() {
        let (mut tally, mut kept) = (Tally::default(), Vec::new());
        let changes = [FileChange::Created, FileChange::Modified, FileChange::Deleted];
        let steps = (0..60_u32).map(|n| match n % 4 {
            0 | 1 => file(n % 7, changes[(n % 3) as usize]),
            2 => command(None),
            _ => command(Some(n % 5 == 0)),
        });
        for step in steps {
            assert!(tally.add(&step), "there is room");
            artifacts::add(&mut kept, &step);
            assert_eq!(tally.count() as usize, kept.len(), "{step:?}");
        }
    }

    #[test]
    fn artifacts_that_are_not_stored_count_once_and_are_not_reported() {
        let mut tally = Tally::default();
        let told = (0..3_000).filter(|n| tally.add(&file(*n, FileChange::Created))).count();
        assert_eq!((told, tally.count()), (MAX_ARTIFACTS, 3_000));
        assert!(!tally.add(&file(2_999, FileChange::Modified)), "again");
        assert!(tally.add(&file(0, FileChange::Deleted)), "a kept one changes");
        assert!(!tally.add(&command(None)) && !tally.add(&command(Some(true))));
        assert_eq!(tally.count(), 3_001);
        assert_eq!(tally.change_of("2999.rs"), Some(FileChange::Modified));
    }

    #[test]
    fn the_memory_of_a_run_that_never_ends_is_bounded() {
        let mut tally = Tally::default();
        for n in 0..MAX_COUNTED + 10 {
            tally.add(&file(n, FileChange::Created));
            tally.add(&Artifact::Command { command: n.to_string(), succeeded: None });
        }
        assert_eq!(tally.count(), MAX_COUNTED);
        assert!(tally.files.len() + tally.begun.len() <= MAX_COUNTED as usize);
    }
}

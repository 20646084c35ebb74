//! What a run changed, as git sees it against the start of the run.
//!
//! Foreign repositories are looked at without taking locks, without their file system monitor, and with a deadline.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use codewalk_core::call::FileChange;
use codewalk_core::session::artifacts::MAX_COUNTED;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::process::program;

const DEADLINE: Duration = Duration::from_secs(3);
/// More output than this is no answer.
const MAX_OUTPUT: u64 = 4 * 1024 * 1024;

/// How a repository stood when a run began.
#[derive(Debug)]
pub(crate) struct Snapshot {
    root: PathBuf,
    head: Option<String>,
    /// What was not committed then: not known to be the run's.
    dirty: BTreeSet<String>,
}

/// What `git status` says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Status {
    head: Option<String>,
    changes: Vec<(String, FileChange)>,
}

impl Snapshot {
    /// Takes the state of the repository a project lies in; none where there is none, or it does not answer.
    pub(crate) async fn take(project: &Path) -> Option<Self> {
        let root = git(project, &["rev-parse", "--show-toplevel"]).await?;
        let root = PathBuf::from(root.strip_suffix('\n')?);
        let Status { head, changes } = status(&root).await?;
        Some(Self { root, head, dirty: changes.into_iter().map(|(path, _)| path).collect() })
    }

    /// Returns the folder of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the files that have changed since, by absolute path; the first ones where they are too many.
    pub(crate) async fn changes(&self) -> Vec<(PathBuf, FileChange)> {
        let Some(now) = status(&self.root).await else { return Vec::new() };
        let mut changes = self.committed(now.head.as_deref()).await;
        for (path, change) in now.changes {
            match (changes.get(&path), change) {
                (Some(FileChange::Created), FileChange::Deleted) => changes.remove(&path),
                (Some(FileChange::Created), FileChange::Modified) => None,
                (Some(FileChange::Deleted), FileChange::Created) => {
                    changes.insert(path, FileChange::Modified)
                }
                _ => changes.insert(path, change),
            };
        }
        let made =
            changes.into_iter().filter(|(path, _)| !self.dirty.contains(path)).take(MAX_COUNTED as usize);
        made.map(|(path, change)| (self.root.join(path), change)).collect()
    }

    async fn committed(&self, head: Option<&str>) -> BTreeMap<String, FileChange> {
        let output = match (self.head.as_deref(), head) {
            (Some(before), Some(now)) if before != now => {
                let args = ["diff-tree", "-r", "-z", "--no-renames", "--name-status", before, now];
                git(&self.root, &args).await
            }
            // The first commits of all.
            (None, Some(now)) => {
                let files = git(&self.root, &["ls-tree", "-r", "-z", "--name-only", now]).await;
                files.map(|files| files.split_terminator('\0').map(|file| format!("A\0{file}\0")).collect())
            }
            _ => None,
        };
        output.map(|output| name_status(&output)).unwrap_or_default()
    }
}

async fn status(root: &Path) -> Option<Status> {
    let args =
        ["status", "--porcelain=v2", "-z", "--branch", "--untracked-files=all", "--ignore-submodules=all"];
    git(root, &args).await.map(|output| parse_status(&output))
}

/// Returns what git prints; none where it fails, takes too long or says too much.
async fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let git = program::find("git", std::env::var_os("PATH").as_deref())?;
    let mut command = Command::new(git);
    command
        .arg("-C")
        .arg(folder)
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false"])
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    // They would name another repository than the folder's.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    let mut child = command.spawn().ok()?;
    let answer = async {
        let mut output = Vec::new();
        child.stdout.take()?.take(MAX_OUTPUT).read_to_end(&mut output).await.ok()?;
        let whole = (output.len() as u64) < MAX_OUTPUT;
        (whole && child.wait().await.ok()?.success()).then(|| String::from_utf8_lossy(&output).into_owned())
    };
    tokio::time::timeout(DEADLINE, answer).await.ok().flatten()
}

fn parse_status(output: &str) -> Status {
    let mut status = Status::default();
    let mut fields = output.split_terminator('\0');
    while let Some(field) = fields.next() {
        let (kind, rest) = field.split_once(' ').unwrap_or((field, ""));
        // How many fields come before the path.
        let before = match kind {
            "#" => {
                let head = rest.strip_prefix("branch.oid ").filter(|head| *head != "(initial)");
                status.head = head.map(str::to_owned).or(status.head);
                continue;
            }
            "?" => 0,
            "1" => 7,
            "2" => 8,
            "u" => 9,
            _ => continue,
        };
        let Some(path) = rest.splitn(before + 1, ' ').nth(before) else { continue };
        let (x, y) = rest.split_at_checked(1).map_or(("", ""), |(x, rest)| (x, rest.get(..1).unwrap_or("")));
        let change = match (kind, x, y) {
            ("?", ..) => FileChange::Created,
            // Added and removed again.
            ("1", "A", "D") => continue,
            ("1", "A", _) => FileChange::Created,
            ("1", _, "D") | ("1", "D", _) => FileChange::Deleted,
            ("2", ..) => {
                let origin = fields.next();
                if x == "R" {
                    status.changes.extend(origin.map(|origin| (origin.to_owned(), FileChange::Deleted)));
                }
                FileChange::Created
            }
            _ => FileChange::Modified,
        };
        status.changes.push((path.to_owned(), change));
    }
    status
}

fn name_status(output: &str) -> BTreeMap<String, FileChange> {
    let mut changes = BTreeMap::new();
    let mut fields = output.split_terminator('\0');
    while let (Some(kind), Some(path)) = (fields.next(), fields.next()) {
        let change = match kind {
            "A" => FileChange::Created,
            "D" => FileChange::Deleted,
            _ => FileChange::Modified,
        };
        changes.insert(path.to_owned(), change);
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_a_status_is_read() {
        let output = [
            "# branch.oid 0123456789abcdef",
            "# branch.head main",
            "1 .M N... 100644 100644 100644 aa bb changed file",
            "1 A. N... 000000 100644 100644 aa bb added",
            "1 AD N... 000000 100644 000000 aa bb added and removed",
            "1 .D N... 100644 100644 000000 aa bb removed",
            "2 R. N... 100644 100644 100644 aa bb R100 new name",
            "old name",
            "u UU N... 100644 100644 100644 100644 aa bb cc conflict",
            "? untracked",
            "! ignored",
            "",
        ]
        .join("\0");
        let file = |path: &str, change| (path.to_owned(), change);
        let expected = Status {
            head: Some("0123456789abcdef".to_owned()),
            changes: vec![
                file("changed file", FileChange::Modified),
                file("added", FileChange::Created),
                file("removed", FileChange::Deleted),
                file("old name", FileChange::Deleted),
                file("new name", FileChange::Created),
                file("conflict", FileChange::Modified),
                file("untracked", FileChange::Created),
            ],
        };
        assert_eq!(parse_status(&output), expected);
        assert_eq!(parse_status("# branch.oid (initial)\0").head, None);
    }

    proptest! {
        #[test]
        fn no_output_panics(output in "[12u?#! .AMDRä\\x00a]{0,60}") {
            parse_status(&output);
            name_status(&output);
        }
    }
}

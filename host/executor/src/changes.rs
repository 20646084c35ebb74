//! Finds the files that a run changed, without git.
//!
//! Repositories are not trusted. Every git command reads the repository's configuration, which may name
//! programs to run. Therefore files are compared by their metadata and, if that differs, by their contents.
//!
//! The scan runs while the agent starts, and the agent waits for it only briefly. Files that are scanned
//! later are judged by their timestamps.

mod rules;
mod walk;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use codewalk_core::session::FileChange;
use codewalk_core::session::artifacts::MAX_COUNTED;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use rules::Rules;
use walk::{Contents, Files, Mark, Until};

/// How long the start of an agent waits for the scan.
const HEAD_START: Duration = Duration::from_millis(100);
/// How long a scan may take, before a run and after it.
const LIMIT: Duration = Duration::from_secs(2);
/// How long the scan after a run may take. The user is waiting for it, and the comparison takes additional
/// time.
const AFTERWARDS: Duration = Duration::from_millis(1_200);
/// How long to wait for a file system that does not respond.
const HANGING: Duration = Duration::from_secs(3);
/// How far file timestamps may lag behind the clock.
const FILE_TIMES: Duration = Duration::from_millis(10);

/// The files of a project when a run started.
#[derive(Debug)]
pub(crate) struct Snapshot {
    root: PathBuf,
    /// The user's global ignore file.
    users: Option<PathBuf>,
    before: Option<JoinHandle<Before>>,
    until: Arc<Until>,
    /// The earliest time at which the agent may have started, if the scan was not complete by then.
    begun: Option<SystemTime>,
}

#[derive(Debug)]
struct Before {
    files: Files,
    contents: Contents,
    /// Whether files that are not listed did not exist.
    is_known: bool,
}

/// The changes since a scan.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The files by absolute path. If there are too many, only the first ones.
    pub files: Vec<(PathBuf, FileChange)>,
    /// The folders that were not scanned completely, before or after.
    pub not_searched: Vec<PathBuf>,
}

impl Snapshot {
    /// Starts scanning the repository that contains a project, or the project itself.
    pub(crate) async fn begin(project: &Path) -> Self {
        let users = rules::users_file(|name| std::env::var_os(name));
        let root = root_of(project, users.as_deref());
        let until = Arc::new(Until::after(LIMIT));
        let (listed, is_listed) = oneshot::channel();
        let before = tokio::task::spawn_blocking({
            let (root, users, until) = (root.clone(), users.clone(), Arc::clone(&until));
            move || {
                let files = walk::files(&root, users.as_deref(), &until);
                // Sending fails if the agent did not wait.
                let _ = listed.send(());
                let contents = Contents::of(&files, &until);
                Before { files, contents, is_known: true }
            }
        });
        let in_time = timeout(HEAD_START, is_listed).await.is_ok_and(|listed| listed.is_ok());
        let begun = (!in_time).then(|| SystemTime::now() - FILE_TIMES);
        Self { root, users, before: Some(before), until, begun }
    }

    /// Knows no file, so that changes are judged by the times of files alone, and deleted files are missed.
    /// `at` is the moment in milliseconds since 1970.
    pub(crate) fn of_moment(root: PathBuf, at: u64) -> Self {
        let begun = SystemTime::UNIX_EPOCH + Duration::from_millis(at) - FILE_TIMES;
        let (users, until) =
            (rules::users_file(|name| std::env::var_os(name)), Arc::new(Until::after(LIMIT)));
        let before = Before { files: Files::default(), contents: Contents::default(), is_known: false };
        let before = tokio::task::spawn(std::future::ready(before));
        Self { root, users, before: Some(before), until, begun: Some(begun) }
    }

    /// Returns the folder that is scanned.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the changes since the scan. A second call returns none.
    pub(crate) async fn changes(&mut self) -> Changes {
        let Some(before) = self.before.take() else { return Changes::default() };
        self.until.need_no_contents();
        // Files that were not listed by then are judged by their timestamps.
        let end = Instant::now() + AFTERWARDS;
        self.until.shorten(AFTERWARDS / 2);
        let (root, users, begun) = (self.root.clone(), self.users.clone(), self.begun);
        let compared = async move {
            let before = before.await.ok()?;
            let compare =
                move || before.compared(&walk::files(&root, users.as_deref(), &Until::at(end)), begun);
            tokio::task::spawn_blocking(compare).await.ok()
        };
        let until = Instant::now() + LIMIT + HANGING;
        let hanging = || Changes { files: Vec::new(), not_searched: vec![self.root.clone()] };
        tokio::time::timeout_at(until.into(), compared).await.ok().flatten().unwrap_or_else(hanging)
    }
}

impl Before {
    fn compared(self, after: &Files, begun: Option<SystemTime>) -> Changes {
        let Self { files: before, contents, is_known } = self;
        let unlisted: HashSet<&Path> = before.not_searched.iter().map(PathBuf::as_path).collect();
        // It is unknown whether a file already existed, or had already been changed, by then.
        let is_late = |path: &Path, mark: Option<&Mark>| match mark {
            None if !is_known => true,
            None => path.ancestors().any(|folder| unlisted.contains(folder)),
            Some(mark) => begun.is_some_and(|begun| mark.changed_since(begun)),
        };
        let changed = after.marks.iter().filter_map(|(path, now)| {
            let then = before.marks.get(path);
            let change = match then {
                _ if is_late(path, then) => {
                    return by_its_times(path, now, begun?).map(|change| (path, change));
                }
                None => FileChange::Created,
                Some(then) if then == now || contents.are_those_of(path, then, now) => return None,
                Some(_) => FileChange::Modified,
            };
            Some((path, change))
        });
        let gone = before.marks.keys().filter(|path| !after.marks.contains_key(*path));
        let gone = gone.filter(|path| matches!(path.try_exists_itself(), Ok(false)));
        let mut files: Vec<(PathBuf, FileChange)> = changed
            .chain(gone.map(|path| (path, FileChange::Deleted)))
            .map(|(path, change)| (path.clone(), change))
            .collect();
        files.sort();
        files.truncate(MAX_COUNTED as usize);
        let mut not_searched = before.not_searched;
        not_searched.extend(after.not_searched.iter().cloned());
        not_searched.sort();
        not_searched.dedup();
        Changes { files, not_searched }
    }
}

/// Returns how a file changed since a point in time, if its state at that time is unknown.
fn by_its_times(path: &Path, now: &Mark, begun: SystemTime) -> Option<FileChange> {
    if !now.changed_since(begun) {
        return None;
    }
    let created = path.symlink_metadata().and_then(|file| file.created());
    Some(if created.is_ok_and(|created| created >= begun) {
        FileChange::Created
    } else {
        FileChange::Modified
    })
}

/// Returns the folder of the repository that contains a project, or the project if there is none. An ignored
/// project still belongs to its repository.
fn root_of(project: &Path, users: Option<&Path>) -> PathBuf {
    let is_repository = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    let repository = project.ancestors().find(is_repository);
    repository.filter(|root| !Rules::ignore_below(root, project, users)).unwrap_or(project).to_owned()
}

trait Itself {
    /// Returns whether a path exists, even as a broken link.
    fn try_exists_itself(&self) -> std::io::Result<bool>;
}

impl Itself for Path {
    fn try_exists_itself(&self) -> std::io::Result<bool> {
        match self.symlink_metadata() {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;

//! Finds the files that a run changed, without git.
//!
//! Repositories are not trusted. Any git command reads the configuration of the repository, which may name
//! programs. Therefore files are compared by their metadata and, if that differs, by their contents.
//!
//! The scan runs while the agent starts, and the agent waits for it only briefly. Files that are scanned
//! later are judged by their times.

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
/// How long the scan after a run may take. The user waits for it, and comparing takes time as well.
const AFTERWARDS: Duration = Duration::from_millis(1_200);
/// How long to wait for a file system that hangs.
const HANGING: Duration = Duration::from_secs(3);
/// How far the times of files may lag behind the clock.
const FILE_TIMES: Duration = Duration::from_millis(10);

/// The files of a project when a run started.
#[derive(Debug)]
pub(crate) struct Snapshot {
    root: PathBuf,
    /// The user's global ignore file.
    users: Option<PathBuf>,
    before: Option<JoinHandle<Before>>,
    until: Arc<Until>,
    /// When the agent may have started, if the scan was not complete by then.
    begun: Option<SystemTime>,
}

#[derive(Debug)]
struct Before {
    files: Files,
    contents: Contents,
}

/// The changes since then.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The files by absolute path. Only the first ones if there are too many.
    pub files: Vec<(PathBuf, FileChange)>,
    /// The folders that were not scanned completely, before or after.
    pub not_searched: Vec<PathBuf>,
}

impl Snapshot {
    /// Starts to scan the repository that contains a project, or the project itself.
    pub(crate) async fn begin(project: &Path) -> Self {
        let users = rules::users_file(|name| std::env::var_os(name));
        let root = root_of(project, users.as_deref());
        let until = Arc::new(Until::after(LIMIT));
        let (listed, is_listed) = oneshot::channel();
        let before = tokio::task::spawn_blocking({
            let (root, users, until) = (root.clone(), users.clone(), Arc::clone(&until));
            move || {
                let files = walk::files(&root, users.as_deref(), &until);
                // That fails if the agent has not waited.
                let _ = listed.send(());
                let contents = Contents::of(&files, &until);
                Before { files, contents }
            }
        });
        let in_time = timeout(HEAD_START, is_listed).await.is_ok_and(|listed| listed.is_ok());
        let begun = (!in_time).then(|| SystemTime::now() - FILE_TIMES);
        Self { root, users, before: Some(before), until, begun }
    }

    /// Returns the folder that is scanned.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the changes since then. A second call returns none.
    pub(crate) async fn changes(&mut self) -> Changes {
        let Some(before) = self.before.take() else { return Changes::default() };
        self.until.need_no_contents();
        // Files that were not listed by then have their times.
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
        let Self { files: before, contents } = self;
        let unlisted: HashSet<&Path> = before.not_searched.iter().map(PathBuf::as_path).collect();
        // It is unknown whether a file existed or had been changed by then.
        let is_late = |path: &Path, mark: Option<&Mark>| match mark {
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

/// Returns the change of a file since a moment, if its state at that moment is unknown.
fn by_its_times(path: &Path, now: &Mark, begun: SystemTime) -> Option<FileChange> {
    if !now.changed_since(begun) {
        return None;
    }
    let made = path.symlink_metadata().and_then(|file| file.created());
    Some(if made.is_ok_and(|made| made >= begun) { FileChange::Created } else { FileChange::Modified })
}

/// Returns the folder of the repository that contains a project, or the project if there is none. An ignored
/// project still belongs to its repository.
fn root_of(project: &Path, users: Option<&Path>) -> PathBuf {
    let is_repository = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    let repository = project.ancestors().find(is_repository);
    repository.filter(|root| !Rules::ignore_below(root, project, users)).unwrap_or(project).to_owned()
}

trait Itself {
    /// Returns whether a path exists, also as a broken link.
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
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// A change to a folder between two scans.
    fn compared(before: impl FnOnce(&Path), during: impl FnOnce(&Path)) -> Vec<(String, FileChange)> {
        let folder = tempfile::tempdir().unwrap();
        before(folder.path());
        let until = Until::after(LIMIT);
        let files = walk::files(folder.path(), None, &until);
        let contents = Contents::of(&files, &until);
        during(folder.path());
        let changes = Before { files, contents }.compared(&walk::files(folder.path(), None, &until), None);
        assert_eq!(changes.not_searched, [] as [PathBuf; 0]);
        named(folder.path(), changes.files)
    }

    fn named(root: &Path, files: Vec<(PathBuf, FileChange)>) -> Vec<(String, FileChange)> {
        let name = |path: PathBuf| path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        files.into_iter().map(|(path, change)| (name(path), change)).collect()
    }

    fn write(root: &Path, file: &str, text: &str) {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), text).unwrap();
    }

    #[test]
    fn a_file_rewritten_without_a_change_counts_only_if_too_large_to_read() {
        let large = "x".repeat(1024 * 1024 + 1);
        let write_all = |root: &Path| {
            write(root, "small", "the same");
            write(root, "large", &large);
        };
        let again = |root: &Path| {
            fs::remove_file(root.join("small")).unwrap();
            fs::remove_file(root.join("large")).unwrap();
            write_all(root);
        };
        assert_eq!(compared(write_all, again), [("large".to_owned(), FileChange::Modified)]);
    }

    #[test]
    fn rules_of_folders_go_before_those_around_them() {
        let before = |root: &Path| {
            write(root, ".gitignore", "*.log\n/only-here\n!kept.log\nout/\n");
            write(root, "a/.gitignore", "!*.log\nkept.log\n");
            write(root, ".git/info/exclude", "secret\n");
        };
        let during = |root: &Path| {
            for file in [
                "x.log",
                "kept.log",
                "only-here",
                "a/only-here",
                "a/x.log",
                "a/kept.log",
                "out/x",
                "a/out/x",
                "secret",
                ".git/HEAD",
                "a/.git/HEAD",
                "out.txt",
            ] {
                write(root, file, "x");
            }
        };
        let made = ["a/only-here", "a/x.log", "kept.log", "out.txt"];
        assert_eq!(compared(before, during), made.map(|file| (file.to_owned(), FileChange::Created)));
    }

    #[test]
    fn the_users_global_rules_apply_unless_a_repository_overrides_them() {
        let folder = tempfile::tempdir().unwrap();
        let (root, home) = (folder.path().join("shop"), folder.path().join("home"));
        write(&home, "kept/rules", "*.swp\n.idea/\n/top\n");
        write(&home, "large", &"# x\n".repeat(100_000));
        symlink(home.join("kept/rules"), home.join("ignore")).unwrap();
        write(&root, ".gitignore", "!kept.swp\n");
        for file in ["a.swp", "kept.swp", ".idea/x", "src/.b.swp", "src/top", "top"] {
            write(&root, file, "x");
        }
        let seen = |users: Option<&Path>| {
            let files = walk::files(&root, users, &Until::after(LIMIT));
            let mut names: Vec<String> =
                named(&root, files.marks.into_keys().map(|path| (path, FileChange::Created)).collect())
                    .into_iter()
                    .map(|(name, _)| name)
                    .collect();
            names.sort();
            names
        };
        assert_eq!(seen(Some(&home.join("ignore"))), [".gitignore", "kept.swp", "src/top"]);
        // An ignore file that is missing, irregular or endless ignores nothing.
        let fifo = home.join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
            .unwrap();
        let all = [".gitignore", ".idea/x", "a.swp", "kept.swp", "src/.b.swp", "src/top", "top"];
        assert_eq!(seen(None), all);
        for users in [home.clone(), home.join("gone"), fifo, home.join("large")] {
            assert_eq!(seen(Some(&users)), all, "{users:?}");
        }
    }

    #[test]
    fn links_are_files_and_lead_nowhere() {
        let outside = tempfile::tempdir().unwrap();
        let before = |root: &Path| {
            symlink(outside.path(), root.join("out")).unwrap();
            symlink("..", root.join("around")).unwrap();
            symlink("nowhere", root.join("gone")).unwrap();
        };
        let during = |root: &Path| {
            write(outside.path(), "x", "x");
            fs::remove_file(root.join("gone")).unwrap();
            fs::remove_file(root.join("around")).unwrap();
            symlink(".", root.join("around")).unwrap();
        };
        let expected =
            [("around".to_owned(), FileChange::Modified), ("gone".to_owned(), FileChange::Deleted)];
        assert_eq!(compared(before, during), expected);
    }

    #[test]
    fn a_file_scanned_late_or_never_is_judged_by_its_times() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for file in ["old", "late", "unlisted/old", "unlisted/late"] {
            write(root, file, "before");
        }
        let begun = loop {
            // The file system's clock has advanced.
            write(root, "probe", "x");
            let probe = root.join("probe").metadata().unwrap().modified().unwrap();
            if root.join("unlisted/late").metadata().unwrap().modified().unwrap() < probe {
                break probe;
            }
        };
        fs::remove_file(root.join("probe")).unwrap();
        for (file, text) in
            [("late", "after"), ("unlisted/late", "after"), ("new", "x"), ("unlisted/new", "x")]
        {
            write(root, file, text);
        }
        let mut before = walk::files(root, None, &Until::after(LIMIT));
        before.marks.retain(|path, _| !path.starts_with(root.join("unlisted")) && !path.ends_with("new"));
        before.not_searched.push(root.join("unlisted"));
        let before = Before { files: before, contents: Contents::default() };
        let changes = before.compared(&walk::files(root, None, &Until::after(LIMIT)), Some(begun));
        let expected = [
            ("late", FileChange::Modified),
            ("new", FileChange::Created),
            ("unlisted/late", FileChange::Modified),
            ("unlisted/new", FileChange::Created),
        ];
        assert_eq!(named(root, changes.files), expected.map(|(file, change)| (file.to_owned(), change)));
        assert_eq!(changes.not_searched, [root.join("unlisted")]);
    }

    #[test]
    fn near_files_are_scanned_first_and_skipped_folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "deep/x", "x");
        let none = walk::files(folder.path(), None, &Until::after(Duration::ZERO));
        assert_eq!((none.marks.len(), none.not_searched), (0, vec![folder.path().to_owned()]));
    }

    #[tokio::test]
    async fn a_scan_still_running_at_the_end_of_the_agent_is_not_awaited() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        write(&root, "new", "x");
        let until = Arc::new(Until::after(Duration::from_secs(3_600)));
        let listing = tokio::task::spawn_blocking({
            let (root, until) = (root.clone(), Arc::clone(&until));
            move || {
                while !until.is_over() {
                    std::thread::park_timeout(Duration::from_millis(10));
                }
                let files = Files { not_searched: vec![root.join("large")], ..Files::default() };
                Before { files, contents: Contents::default() }
            }
        });
        let mut snapshot = Snapshot {
            root: root.clone(),
            before: Some(listing),
            users: None,
            until,
            begun: Some(SystemTime::UNIX_EPOCH),
        };
        let changes = snapshot.changes().await;
        assert_eq!(changes.not_searched, [root.join("large")]);
        assert_eq!(named(&root, changes.files), [("new".to_owned(), FileChange::Created)]);
    }

    #[test]
    fn rules_of_a_stranger_take_no_longer_than_their_time() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..200 {
            write(
                folder.path(),
                &format!("{n}/.gitignore"),
                &"**/*?*a*b*c*d*/**/[!x-z]*{x,y}\n".repeat(20_000),
            );
            write(folder.path(), &format!("{n}/file"), "x");
        }
        let since = Instant::now();
        walk::files(folder.path(), None, &Until::after(Duration::from_millis(500)));
        assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    }
}

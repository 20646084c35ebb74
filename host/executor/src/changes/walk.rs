//! Scans the files below a folder: breadth first, without following links, for a limited time.

use std::collections::{HashMap, VecDeque};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::OFlags;

use super::rules::Rules;

/// The maximum number of files that are remembered.
const MAX_FILES: usize = 500_000;
/// How many bytes are read from all files together.
const MAX_READ: u64 = 32 * 1024 * 1024;
/// The maximum size of a file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// The deadline of a scan.
#[derive(Debug)]
pub(super) struct Until {
    time: Instant,
    /// An earlier deadline, set once another thread waits for the scan.
    sooner: OnceLock<Instant>,
    without_contents: AtomicBool,
}

impl Until {
    pub(super) fn after(limit: Duration) -> Self {
        Self::at(Instant::now() + limit)
    }

    pub(super) fn at(time: Instant) -> Self {
        Self { time, sooner: OnceLock::new(), without_contents: AtomicBool::new(false) }
    }

    /// Limits the remaining time.
    pub(super) fn shorten(&self, limit: Duration) {
        self.sooner.get_or_init(|| Instant::now() + limit);
    }

    /// Skips the contents of files that have not been read yet.
    pub(super) fn need_no_contents(&self) {
        self.without_contents.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        let now = Instant::now();
        now >= self.time || self.sooner.get().is_some_and(|sooner| now >= *sooner)
    }
}

/// The metadata that distinguishes two states of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    inode: u64,
    size: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Mark {
    fn of(file: &Metadata) -> Self {
        Self {
            inode: file.ino(),
            size: file.size(),
            mode: file.mode(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }

    /// Returns whether the file changed after a point in time, according to its timestamps.
    pub(super) fn changed_since(&self, moment: SystemTime) -> bool {
        let moment = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.changed >= (moment.as_secs().cast_signed(), moment.subsec_nanos().into())
    }
}

/// The files below a folder.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) marks: HashMap<PathBuf, Mark>,
    /// The folders that were not scanned completely.
    pub(super) not_searched: Vec<PathBuf>,
}

/// A folder to scan, with its ignore rules.
type Folder = (PathBuf, Arc<Rules>);

/// Scans the files below a folder, except the ignored ones.
pub(super) fn files(root: &Path, users: Option<&Path>, until: &Until) -> Files {
    let mut files = Files::default();
    let Ok(device) = root.metadata().map(|root| root.dev()) else { return files };
    let mut folders = VecDeque::from([(root.to_owned(), Rules::of_repository(root, users))]);
    while let Some((folder, rules)) = folders.pop_front() {
        let looked = if until.is_over() {
            Ok(false)
        } else {
            folder_in(&folder, &rules, device, until, &mut files.marks, &mut folders)
        };
        match looked {
            Ok(true) => {}
            Ok(false) => files.not_searched.push(folder),
            // An agent cannot change files that codewalk cannot read, and a missing folder has no files.
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => {}
            Err(_) => files.not_searched.push(folder),
        }
    }
    files
}

/// Scans one folder. Returns whether it was scanned completely.
fn folder_in(
    folder: &Path,
    rules: &Arc<Rules>,
    device: u64,
    until: &Until,
    marks: &mut HashMap<PathBuf, Mark>,
    folders: &mut VecDeque<Folder>,
) -> io::Result<bool> {
    let rules = Rules::of_folder(folder, rules);
    for entry in fs::read_dir(folder)? {
        if until.is_over() || marks.len() >= MAX_FILES {
            return Ok(false);
        }
        let entry = entry?;
        let name = entry.file_name();
        // The file has disappeared in the meantime.
        let Ok(file) = entry.metadata() else { continue };
        let kind = file.file_type();
        let path = entry.path();
        if name == ".git" || rules.ignore(&path, kind.is_dir()) {
            continue;
        }
        if kind.is_dir() {
            if file.dev() != device {
                return Ok(false);
            }
            folders.push_back((path, Arc::clone(&rules)));
        } else if kind.is_file() || kind.is_symlink() {
            marks.insert(path, Mark::of(&file));
        }
    }
    Ok(true)
}

/// The contents of some files, so that a file that was rewritten without a change counts as unchanged.
#[derive(Debug, Default)]
pub(super) struct Contents(HashMap<PathBuf, blake3::Hash>);

impl Contents {
    /// Reads the files that are not too large.
    pub(super) fn of(files: &Files, until: &Until) -> Self {
        let mut known = HashMap::new();
        let mut left = MAX_READ;
        for (path, mark) in &files.marks {
            if until.is_over() || until.without_contents.load(Ordering::Relaxed) {
                break;
            }
            if let Some(rest) = left.checked_sub(mark.size)
                && let Some(hash) = hash(path, mark)
            {
                left = rest;
                known.insert(path.clone(), hash);
            }
        }
        Self(known)
    }

    /// Returns whether a file is known to have its old contents.
    pub(super) fn are_those_of(&self, path: &Path, then: &Mark, now: &Mark) -> bool {
        let is_alike = (then.size, then.mode) == (now.size, now.mode);
        is_alike && self.0.get(path).is_some_and(|known| hash(path, now).as_ref() == Some(known))
    }
}

/// Returns a digest of a file, unless it has changed.
fn hash(path: &Path, mark: &Mark) -> Option<blake3::Hash> {
    if mark.size > MAX_FILE {
        return None;
    }
    // If a link or a FIFO has replaced it, the link is not followed and the FIFO does not block.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
    let is_same = |file: &File| file.metadata().is_ok_and(|now| now.is_file() && Mark::of(&now) == *mark);
    if !is_same(&file) {
        return None;
    }
    let mut bytes = Vec::new();
    (&file).take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
    is_same(&file).then(|| blake3::hash(&bytes))
}

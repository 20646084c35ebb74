//! Opens the folder: private files, a supported schema, one process at a time.
//!
//! An existing folder is checked before anything is changed, so that a rejected folder stays unchanged.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::commits::Commits;
use super::corrupt::corrupt;
use super::layout::{COMMITS, LOCK, MARK, SESSIONS, UTTERANCES};
use crate::error::OnPath;
use crate::private::{make_folder, narrow, open_at_once, read_at_once, sync_folder};
use crate::{BUSY_PAUSE, StoreError};

/// The schema that this version reads and writes.
pub(super) const SCHEMA: i64 = 1;

const ACTION: &str = "open the store";

#[derive(Serialize, Deserialize)]
struct Mark {
    schema: i64,
}

/// Opens or creates the store in a folder, and returns its lock and its commits.
pub(super) fn open(root: &Path, patience: Duration) -> Result<(File, Commits), StoreError> {
    let marked = read_mark(root)?;
    if !marked {
        refuse_foreign(root)?;
    }
    make_folder(root).on("create the store", root)?;
    if marked {
        [MARK, LOCK, COMMITS, SESSIONS, UTTERANCES]
            .into_iter()
            .try_for_each(|name| narrow(&root.join(name)))
            .on(ACTION, root)?;
    }
    let lock = writable(&root.join(LOCK), true)?;
    if !marked {
        acquire(&lock, &root.join(LOCK), Access::Writes, patience)?;
        // Another process may have been faster.
        if !read_mark(root)? {
            create_store(root)?;
        }
        lock.unlock().on(ACTION, root)?;
    }
    let commits = root.join(COMMITS);
    Ok((lock, Commits::new(writable(&commits, false)?, commits)))
}

/// The kind of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Shared with other readers.
    Reads,
    /// Exclusive.
    Writes,
}

/// Takes a lock, which another process may hold for a while.
pub(super) fn acquire(
    lock: &File,
    path: &Path,
    access: Access,
    patience: Duration,
) -> Result<(), StoreError> {
    let since = Instant::now();
    loop {
        let taken = match access {
            Access::Reads => lock.try_lock_shared(),
            Access::Writes => lock.try_lock(),
        };
        match taken {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if since.elapsed() < patience => thread::sleep(BUSY_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(StoreError::busy(path)),
            Err(TryLockError::Error(source)) => return Err(StoreError::io("lock the store", path, source)),
        }
    }
}

/// Returns whether there is a store with a supported schema.
fn read_mark(root: &Path) -> Result<bool, StoreError> {
    let path = root.join(MARK);
    let text = match read_at_once(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(StoreError::io(ACTION, &path, source)),
    };
    let mark: Mark = serde_json::from_slice(&text).map_err(|error| corrupt(&path, "the schema", error))?;
    match mark.schema {
        SCHEMA => Ok(true),
        found if found > SCHEMA => Err(StoreError::NewerSchema { path, found, known: SCHEMA }),
        found => Err(corrupt(&path, "the schema", format!("unknown schema {found}"))),
    }
}

/// Rejects a folder that is used for something else.
fn refuse_foreign(root: &Path) -> Result<(), StoreError> {
    let entries = match fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.on(ACTION, root)?,
    };
    for entry in entries {
        let found = entry.on(ACTION, root)?.file_name();
        // These may belong to a store that another process is creating, or did not finish creating.
        let own = [LOCK, COMMITS, SESSIONS, UTTERANCES, MARK].iter().any(|name| found == *name);
        if !own && found != *temporary(Path::new(MARK)).as_os_str() {
            return Err(StoreError::Foreign { path: root.to_owned(), found: found.into() });
        }
    }
    Ok(())
}

fn create_store(root: &Path) -> Result<(), StoreError> {
    let commits = writable(&root.join(COMMITS), true)?;
    if commits.metadata().on("create the store", root)?.len() > 0 {
        return Err(corrupt(&root.join(MARK), "the schema", "the file is missing"));
    }
    let work = || {
        [SESSIONS, UTTERANCES].into_iter().try_for_each(|name| make_folder(&root.join(name)))?;
        commits.sync_all()?;
        let mark = serde_json::to_vec(&Mark { schema: SCHEMA })?;
        replace(&root.join(MARK), &mark, true)?;
        sync_folder(root)
    };
    work().on("create the store", root)
}

/// Opens a file for reading and writing. Creates it if it is missing and `create` is set.
pub(super) fn writable(path: &Path, create: bool) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create).truncate(false).mode(0o600);
    match open_at_once(&mut options, path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !create => {
            Err(corrupt(path, "the file", "it is missing"))
        }
        opened => opened.on(ACTION, path),
    }
}

/// Replaces a file atomically. Only one process may do so at a time.
pub(super) fn replace(path: &Path, bytes: &[u8], durably: bool) -> io::Result<()> {
    let new = temporary(path);
    let mut how = OpenOptions::new();
    let mut file = open_at_once(how.write(true).create(true).truncate(true).mode(0o600), &new)?;
    file.write_all(bytes)?;
    if durably {
        file.sync_all()?;
    }
    fs::rename(&new, path)
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension("json.new")
}

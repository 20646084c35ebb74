//! The store, and the locked store.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codewalk_core::ids::SessionId;

use super::commit::Commit;
use super::commits::Commits;
use super::index::Index;
use super::opening::{self, Access};
use crate::error::OnPath;
use crate::{BUSY_TIMEOUT, StoreError};

/// The store in a folder of plain files.
#[derive(Debug)]
pub struct FileStore {
    pub(super) root: PathBuf,
    lock: File,
    pub(super) commits: Commits,
    /// How long to wait for a lock.
    pub(super) patience: Duration,
    /// The indexes of the entry files used so far.
    pub(super) entries: RefCell<HashMap<SessionId, Index>>,
}

impl FileStore {
    /// Opens the store in the folder at `path`, or creates it.
    ///
    /// # Errors
    /// If a newer codewalk wrote it, if it is not a store, or if an operation fails. In these cases the
    /// folder is unchanged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let root = std::path::absolute(path).on("open the store", path)?;
        let (lock, commits) = opening::open(&root, BUSY_TIMEOUT)?;
        Ok(Self { root, lock, commits, patience: BUSY_TIMEOUT, entries: RefCell::default() })
    }

    /// Takes the lock, which another process may hold for a while.
    pub(super) fn lock(&self, access: Access) -> Result<LockedStore<'_>, StoreError> {
        opening::acquire(&self.lock, &self.root, access, self.patience)?;
        let guard = Guard(&self.lock);
        Ok(LockedStore { commits: &self.commits, last: self.commits.last()?, _guard: guard })
    }
}

struct Guard<'a>(&'a File);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // This process holds the lock, so this cannot fail.
        let _ = self.0.unlock();
    }
}

/// The locked store, which no other process can change.
pub(super) struct LockedStore<'a> {
    pub(super) commits: &'a Commits,
    /// The sequence number of the last committed event.
    pub(super) last: u64,
    _guard: Guard<'a>,
}

impl LockedStore<'_> {
    /// Returns the commit with a sequence number.
    pub(super) fn commit(&self, seq: u64) -> Result<Option<Commit>, StoreError> {
        if !(1..=self.last).contains(&seq) {
            return Ok(None);
        }
        Ok(self.commits.range(seq..seq + 1)?.pop())
    }
}

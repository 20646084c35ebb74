//! The file `entries.jsonl` in the folder of a session: the entries of all its runs, and the positions of
//! their readers.
//!
//! Each batch ends with a line that records the position of its reader; lines after the last such line are
//! ignored. The file has its own lock, so that storing an agent's output never waits for an event of another
//! session.
//!
//! Nothing is synced: entries lost in a power failure are read again from the raw output. A power failure
//! removes the end of the file, or replaces it with zeros.

use std::cell::RefMut;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::ids::SessionId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::handle::FileStore;
use super::index::Index;
use super::opening::{Access, acquire, writable};
use crate::error::OnPath;
use crate::private::{make_folder, open_to_read};
use crate::{RawFile, StoreError};

const ENTRIES: &str = "entries.jsonl";

/// The beginning of a line that records a position. No entry begins with it.
const POSITION: &[u8] = b"{\"read\":";

#[derive(Serialize, Deserialize)]
struct PositionLine {
    read: Position,
}

#[derive(Serialize, Deserialize)]
struct Position {
    file: RawFile,
    run: u32,
    to: u64,
}

#[derive(Serialize, Deserialize)]
struct EntryLine<'a> {
    run: u32,
    offset: u64,
    length: u64,
    #[serde(borrow)]
    kind: &'a RawValue,
}

/// A file of entries with its index, locked until it is dropped.
pub(super) struct Entries<'a> {
    file: File,
    path: PathBuf,
    index: RefMut<'a, Index>,
}

impl FileStore {
    /// Opens the entries of a session for reading; `None` if there are none.
    pub(super) fn entries_of(&self, session: SessionId) -> Result<Option<Entries<'_>>, StoreError> {
        let path = self.folder(session).join(ENTRIES);
        match open_to_read(&path) {
            Ok(file) => self.opened(session, file, path, Access::Reads).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::io("read entries", &path, source)),
        }
    }

    /// Opens the entries of a session for writing.
    pub(super) fn entries_to_extend(&self, session: SessionId) -> Result<Entries<'_>, StoreError> {
        let folder = self.folder(session);
        make_folder(&folder).on("store entries", &folder)?;
        let path = folder.join(ENTRIES);
        self.opened(session, writable(&path, true)?, path, Access::Writes)
    }

    fn opened(
        &self,
        session: SessionId,
        file: File,
        path: PathBuf,
        access: Access,
    ) -> Result<Entries<'_>, StoreError> {
        acquire(&file, &path, access, self.patience)?;
        let index = RefMut::map(self.entries.borrow_mut(), |known| known.entry(session).or_default());
        let mut entries = Entries { file, path, index };
        entries.catch_up()?;
        Ok(entries)
    }
}

impl Entries<'_> {
    /// Reads the lines written since the last time.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        if self.file.metadata().on("read entries", &self.path)?.len() < self.index.end {
            // Another file has replaced it.
            *self.index = Index::default();
        }
        let mut reader = BufReader::new(&self.file);
        let mut at = reader.seek(SeekFrom::Start(self.index.end)).on("read entries", &self.path)?;
        let mut starts = Vec::new();
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).on("read entries", &self.path)? > 0
            && line.ends_with(b"}\n")
            && !line.contains(&0)
        {
            let next = at + line.len() as u64;
            if line.starts_with(POSITION) {
                let PositionLine { read } = serde_json::from_slice(&line)
                    .map_err(|error| broken(&self.path, &self.file, at, error))?;
                self.index.positions.insert((read.run, read.file), read.to);
                self.index.starts.append(&mut starts);
                self.index.end = next;
            } else {
                starts.push(at);
            }
            at = next;
            line.clear();
        }
        let torn = line.is_empty() || !line.ends_with(b"\n") || line.contains(&0);
        if torn { Ok(()) } else { Err(broken(&self.path, &self.file, at, "it is not JSON".to_owned())) }
    }

    /// Returns the reader's position in a raw file.
    pub(super) fn position(&self, run: u32, file: RawFile) -> u64 {
        self.index.positions.get(&(run, file)).copied().unwrap_or(0)
    }

    /// Returns the number of entries.
    pub(super) fn count(&self) -> u64 {
        self.index.starts.len() as u64
    }

    /// Appends entries and the reader's new position.
    pub(super) fn append(
        &mut self,
        run: u32,
        file: RawFile,
        entries: &[Entry],
        to: u64,
    ) -> Result<(), StoreError> {
        let position = self.position(run, file);
        if to <= position {
            return Ok(());
        }
        let mut bytes = Vec::new();
        let encode = |bytes: &mut Vec<u8>| -> io::Result<()> {
            for entry in entries.iter().filter(|entry| entry.offset >= position) {
                serde_json::to_writer(&mut *bytes, entry)?;
                bytes.push(b'\n');
            }
            serde_json::to_writer(&mut *bytes, &PositionLine { read: Position { file, run, to } })?;
            bytes.push(b'\n');
            Ok(())
        };
        let end = self.index.end;
        let written = encode(&mut bytes).and_then(|()| {
            // A writer that died may have left part of a batch.
            self.file.set_len(end)?;
            self.file.write_all_at(&bytes, end)
        });
        if let Err(source) = written {
            // If this fails too, readers ignore the written lines.
            let _ = self.file.set_len(end);
            return Err(StoreError::io("store entries", &self.path, source));
        }
        self.catch_up()
    }

    /// Returns entries in order, starting at this index.
    pub(super) fn page(&self, from: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let indexes = (from..self.index.starts.len()).take(limit as usize);
        indexes.map(|index| self.entry(index).map(|(entry, _)| entry)).collect()
    }

    /// Returns the newest entries, newest first, limited to `max_bytes` of JSON.
    pub(super) fn newest(&self, max_bytes: usize) -> Result<Vec<Entry>, StoreError> {
        let mut left = max_bytes;
        let mut newest_first = Vec::new();
        for index in (0..self.index.starts.len()).rev() {
            let (entry, size) = self.entry(index)?;
            let Some(rest) = left.checked_sub(size) else { break };
            left = rest;
            newest_first.push(entry);
        }
        Ok(newest_first)
    }

    /// Returns an entry and the size of its JSON.
    fn entry(&self, index: usize) -> Result<(Entry, usize), StoreError> {
        let starts = &self.index.starts;
        let start = starts.get(index).copied().unwrap_or(self.index.end);
        let end = starts.get(index + 1).copied().unwrap_or(self.index.end);
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(usize::MAX)];
        let read = self.file.read_exact_at(&mut bytes, start);
        read.on("read entries", &self.path)?;
        // A line that records a position may follow.
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let decode = || -> serde_json::Result<_> {
            let EntryLine { run, offset, length, kind } = serde_json::from_slice(line)?;
            let size = kind.get().len();
            let kind: EntryKind = serde_json::from_str(kind.get())?;
            Ok((Entry { run, offset, length, kind }, size))
        };
        decode().map_err(|error| broken(&self.path, &self.file, start, error))
    }
}

/// Returns the error for a line that cannot be read, given its first byte.
fn broken(
    path: &Path,
    file: &File,
    start: u64,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    let mut before = vec![0; usize::try_from(start).unwrap_or(usize::MAX)];
    let lines_before = match file.read_exact_at(&mut before, 0) {
        Ok(()) => before.iter().filter(|byte| **byte == b'\n').count(),
        Err(error) => return StoreError::io("read entries", path, error),
    };
    StoreError::corrupt(path, format!("line {}", lines_before + 1), source)
}

//! The file `entries.jsonl` in the folder of a session: the entries of all its runs, and how far their readers got.
//!
//! Each batch ends with a line that says how far its reader got; what comes behind the last such line never was. The
//! file has a lock of its own, so that reading an agent's output never waits for an event of another session.
//!
//! Nothing is synced: what a power cut takes is read again from the raw output. It takes the end of the file, and may
//! leave zeros instead.

use std::cell::RefMut;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::ids::SessionId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::FileStore;
use super::opening::{Access, acquire, writable};
use crate::private::{make_folder, open_to_read};
use crate::{RawFile, StoreError};

const ENTRIES: &str = "entries.jsonl";

/// What the line of a reader's position begins with, and that of no entry.
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

/// What is known of a file of entries.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The byte after the last whole batch; what comes before it never changes.
    end: u64,
    /// Where the line of each entry begins.
    starts: Vec<u64>,
    /// How far each reader got.
    positions: HashMap<(u32, RawFile), u64>,
}

/// A file of entries, locked until it is dropped, and what is known of it.
pub(super) struct Entries<'a> {
    file: File,
    path: PathBuf,
    index: RefMut<'a, Index>,
}

impl FileStore {
    /// Opens the entries of a session for reading; none where nothing was kept yet.
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
        make_folder(&folder).map_err(|source| StoreError::io("keep entries", &folder, source))?;
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
    /// Takes in what was written since the file was last looked at.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        let failed = |source| StoreError::io("read entries", &self.path, source);
        if self.file.metadata().map_err(failed)?.len() < self.index.end {
            // Somebody put another file in its place.
            *self.index = Index::default();
        }
        let mut reader = BufReader::new(&self.file);
        let mut at = reader.seek(SeekFrom::Start(self.index.end)).map_err(failed)?;
        let mut starts = Vec::new();
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).map_err(failed)? > 0
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
        if torn { Ok(()) } else { Err(broken(&self.path, &self.file, at, "it is no JSON".to_owned())) }
    }

    /// Returns how far the reader of a raw file got.
    pub(super) fn position(&self, run: u32, file: RawFile) -> u64 {
        self.index.positions.get(&(run, file)).copied().unwrap_or(0)
    }

    /// Returns how many entries there are.
    pub(super) fn count(&self) -> u64 {
        self.index.starts.len() as u64
    }

    /// Writes entries and the new position of their reader.
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
            // A writer that died may have left a part of a batch.
            self.file.set_len(end)?;
            self.file.write_all_at(&bytes, end)
        });
        if let Err(source) = written {
            // Where this fails too, what was written is ignored when it is read.
            let _ = self.file.set_len(end);
            return Err(StoreError::io("keep entries", &self.path, source));
        }
        self.catch_up()
    }

    /// Returns some entries from the one with this index on.
    pub(super) fn page(&self, from: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let indexes = (from..self.index.starts.len()).take(limit as usize);
        indexes.map(|index| self.entry(index).map(|(entry, _)| entry)).collect()
    }

    /// Returns the newest entries, newest first, as many as fit `max_bytes` of JSON.
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
        read.map_err(|source| StoreError::io("read entries", &self.path, source))?;
        // Between two entries there may be the position that ends a batch.
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

/// Says that the line that begins at a byte cannot be read.
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

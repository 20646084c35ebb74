//! The file `commits`: it lists the committed events, in the order of the store. Each event has a line of
//! fixed width.
//!
//! The `n`th line belongs to the event with sequence number `n`. It names the stream of the event, its
//! position in the file of the stream, and the last event of its batch. A batch is committed once the line of
//! its last event is complete.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use codewalk_core::ids::StreamId;

use super::commit::{Commit, WIDTH};
use super::corrupt::corrupt;
use crate::StoreError;
use crate::error::OnPath;

/// The number of lines read at once.
const CHUNK: u64 = 4_096;

/// The open file.
#[derive(Debug)]
pub(super) struct Commits {
    file: File,
    pub(super) path: PathBuf,
}

impl Commits {
    pub(super) const fn new(file: File, path: PathBuf) -> Self {
        Self { file, path }
    }

    /// Returns the sequence number of the last committed event, or 0 if there is none.
    ///
    /// Lines after it come from a writer that died before it acknowledged them.
    pub(super) fn last(&self) -> Result<u64, StoreError> {
        let whole = self.whole_lines()?;
        let (mut last, mut torn) = (whole, false);
        for seq in (1..=whole).rev() {
            let line = self.lines(seq - 1..seq)?;
            match Commit::parse(&line) {
                Some(commit) if commit.last == last => {}
                // The end of the previous batch.
                Some(commit) if commit.last == seq => break,
                Some(commit) if commit.last > whole || (torn && commit.last > seq) => last = seq - 1,
                // A power failure may leave zeros instead of lines, even within a batch.
                None if line.contains(&0) => (last, torn) = (seq - 1, true),
                _ => return Err(self.broken(seq)),
            }
        }
        Ok(last)
    }

    /// Returns the commits with these sequence numbers, which must exist.
    pub(super) fn range(&self, seqs: Range<u64>) -> Result<Vec<Commit>, StoreError> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let lines = self.lines(seqs.start - 1..seqs.end - 1)?;
        let commits = seqs.zip(lines.chunks_exact(WIDTH as usize));
        commits.map(|(seq, line)| Commit::parse(line).ok_or_else(|| self.broken(seq))).collect()
    }

    /// Returns the last commit of a stream, among those up to `last`.
    pub(super) fn last_of(&self, stream: StreamId, last: u64) -> Result<Option<Commit>, StoreError> {
        let name = stream.to_string();
        self.newest_first(last, |seq, line| {
            let own = line.starts_with(name.as_bytes());
            own.then(|| Commit::parse(line).ok_or_else(|| self.broken(seq)))
        })
    }

    /// Returns the streams of the commits up to `last`, most recently changed first.
    pub(super) fn streams_newest_first(&self, last: u64, limit: usize) -> Result<Vec<StreamId>, StoreError> {
        let mut seen = HashSet::new();
        let mut newest_first = Vec::new();
        self.newest_first(last, |seq, line| {
            if newest_first.len() >= limit {
                return Some(Ok(()));
            }
            let Some(commit) = Commit::parse(line) else { return Some(Err(self.broken(seq))) };
            if seen.insert(commit.stream) {
                newest_first.push(commit.stream);
            }
            None
        })?;
        Ok(newest_first)
    }

    /// Calls `visit` with the lines up to that of `last`, newest first, until it returns a value.
    fn newest_first<T>(
        &self,
        last: u64,
        mut visit: impl FnMut(u64, &[u8]) -> Option<Result<T, StoreError>>,
    ) -> Result<Option<T>, StoreError> {
        let mut end = last;
        while end > 0 {
            let start = end.saturating_sub(CHUNK);
            let lines = self.lines(start..end)?;
            for (seq, line) in (start + 1..=end).rev().zip(lines.chunks_exact(WIDTH as usize).rev()) {
                if let Some(found) = visit(seq, line) {
                    return found.map(Some);
                }
            }
            end = start;
        }
        Ok(None)
    }

    /// Commits events after `last` durably. If this fails, the events may be committed or not; see
    /// [`Self::cut`].
    pub(super) fn append(&self, last: u64, commits: &[Commit]) -> Result<(), StoreError> {
        let lines: String = commits.iter().map(Commit::line).collect();
        let write = || {
            // A writer that died may have left part of a batch.
            self.cut(last)?;
            self.file.write_all_at(lines.as_bytes(), last * WIDTH)?;
            self.file.sync_data()
        };
        write().on("store events", &self.path)
    }

    /// Cuts off all lines after `last`.
    pub(super) fn cut(&self, last: u64) -> io::Result<()> {
        let end = last * WIDTH;
        if self.file.metadata()?.len() == end { Ok(()) } else { self.file.set_len(end) }
    }

    fn whole_lines(&self) -> Result<u64, StoreError> {
        let metadata = self.file.metadata();
        Ok(metadata.on("read the commits", &self.path)?.len() / WIDTH)
    }

    fn lines(&self, indexes: Range<u64>) -> Result<Vec<u8>, StoreError> {
        let size = usize::try_from((indexes.end - indexes.start) * WIDTH).unwrap_or(usize::MAX);
        let mut lines = vec![0; size];
        let read = self.file.read_exact_at(&mut lines, indexes.start * WIDTH);
        read.on("read the commits", &self.path)?;
        Ok(lines)
    }

    fn broken(&self, line: u64) -> StoreError {
        corrupt(&self.path, format!("line {line}"), "it is not a commit")
    }
}

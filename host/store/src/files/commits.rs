//! The file `commits`: which events are kept, in the order of the store. A line of fixed width stands for each.
//!
//! The `n`th line is that of the event with sequence number `n` and says in which stream and where in its file the
//! event lies, and which event is the last of its batch. A batch counts once the line of its last event is whole.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use codewalk_core::ids::StreamId;

use super::streams::corrupt;
use crate::StoreError;

/// A stream, four numbers of sixteen hexadecimal digits, a space before each, and the end of the line.
const WIDTH: u64 = 36 + 4 * 17 + 1;
/// How many lines are read at once.
const CHUNK: u64 = 4_096;

/// Where an event lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// The stream it belongs to.
    pub(super) stream: StreamId,
    /// Its position in the stream.
    pub(super) version: u64,
    /// The byte of the stream's file at which its line begins.
    pub(super) start: u64,
    /// The byte after its line.
    pub(super) end: u64,
    /// The sequence number of the last event of its batch.
    pub(super) last: u64,
}

impl Commit {
    fn line(&self) -> String {
        let Self { stream, version, start, end, last } = self;
        format!("{stream} {version:016x} {start:016x} {end:016x} {last:016x}\n")
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.split(' ');
        let stream = words.next()?.parse().ok()?;
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        let commit = Self { stream, version: number()?, start: number()?, end: number()?, last: number()? };
        // Written anew it is the same: no signs, no capitals, nothing behind it.
        (commit.line().as_bytes() == line).then_some(commit)
    }
}

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

    /// Returns the sequence number of the last event that is kept; 0 where there is none.
    ///
    /// What comes after it was being written when its writer died, and was never acknowledged.
    pub(super) fn last(&self) -> Result<u64, StoreError> {
        let whole = self.whole_lines()?;
        let (mut last, mut torn) = (whole, false);
        for seq in (1..=whole).rev() {
            let line = self.lines(seq - 1..seq)?;
            match Commit::parse(&line) {
                Some(commit) if commit.last == last => {}
                // The end of the batch before.
                Some(commit) if commit.last == seq => break,
                Some(commit) if commit.last > whole || (torn && commit.last > seq) => last = seq - 1,
                // A power cut may leave a hole where nothing was written yet, also within a batch.
                None if line.contains(&0) => (last, torn) = (seq - 1, true),
                _ => return Err(self.broken(seq)),
            }
        }
        Ok(last)
    }

    /// Returns the commits with these sequence numbers; all must be there.
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

    /// Returns the streams of the commits up to `last`, those that changed last first.
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

    /// Calls `visit` with the lines up to that of `last`, the newest first, until it returns something.
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

    /// Decides, durably, that events are kept, as those after `last`. Where it fails they may be there or not, see
    /// [`Self::cut`].
    pub(super) fn append(&self, last: u64, commits: &[Commit]) -> Result<(), StoreError> {
        let lines: String = commits.iter().map(Commit::line).collect();
        let write = || {
            // A writer that died may have left a part of a batch.
            self.cut(last)?;
            self.file.write_all_at(lines.as_bytes(), last * WIDTH)?;
            self.file.sync_data()
        };
        write().map_err(|source| StoreError::io("keep events", &self.path, source))
    }

    /// Cuts what comes after `last`.
    pub(super) fn cut(&self, last: u64) -> io::Result<()> {
        let end = last * WIDTH;
        if self.file.metadata()?.len() == end { Ok(()) } else { self.file.set_len(end) }
    }

    fn whole_lines(&self) -> Result<u64, StoreError> {
        let metadata = self.file.metadata();
        metadata.map(|m| m.len() / WIDTH).map_err(|e| StoreError::io("read the commits", &self.path, e))
    }

    fn lines(&self, indexes: Range<u64>) -> Result<Vec<u8>, StoreError> {
        let size = usize::try_from((indexes.end - indexes.start) * WIDTH).unwrap_or(usize::MAX);
        let mut lines = vec![0; size];
        let read = self.file.read_exact_at(&mut lines, indexes.start * WIDTH);
        read.map_err(|e| StoreError::io("read the commits", &self.path, e))?;
        Ok(lines)
    }

    fn broken(&self, line: u64) -> StoreError {
        corrupt(&self.path, format!("line {line}"), "it is no commit")
    }
}

//! The file of one stream, with a line of JSON for each event.
//!
//! Lines after the last committed event come from a writer that died. They are ignored, and the next writer
//! of the stream cuts them off. Each line names the first event of its batch: if the commits end before that
//! event, the commits have lost data, and nothing is cut.

use std::error::Error;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use codewalk_core::event::StoredEvent;
use codewalk_core::ids::StreamId;
use serde::{Deserialize, Serialize};

use super::commit::Commit;
use super::corrupt::corrupt;
use super::handle::{FileStore, LockedStore};
use super::layout::{EVENTS, SESSIONS, UTTERANCES};
use crate::StoreError;
use crate::error::OnPath;
use crate::private::open_to_read;

/// How many bytes are read first to find the last line of a file.
const TAIL: u64 = 4_096;

/// The part of a line that determines whether the line is committed.
#[derive(Deserialize)]
struct Head {
    batch: u64,
    seq: u64,
}

/// A line of the file.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    /// The sequence number of the first event of its batch.
    pub(super) batch: u64,
    #[serde(flatten)]
    pub(super) recorded: &'a StoredEvent,
}

/// The end of a stream.
#[derive(Default)]
pub(super) struct StreamEnd {
    /// Its file; `None` if it is new.
    pub(super) path: Option<PathBuf>,
    /// The version of its last event.
    pub(super) version: u64,
    /// The offset after that event.
    pub(super) offset: u64,
}

impl FileStore {
    /// Returns the file of a stream.
    pub(super) fn events_file(&self, stream: StreamId, of_session: bool) -> PathBuf {
        // An identifier is written as a UUID, so it cannot escape the folder.
        if of_session {
            self.folder(stream).join(EVENTS)
        } else {
            self.root.join(UTTERANCES).join(format!("{stream}.jsonl"))
        }
    }

    /// Returns the folder of a session.
    pub(super) fn folder(&self, session: impl Into<StreamId>) -> PathBuf {
        self.root.join(SESSIONS).join(session.into().to_string())
    }

    fn find_file(&self, stream: StreamId) -> Result<Option<(PathBuf, File)>, StoreError> {
        for of_session in [true, false] {
            let path = self.events_file(stream, of_session);
            match open_to_read(&path) {
                Ok(file) => return Ok(Some((path, file))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::io("read events", &path, error)),
            }
        }
        Ok(None)
    }

    /// Finds the end of a stream. Reads only its last line if that line is committed.
    pub(super) fn stream_end(
        &self,
        locked: &LockedStore<'_>,
        stream: StreamId,
    ) -> Result<StreamEnd, StoreError> {
        let found = self.settled(locked, stream)?;
        Ok(found.map_or(StreamEnd::default(), |(path, _, last)| {
            let (version, offset) = last.map_or((0, 0), |commit| (commit.version, commit.end));
            StreamEnd { path: Some(path), version, offset }
        }))
    }

    /// Finds the file of a stream and the last commit of the stream.
    fn settled(
        &self,
        locked: &LockedStore<'_>,
        stream: StreamId,
    ) -> Result<Option<(PathBuf, File, Option<Commit>)>, StoreError> {
        let Some((path, file)) = self.find_file(stream)? else {
            return settle(locked, stream, &self.events_file(stream, true), &[]).map(|_| None);
        };
        let length = file.metadata().on("read events", &path)?.len();
        let last_line = last_line(&file, length).on("read events", &path)?;
        let commit = match closes(locked, stream, &last_line, length)? {
            Some(commit) => Some(commit),
            None => {
                let bytes = beginning(&file, length).on("read events", &path)?;
                let settled = settle(locked, stream, &path, &bytes);
                // An earlier line may be the cause.
                settled.map_err(|error| first_broken(&bytes, stream, &path).unwrap_or(error))?
            }
        };
        Ok(Some((path, file, commit)))
    }

    /// Returns the events of a stream.
    pub(super) fn read_stream(
        &self,
        locked: &LockedStore<'_>,
        stream: StreamId,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let Some((path, file, Some(last))) = self.settled(locked, stream)? else {
            return Ok(Vec::new());
        };
        let bytes = beginning(&file, last.end).on("read events", &path)?;
        events_of(&bytes, stream, &path).collect()
    }

    /// Returns the event of a commit. `open` is the most recently read file.
    pub(super) fn read_event(
        &self,
        open: &mut Option<(StreamId, PathBuf, File)>,
        seq: u64,
        commit: Commit,
    ) -> Result<StoredEvent, StoreError> {
        let (_, path, file) = match open.take_if(|(stream, ..)| *stream == commit.stream) {
            Some(same) => open.insert(same),
            None => {
                let found = self.find_file(commit.stream)?;
                let (path, file) =
                    found.ok_or_else(|| lost(&self.events_file(commit.stream, true), commit))?;
                open.insert((commit.stream, path, file))
            }
        };
        if file.metadata().on("read events", path)?.len() < commit.end || commit.end < commit.start {
            return Err(lost(path, commit));
        }
        let mut line = vec![0; usize::try_from(commit.end - commit.start).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut line, commit.start).on("read events", path)?;
        let recorded = event_of(&line, commit.stream, commit.version, path)?;
        if recorded.seq != seq {
            let found = format!("it is event {}, not event {seq}", recorded.seq);
            return Err(corrupt(path, format!("line {}", commit.version), found));
        }
        Ok(recorded)
    }
}

/// Decodes one line, which must be for this version.
fn event_of(line: &[u8], stream: StreamId, version: u64, path: &Path) -> Result<StoredEvent, StoreError> {
    let broken = |source: Box<dyn Error + Send + Sync>| corrupt(path, format!("line {version}"), source);
    let recorded: StoredEvent = serde_json::from_slice(line).map_err(|error| broken(error.into()))?;
    if (recorded.stream, recorded.version) != (stream, version) || recorded.event.stream() != stream {
        let found = format!("it is version {} of stream {}", recorded.version, recorded.event.stream());
        return Err(broken(found.into()));
    }
    Ok(recorded)
}

/// Decodes all lines.
fn events_of(
    bytes: &[u8],
    stream: StreamId,
    path: &Path,
) -> impl Iterator<Item = Result<StoredEvent, StoreError>> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    (1..).zip(lines).map(move |(version, line)| event_of(line, stream, version, path))
}

fn first_broken(bytes: &[u8], stream: StreamId, path: &Path) -> Option<StoreError> {
    events_of(bytes, stream, path).find_map(Result::err)
}

fn beginning(file: &File, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

fn last_line(file: &File, length: u64) -> io::Result<Vec<u8>> {
    let mut size = TAIL.min(length);
    loop {
        let mut tail = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut tail, length - size)?;
        let before_last = tail.split_last().map_or(&[][..], |(_, rest)| rest);
        match before_last.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => return Ok(tail.split_off(end + 1)),
            None if size == length => return Ok(tail),
            None => size = (2 * size).min(length),
        }
    }
}

/// Returns the commit for the last line of a stream, if that line is committed and ends the file.
fn closes(
    locked: &LockedStore<'_>,
    stream: StreamId,
    last_line: &[u8],
    length: u64,
) -> Result<Option<Commit>, StoreError> {
    let Ok(head) = serde_json::from_slice::<Head>(last_line) else {
        return Ok(None);
    };
    let commit = locked.commit(head.seq)?;
    Ok(commit.filter(|commit| commit.stream == stream && commit.end == length))
}

/// Finds the last commit of a stream whose file does not end with it, and checks that the rest of the file is
/// an uncommitted batch.
fn settle(
    locked: &LockedStore<'_>,
    stream: StreamId,
    path: &Path,
    bytes: &[u8],
) -> Result<Option<Commit>, StoreError> {
    let commit = locked.commits.last_of(stream, locked.last)?;
    let (version, end) = commit.map_or((0, 0), |commit| (commit.version, commit.end));
    let left = usize::try_from(end).ok().and_then(|end| bytes.get(end..));
    let left = match (left, commit) {
        (Some(left), _) => left,
        (None, Some(commit)) => return Err(lost(path, commit)),
        (None, None) => return Ok(None),
    };
    for (line, version) in left.split_inclusive(|byte| *byte == b'\n').zip(version + 1..) {
        if !line.ends_with(b"\n") || line.contains(&0) {
            break;
        }
        let what = || format!("line {version}");
        let head: Head = serde_json::from_slice(line).map_err(|error| corrupt(path, what(), error))?;
        if head.batch > locked.last + 1 {
            let source = format!("it ends there, and {} of {path:?} is event {}", what(), head.seq);
            return Err(corrupt(&locked.commits.path, format!("line {}", locked.last + 1), source));
        }
    }
    Ok(commit)
}

fn lost(path: &Path, commit: Commit) -> StoreError {
    corrupt(path, format!("line {}", commit.version), "the file ends before it")
}

//! Writes a batch of events: first to the files of their streams, then to the commits.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use codewalk_core::event::{EventKind, NewEvent, StoredEvent};
use codewalk_core::ids::StreamId;

use super::commit::Commit;
use super::handle::{FileStore, LockedStore};
use super::streams::{Line, StreamEnd};
use crate::StoreError;
use crate::error::OnPath;
use crate::private::{make_folder, open_at_once, sync_folder};

/// The bytes to append to the file of a stream.
struct Addition {
    path: PathBuf,
    from: u64,
    bytes: Vec<u8>,
}

impl Addition {
    fn write(&self) -> Result<(), StoreError> {
        self.try_write().on("store events", &self.path)
    }

    fn try_write(&self) -> io::Result<()> {
        let folders: Vec<&Path> = self.path.ancestors().skip(1).take(2).collect();
        if self.from == 0 {
            folders.first().copied().map_or(Ok(()), make_folder)?;
        }
        let mut how = OpenOptions::new();
        let file = open_at_once(how.write(true).create(true).truncate(false).mode(0o600), &self.path)?;
        self.cut(&file)?;
        file.write_all_at(&self.bytes, self.from)?;
        file.sync_data()?;
        if self.from == 0 {
            // Create it even if the file exists, because its creator may have died before this point.
            folders.into_iter().try_for_each(sync_folder)?;
        }
        Ok(())
    }

    fn cut(&self, file: &File) -> io::Result<()> {
        if file.metadata()?.len() == self.from { Ok(()) } else { file.set_len(self.from) }
    }

    /// Removes the written bytes. If that fails, readers ignore them.
    fn undo(&self) {
        let file = open_at_once(OpenOptions::new().write(true), &self.path);
        let _ = file.and_then(|file| self.cut(&file));
    }
}

/// Events to be committed together.
pub(super) struct Batch {
    additions: Vec<Addition>,
    commits: Vec<Commit>,
    /// The events in their stored form.
    pub(super) recorded: Vec<StoredEvent>,
}

impl Batch {
    /// Prepares a batch. `ends` contains the end of each stream.
    pub(super) fn of(
        store: &FileStore,
        locked: &LockedStore<'_>,
        events: &[NewEvent],
        mut ends: HashMap<StreamId, StreamEnd>,
    ) -> Result<Self, StoreError> {
        let last = locked.last + events.len() as u64;
        let mut places = HashMap::new();
        let mut batch =
            Self { additions: Vec::new(), commits: Vec::new(), recorded: Vec::with_capacity(events.len()) };
        for (seq, new) in (locked.last + 1..).zip(events) {
            let stream = new.event.stream();
            let recorded = StoredEvent { seq, stream, version: new.version, event: new.event.clone() };
            let index = *places.entry(stream).or_insert_with(|| {
                let end = ends.remove(&stream).unwrap_or_default();
                let path = end.path.unwrap_or_else(|| {
                    let of_session =
                        matches!(new.event.kind, EventKind::Session { .. } | EventKind::Summary { .. });
                    store.events_file(stream, of_session)
                });
                batch.additions.push(Addition { path, from: end.offset, bytes: Vec::new() });
                batch.additions.len() - 1
            });
            let Some(addition) = batch.additions.get_mut(index) else { continue };
            let start = addition.from + addition.bytes.len() as u64;
            serde_json::to_writer(&mut addition.bytes, &Line { batch: locked.last + 1, recorded: &recorded })
                .on("store events", &addition.path)?;
            addition.bytes.push(b'\n');
            let end = addition.from + addition.bytes.len() as u64;
            batch.commits.push(Commit { stream, version: new.version, start, end, last });
            batch.recorded.push(recorded);
        }
        Ok(batch)
    }

    /// Writes the whole batch durably, or nothing.
    pub(super) fn write(&self, locked: &LockedStore<'_>) -> Result<(), StoreError> {
        let mut written = self.additions.iter().try_for_each(Addition::write);
        if written.is_ok() {
            written = locked.commits.append(locked.last, &self.commits);
        }
        // If the commits may contain the events, the events must stay.
        if written.is_err() && locked.commits.cut(locked.last).is_ok() {
            self.additions.iter().for_each(Addition::undo);
        }
        written
    }

    /// Returns the sequence number of the last event of a stream, or 0 if there is none.
    pub(super) fn last(&self, stream: StreamId) -> u64 {
        self.recorded.iter().rev().find(|event| event.stream == stream).map_or(0, |event| event.seq)
    }
}

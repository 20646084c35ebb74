//! Writes events: first to the files of their streams, then to the commits, which decide.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use codewalk_core::event::{EventKind, NewEvent, StoredEvent};
use codewalk_core::ids::StreamId;

use super::commits::Commit;
use super::streams::{Line, Standing};
use super::{FileStore, Held};
use crate::StoreError;
use crate::private::{make_folder, open_at_once, sync_folder};

/// What is to be written to the file of one stream.
struct Addition {
    path: PathBuf,
    from: u64,
    bytes: Vec<u8>,
}

impl Addition {
    fn write(&self) -> Result<(), StoreError> {
        let failed = |source| StoreError::io("keep events", &self.path, source);
        self.try_write().map_err(failed)
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
            // Also where the file is not new: whoever made it may have died before this.
            folders.into_iter().try_for_each(sync_folder)?;
        }
        Ok(())
    }

    fn cut(&self, file: &File) -> io::Result<()> {
        if file.metadata()?.len() == self.from { Ok(()) } else { file.set_len(self.from) }
    }

    /// Takes back what was written; where that fails it is ignored when it is read.
    fn undo(&self) {
        let file = open_at_once(OpenOptions::new().write(true), &self.path);
        let _ = file.and_then(|file| self.cut(&file));
    }
}

/// Events that are to be kept together.
pub(super) struct Batch {
    additions: Vec<Addition>,
    commits: Vec<Commit>,
    /// What is kept then.
    pub(super) recorded: Vec<StoredEvent>,
}

impl Batch {
    /// Works out what is to be written. `standing` says of each stream how far it goes.
    pub(super) fn of(
        store: &FileStore,
        held: &Held<'_>,
        events: &[NewEvent],
        mut standing: HashMap<StreamId, Standing>,
    ) -> Result<Self, StoreError> {
        let last = held.last + events.len() as u64;
        let mut places = HashMap::new();
        let mut batch =
            Self { additions: Vec::new(), commits: Vec::new(), recorded: Vec::with_capacity(events.len()) };
        for (seq, new) in (held.last + 1..).zip(events) {
            let stream = new.event.stream();
            let recorded = StoredEvent { seq, stream, version: new.version, event: new.event.clone() };
            let index = *places.entry(stream).or_insert_with(|| {
                let standing = standing.remove(&stream).unwrap_or_default();
                let path = standing.path.unwrap_or_else(|| {
                    let of_session =
                        matches!(new.event.kind, EventKind::Session { .. } | EventKind::Summary { .. });
                    store.events_file(stream, of_session)
                });
                batch.additions.push(Addition { path, from: standing.end, bytes: Vec::new() });
                batch.additions.len() - 1
            });
            let Some(addition) = batch.additions.get_mut(index) else { continue };
            let start = addition.from + addition.bytes.len() as u64;
            serde_json::to_writer(&mut addition.bytes, &Line { batch: held.last + 1, recorded: &recorded })
                .map_err(|error| StoreError::io("keep events", &addition.path, error.into()))?;
            addition.bytes.push(b'\n');
            let end = addition.from + addition.bytes.len() as u64;
            batch.commits.push(Commit { stream, version: new.version, start, end, last });
            batch.recorded.push(recorded);
        }
        Ok(batch)
    }

    /// Writes all of it, durably, or none.
    pub(super) fn write(&self, held: &Held<'_>) -> Result<(), StoreError> {
        let mut written = self.additions.iter().try_for_each(Addition::write);
        if written.is_ok() {
            written = held.commits.append(held.last, &self.commits);
        }
        // Where the commits may tell of the events, these must stay.
        if written.is_err() && held.commits.cut(held.last).is_ok() {
            self.additions.iter().for_each(Addition::undo);
        }
        written
    }

    /// Returns the sequence number of the last event of a stream; 0 where there is none.
    pub(super) fn last(&self, stream: StreamId) -> u64 {
        self.recorded.iter().rev().find(|event| event.stream == stream).map_or(0, |event| event.seq)
    }
}

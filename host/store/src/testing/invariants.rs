//! Invariants of a store in plain files, whatever happens to its files.
//!
//! [`broken_files`] panics if one is violated. A property test and a fuzz target call it; it is public for
//! the fuzz target.

#![allow(clippy::expect_used, clippy::panic, reason = "a violated invariant panics")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use codewalk_core::entry::Entry;
use codewalk_core::event::StoredEvent;
use codewalk_core::ids::{StreamId, UtteranceId};
use codewalk_core::ports::SessionStore;

use crate::projection::refold;
use crate::testing::samples::{NASTY, entry, id, next, of_session, session, started, starting, story, used};
use crate::{FileStore, RawFile, Store, StoreError};

/// Longer than any reason, not counting the names of files.
const REASON: usize = 1024;
/// The number of files that are damaged, beginning with the commits.
const PARTS: usize = 6;
const COMMITS: usize = 0;
const ENTRIES: usize = 4;

/// An intact store.
struct Intact {
    files: Vec<(PathBuf, Vec<u8>)>,
    /// The events, each with the sequence number of the first event of its batch.
    events: Vec<(u64, StoredEvent)>,
    entries: Vec<Entry>,
    /// The number of entries at each position of the reader.
    read: Vec<(u64, usize)>,
}

/// The damaged files.
struct Damage {
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Which files are damaged.
    broken: [bool; PARTS],
    /// Whether a file may contain valid foreign data.
    is_foreign: bool,
}

/// Checks that a store whose files are cut, or contain holes or foreign bytes, returns stored data or the
/// reason why the data cannot be read, that reading changes nothing, and that a writer continues after the
/// stored data.
pub fn broken_files(folder: &Path, bytes: &[u8]) {
    static INTACT: OnceLock<Intact> = OnceLock::new();
    let intact = INTACT.get_or_init(|| Intact::make(&folder.join("intact")));
    let damage = Damage::of(intact, bytes);
    let root = folder.join("broken");
    for (path, content) in &damage.files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&root)).expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
    }
    if let Some(mut store) = checked(FileStore::open(&root), &root) {
        check_events(&store, intact, &damage, &root);
        check_entries(&store, intact, &damage, &root);
        check_sessions(&store, &damage, &root);
        checked(store.sessions(u32::MAX, None), &root);
        checked(store.unfinished(), &root);
        checked(store.problems(), &root);
        checked(store.recent(u32::MAX), &root);
        checked(store.find(&session(2).to_string()), &root);
        assert_eq!(content(&root, &damage), without_snapshots(&damage.files), "reading changed something");
        write_more(&mut store, &damage, &root);
    }
    fs::remove_dir_all(root).expect("a folder can be removed");
}

fn check_events(store: &FileStore, intact: &Intact, damage: &Damage, root: &Path) {
    let all = checked(store.events_after(0, u32::MAX), root);
    if let Some(all) = &all {
        assert!((1..).zip(all).all(|(seq, event)| event.seq == seq), "events are missing in between");
        if !damage.is_foreign {
            assert!(all.iter().eq(intact.events.iter().map(|(_, event)| event).take(all.len())));
            assert!(all.len() == intact.events.len() || damage.broken[COMMITS], "a commit is ignored");
        }
    }
    for stream in streams() {
        let events = checked(store.read(stream), root);
        for (version, event) in (1..).zip(events.iter().flatten()) {
            assert!(event.version == version && event.stream == stream && event.event.stream() == stream);
        }
        let whole: Vec<_> = intact.events.iter().filter(|(_, event)| event.stream == stream).collect();
        if let (Some(events), false) = (&events, damage.is_foreign) {
            assert!(events.iter().eq(whole.iter().map(|(_, event)| event).take(events.len())));
        }
        let (Some(all), false) = (&all, damage.is_foreign) else { continue };
        // The next batch may be uncommitted. Events after it show that the commits have lost data.
        let next = all.len() as u64 + 1;
        let is_cut = damage.broken[1..].contains(&true);
        match events {
            Some(events) => {
                assert_eq!(events.len(), whole.iter().filter(|(_, event)| event.seq < next).count());
                let later = whole.iter().find(|(batch, _)| *batch > next);
                assert!(later.is_none() || is_cut, "{later:?} is treated as uncommitted");
            }
            None => assert!(damage.broken.contains(&true), "intact data cannot be read"),
        }
    }
}

/// Checks that a session is the fold of its committed events.
fn check_sessions(store: &FileStore, damage: &Damage, root: &Path) {
    for id in [session(1), session(2)] {
        let (stored, events) = (checked(store.session(id), root), checked(store.read(id.into()), root));
        if let (Some(stored), Some(events), false) = (stored, events, damage.is_foreign) {
            assert_eq!(refold(&events).expect("the events are legal"), stored);
        }
    }
}

fn check_entries(store: &FileStore, intact: &Intact, damage: &Damage, root: &Path) {
    let entries = checked(store.entries(session(1), 0, u32::MAX), root);
    let position = checked(store.reader_position(session(1), 1, RawFile::Stdout), root);
    checked(store.entries_newest(session(1), 64), root);
    let (Some(entries), Some(position), false) = (entries, position, damage.is_foreign) else { return };
    assert!(entries.iter().eq(intact.entries.iter().take(entries.len())));
    assert!(entries.len() == intact.entries.len() || damage.broken[ENTRIES], "entries are missing");
    let read = intact.read.iter().find(|(offset, _)| *offset == position);
    assert_eq!(read.map(|(_, count)| *count), Some(entries.len()), "read up to {position}");
}

/// Checks that a writer appends after the stored data, or changes nothing.
fn write_more(store: &mut FileStore, damage: &Damage, root: &Path) {
    let Ok(before) = store.events_after(0, u32::MAX) else { return };
    let readable = streams().iter().all(|stream| store.read(*stream).is_ok());
    if !readable || damage.is_foreign {
        return;
    }
    let events = next(store, &[of_session(session(1), 99, used(1.0))]);
    match checked(store.append(&events), root) {
        Some(recorded) => {
            let after = store.events_after(0, u32::MAX).expect("the new events can be read");
            assert!(after.iter().eq(before.iter().chain(&recorded)));
            assert_eq!(
                store.read(session(1).into()).expect("the stream can be read").last(),
                recorded.last()
            );
        }
        None => assert_eq!(
            content(root, damage),
            without_snapshots(&damage.files),
            "a failed write changed something"
        ),
    }
}

impl Intact {
    fn make(root: &Path) -> Self {
        let mut store = FileStore::open(root).expect("a new store");
        let received = story().swap_remove(2);
        let batches = [
            vec![of_session(session(1), 1, starting(1, NASTY))],
            vec![of_session(session(1), 2, started()), received, of_session(session(2), 2, starting(1, "b"))],
            vec![of_session(session(1), 3, used(0.5)), of_session(session(1), 3, used(0.25))],
            vec![of_session(session(2), 4, started())],
            vec![of_session(session(2), 5, used(1.0)), of_session(session(1), 5, used(2.0))],
        ];
        let mut events = Vec::new();
        for batch in batches {
            let first = events.len() as u64 + 1;
            let recorded = store.append(&next(&store, &batch)).expect("events can be stored");
            events.extend(recorded.into_iter().map(|event| (first, event)));
        }
        let entries = vec![entry(1, 0, "a"), entry(1, 10, NASTY), entry(1, 20, "c"), entry(1, 30, "d")];
        let read = vec![(0, 0), (10, 1), (30, 3), (40, 4)];
        let mut begin = 0;
        for (offset, count) in read.iter().skip(1) {
            let batch = &entries[begin..*count];
            let stored = store.append_entries(session(1), 1, RawFile::Stdout, batch, *offset);
            stored.expect("entries can be stored");
            begin = *count;
        }
        let of_session = |n, name| PathBuf::from(format!("sessions/{}/{name}", session(n)));
        let names: [PathBuf; PARTS] = [
            "commits".into(),
            of_session(1, "events.jsonl"),
            of_session(2, "events.jsonl"),
            format!("utterances/{}.jsonl", streams()[2]).into(),
            of_session(1, "entries.jsonl"),
            of_session(1, "session.json"),
        ];
        let whole = [of_session(2, "session.json"), "store.json".into(), "lock".into()];
        let files = names.into_iter().chain(whole);
        let read_file = |name: PathBuf| (name.clone(), fs::read(root.join(name)).expect("a file"));
        let files = files.map(read_file).collect();
        fs::remove_dir_all(root).expect("a folder can be removed");
        Self { files, events, entries, read }
    }
}

impl Damage {
    /// Decodes damage. The first byte decides whether the rest replaces a file, is appended, or is a list
    /// of faults.
    fn of(intact: &Intact, bytes: &[u8]) -> Self {
        let mut damage = Self { files: intact.files.clone(), broken: [false; PARTS], is_foreign: false };
        let Some((&first, rest)) = bytes.split_first() else { return damage };
        let part = usize::from(first / 4) % PARTS;
        match first % 4 {
            0 => damage.foreign(part, rest.to_vec()),
            1 => damage.foreign(part, [&intact.files[part].1, rest].concat()),
            _ => rest.chunks_exact(4).for_each(|fault| damage.fault(fault)),
        }
        damage
    }

    fn foreign(&mut self, part: usize, content: Vec<u8>) {
        self.files[part].1 = content;
        self.broken[part] = true;
        self.is_foreign = true;
    }

    /// Cuts a file, or overwrites part of it with bytes that no file contains.
    fn fault(&mut self, fault: &[u8]) {
        let &[what, high, low, length] = fault else { return };
        let part = usize::from(what / 3) % PARTS;
        let content = &mut self.files[part].1;
        let at = usize::from(u16::from_be_bytes([high, low])) % (content.len() + 1);
        let end = (at + usize::from(length)).min(content.len());
        match what % 3 {
            0 => content.truncate(at),
            1 => content[at..end].fill(0),
            _ => content[at..end].fill(0xff),
        }
        self.broken[part] = true;
    }
}

fn streams() -> [StreamId; 3] {
    [session(1).into(), session(2).into(), UtteranceId(id(900)).into()]
}

/// Returns the contents of the files, without snapshots, which are recreated when sessions are listed.
fn content(root: &Path, damage: &Damage) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |(path, _): &(PathBuf, _)| (path.clone(), fs::read(root.join(path)).expect("a file"));
    without_snapshots(&damage.files.iter().map(read).collect::<Vec<_>>())
}

fn without_snapshots(files: &[(PathBuf, Vec<u8>)]) -> Vec<(PathBuf, Vec<u8>)> {
    files.iter().filter(|(path, _)| !path.ends_with("session.json")).cloned().collect()
}

/// Unwraps the result. An error must name a file and a remedy, and must not contain control characters.
fn checked<T>(result: Result<T, StoreError>, root: &Path) -> Option<T> {
    let error = match result {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let text = error.to_string();
    assert!(
        text.len() <= REASON + 3 * root.as_os_str().len() && !text.contains(char::is_control),
        "{text:?}"
    );
    match error {
        StoreError::Corrupt { path, .. } => {
            assert!(path.starts_with(root) && text.contains("backup"), "{text}");
        }
        StoreError::Illegal { .. } | StoreError::NoSession { .. } => {}
        other => panic!("{other}"),
    }
    None
}

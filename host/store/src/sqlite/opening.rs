//! Opens the database: private files, durable commits, a supported schema.
//!
//! Any number of processes may do this at once, even the first time. An existing file is checked before
//! anything is changed, so that a rejected file stays unchanged.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::error::Failure;
use crate::error::OnPath;
use crate::private::narrow;
use crate::{BUSY_PAUSE, BUSY_TIMEOUT, FileSystem, Sharing, StoreError};

/// Larger than the number of distinct statements.
const CACHED_STATEMENTS: usize = 32;

/// The maximum number of databases that can be moved aside.
const MAX_ASIDE: u32 = 1_000;
/// The number of attempts after which support for locks is checked.
const SUSPICIOUS: i32 = 100;
/// The minimum total duration of these attempts.
const HOPELESS: Duration = Duration::from_millis(100);

/// The steps from one schema to the next. `PRAGMA user_version` counts the completed steps. A released step
/// never changes.
pub(super) const STEPS: &[&str] = &[
    "
    CREATE TABLE events (
        seq     INTEGER PRIMARY KEY AUTOINCREMENT,
        stream  TEXT NOT NULL,
        version INTEGER NOT NULL,
        at      INTEGER NOT NULL,
        body    TEXT NOT NULL,
        UNIQUE (stream, version)
    ) STRICT;
    CREATE TABLE sessions (
        id         TEXT PRIMARY KEY NOT NULL,
        changed_at INTEGER NOT NULL,
        state      TEXT NOT NULL,
        body       TEXT NOT NULL
    ) STRICT;
    CREATE INDEX sessions_by_change ON sessions (changed_at, id);
    CREATE INDEX sessions_unfinished ON sessions (changed_at, id) \
        WHERE state IN ('starting', 'running', 'waiting');
    CREATE TABLE entries (
        session TEXT NOT NULL,
        number  INTEGER NOT NULL,
        run     INTEGER NOT NULL,
        offset  INTEGER NOT NULL,
        length  INTEGER NOT NULL,
        body    TEXT NOT NULL,
        UNIQUE (session, number)
    ) STRICT;
    CREATE TABLE readers (
        session  TEXT NOT NULL,
        run      INTEGER NOT NULL,
        file     TEXT NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (session, run, file)
    ) STRICT, WITHOUT ROWID;
",
    "
    ALTER TABLE sessions ADD COLUMN agent   TEXT;
    ALTER TABLE sessions ADD COLUMN project TEXT;
    ALTER TABLE sessions ADD COLUMN text    TEXT;
    DROP INDEX sessions_by_change;
    CREATE INDEX sessions_by_change ON sessions (changed_at, id, state, agent, project, text);
    ALTER TABLE entries ADD COLUMN packed BLOB;
",
];

/// Opens or creates the database at `path`.
pub(super) fn open(path: &Path, steps: &[&str]) -> Result<Connection, StoreError> {
    refuse_remote(path, FileSystem::of(path))?;
    create(path)?;
    connect_and_prepare(path, steps).on("open the store", path)
}

/// Rejects a remote file system, because WAL needs shared memory and reliable locks.
fn refuse_remote(path: &Path, file_system: Option<FileSystem>) -> Result<(), StoreError> {
    match file_system {
        Some(FileSystem { name, sharing: Sharing::Remote }) => {
            Err(StoreError::UnsafeMedium { path: path.to_owned(), file_system: name })
        }
        _ => Ok(()),
    }
}

/// Opens another connection to an open database, for data that need not be durable immediately.
pub(super) fn open_derived(path: &Path) -> Result<Connection, StoreError> {
    let opened = connect(path).and_then(|connection| {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(connection)
    });
    opened.map_err(|error| StoreError::database("open the store", path, error))
}

/// Creates an empty database file that only its owner can read, in a folder that only its owner can enter.
/// SQLite copies the mode to its other files.
fn create(path: &Path) -> Result<(), StoreError> {
    // Closing any descriptor of a file drops all locks that this process holds on it. So a file is created
    // only while no other thread can be between finding and locking it, and only SQLite opens an existing
    // file.
    static CREATION: Mutex<()> = Mutex::new(());

    if let Some(folder) = path.parent() {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder).on("create the store", path)?;
    }
    let _creation = CREATION.lock().unwrap_or_else(PoisonError::into_inner);
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match created {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => ["", "-wal", "-shm"]
            .into_iter()
            .try_for_each(|suffix| narrow(&with(path, suffix)))
            .on("create the store", path),
        Err(error) => Err(StoreError::io("create the store", path, error)),
    }
}

/// Moves a database and its companion files aside, and returns the new path.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let failed = |source| StoreError::io("move the store aside", path, source);
    let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
    let mut places = (1..=MAX_ASIDE).map(|number| with(path, &format!(".damaged-{number}")));
    let place =
        places.find(|place| matches!(place.try_exists(), Ok(false))).ok_or_else(|| failed(taken()))?;
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::rename(with(path, suffix), with(&place, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(place)
}

/// Returns the path of a companion file of the database.
fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut file = path.as_os_str().to_owned();
    file.push(suffix);
    file.into()
}

/// Checks with a separate file whether files next to the database can be locked. If that file cannot be
/// created, assumes that they can.
fn has_locks(probe: &Path) -> bool {
    let Ok(file) = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(probe) else {
        return true;
    };
    let locked = rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive);
    // Another process that runs the same check may have removed it.
    let _ = std::fs::remove_file(probe);
    !matches!(locked, Err(Errno::NOLCK | Errno::NOSYS | Errno::OPNOTSUPP))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // SQLite must not create the file, because its new files are readable by everyone, nor treat `path` as a
    // URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // SQLite sleeps up to 100 ms between attempts, and so misses the gaps between busy writers.
    let mut since = Instant::now();
    let probe = with(path, "-locks");
    connection.busy_handler(Some(move |attempts| {
        if attempts == 0 {
            since = Instant::now();
        }
        thread::sleep(BUSY_PAUSE);
        // On a file system without locks, SQLite reports that another process holds a lock.
        let is_hopeless = attempts == SUSPICIOUS && !has_locks(&probe);
        since.elapsed() < BUSY_TIMEOUT && !is_hopeless
    }))?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

fn connect_and_prepare(path: &Path, steps: &[&str]) -> Result<Connection, Failure> {
    let mut connection = connect(path)?;
    // SQLite does not wait when it upgrades a lock, for example to switch to WAL.
    let since = Instant::now();
    let deadline = since + BUSY_TIMEOUT;
    loop {
        match prepare(&mut connection, path, steps) {
            Err(Failure::Database(error))
                if is_busy(&error) && since.elapsed() >= HOPELESS && !has_locks(&with(path, "-locks")) =>
            {
                let file_system = FileSystem::of(path).map_or("a file system".to_owned(), |found| found.name);
                let file_system = format!("{file_system} without locks");
                return Err(Failure::Refused(StoreError::UnsafeMedium {
                    path: path.to_owned(),
                    file_system,
                }));
            }
            Err(Failure::Database(error)) if is_busy(&error) && Instant::now() < deadline => {
                thread::sleep(BUSY_PAUSE);
            }
            done => return done.map(|()| connection),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Migrates the database to the supported schema, and sets up durable commits. Idempotent.
fn prepare(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), Failure> {
    let known = steps.len() as i64;
    let taken = steps_taken(connection, path, known)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Failure::Refused(StoreError::no_wal(path, &mode)));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    if taken < known {
        migrate(connection, path, steps)?;
    }
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), Failure> {
    let known = steps.len() as i64;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let taken = steps_taken(&transaction, path, known)?;
    for step in steps.iter().skip(usize::try_from(taken).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

fn steps_taken(connection: &Connection, path: &Path, known: i64) -> Result<i64, Failure> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Failure::Refused(StoreError::NewerSchema { path: path.to_owned(), found, known }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_without_locks_is_refused_immediately() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codewalk.db");
        let since = Instant::now();
        let said = crate::testing::media::without_locks(|| open(&path, STEPS).unwrap_err().to_string());
        assert!(said.contains("without locks") && said.contains("store = \"files:FOLDER\""), "{said}");
        assert!(since.elapsed() < BUSY_TIMEOUT / 4, "{:?}", since.elapsed());
        assert!(!with(&path, "-locks").exists());
        assert!(has_locks(&with(&path, "-locks")), "only that thread has no locks");
    }

    #[test]
    fn a_database_on_a_remote_file_system_is_refused() {
        let on = |name: &str, sharing| {
            refuse_remote(
                Path::new("/home/me/codewalk.db"),
                Some(FileSystem { name: name.to_owned(), sharing }),
            )
        };
        let said = on("NFS", Sharing::Remote).unwrap_err().to_string();
        assert!(said.contains("\"/home/me/codewalk.db\" is on NFS"), "{said}");
        assert!(said.contains("store = \"files:FOLDER\""), "{said}");
        assert!(on("ext4", Sharing::Local).is_ok() && on("FUSE", Sharing::Unknown).is_ok());
        assert!(refuse_remote(Path::new("/x"), None).is_ok());
    }
}

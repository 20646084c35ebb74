//! The run folder: the contract between the owner of an agent and the readers of its output.
//!
//! `sessions/ID/runs/N/` holds `stdout` and `stderr`, append-only files of the agent;
//! `stdin`, a FIFO, if the agent takes input; `meta.json`, the facts of the launch, written once; `requests`,
//! from other processes to the owner; and `exit`, once the agent has ended. The owner of the session holds
//! `sessions/ID/lock`. Only the user can read any of it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use codewalk_core::ids::SessionId;
use codewalk_core::session::{AgentProcess, Exit};
use codewalk_core::time::Timestamp;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::files;
use crate::protocol::Protocol;
use crate::report::{Request, RequestReply};

/// Larger than any record in a run folder.
const MAX_RECORD: u64 = 1024 * 1024;
/// The number of requests that an owner takes at once. The rest waits for its next look.
pub(crate) const MAX_REQUESTS: usize = 64;

/// The facts of a launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The version of this format.
    pub schema: u32,
    /// The agent's name in the configuration.
    pub agent: String,
    /// The protocol of its output.
    pub protocol: Protocol,
    /// The command line.
    pub argv: Vec<String>,
    /// The first prompt. Older records have none.
    #[serde(default)]
    pub prompt: String,
    /// The working directory.
    pub cwd: PathBuf,
    /// The identifier of the process.
    pub pid: u32,
    /// When that process started, in milliseconds since 1970.
    pub started_at: u64,
}

impl Meta {
    /// Returns the process that was started.
    pub const fn started(&self) -> AgentProcess {
        AgentProcess { pid: self.pid, started_at: Timestamp(self.started_at) }
    }
}

/// How an agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRecord {
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The time of the end, in milliseconds since 1970.
    pub ended_at: u64,
}

impl ExitRecord {
    /// Returns the exit without its time.
    pub const fn exit(self) -> Exit {
        Exit { code: self.code, signal: self.signal }
    }
}

/// The folder of one run. Its path consists of a typed identifier and a number, never of foreign text.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Returns the folder of a run, which need not exist.
    #[must_use]
    pub fn of(sessions: &Path, session: SessionId, run: u32) -> Self {
        Self { path: session_folder(sessions, session).join("runs").join(run.to_string()) }
    }

    /// Wraps an existing folder.
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of the standard output.
    #[must_use]
    pub fn stdout(&self) -> PathBuf {
        self.path.join("stdout")
    }

    /// Returns the path of the standard error.
    #[must_use]
    pub fn stderr(&self) -> PathBuf {
        self.path.join("stderr")
    }

    /// Returns the path of the FIFO that the agent reads.
    #[must_use]
    pub fn stdin(&self) -> PathBuf {
        self.path.join("stdin")
    }

    /// Returns the path of the folder of requests to the owner.
    pub(crate) fn requests(&self) -> PathBuf {
        self.path.join("requests")
    }

    /// Creates the folder, with a FIFO if the agent takes input.
    ///
    /// # Errors
    /// If it exists or cannot be created.
    pub(crate) fn create(&self, conversation: bool) -> io::Result<()> {
        if let Some(runs) = self.path.parent() {
            private_folder().recursive(true).create(runs)?;
        }
        private_folder().create(&self.path)?;
        private_folder().create(self.requests())?;
        for path in [self.stdout(), self.stderr()] {
            private_file().create_new(true).append(true).open(path)?;
        }
        if conversation {
            rustix::fs::mkfifoat(CWD, self.stdin(), Mode::RUSR | Mode::WUSR)?;
        }
        Ok(())
    }

    /// Removes the folder of a run that never started.
    pub(crate) fn discard(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            let folder = self.path.display();
            tracing::warn!(%folder, %error, "cannot remove the folder of a run that never started");
        }
    }

    /// Records the facts of the launch.
    pub(crate) fn write_meta(&self, meta: &Meta) -> io::Result<()> {
        self.write("meta.json", meta)
    }

    /// Returns the facts of the launch, or `None` before the process is known.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn meta(&self) -> io::Result<Option<Meta>> {
        self.read("meta.json")
    }

    /// Records how the agent ended.
    pub(crate) fn write_exit(&self, exit: ExitRecord) -> io::Result<()> {
        self.write("exit", &exit)
    }

    /// Returns how the agent ended, or `None` if that is not recorded.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn exit(&self) -> io::Result<Option<ExitRecord>> {
        self.read("exit")
    }

    /// Sends a request to the owner.
    pub(crate) fn write_request(&self, id: Uuid, request: &Request) -> io::Result<()> {
        let name = request_name(id);
        match self.put(&name, request) {
            // The folder was moved away. The owner looks for it by its name.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private_folder().create(self.requests())?;
                self.put(&name, request)
            }
            put => put,
        }
    }

    /// Withdraws a request. The owner may have taken it already.
    pub(crate) fn withdraw_request(&self, id: Uuid) {
        let _ = std::fs::remove_file(self.path.join(request_name(id)));
    }

    /// Takes the requests in the folder, oldest first. Other files are left alone.
    pub(crate) fn take_requests(&self) -> Vec<(Uuid, io::Result<Request>)> {
        let Ok(files) = std::fs::read_dir(self.requests()) else { return Vec::new() };
        // A directory could not be removed.
        let files = files.flatten().filter(|file| file.file_type().is_ok_and(|kind| !kind.is_dir()));
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let mut ids: Vec<Uuid> =
            names.filter_map(|name| Uuid::parse_str(name.strip_suffix(".request")?).ok()).collect();
        ids.sort_unstable();
        ids.truncate(MAX_REQUESTS);
        let take = |id| self.take(&request_name(id)).transpose();
        ids.into_iter()
            .filter_map(|id| Some((id, take(id)?.and_then(|request| self.only_own(request)))))
            .collect()
    }

    /// Accepts a request only if no other user can have written it.
    fn only_own<T>(&self, request: T) -> io::Result<T> {
        let folder = self.requests().symlink_metadata()?;
        if folder.uid() == rustix::process::geteuid().as_raw() && folder.mode() & 0o022 == 0 {
            return Ok(request);
        }
        Err(io::Error::other("other users can write to its folder"))
    }

    /// Replies to a request.
    pub(crate) fn write_reply(&self, id: Uuid, reply: &RequestReply) -> io::Result<()> {
        self.put(&reply_name(id), reply)
    }

    /// Takes the reply to a request, if there is one yet.
    pub(crate) fn take_reply(&self, id: Uuid) -> io::Result<Option<RequestReply>> {
        self.take(&reply_name(id))
    }

    /// Reads a record and removes it.
    fn take<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        let record = self.read(name);
        if !matches!(record, Ok(None)) {
            std::fs::remove_file(self.path.join(name))?;
        }
        record
    }

    /// Writes a record completely or not at all, also across a crash.
    fn write<T: Serialize>(&self, name: &str, record: &T) -> io::Result<()> {
        self.put_and(name, record, File::sync_all)?;
        File::open(&self.path)?.sync_all()
    }

    /// Writes a record completely or not at all. After a crash no process waits for it.
    fn put<T: Serialize>(&self, name: &str, record: &T) -> io::Result<()> {
        self.put_and(name, record, |_| Ok(()))
    }

    fn put_and<T: Serialize>(
        &self,
        name: &str,
        record: &T,
        written: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = self.path.join(name);
        let temporary = path.with_extension("new");
        // Never opened: it may be left from a crash, or be a FIFO without a reader.
        match std::fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private_file().write(true).create_new(true).open(&temporary)?;
        file.write_all(&serde_json::to_vec(record)?)?;
        written(&file)?;
        std::fs::rename(&temporary, &path)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        // Neither waits for the other end of a FIFO nor follows links: an agent can write here.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match rustix::fs::open(self.path.join(name), flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(io::Error::other("it is a symbolic link")),
            Err(error) => return Err(error.into()),
        };
        let found = file.metadata()?;
        if !found.is_file() || found.uid() != rustix::process::geteuid().as_raw() {
            return Err(io::Error::other("it is not a file of this user"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_RECORD).read_to_end(&mut bytes)?;
        Ok(Some(record(&bytes)?))
    }
}

/// Reads a record.
pub(crate) fn record<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes)
}

/// Ownership of a session. No other process owns it until this is dropped.
#[derive(Debug)]
pub struct SessionLock {
    file: File,
}

impl SessionLock {
    /// Takes ownership of a session, or returns `None` if it has a living owner.
    ///
    /// # Errors
    /// If the lock cannot be created or taken for another reason.
    pub fn try_take(sessions: &Path, session: SessionId) -> io::Result<Option<Self>> {
        let folder = session_folder(sessions, session);
        private_folder().recursive(true).create(&folder)?;
        let how = &mut private_file();
        let file = files::regular(how.write(true).create(true).truncate(false), &folder.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for SessionLock {
    /// Closing the file is not enough: a process that is being started holds it too until it executes its
    /// program.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "a session stays locked until its file is closed");
        }
    }
}

fn request_name(id: Uuid) -> String {
    format!("requests/{id}.request")
}

fn reply_name(id: Uuid) -> String {
    format!("requests/{id}.reply")
}

fn session_folder(sessions: &Path, session: SessionId) -> PathBuf {
    sessions.join(session.to_string())
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(test)]
mod tests {
    use codewalk_core::ids::Id;

    use super::*;

    #[test]
    fn a_session_is_free_at_once_though_an_agent_is_being_started_beside_it() {
        let sessions = tempfile::tempdir().unwrap();
        let session = SessionId(Id::from_u128(1));
        let take = || SessionLock::try_take(sessions.path(), session).unwrap();
        let lock = take().unwrap();
        assert!(take().is_none());
        // Like a process that is being started and has not executed its program.
        let _inherited = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(take().is_some());
    }

    #[test]
    fn a_fifo_in_the_place_of_a_reply_or_a_lock_blocks_nobody() {
        let sessions = tempfile::tempdir().unwrap();
        let session = SessionId(Id::from_u128(1));
        let folder = RunFolder::of(sessions.path(), session, 1);
        folder.create(false).unwrap();
        let id = Uuid::from_u128(1);
        let lock = session_folder(sessions.path(), session).join("lock");
        for fifo in [folder.path().join(reply_name(id)).with_extension("new"), lock] {
            rustix::fs::mkfifoat(CWD, fifo, Mode::RUSR | Mode::WUSR).unwrap();
        }
        let (done, finished) = std::sync::mpsc::channel();
        let sessions_folder = sessions.path().to_owned();
        std::thread::spawn(move || {
            let written = folder.write_reply(id, &RequestReply::Accepted);
            let reply = folder.take_reply(id);
            done.send((written, reply, SessionLock::try_take(&sessions_folder, session))).unwrap();
        });
        let done = finished.recv_timeout(std::time::Duration::from_secs(20));
        let (written, reply, lock) = done.expect("nobody waits for a reader");
        written.unwrap();
        assert_eq!(reply.unwrap(), Some(RequestReply::Accepted));
        assert!(lock.is_err());
    }
}

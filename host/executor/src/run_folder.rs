//! The run folder: the contract between an agent's parent and its readers.
//!
//! `sessions/ID/runs/N/` holds `stdout` and `stderr`, appended by the agent itself and never rewritten, `stdin` (a
//! FIFO, for agents that hold a conversation), `meta.json` (facts of the launch, written once), `requests` (what other
//! processes ask of the owner) and, when the agent has ended, `exit`. `sessions/ID/lock` is held by the session's owner. Only the user can read any of it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use codewalk_core::call::{AgentProcess, Exit};
use codewalk_core::ids::SessionId;
use codewalk_core::time::Timestamp;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::files;
use crate::requests::{Request, RequestReply};

/// More than any record in a run folder ever needs.
const MAX_RECORD: u64 = 1024 * 1024;
/// How many requests an owner takes at once; the rest waits for its next look.
pub(crate) const MAX_REQUESTS: usize = 64;

/// How the standard output of an agent is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Claude Code's lines of JSON.
    Claude,
    /// Plain lines.
    Lines,
}

/// The facts of a launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The version of this form.
    pub schema: u32,
    /// The agent's name in the configuration.
    pub agent: String,
    /// How its output is read.
    pub protocol: Protocol,
    /// What was executed.
    pub argv: Vec<String>,
    /// Where.
    pub cwd: PathBuf,
    /// The process.
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
    /// Its exit code, where it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// When, in milliseconds since 1970.
    pub ended_at: u64,
}

impl ExitRecord {
    /// Returns it as the core knows it.
    pub const fn exit(self) -> Exit {
        Exit { code: self.code, signal: self.signal }
    }
}

/// The folder of one run. Its path is made of a typed identifier and a number, never of foreign text.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Names the folder of a run; it need not exist.
    #[must_use]
    pub fn of(sessions: &Path, session: SessionId, run: u32) -> Self {
        Self { path: session_folder(sessions, session).join("runs").join(run.to_string()) }
    }

    /// Takes a folder that was found.
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of what the agent prints.
    #[must_use]
    pub fn stdout(&self) -> PathBuf {
        self.path.join("stdout")
    }

    /// Returns the path of what the agent prints on its error stream.
    #[must_use]
    pub fn stderr(&self) -> PathBuf {
        self.path.join("stderr")
    }

    /// Returns the path of the FIFO through which the agent is told something.
    #[must_use]
    pub fn stdin(&self) -> PathBuf {
        self.path.join("stdin")
    }

    /// Returns the path of the folder of requests to the owner.
    pub(crate) fn requests(&self) -> PathBuf {
        self.path.join("requests")
    }

    /// Makes the folder, with a FIFO where the agent holds a conversation.
    ///
    /// # Errors
    /// Where it exists, or cannot be made.
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

    /// Removes the folder of a run that never began.
    pub(crate) fn discard(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(folder = %self.path.display(), %error, "cannot remove the folder of a run that never began");
        }
    }

    /// Keeps the facts of the launch.
    pub(crate) fn write_meta(&self, meta: &Meta) -> io::Result<()> {
        self.write("meta.json", meta)
    }

    /// Returns the facts of the launch; none before the process is known.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn meta(&self) -> io::Result<Option<Meta>> {
        self.read("meta.json")
    }

    /// Keeps how the agent ended.
    pub(crate) fn write_exit(&self, exit: ExitRecord) -> io::Result<()> {
        self.write("exit", &exit)
    }

    /// Returns how the agent ended; none where nobody recorded it.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn exit(&self) -> io::Result<Option<ExitRecord>> {
        self.read("exit")
    }

    /// Asks the owner for something.
    pub(crate) fn write_request(&self, id: Uuid, request: &Request) -> io::Result<()> {
        let name = request_name(id);
        match self.put(&name, request) {
            // Somebody moved the folder away. The owner looks for it by its name.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private_folder().create(self.requests())?;
                self.put(&name, request)
            }
            put => put,
        }
    }

    /// Takes a request back; one that was taken already is not there any more.
    pub(crate) fn withdraw_request(&self, id: Uuid) {
        let _ = std::fs::remove_file(self.path.join(request_name(id)));
    }

    /// Takes the requests that are there, oldest first. What is none is left alone.
    pub(crate) fn take_requests(&self) -> Vec<(Uuid, io::Result<Request>)> {
        let Ok(files) = std::fs::read_dir(self.requests()) else { return Vec::new() };
        // A folder could not be taken away.
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

    /// Passes on a request that only this user can have put there.
    fn only_own<T>(&self, request: T) -> io::Result<T> {
        let folder = self.requests().symlink_metadata()?;
        if folder.uid() == rustix::process::geteuid().as_raw() && folder.mode() & 0o022 == 0 {
            return Ok(request);
        }
        Err(io::Error::other("others can write to the folder that it lies in"))
    }

    /// Replies to a request.
    pub(crate) fn write_reply(&self, id: Uuid, reply: &RequestReply) -> io::Result<()> {
        self.put(&reply_name(id), reply)
    }

    /// Takes the reply to a request; none where there is none yet.
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

    /// Writes a record so that it is there as a whole or not at all, also after a crash.
    fn write<T: Serialize>(&self, name: &str, record: &T) -> io::Result<()> {
        self.put_and(name, record, File::sync_all)?;
        File::open(&self.path)?.sync_all()
    }

    /// Writes a record so that it is there as a whole or not at all. Nobody waits for it any more after a crash.
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
        // What lies there is never opened: it may be left from a crash, or be a FIFO that nobody reads.
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
        // Neither waits for whoever opens the other end of a FIFO, nor reads what lies elsewhere: an agent can write here.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match rustix::fs::open(self.path.join(name), flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(io::Error::other("it is a link")),
            Err(error) => return Err(error.into()),
        };
        let found = file.metadata()?;
        if !found.is_file() || found.uid() != rustix::process::geteuid().as_raw() {
            return Err(io::Error::other("it is no file of this user"));
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

/// Ownership of a session: nobody else has it as long as this lives.
#[derive(Debug)]
pub struct SessionLock {
    file: File,
}

impl SessionLock {
    /// Takes a session; none where another owner lives.
    ///
    /// # Errors
    /// Where the lock cannot be made or taken for other reasons.
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
    /// Closing the file is not enough: a process that is just being started has it too, until it becomes its program.
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
        // What a process has until it becomes the program it was made for.
        let _inherited = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(take().is_some());
    }

    #[test]
    fn nothing_that_lies_where_a_reply_or_a_lock_is_written_keeps_anybody_waiting() {
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

//! The run folder: the contract between the owner of an agent, its supervisor and the readers of its output.
//!
//! `sessions/ID/runs/N/` holds the files of `codewalk-supervisor`, and those of the owner: `prompt`, the
//! first prompt; `before`, when the agent started to change files; and `requests`, from other processes to
//! the owner. The owner of the session holds `sessions/ID/lock`. Only the user can read any of it.
//!
//! Runs of earlier versions have no supervisor. Their `meta.json` has the facts of the launch too.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use codewalk_core::ids::SessionId;
use codewalk_core::session::{AgentProcess, Exit};
use codewalk_core::time::Timestamp;
use codewalk_supervisor::{ExitReason, Launch};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::files;
use crate::protocol::Protocol;
use crate::report::{Request, RequestReply};

/// Larger than any record in a run folder.
const MAX_RECORD: u64 = 1024 * 1024;
/// Larger than any prompt.
const MAX_PROMPT: u64 = 32 * 1024 * 1024;
const PROMPT: &str = "prompt";
/// The version of the facts of a launch that this program returns.
const SCHEMA: u32 = 1;
const BEFORE: &str = "before";
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

/// When a run may have begun to change files. A found run reports its artifacts with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BeforeRecord {
    /// The version of this format.
    pub version: u32,
    /// The call of the first prompt.
    pub call: String,
    /// The folder in which changed files belong to the run.
    pub root: PathBuf,
    /// The time, in milliseconds since 1970.
    pub at: u64,
}

impl BeforeRecord {
    pub(crate) const VERSION: u32 = 1;
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
    /// Why it ended. Older records have no reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ExitReason>,
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

    /// Returns the path of the folder of requests to the owner.
    pub(crate) fn requests(&self) -> PathBuf {
        self.path.join("requests")
    }

    /// Returns the folder as its supervisor sees it.
    #[must_use]
    pub fn supervised(&self) -> codewalk_supervisor::RunFolder {
        codewalk_supervisor::RunFolder::at(&self.path)
    }

    /// Returns whether a supervisor runs or ran the agent. Those of earlier versions had none.
    pub(crate) fn has_supervisor(&self) -> bool {
        self.path.join("lock").exists()
    }

    /// Returns whether the supervisor of a started run was killed.
    pub(crate) fn is_lost(&self) -> bool {
        let folder = self.supervised();
        self.has_supervisor()
            && matches!(folder.meta(), Ok(Some(_)))
            && matches!(folder.is_alive(), Ok(false))
            && matches!(self.exit(), Ok(None))
    }

    /// Returns whether a run was prepared here that never started.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn never_started(&self) -> io::Result<bool> {
        let is_empty =
            |exit: Option<ExitRecord>| exit.is_none_or(|exit| exit.reason == Some(ExitReason::LaunchFailed));
        Ok(self.has_supervisor()
            && self.supervised().give_up()?
            && self.supervised().meta()?.is_none()
            && is_empty(self.exit()?))
    }

    /// Creates the folder.
    ///
    /// # Errors
    /// If it exists or cannot be created.
    pub(crate) fn create(&self, launch: &Launch, prompt: &str) -> io::Result<()> {
        self.supervised().create(launch)?;
        private_folder().create(self.requests())?;
        let mut file = private_file().create_new(true).write(true).open(self.path.join(PROMPT))?;
        file.write_all(prompt.as_bytes())
    }

    /// Removes the folder of a run that never started.
    pub(crate) fn discard(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            let folder = self.path.display();
            tracing::warn!(%folder, %error, "cannot remove the folder of a run that never started");
        }
    }

    /// Returns the facts of the launch, or `None` before the process is known.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn meta(&self) -> io::Result<Option<Meta>> {
        if !self.has_supervisor() {
            return self.read("meta.json");
        }
        let folder = self.supervised();
        let (Some(meta), Some(launch)) = (folder.meta()?, folder.launch()?) else { return Ok(None) };
        Ok(Some(Meta {
            schema: SCHEMA,
            agent: launch.agent,
            protocol: serde_json::from_value(launch.protocol.into())?,
            argv: launch.argv,
            prompt: self.prompt()?,
            cwd: launch.cwd,
            pid: meta.agent.pid,
            started_at: meta.agent.started_at,
        }))
    }

    /// Returns the first prompt, or an empty text if it is not recorded.
    fn prompt(&self) -> io::Result<String> {
        let bytes = self.bytes(PROMPT, MAX_PROMPT)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Records when the run may begin to change files.
    pub(crate) fn write_before(&self, before: &BeforeRecord) -> io::Result<()> {
        self.put(BEFORE, before)
    }

    /// Returns when the run may have begun to change files.
    ///
    /// # Errors
    /// If that cannot be read.
    pub(crate) fn before(&self) -> io::Result<Option<BeforeRecord>> {
        self.read(BEFORE)
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

    /// Writes a record completely or not at all. After a crash no process waits for it.
    fn put<T: Serialize>(&self, name: &str, record: &T) -> io::Result<()> {
        let path = self.path.join(name);
        let temporary = path.with_extension("new");
        // Never opened: it may be left from a crash, or be a FIFO without a reader.
        match std::fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private_file().write(true).create_new(true).open(&temporary)?;
        file.write_all(&serde_json::to_vec(record)?)?;
        std::fs::rename(&temporary, &path)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        Ok(self.bytes(name, MAX_RECORD)?.map(|bytes| record(&bytes)).transpose()?)
    }

    fn bytes(&self, name: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
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
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
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
    use rustix::fs::CWD;

    use super::*;
    use crate::testing;

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
        folder.create(&testing::launch("/"), "").unwrap();
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

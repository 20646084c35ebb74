//! The host's side of a run folder.

use std::collections::HashSet;
use std::fs::{DirBuilder, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::fs::{FlockOperation, OFlags};
use rustix::io::Errno;

use crate::deliveries::{self, Delivery};
use crate::folder::{CONTROL, DELIVERED, EXIT, Folder, LAUNCH, LEFT, LOCK, META, STDERR, STDOUT, TOLD};
use crate::handover::{Handover, Reply};
use crate::messages::{Call, Kind, MAX_MESSAGE, Scanner, encode};
use crate::records::{Exit, Launch, Left, Meta, Process};

/// The longest time that a supervisor needs to start an agent.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Larger than the receipts of any run.
const MAX_DELIVERED: u64 = 64 * 1024 * 1024;

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// The processes of a run that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// The agent.
    pub agent: Process,
    /// Its supervisor.
    pub supervisor: Process,
}

/// Why a run was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program of the supervisor could not be executed.
    #[error("cannot execute {}: {source}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// The supervisor ended or did not reply.
    #[error("the supervisor did not start: {0}")]
    Supervisor(#[source] io::Error),
    /// The supervisor did not start the agent.
    #[error("{0}")]
    Agent(String),
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It is larger than `MAX_MESSAGE`.
    #[error("the message is larger than {MAX_MESSAGE} bytes")]
    TooLarge,
    /// No supervisor listens. The message stays in its file.
    #[error("the run has ended")]
    Ended,
    /// The run folder cannot be used.
    #[error("cannot use the run folder: {0}")]
    Folder(#[from] io::Error),
}

impl RunFolder {
    /// Names a run folder, which need not exist.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the folder with all its files.
    ///
    /// # Errors
    /// If it exists or cannot be created.
    pub fn create(&self, launch: &Launch) -> io::Result<()> {
        if let Some(parent) = self.path.parent() {
            DirBuilder::new().mode(0o700).recursive(true).create(parent)?;
        }
        DirBuilder::new().mode(0o700).create(&self.path)?;
        let folder = self.open()?;
        for name in [LOCK, TOLD, CONTROL, DELIVERED, STDOUT, STDERR] {
            folder.create_file(name)?;
        }
        folder.create_bell()?;
        // Last: it allows a supervisor to start.
        folder.write(LAUNCH, launch)
    }

    /// Starts a supervisor and waits until it has started the agent.
    ///
    /// `program` is a program that calls `supervise_if_requested`, such as `/proc/self/exe`. The supervisor
    /// is not a child of this process. It ends with the run.
    ///
    /// # Errors
    /// If the agent was not started. `exit` says why too, if the supervisor could write it.
    pub fn start(&self, program: &Path, handover: &Handover) -> Result<Started, StartError> {
        let not_executed = |source| StartError::Program { program: program.to_owned(), source };
        let folder = std::path::absolute(&self.path).map_err(not_executed)?;
        let (host, supervisor) = UnixStream::pair().map_err(not_executed)?;
        let mut command = Command::new(program);
        command.arg0("codewalk").arg("supervise").arg(folder).env_clear().current_dir("/");
        command.stdin(OwnedFd::from(supervisor)).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(not_executed)?;
        // The other end is then only open in the supervisor.
        drop(command);
        let reply = hand_over(host, handover);
        if reply.is_err() {
            // It ends by itself, unless the program is another one.
            let _ = child.kill();
        }
        let _ = child.wait();
        match reply.map_err(StartError::Supervisor)? {
            Reply::Started { agent, supervisor } => Ok(Started { agent, supervisor }),
            Reply::Failed { message } => Err(StartError::Agent(message)),
        }
    }

    /// Returns whether a supervisor lives, and with it a process of the run.
    ///
    /// # Errors
    /// If the lock cannot be tried.
    pub fn is_alive(&self) -> io::Result<bool> {
        Ok(self.lock(FlockOperation::NonBlockingLockShared)?.is_none())
    }

    /// Waits until no supervisor lives. Then `exit` is as it stays: if it is missing, the run is lost.
    ///
    /// # Errors
    /// If the lock cannot be taken.
    pub fn wait_for_end(&self) -> io::Result<()> {
        self.lock(FlockOperation::LockShared).map(drop)
    }

    /// Prevents that a supervisor starts late, after its host has ended. Returns whether none lives.
    ///
    /// # Errors
    /// If the folder cannot be changed.
    pub fn give_up(&self) -> io::Result<bool> {
        let Some(_lock) = self.lock(FlockOperation::NonBlockingLockExclusive)? else { return Ok(false) };
        let folder = self.open()?;
        if !folder.exists(META) && !folder.exists(EXIT) {
            folder.remove(LAUNCH)?;
        }
        Ok(true)
    }

    /// Takes the lock, or returns `None` if it is not free.
    fn lock(&self, operation: FlockOperation) -> io::Result<Option<Lock>> {
        let file = self.open()?.file(LOCK, OFlags::RDWR)?;
        match rustix::io::retry_on_intr(|| rustix::fs::flock(&file, operation)) {
            Ok(()) => Ok(Some(Lock(file))),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns how the agent was to be run.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn launch(&self) -> io::Result<Option<Launch>> {
        self.open()?.read(LAUNCH)
    }

    /// Returns the processes of the run, or `None` before the agent was started.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn meta(&self) -> io::Result<Option<Meta>> {
        self.open()?.read(META)
    }

    /// Returns how the run ended, or `None` if that is not recorded.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn exit(&self) -> io::Result<Option<Exit>> {
        self.open()?.read(EXIT)
    }

    /// Returns the processes that outlived a clean end of the agent and that a supervisor still watches.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn left(&self) -> io::Result<Left> {
        Ok(if self.is_alive()? { self.open()?.read(LEFT)?.unwrap_or_default() } else { Left::default() })
    }

    /// Returns the calls whose messages have arrived, or never will, in this order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn deliveries(&self) -> io::Result<Vec<(Call, Delivery)>> {
        let mut bytes = Vec::new();
        self.open()?.file(DELIVERED, OFlags::RDONLY)?.take(MAX_DELIVERED).read_to_end(&mut bytes)?;
        Ok(deliveries::decode(&bytes))
    }

    /// Opens the run for messages. Only one process may have it open at a time.
    ///
    /// # Errors
    /// If its files cannot be used.
    pub fn sender(&self) -> io::Result<Sender> {
        let folder = self.open()?;
        let (told, control) = (Log::open(&folder, TOLD)?, Log::open(&folder, CONTROL)?);
        Ok(Sender { folder, told, control })
    }

    fn open(&self) -> io::Result<Folder> {
        Folder::open(&self.path)
    }
}

fn hand_over(mut host: UnixStream, handover: &Handover) -> io::Result<Reply> {
    host.set_read_timeout(Some(START_TIMEOUT))?;
    host.set_write_timeout(Some(START_TIMEOUT))?;
    let written = handover.write(&mut host);
    match &written {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            return Err(io::Error::other(error.to_string()));
        }
        // A supervisor that refuses the launch says why.
        _ => {}
    }
    match Reply::read(&host) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(written.err().unwrap_or(error)),
        reply => reply,
    }
}

/// A lock that is released when it is dropped.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    /// Closing the file is not enough: a process that is being started holds it too until it executes its
    /// program.
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

/// Sends messages to the agent and its supervisor.
///
/// A call is sent at most once: another message with its identifier is ignored, also after a restart.
#[derive(Debug)]
pub struct Sender {
    folder: Folder,
    told: Log,
    control: Log,
}

impl Sender {
    /// Returns whether a message of the call is in a file, whether or not it was delivered.
    #[must_use]
    pub fn has_sent(&self, call: &Call) -> bool {
        self.told.calls.contains(call) || self.control.calls.contains(call)
    }

    /// Appends bytes for the agent's standard input.
    ///
    /// # Errors
    /// If the message is too large, the files cannot be used or no supervisor listens.
    pub fn input(&mut self, call: &Call, bytes: &[u8]) -> Result<(), SendError> {
        self.send(Kind::Input, call, bytes)
    }

    /// Closes the agent's standard input after the messages before.
    ///
    /// # Errors
    /// If the files cannot be used or no supervisor listens.
    pub fn close_input(&mut self, call: &Call) -> Result<(), SendError> {
        self.send(Kind::CloseInput, call, &[])
    }

    /// Interrupts the agent as Ctrl-C does, at once.
    ///
    /// # Errors
    /// If the files cannot be used or no supervisor listens.
    pub fn interrupt(&mut self, call: &Call) -> Result<(), SendError> {
        self.send(Kind::Interrupt, call, &[])
    }

    /// Ends the agent and everything it started, also what outlived it. Does not wait for that.
    ///
    /// # Errors
    /// If the files cannot be used or no supervisor listens.
    pub fn stop(&mut self, call: &Call) -> Result<(), SendError> {
        self.send(Kind::Stop, call, &[])
    }

    /// Wakes the supervisor, which then also updates `left`. Never waits.
    ///
    /// # Errors
    /// If no supervisor listens or the bell cannot be used.
    pub fn ring(&self) -> Result<(), SendError> {
        let mut bell = match self.folder.bell(OFlags::WRONLY) {
            Ok(bell) => bell,
            Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {
                return Err(SendError::Ended);
            }
            Err(error) => return Err(error.into()),
        };
        match bell.write(b"!") {
            // It is full, so it will wake the supervisor.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(SendError::Ended),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }

    fn send(&mut self, kind: Kind, call: &Call, bytes: &[u8]) -> Result<(), SendError> {
        if bytes.len() > MAX_MESSAGE {
            return Err(SendError::TooLarge);
        }
        if !self.has_sent(call) {
            let log = match kind {
                Kind::Input | Kind::CloseInput => &mut self.told,
                Kind::Interrupt | Kind::Stop => &mut self.control,
            };
            log.append(kind, call, bytes)?;
        }
        self.ring()
    }
}

/// A file of messages.
#[derive(Debug)]
struct Log {
    file: File,
    calls: HashSet<Call>,
}

impl Log {
    fn open(folder: &Folder, name: &str) -> io::Result<Self> {
        let mut file = folder.file(name, OFlags::RDWR | OFlags::APPEND)?;
        // The host before may have been killed in the middle of a message. Whether that counts is decided
        // now, before its call is looked for.
        if file.seek(SeekFrom::End(0))? > 0 {
            file.write_all(b"\n")?;
        }
        let (mut scanner, mut calls) = (Scanner::default(), HashSet::new());
        while let Some(message) = scanner.next(&file)? {
            calls.insert(message.call);
        }
        Ok(Self { file, calls })
    }

    fn append(&mut self, kind: Kind, call: &Call, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(&encode(kind, call, bytes))?;
        self.calls.insert(call.clone());
        Ok(())
    }
}

/// The paths of files that the host follows.
impl RunFolder {
    /// Returns the path of the agent's standard output.
    #[must_use]
    pub fn stdout(&self) -> PathBuf {
        self.path.join(STDOUT)
    }

    /// Returns the path of the agent's standard error.
    #[must_use]
    pub fn stderr(&self) -> PathBuf {
        self.path.join(STDERR)
    }
}

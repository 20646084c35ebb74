//! The host's side of a run folder.

mod sender;
mod start;

use std::fs::{DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags};
use rustix::io::Errno;

pub use sender::{SendError, Sender};
pub use start::{StartError, Started};

use crate::deliveries::{self, Delivery};
use crate::folder::{BELL, CONTROL, DELIVERED, EXIT, Folder, LAUNCH, LEFT, LOCK, META, STDERR, STDOUT, TOLD};
use crate::handover::Handover;
use crate::messages::{Call, Kind, Scanner};
use crate::records::{Exit, Launch, Left, Meta};
use crate::sys;

/// Larger than the receipts of any run.
const MAX_DELIVERED: u64 = 64 * 1024 * 1024;

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
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
        sys::create_fifo(&self.path.join(BELL))?;
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
        start::start(&self.path, program, handover)
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

    /// Reads the messages for the agent's standard input that are in the files, oldest first. The first input
    /// of a launch is not: it is never stored.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn inputs(&self, mut each: impl FnMut(&Call, &[u8])) -> io::Result<()> {
        let told = self.open()?.file(TOLD, OFlags::RDONLY)?;
        let mut scanner = Scanner::default();
        while let Some(message) = scanner.next(&told)? {
            if message.kind == Kind::Input {
                each(&message.call, &message.read(&told)?);
            }
        }
        Ok(())
    }

    /// Opens the run for messages. Only one process may have it open at a time.
    ///
    /// # Errors
    /// If its files cannot be used.
    pub fn sender(&self) -> io::Result<Sender> {
        Sender::open(self.open()?)
    }

    fn open(&self) -> io::Result<Folder> {
        Folder::open(&self.path)
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

//! Starts a supervisor.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::handover::{Handover, Reply};
use crate::records::Process;

/// The longest time that a supervisor needs to start an agent.
const START_TIMEOUT: Duration = Duration::from_secs(30);

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
    /// The environment or the first input cannot be handed over.
    #[error("cannot hand over its environment: {0}")]
    Handover(#[source] io::Error),
    /// The program of the supervisor could not be executed.
    #[error("cannot execute {}: {source}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// The supervisor ended or did not reply. `RunFolder::give_up` prevents that it starts the agent late.
    #[error("the supervisor did not start: {0}")]
    Supervisor(#[source] io::Error),
    /// The supervisor did not start the agent.
    #[error("{0}")]
    Agent(String),
}

/// Starts the supervisor of a run folder and waits for its reply.
pub(super) fn start(folder: &Path, program: &Path, handover: &Handover) -> Result<Started, StartError> {
    let bytes = handover.encode().map_err(StartError::Handover)?;
    let not_executed = |source| StartError::Program { program: program.to_owned(), source };
    let folder = std::path::absolute(folder).map_err(not_executed)?;
    let (host, supervisor) = UnixStream::pair().map_err(not_executed)?;
    let mut command = Command::new(program);
    command.arg0("codewalk").arg("supervise").arg(folder).env_clear().current_dir("/");
    command.stdin(OwnedFd::from(supervisor)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(not_executed)?;
    // The other end is then only open in the supervisor.
    drop(command);
    let reply = hand_over(host, &bytes);
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

fn hand_over(mut host: UnixStream, handover: &[u8]) -> io::Result<Reply> {
    host.set_read_timeout(Some(START_TIMEOUT))?;
    host.set_write_timeout(Some(START_TIMEOUT))?;
    host.write_all(handover)?;
    Reply::read(&host)
}

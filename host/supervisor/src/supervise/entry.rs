//! The entry of the supervisor, from the command line to the running agent.

use std::fs::File;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FileType, FlockOperation, Mode, OFlags};
use rustix::process::getpid;
use serde::Deserialize;

use super::agent::{Agent, now};
use super::control::Control;
use super::run::{Parts, Run};
use crate::folder::{EXIT, Folder, LAUNCH, LOCK, META};
use crate::handover::{Handover, Reply};
use crate::records::{Exit, ExitReason, Launch, Meta, Process, VERSION};
use crate::sys::{self, SignalPipe};

/// The hidden command.
const COMMAND: &str = "supervise";
/// The longest time that a host needs to hand over a launch.
const HANDOVER_TIMEOUT: Duration = Duration::from_secs(30);
/// The exit status of a wrong command line.
const USAGE: i32 = 2;

/// Why an agent was not started.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    #[error("cannot use the run folder: {0}")]
    Folder(#[source] io::Error),
    #[error("cannot read launch.json: {0}")]
    Launch(#[source] io::Error),
    #[error("launch.json has version {found}; this codewalk reads versions up to {VERSION}")]
    Version { found: u32 },
    #[error("the run was started before")]
    Again,
    #[error("the run was given up")]
    Abandoned,
    #[error("cannot receive the environment: {0}")]
    Handover(#[source] io::Error),
    #[error("{0}")]
    Agent(#[source] io::Error),
    #[error("cannot record the agent: {0}")]
    Record(#[source] io::Error),
}

/// Supervises a run and does not return, if the command line is `codewalk supervise FOLDER`.
///
/// Must be called before anything else in `main`: while the process has one thread and owns no descriptors.
pub fn supervise_if_requested() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|command| command != COMMAND) {
        return;
    }
    let (Some(folder), None) = (arguments.next(), arguments.next()) else {
        refuse("`codewalk supervise` needs one run folder; the host starts it, not a person");
    };
    let is_socket = |stat: rustix::fs::Stat| FileType::from_raw_mode(stat.st_mode) == FileType::Socket;
    if !rustix::fs::fstat(rustix::stdio::stdin()).is_ok_and(is_socket) {
        refuse("`codewalk supervise` is started by the host: its standard input is not a socket of the host");
    }
    sys::close_inherited();
    if let Err(error) = sys::detach() {
        refuse(&format!("cannot start a supervisor: {error}"));
    }
    std::process::exit(supervise(Path::new(&folder)));
}

fn refuse(message: &str) -> ! {
    eprintln!("codewalk: {message}");
    std::process::exit(USAGE);
}

fn supervise(path: &Path) -> i32 {
    let host = match prepare() {
        Ok(host) => host,
        Err(error) => refuse(&format!("cannot prepare a supervisor: {error}")),
    };
    // Before anything can fail: a socket that is closed with unread bytes would lose the reply.
    let handover = Handover::read(&host);
    let folder = Folder::open(path).map_err(LaunchError::Folder);
    let started = folder.and_then(|folder| start(folder, handover));
    let reply = match &started {
        Ok((_, reply)) => reply.clone(),
        Err(error) => Reply::Failed { message: error.to_string() },
    };
    // The host may be gone. Then the next one reads the run folder.
    let _ = reply.write(&host);
    drop(host);
    match started {
        Ok((mut run, _)) => {
            run.supervise();
            0
        }
        Err(_) => 1,
    }
}

/// Separates the process from its host, and returns the socket of the host.
fn prepare() -> io::Result<UnixStream> {
    sys::protect()?;
    sys::become_reaper()?;
    sys::name_process();
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::chdir("/")?;
    let host = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    let host = UnixStream::from(host);
    host.set_read_timeout(Some(HANDOVER_TIMEOUT))?;
    host.set_write_timeout(Some(HANDOVER_TIMEOUT))?;
    Ok(host)
}

/// Starts the agent. A failure is recorded, unless the run is not this process's.
fn start(folder: Folder, handover: io::Result<Handover>) -> Result<(Run, Reply), LaunchError> {
    let was_started = || folder.exists(META) || folder.exists(EXIT);
    // Otherwise it would wait for the lock of the supervisor that started it.
    if was_started() {
        return Err(LaunchError::Again);
    }
    let lock = lock(&folder).map_err(LaunchError::Folder)?;
    if was_started() {
        return Err(LaunchError::Again);
    }
    if !folder.exists(LAUNCH) {
        return Err(LaunchError::Abandoned);
    }
    let (parts, meta) = launch(&folder, handover).inspect_err(|error| record_failure(&folder, error))?;
    let Meta { agent, supervisor, .. } = meta;
    Ok((Run::new(folder, lock, parts), Reply::Started { agent, supervisor }))
}

fn launch(folder: &Folder, handover: io::Result<Handover>) -> Result<(Parts, Meta), LaunchError> {
    let launch = read_launch(folder)?;
    let handover = handover.map_err(LaunchError::Handover)?;
    let control = Control::open(folder).map_err(LaunchError::Folder)?;
    // Otherwise an agent that fills the disk would keep its end from being recorded.
    folder.reserve(EXIT).map_err(LaunchError::Folder)?;
    // Before there is a child whose end could be missed.
    let signals = SignalPipe::install().map_err(LaunchError::Agent)?;
    let mut agent = Agent::start(folder, &launch, handover).map_err(LaunchError::Agent)?;
    let meta = record(folder, &agent).map_err(|error| {
        agent.kill();
        LaunchError::Record(error)
    })?;
    let started_at = meta.agent.started_at;
    Ok((Parts { launch, agent, signals, control, started_at }, meta))
}

fn record_failure(folder: &Folder, error: &LaunchError) {
    let exit = Exit {
        version: VERSION,
        reason: ExitReason::LaunchFailed,
        code: None,
        signal: None,
        started_at: None,
        ended_at: now(),
        peak_memory: 0,
        cpu_ms: 0,
        output: 0,
        message: Some(error.to_string()),
    };
    // If it cannot be written the host still gets the reply.
    let _ = folder.write(EXIT, &exit);
}

/// Takes the lock for the rest of this process. Waits for a host that only looks whether it is free.
fn lock(folder: &Folder) -> io::Result<File> {
    let lock = folder.file(LOCK, OFlags::RDWR)?;
    rustix::io::retry_on_intr(|| rustix::fs::flock(&lock, FlockOperation::LockExclusive))?;
    Ok(lock)
}

fn read_launch(folder: &Folder) -> Result<Launch, LaunchError> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let bytes = folder.bytes(LAUNCH).map_err(LaunchError::Launch)?.ok_or(LaunchError::Abandoned)?;
    let parse = |error: serde_json::Error| LaunchError::Launch(error.into());
    // A newer version may have another form.
    let Version { version } = serde_json::from_slice(&bytes).map_err(parse)?;
    if version > VERSION {
        return Err(LaunchError::Version { found: version });
    }
    serde_json::from_slice(&bytes).map_err(parse)
}

fn record(folder: &Folder, agent: &Agent) -> io::Result<Meta> {
    let unknown = |pid: rustix::process::Pid| Process {
        pid: pid.as_raw_pid().unsigned_abs(),
        started_at: now(),
        start_ticks: 0,
    };
    let identify = |pid| sys::identify(pid).unwrap_or_else(|| unknown(pid));
    let meta = Meta {
        version: VERSION,
        agent: identify(agent.pid()),
        supervisor: identify(getpid()),
        boot_id: sys::boot_id(),
    };
    folder.write(META, &meta)?;
    Ok(meta)
}

//! Starts agents as processes that can outlive codewalk, and ends them with everything they started.

#[cfg(not(target_os = "linux"))]
mod group;
pub(crate) mod leader;
#[cfg(target_os = "linux")]
mod linux;
pub(crate) mod program;
#[cfg(target_os = "linux")]
mod stat;
pub(crate) mod tree;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};

use codewalk_core::ids::SessionId;
use codewalk_core::session::Exit;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use tokio::sync::oneshot;

use crate::run_folder::RunFolder;

/// A program to execute.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub program: PathBuf,
    pub args: Vec<String>,
    /// Variables besides the inherited environment.
    pub env: BTreeMap<String, String>,
    /// Inherited variables that it does not get.
    pub removed_env: Vec<String>,
    /// Whether it reads its standard input.
    pub takes_input: bool,
}

/// Starts a program in its own session. Its output is appended to the files of the run folder.
///
/// Returns the process and, if it takes input, our end of its standard input. While that is open the agent
/// sees no end of its input, even if another writer of the FIFO goes away.
pub(crate) fn spawn(
    invocation: &Invocation,
    folder: &RunFolder,
    project: &Path,
    session: SessionId,
) -> io::Result<(Child, Option<OwnedFd>)> {
    let (ours, theirs) = if invocation.takes_input {
        let (ours, theirs) = open_fifo(&folder.stdin())?;
        (Some(ours), Stdio::from(theirs))
    } else {
        (None, Stdio::null())
    };
    let mut command = std::process::Command::new(&invocation.program);
    command.args(&invocation.args).current_dir(project);
    for name in &invocation.removed_env {
        command.env_remove(name);
    }
    command
        .envs(&invocation.env)
        .env(leader::SESSION_VARIABLE, session.to_string())
        .stdin(theirs)
        .stdout(appending(&folder.stdout())?)
        .stderr(appending(&folder.stderr())?);
    // SAFETY: setsid is async-signal-safe and touches no memory of this process.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            Ok(())
        });
    }
    Ok((command.spawn()?, ours))
}

/// Opens both ends of a FIFO. Ours is read-write, so that opening does not wait. The agent's is read-only: as
/// a writer it would never see the end of its input.
fn open_fifo(path: &Path) -> io::Result<(OwnedFd, OwnedFd)> {
    let open = |flags| rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty());
    Ok((open(OFlags::RDWR | OFlags::NONBLOCK)?, open(OFlags::RDONLY)?))
}

fn appending(path: &Path) -> io::Result<File> {
    File::options().append(true).open(path)
}

/// The stack size of a thread that only waits.
const WAITING_STACK: usize = 64 * 1024;

/// Waits for the end of a child without reaping it, so that its number is not reused.
pub(crate) fn end_of(child: &Child) -> io::Result<oneshot::Receiver<()>> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
    let (tell, ended) = oneshot::channel();
    std::thread::Builder::new().name("agent".to_owned()).stack_size(WAITING_STACK).spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), options), Err(Errno::INTR)) {}
        // The receiver is gone only when this process ends.
        let _ = tell.send(());
    })?;
    Ok(ended)
}

/// Returns how a process ended.
pub(crate) fn exit(status: ExitStatus) -> Exit {
    Exit { code: status.code(), signal: status.signal() }
}

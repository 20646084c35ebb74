//! Processes of agents: starting one so that it can outlive codewalk, and ending it with all it started.

pub(crate) mod program;
pub(crate) mod tree;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};

use codewalk_core::call::Exit;
use codewalk_core::ids::SessionId;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use tokio::sync::oneshot;

use crate::run_folder::{Protocol, RunFolder};

/// Set by an agent for what it starts; an agent that sees them believes to run inside another one.
const NESTING_VARIABLES: [&str; 2] = ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"];

/// What is to be executed.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub program: PathBuf,
    pub args: Vec<String>,
    /// Besides the inherited environment.
    pub env: BTreeMap<String, String>,
    pub protocol: Protocol,
}

/// Starts a program in a session of its own, its output appended to the files of the run folder.
///
/// Returns the process and, for agents that hold a conversation, our end of its standard input. As long as that is
/// open the agent sees no end of it, whoever else writes to the FIFO and goes away again.
pub(crate) fn spawn(
    invocation: &Invocation,
    folder: &RunFolder,
    project: &Path,
    session: SessionId,
    removed_env: &[String],
) -> io::Result<(Child, Option<OwnedFd>)> {
    let (ours, theirs) = match invocation.protocol {
        Protocol::Claude => {
            let (ours, theirs) = open_fifo(&folder.stdin())?;
            (Some(ours), Stdio::from(theirs))
        }
        Protocol::Lines => (None, Stdio::null()),
    };
    let mut command = std::process::Command::new(&invocation.program);
    command.args(&invocation.args).current_dir(project);
    for name in removed_env.iter().map(String::as_str).chain(NESTING_VARIABLES) {
        command.env_remove(name);
    }
    command
        .envs(&invocation.env)
        .env(tree::SESSION_VARIABLE, session.to_string())
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

/// Opens a FIFO for both sides. Ours is read-write, so opening does not wait for the other side; the agent's is
/// read-only, or it would be a writer itself and never see the end.
fn open_fifo(path: &Path) -> io::Result<(OwnedFd, OwnedFd)> {
    let open = |flags| rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty());
    Ok((open(OFlags::RDWR | OFlags::NONBLOCK)?, open(OFlags::RDONLY)?))
}

fn appending(path: &Path) -> io::Result<File> {
    File::options().append(true).open(path)
}

/// The stack of a thread that only waits.
const WAITING_STACK: usize = 64 * 1024;

/// Waits for the end of a child, and leaves it unreaped: until somebody reaps it its number is not another's.
pub(crate) fn end_of(child: &Child) -> io::Result<oneshot::Receiver<()>> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new().name("agent".to_owned()).stack_size(WAITING_STACK).spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), options), Err(Errno::INTR)) {}
        // Where nobody listens any more this process ends.
        let _ = tell.send(());
    })?;
    Ok(told)
}

/// Returns how a process ended.
pub(crate) fn exit(status: ExitStatus) -> Exit {
    Exit { code: status.code(), signal: status.signal() }
}

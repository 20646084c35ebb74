//! The process of the agent.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{Mode, RawMode};
use rustix::process::{Pid, getpid};

use super::input::Input;
use super::output::Output;
use crate::folder::Folder;
use crate::handover::Handover;
use crate::records::Launch;
use crate::sys;

/// A started agent and the pipes to it.
#[derive(Debug)]
pub(super) struct Agent {
    child: Child,
    pid: Pid,
    pub(super) input: Input,
    pub(super) output: Output,
}

impl Agent {
    /// Starts the agent. Its environment is not held in memory afterwards.
    pub(super) fn start(folder: &Folder, launch: &Launch, handover: Handover) -> io::Result<Self> {
        let (program, arguments) =
            launch.argv.split_first().ok_or_else(|| io::Error::other("it has no command line"))?;
        let is_folder = |found: Metadata| if found.is_dir() { Ok(()) } else { Err(not_a_folder()) };
        std::fs::metadata(&launch.cwd)
            .and_then(is_folder)
            .map_err(|error| named(&error, "cannot use folder", &launch.cwd.to_string_lossy()))?;
        let (stdout, stdout_end) = io::pipe()?;
        let (stderr, stderr_end) = io::pipe()?;
        let (stdin, stdin_end) = if launch.takes_input {
            let (stdin_end, stdin) = io::pipe()?;
            (Some(OwnedFd::from(stdin)), Stdio::from(stdin_end))
        } else {
            (None, Stdio::null())
        };
        let input = Input::new(folder, stdin.map(File::from), handover.first_input)?;
        let output =
            Output::new(folder, OwnedFd::from(stdout).into(), OwnedFd::from(stderr).into(), launch.limits)?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&launch.cwd).env_clear().envs(handover.environment);
        command.stdin(stdin_end).stdout(stdout_end).stderr(stderr_end);
        let (supervisor, umask) = (getpid(), Mode::from_raw_mode((launch.umask & 0o777) as RawMode));
        // SAFETY: only system calls, which are async-signal-safe and touch no memory of this process.
        unsafe {
            command.pre_exec(move || {
                sys::die_with(supervisor)?;
                rustix::process::setsid()?;
                rustix::process::umask(umask);
                Ok(())
            });
        }
        let child = command.spawn().map_err(|error| named(&error, "cannot execute", program))?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("it has an invalid number"))?;
        Ok(Self { child, pid, input, output })
    }

    pub(super) const fn pid(&self) -> Pid {
        self.pid
    }

    /// Ends the agent right after its start.
    pub(super) fn kill(&mut self) {
        // The supervisor ends now, and the agent with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn not_a_folder() -> io::Error {
    ErrorKind::NotADirectory.into()
}

fn named(error: &io::Error, what: &str, name: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what} {name}: {error}"))
}

/// Returns the time in milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

//! Calls that all Unix systems have, but neither the standard library nor rustix.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::io::Errno;
use rustix::process::Pid;

/// Continues in a new process that leads a new session and is not a child of the caller. Returns only there.
///
/// Must be called while the process has one thread.
pub(crate) fn detach() -> io::Result<()> {
    // SAFETY: the process has one thread, so the child may do everything that the parent may.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            rustix::process::setsid()?;
            Ok(())
        }
        // SAFETY: it ends the process. Nothing needs to be flushed or dropped: the child does that.
        _ => unsafe { libc::_exit(0) },
    }
}

/// Where the signal handler writes. -1 before `SignalPipe::install`.
static SIGNAL_PIPE: AtomicI32 = AtomicI32::new(-1);

/// The signals that arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signals {
    /// A child ended.
    pub child: bool,
    /// A request to end.
    pub end: bool,
}

/// Turns signals into bytes of a pipe.
#[derive(Debug)]
pub(crate) struct SignalPipe {
    reader: File,
    _writer: OwnedFd,
}

impl SignalPipe {
    /// Installs handlers. Programs that are executed later get the default actions again, also if this
    /// process inherited that they are ignored.
    pub(crate) fn install() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let (reader, writer) = (OwnedFd::from(reader), OwnedFd::from(writer));
        for end in [&reader, &writer] {
            rustix::io::ioctl_fionbio(end, true)?;
        }
        SIGNAL_PIPE.store(writer.as_raw_fd(), Ordering::SeqCst);
        let (child, end) = (libc::SIGCHLD, [libc::SIGTERM, libc::SIGINT, libc::SIGQUIT]);
        // A terminal that hangs up does not concern an agent, and a file that is too large is an error of
        // `write`.
        let no_reason_to_end = [libc::SIGHUP, libc::SIGXFSZ];
        for signal in [child].into_iter().chain(end).chain(no_reason_to_end) {
            handle(signal)?;
        }
        Ok(Self { reader: reader.into(), _writer: writer })
    }

    /// Takes the signals that arrived.
    pub(crate) fn take(&self) -> Signals {
        let (mut signals, mut buffer) = (Signals::default(), [0; 64]);
        while let Ok(length @ 1..) = (&self.reader).read(&mut buffer) {
            for signal in &buffer[..length] {
                match i32::from(*signal) {
                    libc::SIGCHLD => signals.child = true,
                    libc::SIGTERM | libc::SIGINT | libc::SIGQUIT => signals.end = true,
                    _ => {}
                }
            }
        }
        signals
    }
}

impl AsFd for SignalPipe {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

extern "C" fn write_signal(signal: libc::c_int) {
    let pipe: RawFd = SIGNAL_PIPE.load(Ordering::SeqCst);
    if pipe >= 0 {
        // SAFETY: the pipe stays open as long as the supervisor runs.
        let pipe = unsafe { BorrowedFd::borrow_raw(pipe) };
        // A full pipe wakes the supervisor just as well.
        let _ = rustix::io::write(pipe, &[u8::try_from(signal).unwrap_or_default()]);
    }
}

fn handle(signal: libc::c_int) -> io::Result<()> {
    let handler: extern "C" fn(libc::c_int) = write_signal;
    // SAFETY: all zeros is a valid `sigaction`: no flags and an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_RESTART | libc::SA_NOCLDSTOP;
    // SAFETY: the handler only writes to a pipe, which is async-signal-safe.
    match unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The children of this process.
#[derive(Debug)]
pub(crate) enum Reaped {
    /// One has ended and is reaped.
    Child {
        /// Its number, which the system may use again.
        pid: Pid,
        /// How it ended.
        status: ExitStatus,
        /// The peak memory of the largest process in its tree, in bytes.
        peak_memory: u64,
        /// The CPU time of its tree, in milliseconds.
        cpu_ms: u64,
    },
    /// All run.
    Running,
    /// There are none.
    None,
}

/// Reaps a child if one has ended.
pub(crate) fn reap() -> Reaped {
    let mut status = 0;
    // SAFETY: all zeros is a valid `rusage`.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let pid = loop {
        // SAFETY: both pointers are valid for the whole call.
        match unsafe { libc::wait4(-1, &mut status, libc::WNOHANG, &mut usage) } {
            -1 if io::Error::last_os_error().raw_os_error() == Some(Errno::INTR.raw_os_error()) => {}
            pid => break pid,
        }
    };
    match Pid::from_raw(pid.max(0)) {
        Some(pid) => Reaped::Child {
            pid,
            status: ExitStatus::from_raw(status),
            peak_memory: u64::try_from(usage.ru_maxrss).unwrap_or_default() * MAXRSS_UNIT,
            cpu_ms: millis(usage.ru_utime) + millis(usage.ru_stime),
        },
        None if pid == 0 => Reaped::Running,
        None => Reaped::None,
    }
}

/// The unit of `ru_maxrss` in bytes.
const MAXRSS_UNIT: u64 = if cfg!(target_vendor = "apple") { 1 } else { 1024 };

fn millis(time: libc::timeval) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1000 + u64::try_from(time.tv_usec).unwrap_or_default() / 1000
}

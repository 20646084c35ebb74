//! Systems other than Linux, such as macOS. It is only checked for types.
//!
//! What is lost there:
//! - Orphans do not become children of the supervisor. Only the process group of the agent is signalled, and
//!   only while the agent lives. Children that outlive it are neither listed nor ended.
//! - An agent does not end when its supervisor is killed. The host ends it, by its number and start time.
//! - Start times and the boot are unknown, so the host knows a process only by its number.
//! - Other programs of the user may read the memory of the supervisor until the agent is started.
//! - Descriptors that the host leaked above number 255 stay open.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::process::{Pid, Signal};

use super::Target;
use crate::records::{LeftProcess, Process};

pub(crate) fn close_inherited() {
    for descriptor in 3..256 {
        // SAFETY: nothing in this process owns a descriptor above the standard ones yet.
        unsafe { libc::close(descriptor) };
    }
}

pub(crate) fn protect() -> io::Result<()> {
    Ok(())
}

pub(crate) fn become_reaper() -> io::Result<()> {
    Ok(())
}

pub(crate) fn name_process() {}

pub(crate) fn trim_memory() {}

pub(crate) fn die_with(_: Pid) -> io::Result<()> {
    Ok(())
}

pub(crate) fn identify(pid: Pid) -> Option<Process> {
    Some(Process { pid: pid.as_raw_pid().unsigned_abs(), started_at: 0, start_ticks: 0 })
}

pub(crate) fn boot_id() -> Option<String> {
    None
}

pub(crate) fn create_fifo(path: &Path) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path is a string that ends with a null byte.
    match unsafe { libc::mkfifo(path.as_ptr(), 0o600) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

pub(crate) fn signal_tree(agent: Option<Pid>, _: Target, signal: Signal) {
    if let Some(agent) = agent {
        // It may have ended.
        let _ = rustix::process::kill_process_group(agent, signal);
    }
}

pub(crate) fn list() -> Vec<LeftProcess> {
    Vec::new()
}

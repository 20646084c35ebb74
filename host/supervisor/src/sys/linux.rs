//! Linux.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode};
use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, Signal, getpid, getppid, pidfd_open, pidfd_send_signal,
    set_child_subreaper, set_dumpable_behavior, set_parent_process_death_signal,
};

use super::Target;
use crate::records::{LeftProcess, Process};

/// Deeper trees are ended from the top: their processes become children of the supervisor.
const MAX_DEPTH: u32 = 64;

/// Closes every descriptor but the standard ones.
///
/// Must be called before the process opens any.
pub(crate) fn close_inherited() {
    let first: libc::c_uint = 3;
    // SAFETY: nothing in this process owns a descriptor above the standard ones yet. Kernels before 5.9 do
    // not know the call; then descriptors that the host leaked stay open.
    unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
}

/// Forbids other programs of the user to read the memory of this process, which holds the environment of the
/// agent until that is started.
pub(crate) fn protect() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Makes processes whose parent has ended children of this one.
pub(crate) fn become_reaper() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Returns memory that is no longer used to the system: the allocator keeps what the environment took.
pub(crate) fn trim_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it has no preconditions.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Names the process: it is started as `/proc/self/exe`.
pub(crate) fn name_process() {
    let _ = rustix::thread::set_name(c"codewalk-superv");
}

/// Kills this process when `parent` ends. Called between fork and exec.
///
/// A program with the set-user-ID bit loses this when it is executed.
pub(crate) fn die_with(parent: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before.
    if getppid() == Some(parent) { Ok(()) } else { Err(Errno::SRCH.into()) }
}

/// Returns the identity of a process that has not been reaped.
pub(crate) fn identify(pid: Pid) -> Option<Process> {
    Some(process(pid, stat(pid)?.start_ticks))
}

/// Returns the identity of the running boot.
pub(crate) fn boot_id() -> Option<String> {
    Some(std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}

/// Creates a FIFO that only this user can open.
pub(crate) fn create_fifo(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR)?)
}

/// Signals the processes of the run. `agent` is `None` once it is reaped.
pub(crate) fn signal_tree(agent: Option<Pid>, target: Target, signal: Signal) {
    walk(getpid(), 0, &mut |found| {
        if target == Target::Tree || Some(found.stat.group) == agent.map(Pid::as_raw_pid) {
            found.signal(signal);
        }
    });
}

/// Returns the living processes of the run, but not their supervisor.
pub(crate) fn list() -> Vec<LeftProcess> {
    let mut processes = Vec::new();
    walk(getpid(), 0, &mut |found| {
        let process = process(found.pid, found.stat.start_ticks);
        processes.push(LeftProcess { process, name: found.stat.name.clone() });
    });
    processes
}

/// A living descendant.
struct Found {
    pid: Pid,
    /// `None` if the system has no such descriptors.
    fd: Option<OwnedFd>,
    stat: Stat,
}

impl Found {
    /// Opens a process that was listed as a child of `parent`.
    fn open(pid: Pid, parent: Pid) -> Option<Self> {
        let fd = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(fd) => Some(fd),
            Err(Errno::NOSYS | Errno::PERM) => None,
            Err(_) => return None,
        };
        // Read after the descriptor was opened: if this is the child, the descriptor is of the child too, or
        // of a process that has ended, which is not signalled. Orphans are children of this process.
        let stat = stat(pid)?;
        let is_it = stat.parent == parent.as_raw_pid() || stat.parent == getpid().as_raw_pid();
        (is_it && !stat.zombie).then_some(Self { pid, fd, stat })
    }

    fn signal(&self, signal: Signal) {
        // It may have ended.
        let _ = match &self.fd {
            Some(fd) => pidfd_send_signal(fd, signal),
            None => rustix::process::kill_process(self.pid, signal),
        };
    }
}

/// Visits the living descendants of a process, children first: those of a parent that has ended are
/// elsewhere.
fn walk(parent: Pid, depth: u32, visit: &mut impl FnMut(&Found)) {
    for pid in children(parent) {
        let Some(found) = Found::open(pid, parent) else { continue };
        if depth < MAX_DEPTH {
            walk(pid, depth + 1, visit);
        }
        visit(&found);
    }
}

/// Returns the children of all threads of a process.
fn children(parent: Pid) -> Vec<Pid> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{}/task", parent.as_raw_pid())) else {
        return Vec::new();
    };
    let lists = threads.flatten().filter_map(|thread| std::fs::read(thread.path().join("children")).ok());
    lists.flat_map(|list| parse_children(&list)).collect()
}

fn parse_children(list: &[u8]) -> Vec<Pid> {
    let numbers = String::from_utf8_lossy(list);
    numbers.split_ascii_whitespace().filter_map(|number| Pid::from_raw(number.parse().ok()?)).collect()
}

/// Facts about a process.
struct Stat {
    name: String,
    zombie: bool,
    parent: i32,
    group: i32,
    start_ticks: u64,
}

fn stat(pid: Pid) -> Option<Stat> {
    let stat = std::fs::read(format!("/proc/{}/stat", pid.as_raw_pid())).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // The name may contain anything, also closing brackets. The fields after it start with the third.
    let (head, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    Some(Stat {
        name: head.split_once('(')?.1.to_owned(),
        zombie: matches!(*fields.first()?, "Z" | "X"),
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
    })
}

fn process(pid: Pid, start_ticks: u64) -> Process {
    let started_at = boot_time()
        .map_or(0, |boot| boot * 1000 + start_ticks * 1000 / rustix::param::clock_ticks_per_second().max(1));
    Process { pid: pid.as_raw_pid().unsigned_abs(), started_at, start_ticks }
}

/// Returns the time of the boot, in seconds since 1970.
fn boot_time() -> Option<u64> {
    let system = std::fs::read_to_string("/proc/stat").ok()?;
    system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

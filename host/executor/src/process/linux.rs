//! Finds and signals the processes of a session on Linux.

use std::collections::BTreeMap;

use codewalk_core::ids::SessionId;
use codewalk_core::session::AgentProcess;
use rustix::io::Errno;
use rustix::process::{PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::leader::{SESSION_VARIABLE, group, pid};
use super::stat::{Stat, stat};

/// The processes of a session.
pub(super) struct Processes {
    leader: Option<AgentProcess>,
    mark: Vec<u8>,
    /// The start times of the processes found so far. These stay part of the session whatever happens to its
    /// leader.
    found: BTreeMap<u32, u64>,
}

impl Processes {
    pub(super) fn of(leader: Option<AgentProcess>, session: SessionId) -> Self {
        let mark = format!("{SESSION_VARIABLE}={session}").into_bytes();
        Self { leader, mark, found: BTreeMap::new() }
    }

    /// Signals the living processes if a signal is given. Returns whether there are any.
    pub(super) fn signal(&mut self, signal: Option<Signal>) -> bool {
        let living = self.living();
        if let Some(signal) = signal {
            for (pid, started) in &self.found {
                send(*pid, *started, signal);
            }
        }
        !living.is_empty()
    }

    /// Finds the living processes: those in the agent's group, those marked in their environment, and their
    /// children. The caller itself is never among them.
    pub(super) fn living(&mut self) -> Vec<u32> {
        let processes = processes();
        let group = self.leader.and_then(group);
        let mut living: BTreeMap<u32, u64> = processes
            .iter()
            .filter(|(pid, stat)| {
                self.found.get(pid) == Some(&stat.started_ticks)
                    || Some(stat.group) == group
                    || carries(**pid, &self.mark)
            })
            .map(|(pid, stat)| (*pid, stat.started_ticks))
            .collect();
        // The environment of some processes, such as another codewalk, cannot be read.
        loop {
            let children = processes.iter().filter(|(_, stat)| living.contains_key(&stat.parent));
            let new: Vec<(u32, u64)> = children
                .filter(|(pid, _)| !living.contains_key(pid))
                .map(|(pid, stat)| (*pid, stat.started_ticks))
                .collect();
            if new.is_empty() {
                break;
            }
            living.extend(new);
        }
        self.found = living;
        self.found.keys().copied().collect()
    }
}

/// Signals this process, never a later one with the same number.
fn send(number: u32, started_ticks: u64, signal: Signal) {
    let Some(pid) = pid(number) else { return };
    let is_it = || stat(number).is_some_and(|stat| stat.started_ticks == started_ticks);
    let sent = match pidfd_open(pid, PidfdFlags::empty()) {
        // The process runs and was opened before, so it is the right one.
        Ok(process) if is_it() => pidfd_send_signal(process, signal),
        Ok(_) => Ok(()),
        // The system is old or forbids it.
        Err(Errno::NOSYS | Errno::PERM) if is_it() => rustix::process::kill_process(pid, signal),
        Err(error) => Err(error),
    };
    if let Err(error) = sent
        && error != Errno::SRCH
    {
        tracing::warn!(pid = number, %error, "cannot signal a process of an agent");
    }
}

/// Returns all living processes but this one.
fn processes() -> BTreeMap<u32, Stat> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return BTreeMap::new() };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id())
        .filter_map(|pid| Some((pid, stat(pid).filter(|stat| !stat.zombie)?)))
        .collect()
}

fn carries(pid: u32, mark: &[u8]) -> bool {
    // The environment of other users' processes cannot be read, but they are not part of the session.
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == mark)
}

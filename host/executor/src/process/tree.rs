//! The processes of a session: finding and ending them.
//!
//! Agents run their tools in sessions and process groups of their own, so a signal to the agent's group misses those,
//! and an agent that is killed orphans them. But all of them inherit [`SESSION_VARIABLE`]: by that they are found, on
//! Linux. Elsewhere only the agent's group is.
//!
//! Architecture invariant: a signal goes to a process or a group that is the agent's at that moment. The system gives the
//! numbers of processes that were waited for to others.

use std::time::Duration;

use codewalk_core::call::AgentProcess;
use codewalk_core::ids::SessionId;
use codewalk_core::time::Timestamp;
use rustix::process::{Pid, Signal};
use tokio::time::Instant;

/// Names the session in the environment of its agent and of everything that one starts.
pub(crate) const SESSION_VARIABLE: &str = "CODEWALK_SESSION_ID";
/// How long processes have after a polite request to end.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
/// How long it takes at most until a killed process is gone.
const KILL_DEADLINE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);
/// The system's clock may be set a little between two readings of the same process's start.
const START_TOLERANCE_MS: u64 = 2_000;

/// The process that leads the group of an agent. The number of one that has ended may be another's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leader {
    /// A child of this process, which the caller keeps unreaped meanwhile: its number is its own even where it has ended.
    Unreaped(u32),
    /// A process that somebody else started: its number is its own as long as it runs.
    AgentProcess(AgentProcess),
}

impl Leader {
    /// Returns the group, where it is still the agent's for certain.
    fn group(self) -> Option<u32> {
        match self {
            Self::Unreaped(pid) => Some(pid),
            Self::AgentProcess(started) => is_running(started).then_some(started.pid),
        }
    }
}

/// Ends an agent, with its process group, and everything of its session. Returns whether all of it is gone.
pub(crate) async fn terminate(leader: Option<Leader>, session: SessionId) -> bool {
    let begin = Instant::now();
    let mut processes = system::Processes::of(leader, session);
    let mut left = processes.signal(Some(Signal::TERM));
    while left && begin.elapsed() < GRACE {
        tokio::time::sleep(POLL).await;
        left = processes.signal(None);
    }
    while left && begin.elapsed() < GRACE + KILL_DEADLINE {
        // Again and again: a process that is being killed may just have started another one.
        processes.signal(Some(Signal::KILL));
        tokio::time::sleep(POLL).await;
        left = processes.signal(None);
    }
    !left
}

/// Returns the processes of a session that still live although nobody owns it: its agent, else whatever carries its
/// name.
pub(crate) fn orphans(session: SessionId, started: Option<AgentProcess>) -> Vec<u32> {
    match started.filter(|started| is_running(*started)) {
        Some(started) => vec![started.pid],
        None => system::Processes::of(None, session).living(),
    }
}

/// Returns whether that very process still runs, not a later one with the same identifier.
pub(crate) fn is_running(started: AgentProcess) -> bool {
    start_time(started.pid).is_some_and(|at| at.0.abs_diff(started.started_at.0) <= START_TOLERANCE_MS)
}

/// Returns when a living process started, where the system tells.
pub(crate) fn start_time(pid: u32) -> Option<Timestamp> {
    system::start_time(pid)
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::BTreeMap;

    use rustix::io::Errno;
    use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};

    use super::{Leader, SESSION_VARIABLE, SessionId, Signal, Timestamp, pid};

    /// What the system says about a process.
    #[derive(Clone, Copy)]
    struct Stat {
        zombie: bool,
        parent: u32,
        group: u32,
        started_ticks: u64,
    }

    /// The processes of a session, as they are found.
    pub(super) struct Processes {
        leader: Option<Leader>,
        mark: Vec<u8>,
        /// When each one that was found began: what is found once stays one of them, whatever becomes of its leader.
        found: BTreeMap<u32, u64>,
    }

    impl Processes {
        pub(super) fn of(leader: Option<Leader>, session: SessionId) -> Self {
            let mark = format!("{SESSION_VARIABLE}={session}").into_bytes();
            Self { leader, mark, found: BTreeMap::new() }
        }

        /// Sends a signal to those that live, or none, and returns whether there are any.
        pub(super) fn signal(&mut self, signal: Option<Signal>) -> bool {
            let living = self.living();
            if let Some(signal) = signal {
                for (pid, started) in &self.found {
                    send(*pid, *started, signal);
                }
            }
            !living.is_empty()
        }

        /// Finds those that live: in the group of the agent, named by their environment, or started by one of these. Never the
        /// caller itself.
        pub(super) fn living(&mut self) -> Vec<u32> {
            let processes = processes();
            let group = self.leader.and_then(Leader::group);
            let mut living: BTreeMap<u32, u64> = processes
                .iter()
                .filter(|(pid, stat)| {
                    self.found.get(pid) == Some(&stat.started_ticks)
                        || Some(stat.group) == group
                        || carries(**pid, &self.mark)
                })
                .map(|(pid, stat)| (*pid, stat.started_ticks))
                .collect();
            // The environment of some cannot be read, such as that of another codewalk.
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

    /// Sends a signal to that very process: not to a later one of the same number.
    fn send(number: u32, started_ticks: u64, signal: Signal) {
        let Some(pid) = pid(number) else { return };
        let is_it = || stat(number).is_some_and(|stat| stat.started_ticks == started_ticks);
        let sent = match pidfd_open(pid, PidfdFlags::empty()) {
            // It runs after this was opened, so this is it.
            Ok(process) if is_it() => pidfd_send_signal(process, signal),
            Ok(_) => Ok(()),
            // An old system, or one that forbids it.
            Err(Errno::NOSYS | Errno::PERM) if is_it() => rustix::process::kill_process(pid, signal),
            Err(error) => Err(error),
        };
        if let Err(error) = sent
            && error != Errno::SRCH
        {
            tracing::warn!(pid = number, %error, "cannot signal a process of an agent");
        }
    }

    /// Returns the living processes but this one.
    fn processes() -> BTreeMap<u32, Stat> {
        let Ok(processes) = std::fs::read_dir("/proc") else { return BTreeMap::new() };
        processes
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|pid| *pid != std::process::id())
            .filter_map(|pid| Some((pid, stat(pid).filter(|stat| !stat.zombie)?)))
            .collect()
    }

    fn carries(pid: u32, mark: &[u8]) -> bool {
        // Other users' processes cannot be read, nor are they ours.
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark)
    }

    fn stat(pid: u32) -> Option<Stat> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // The name may hold anything, closing brackets too; the fields after it begin with the third.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        Some(Stat {
            zombie: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            started_ticks: fields.get(19)?.parse().ok()?,
        })
    }

    pub(super) fn start_time(pid: u32) -> Option<Timestamp> {
        let stat = stat(pid).filter(|stat| !stat.zombie)?;
        let system = std::fs::read_to_string("/proc/stat").ok()?;
        let boot: u64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
        let ticks = rustix::param::clock_ticks_per_second();
        Some(Timestamp(boot * 1000 + stat.started_ticks * 1000 / ticks))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Leader, SessionId, Signal, Timestamp, pid};

    /// The process group of an agent.
    pub(super) struct Processes(Option<Leader>);

    impl Processes {
        pub(super) fn of(leader: Option<Leader>, _session: SessionId) -> Self {
            Self(leader)
        }

        pub(super) fn signal(&mut self, signal: Option<Signal>) -> bool {
            let Some(group) = self.0.and_then(Leader::group).and_then(pid) else { return false };
            match signal {
                Some(signal) => rustix::process::kill_process_group(group, signal).is_ok(),
                None => rustix::process::test_kill_process_group(group).is_ok(),
            }
        }

        pub(super) fn living(&mut self) -> Vec<u32> {
            Vec::new()
        }
    }

    pub(super) fn start_time(_pid: u32) -> Option<Timestamp> {
        None
    }
}

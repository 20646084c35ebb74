//! The processes of a session: finding and ending them.
//!
//! Agents run their tools in sessions and process groups of their own, so a signal to the agent's group misses those,
//! and an agent that is killed orphans them. But all of them inherit [`SESSION_VARIABLE`]: by that they are found, on
//! Linux. Elsewhere only the agent's group is.

use std::time::Duration;

use codewalk_core::call::Started;
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

/// Ends an agent, with its process group, and everything of its session. Returns whether all of it is gone.
pub(crate) async fn terminate(agent: Option<u32>, session: SessionId) -> bool {
    let begin = Instant::now();
    let mut left = signal(agent, session, Some(Signal::TERM));
    while left && begin.elapsed() < GRACE {
        tokio::time::sleep(POLL).await;
        left = signal(agent, session, None);
    }
    while left && begin.elapsed() < GRACE + KILL_DEADLINE {
        // Again and again: a process that is being killed may just have started another one.
        signal(agent, session, Some(Signal::KILL));
        tokio::time::sleep(POLL).await;
        left = signal(agent, session, None);
    }
    !left
}

/// Returns the processes of a session that still live although nobody owns it: its agent, else whatever carries its
/// name.
pub(crate) fn orphans(session: SessionId, started: Option<Started>) -> Vec<u32> {
    match started.filter(|started| is_running(*started)) {
        Some(started) => vec![started.pid],
        None => system::members(None, session),
    }
}

/// Returns whether that very process still runs, not a later one with the same identifier.
pub(crate) fn is_running(started: Started) -> bool {
    start_time(started.pid).is_some_and(|at| at.0.abs_diff(started.started_at.0) <= START_TOLERANCE_MS)
}

/// Returns when a living process started, where the system tells.
pub(crate) fn start_time(pid: u32) -> Option<Timestamp> {
    system::start_time(pid)
}

/// Sends a signal to the processes of a session, or none, and returns whether there are any.
fn signal(agent: Option<u32>, session: SessionId, signal: Option<Signal>) -> bool {
    system::signal(agent, session, signal)
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Pid, SESSION_VARIABLE, SessionId, Signal, Timestamp, pid};

    /// What the system says about a process.
    struct Stat {
        zombie: bool,
        group: u32,
        started_ticks: u64,
    }

    pub(super) fn signal(agent: Option<u32>, session: SessionId, signal: Option<Signal>) -> bool {
        let members = members(agent, session);
        if let Some(signal) = signal {
            for pid in members.iter().filter_map(|member| pid(*member)) {
                send(pid, signal);
            }
        }
        !members.is_empty()
    }

    fn send(pid: Pid, signal: Signal) {
        if let Err(error) = rustix::process::kill_process(pid, signal)
            && error != rustix::io::Errno::SRCH
        {
            tracing::warn!(pid = pid.as_raw_nonzero(), %error, "cannot signal a process of an agent");
        }
    }

    /// Returns the living processes of the agent's group and of the session; never the caller itself.
    pub(super) fn members(agent: Option<u32>, session: SessionId) -> Vec<u32> {
        let mark = format!("{SESSION_VARIABLE}={session}");
        let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
        processes
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|pid| *pid != std::process::id())
            .filter(|pid| {
                let Some(stat) = stat(*pid).filter(|stat| !stat.zombie) else { return false };
                Some(stat.group) == agent || carries(*pid, mark.as_bytes())
            })
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
    use super::{SessionId, Signal, Timestamp, pid};

    pub(super) fn signal(agent: Option<u32>, _session: SessionId, signal: Option<Signal>) -> bool {
        let Some(group) = agent.and_then(pid) else { return false };
        match signal {
            Some(signal) => rustix::process::kill_process_group(group, signal).is_ok(),
            None => rustix::process::test_kill_process_group(group).is_ok(),
        }
    }

    pub(super) fn members(_agent: Option<u32>, _session: SessionId) -> Vec<u32> {
        Vec::new()
    }

    pub(super) fn start_time(_pid: u32) -> Option<Timestamp> {
        None
    }
}

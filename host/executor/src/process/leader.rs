//! The process that leads the group of an agent.

use codewalk_core::session::AgentProcess;
use rustix::process::Pid;

#[cfg(target_os = "linux")]
pub(crate) use super::stat::start_time;

/// The environment variable that names the session for the agent and for everything it starts.
pub(crate) const SESSION_VARIABLE: &str = "CODEWALK_SESSION_ID";
/// How much the clock may change between two readings of the same start time.
const START_TOLERANCE_MS: u64 = 2_000;

/// Returns the process group of an agent, if it certainly still belongs to the agent: after the agent has
/// ended its number may belong to another process.
pub(super) fn group(agent: AgentProcess) -> Option<u32> {
    is_running(agent).then_some(agent.pid)
}

/// Returns whether the process still runs, and not a later one with the same identifier.
pub(crate) fn is_running(started: AgentProcess) -> bool {
    start_time(started.pid).is_some_and(|at| at.0.abs_diff(started.started_at.0) <= START_TOLERANCE_MS)
}

/// Returns the start time of a live process, if the system reports it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn start_time(_: u32) -> Option<codewalk_core::time::Timestamp> {
    None
}

/// Returns the number as a process identifier.
pub(super) fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}

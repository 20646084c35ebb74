//! Finds and ends the processes of a session whose supervisor is gone.
//!
//! Agents run their tools in separate sessions and process groups. The system ends an agent with its
//! supervisor, but not the tools. On Linux they are found by `SESSION_VARIABLE`, which all of them inherit.
//! On other systems only the group of the agent is ended.
//!
//! Architecture invariant: a signal goes only to processes and groups that belong to the agent at that
//! moment. The system reuses the numbers of reaped processes.

use std::time::Duration;

use codewalk_core::ids::SessionId;
use codewalk_core::session::AgentProcess;
use rustix::process::Signal;
use tokio::time::Instant;

#[cfg(not(target_os = "linux"))]
use super::group::Processes;
use super::leader::is_running;
#[cfg(target_os = "linux")]
use super::linux::Processes;

/// The time processes have to end after a polite request.
const GRACE: Duration = Duration::from_secs(5);
/// The longest time until a killed process is gone.
const KILL_DEADLINE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// Ends the process group of an agent and everything in its session. Returns whether all of it is gone.
pub(crate) async fn terminate(leader: Option<AgentProcess>, session: SessionId) -> bool {
    let begin = Instant::now();
    let mut processes = Processes::of(leader, session);
    let mut left = processes.signal(Some(Signal::TERM));
    while left && begin.elapsed() < GRACE {
        tokio::time::sleep(POLL).await;
        left = processes.signal(None);
    }
    while left && begin.elapsed() < GRACE + KILL_DEADLINE {
        // A process that is being killed may just have started another one.
        processes.signal(Some(Signal::KILL));
        tokio::time::sleep(POLL).await;
        left = processes.signal(None);
    }
    !left
}

/// Returns the living processes of a session without an owner: its agent, or all that carry its mark.
pub(crate) fn orphans(session: SessionId, started: Option<AgentProcess>) -> Vec<u32> {
    match started.filter(|started| is_running(*started)) {
        Some(started) => vec![started.pid],
        None => Processes::of(None, session).living(),
    }
}

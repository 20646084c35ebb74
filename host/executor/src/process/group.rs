//! Signals the process group of an agent on systems that do not list the processes of a session.

use codewalk_core::ids::SessionId;
use codewalk_core::session::AgentProcess;
use rustix::process::Signal;

use super::leader::{group, pid};

/// The process group of an agent.
pub(super) struct Processes(Option<AgentProcess>);

impl Processes {
    pub(super) fn of(leader: Option<AgentProcess>, _session: SessionId) -> Self {
        Self(leader)
    }

    pub(super) fn signal(&mut self, signal: Option<Signal>) -> bool {
        let Some(group) = self.0.and_then(group).and_then(pid) else { return false };
        match signal {
            Some(signal) => rustix::process::kill_process_group(group, signal).is_ok(),
            None => rustix::process::test_kill_process_group(group).is_ok(),
        }
    }

    pub(super) fn living(&mut self) -> Vec<u32> {
        Vec::new()
    }
}

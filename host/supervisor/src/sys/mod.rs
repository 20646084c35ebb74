//! What the supervisor asks the operating system.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;
mod unix;

#[cfg(target_os = "linux")]
pub(crate) use linux::{
    become_reaper, boot_id, close_inherited, create_fifo, die_with, identify, list, name_process, protect,
    signal_tree, trim_memory,
};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{
    become_reaper, boot_id, close_inherited, create_fifo, die_with, identify, list, name_process, protect,
    signal_tree, trim_memory,
};
pub(crate) use unix::{Reaped, SignalPipe, detach, reap};

/// Which processes of a run get a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The process group of the agent, as with Ctrl-C in a terminal.
    AgentGroup,
    /// The agent and everything it started.
    Tree,
}

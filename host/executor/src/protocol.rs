//! The seam between codewalk and the protocols of agents.
//!
//! An [`AgentProtocol`] is a state machine: lines of the agent and commands of the host go in, lines for the
//! agent and observations come out. It does no I/O and knows no clock, so it is tested without a process.
//! Everything around it (processes, files, deadlines) is the same for every agent.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codewalk_core::command::Decision;
use codewalk_core::entry::EntryKind;
use codewalk_core::session::{Observation, UndeliveredPrompts};
use serde::{Deserialize, Serialize};

use crate::lines::Line;

/// Names the protocol of an agent. Stored in run folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Claude Code's lines of JSON.
    Claude,
    /// Plain lines.
    Lines,
}

impl Protocol {
    /// Returns the name as it is stored.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Lines => "lines",
        }
    }

    /// Returns whether the agent reads from its standard input after its start.
    #[must_use]
    pub const fn takes_input(self) -> bool {
        match self {
            Self::Claude => true,
            Self::Lines => false,
        }
    }
}

/// The protocol of one agent process.
///
/// Lines that a method returns are written to the agent in their order. They carry their own line end.
pub(crate) trait AgentProtocol: fmt::Debug + Send {
    /// Decodes a line of standard output. `None` if the protocol does not know its form: it is then plain
    /// text.
    fn decode(&mut self, line: &Line<'_>) -> Option<Decoded>;

    /// Sends a prompt to the agent. The identifier is new and unique. A protocol that cannot send it yet
    /// keeps it and returns it from a later [`decode`](Self::decode).
    fn prompt(&mut self, id: &str, text: &str) -> Vec<String>;

    /// Takes note of lines that were sent to the agent before this state existed: prompts, decisions and
    /// interruptions. Comes before the first line of the agent.
    fn restore(&mut self, _sent: &str) {}

    /// Answers a request of the agent, if it is still the one that the digest names.
    fn decide(
        &mut self,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<Vec<String>, DecideError>;

    /// Returns the request that is open under an identifier and has to be shown again after a failed
    /// decision.
    fn still_open(&self, request: &str) -> Option<Observation>;

    /// Ends the current turn.
    fn interrupt(&mut self) -> Interrupt;

    /// Returns what the agent is doing.
    fn activity(&self) -> Activity;

    /// Stops background work before the input of the agent is closed.
    fn close(&mut self) -> Vec<String>;

    /// Returns what would be left unfinished if the process ended now.
    fn unfinished(&self) -> Unfinished;
}

/// The content of one line.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Decoded {
    /// The entries for the user.
    pub entries: Vec<EntryKind>,
    /// Whether the agent makes progress.
    pub progress: Progress,
    /// The steps that the line causes, in order.
    pub steps: Vec<Step>,
}

/// Whether a line shows that the agent makes progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// It shows nothing.
    #[default]
    Unknown,
    /// The agent makes progress again.
    Made,
    /// The agent has given up its turn.
    TurnFailed,
}

/// What follows from a line of the agent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Progress was made, or the turn failed.
    Progress(Progress),
    /// A line to write to the agent.
    Write(String),
    /// Something the host has to know.
    Observed(Observation),
    /// The agent calls its model again after a pause.
    Retrying { reason: String, pause: Duration },
}

/// How a turn is ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// By lines to write to the agent.
    Write(Vec<String>),
    /// By the signal that Ctrl-C sends.
    Signal,
}

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It works.
    Working,
    /// It waits for an answer.
    Waiting,
    /// It has nothing to do. Its input may be closed after that time.
    Idle { close_after: Duration },
}

/// What a process leaves unfinished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unfinished {
    /// Whether it was in the middle of a turn.
    pub in_turn: bool,
    /// The prompts that it did not accept.
    pub undelivered: Option<UndeliveredPrompts>,
}

/// Why a decision was not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecideError {
    /// The request is not open, or no longer.
    NotOpen,
    /// Another request has taken its place.
    Replaced,
    /// The decision does not fit the request. Holds what would fit.
    Unfit(&'static str),
}

impl From<&'static str> for DecideError {
    fn from(expected: &'static str) -> Self {
        Self::Unfit(expected)
    }
}

/// A protocol that the reader of an agent's output shares with the handle of the agent.
#[derive(Clone, Debug)]
pub(crate) struct SharedProtocol(Arc<Mutex<Box<dyn AgentProtocol>>>);

impl SharedProtocol {
    /// Shares a protocol.
    pub(crate) fn new(protocol: Box<dyn AgentProtocol>) -> Self {
        Self(Arc::new(Mutex::new(protocol)))
    }

    /// Waits for the protocol. It is never held for long.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Box<dyn AgentProtocol>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a text can be an agent's conversation identifier, which becomes a command-line argument.
pub(crate) fn is_conversation(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && !id.starts_with('-')
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

//! Inputs to the core.

use crate::command::Command;
use crate::ids::{CallId, Id, SessionId, TimerId, UtteranceId};
use crate::origin::Origin;
use crate::session::Observation;
use crate::time::Timestamp;

use super::calls::Reply;
use super::restart::FoundRun;

/// An input, with a fresh identifier and the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// A fresh UUIDv7; identifiers are derived from it.
    pub id: Id,
    /// The time.
    pub now: Timestamp,
    /// The input.
    pub input: Input,
}

/// An input to the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A front end gave a command.
    Command {
        /// The front end.
        origin: Origin,
        /// The command.
        command: Command,
    },
    /// Another process gave a command to the owner of a session. Its identity is unknown: it may be a program
    /// started by an agent.
    Requested {
        /// The front end that it claims to be.
        origin: Origin,
        /// The command.
        command: Command,
    },
    /// An agent did something.
    Observed {
        /// The session.
        session: SessionId,
        /// The run. Observations of a run that is over are ignored.
        run: u32,
        /// The observation.
        observation: Observation,
    },
    /// An agent printed more. The entries themselves bypass the core.
    EntriesAppended {
        /// The session.
        session: SessionId,
        /// How many entries the session has now.
        entries: u64,
    },
    /// A port replied.
    PortReplied {
        /// The call.
        call: CallId,
        /// The answer.
        reply: Reply,
    },
    /// The owner of a session handled a relayed command.
    Relayed {
        /// The front end that gave the command.
        origin: Origin,
        /// The utterance that led to it.
        utterance: Option<UtteranceId>,
        /// The session.
        session: SessionId,
        /// The reason why it was not carried out, and what to do.
        result: Result<(), String>,
    },
    /// The process was restarted, and the state was folded from the stored events. Anything in flight was
    /// lost. This input comes before any other.
    Restarted {
        /// The runs whose folders were found.
        runs: Vec<FoundRun>,
    },
    /// A timer fired.
    TimerFired {
        /// Its identifier; an unknown one is ignored.
        timer: TimerId,
    },
}

//! The result of processing an input: events to store and effects to perform.

use crate::command::Command;
use crate::event::Event;
use crate::ids::{CallId, TimerId, UtteranceId};
use crate::origin::Origin;
use crate::time::Timestamp;

use super::calls::Call;

/// An action for the driver, once the events are stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Call a port and return its reply.
    Call {
        /// The identifier that the reply carries.
        id: CallId,
        /// The request.
        call: Call,
    },
    /// Send [`Input::TimerFired`](super::Input::TimerFired) at the given time.
    ArmTimer {
        /// The timer.
        timer: TimerId,
        /// The time.
        at: Timestamp,
    },
    /// Relay a command to the process that runs its session.
    Relay {
        /// The front end that gave the command.
        origin: Origin,
        /// The utterance that led to it, if any. It stays open until the command has been carried out.
        utterance: Option<UtteranceId>,
        /// The command.
        command: Command,
    },
    /// Send a notice to a front end.
    Notice {
        /// The front end.
        origin: Origin,
        /// The notice.
        notice: Notice,
    },
}

/// A message to a front end that changes no state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Notice {
    /// A command was rejected.
    Refused {
        /// The reason, and what to do.
        message: String,
    },
    /// The answer to a question that the user asked while a confirmation is open, about its plan or the
    /// sessions.
    Answer {
        /// The answer.
        text: String,
    },
}

/// The result of processing an input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The events, in order.
    pub events: Vec<Event>,
    /// The effects, in order; performed once the events are stored.
    pub effects: Vec<Effect>,
}

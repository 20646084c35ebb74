//! Events of utterances and their launch confirmations.

use crate::command::Utterance;
use crate::consent::Plan;
use crate::ids::{CallId, ConfirmationId, SessionId, TimerId};
use crate::intent::Proposal;
use crate::origin::{Actor, Origin};
use crate::port_reply::{AdapterReply, PortError};
use crate::time::Timestamp;

/// An event of an utterance.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum UtteranceEvent {
    /// It was received.
    Received {
        /// The front end.
        origin: Origin,
        /// The text with its flags.
        #[cfg_attr(feature = "serde", serde(rename = "said"))]
        utterance: Utterance,
        /// The call to the router; `None` if the core's grammar understood it.
        call: Option<CallId>,
    },
    /// A router answered.
    Routed {
        /// The proposal, and the router that made it.
        #[cfg_attr(feature = "serde", serde(rename = "answered"))]
        reply: AdapterReply<Proposal>,
    },
    /// It is a question, and was passed to a summarizer.
    #[cfg_attr(feature = "serde", serde(rename = "questioned"))]
    SummarizerAsked {
        /// The session it is about.
        session: SessionId,
        /// The call to the summarizer.
        call: CallId,
    },
    /// It is closed.
    Closed {
        /// The result.
        result: UtteranceResult,
    },
}

/// The result of an utterance.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum UtteranceResult {
    /// The plan is being carried out.
    Done {
        /// The session.
        session: SessionId,
    },
    /// The question was answered.
    Answered {
        /// The answer.
        text: String,
        /// The summarizer that answered; `None` if codewalk itself did.
        #[cfg_attr(feature = "serde", serde(default))]
        by: Option<String>,
    },
    /// It was declined.
    Declined {
        /// The reason.
        reason: String,
    },
    /// It was not understood.
    NotUnderstood {
        /// A hint that the user can act on.
        hint: String,
    },
    /// No adapter answered.
    Failed {
        /// The reason.
        error: PortError,
    },
    /// Its agent cannot be started, so no confirmation was requested.
    Unstartable {
        /// The reason, and what to do about it.
        reason: String,
    },
}

/// An event of a launch confirmation.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum ConsentEvent {
    /// The user was asked to confirm.
    #[cfg_attr(feature = "serde", serde(rename = "asked"))]
    ConfirmationRequested {
        /// The identifier of the confirmation.
        confirmation: ConfirmationId,
        /// The plan; several if the user must choose.
        plans: Vec<Plan>,
        /// When it expires and counts as declined.
        deadline: Timestamp,
        /// The timer of the deadline.
        timer: TimerId,
    },
    /// The answer was unclear, and the question was repeated.
    #[cfg_attr(feature = "serde", serde(rename = "reasked"))]
    ConfirmationRepeated {
        /// The identifier of the confirmation.
        confirmation: ConfirmationId,
        /// The unclear answer.
        #[cfg_attr(feature = "serde", serde(rename = "said"))]
        text: String,
    },
    /// The user changed the plan, which needs a new confirmation.
    #[cfg_attr(feature = "serde", serde(rename = "changed"))]
    PlanChanged {
        /// The identifier of the closed confirmation.
        confirmation: ConfirmationId,
        /// The identifier of the new one: an answer to the old one does not answer it.
        #[cfg_attr(feature = "serde", serde(default))]
        replacement: Option<ConfirmationId>,
        /// The new plan.
        plan: Plan,
    },
    /// Consent was given.
    Granted {
        /// The identifier of the confirmation; `None` if a flag consented in advance.
        confirmation: Option<ConfirmationId>,
        /// The plan.
        plan: Plan,
        /// The authority.
        by: Actor,
    },
    /// It was declined.
    Declined {
        /// The identifier of the confirmation; `None` if no person could be asked.
        confirmation: Option<ConfirmationId>,
        /// The reason.
        reason: String,
    },
}

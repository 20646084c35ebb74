//! Commands from front ends.

use crate::ids::{ConfirmationId, SessionId};
use crate::permission::PermissionMode;

/// The longest utterance that is accepted, in bytes of UTF-8.
pub const MAX_UTTERANCE: usize = 64 * 1024;

/// A folder that the user works in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The absolute path of its folder.
    pub path: String,
}

/// The user's choices by flags. They take precedence over a router's proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
pub struct Constraints {
    /// The agent to use, by name.
    pub agent: Option<String>,
    /// The project to work in, by name.
    pub project: Option<String>,
}

/// A request or question from the user, with its flags and context.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Utterance {
    /// The text, unchanged.
    pub text: String,
    /// The choices fixed by flags.
    #[cfg_attr(feature = "serde", serde(default))]
    pub constraints: Constraints,
    /// The name of the project to use if neither flags nor text name one.
    #[cfg_attr(feature = "serde", serde(default))]
    pub default_project: Option<String>,
    /// What the agent may do without asking.
    #[cfg_attr(feature = "serde", serde(default))]
    pub permission: PermissionMode,
    /// The flag, as typed, that consents in advance to a new session of the user's choice; see
    /// [`consent_flag`].
    ///
    /// [`consent_flag`]: crate::routing::consent_flag
    #[cfg_attr(feature = "serde", serde(default))]
    pub consent_flag: Option<String>,
    /// Whether a person can be asked. If not, anything without consent is declined.
    pub attended: bool,
    /// Whether it is a question, which is only answered.
    #[cfg_attr(feature = "serde", serde(default))]
    pub question: bool,
    /// The confirmation that the text answers: the one that was completely visible at the time.
    #[cfg_attr(feature = "serde", serde(default))]
    pub answers: Option<ConfirmationId>,
    /// Whether it was pasted. Pasted text never answers a confirmation and never stops a session.
    #[cfg_attr(feature = "serde", serde(default))]
    pub pasted: bool,
}

/// An answer to a launch confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Answer {
    /// Do it.
    Yes,
    /// Do not do it.
    No,
    /// Choose the plan with this number, from 1, if several are offered.
    Choose {
        /// The number.
        number: usize,
    },
    /// Change the prompt, and ask again.
    Edit {
        /// The new prompt.
        prompt: String,
    },
}

/// An answer to an approval or to an agent's question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Decision {
    /// The tool may run.
    Allow {
        /// The index of the offered rule that applies from now on.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        rule: Option<usize>,
        /// A prompt sent with the answer.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        tell: Option<String>,
    },
    /// The tool may not run.
    Deny {
        /// The prompt for the agent.
        message: String,
        /// Whether the agent's turn ends as well.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
        end_turn: bool,
    },
    /// The answers to the agent's questions, in their order.
    Answers {
        /// One for each question.
        answers: Vec<String>,
    },
}

impl Decision {
    /// Allows this one request.
    #[must_use]
    pub const fn allow() -> Self {
        Self::Allow { rule: None, tell: None }
    }

    /// Denies this request, and lets the agent continue.
    #[must_use]
    pub fn deny(message: impl Into<String>) -> Self {
        Self::Deny { message: message.into(), end_turn: false }
    }
}

/// An action on a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ControlAction {
    /// End its agent's current turn. An agent without further prompts then exits: the session is cancelled
    /// and can be resumed.
    Interrupt,
    /// End its agent.
    Stop,
    /// Start its agent again where it stopped.
    Resume,
}

/// A command from a front end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Command {
    /// Process an utterance; an answer if it names a confirmation.
    Say(Utterance),
    /// Answer a confirmation by its identifier.
    Answer {
        /// The confirmation.
        confirmation: ConfirmationId,
        /// The answer.
        answer: Answer,
    },
    /// Answer an approval or an agent's question by its identifier and the digest of the displayed input.
    Decide {
        /// The waiting session.
        session: SessionId,
        /// The agent's identifier of the request.
        request: String,
        /// The digest of the displayed input; optional for a denial.
        #[cfg_attr(feature = "serde", serde(default))]
        digest: String,
        /// The answer.
        decision: Decision,
    },
    /// Interrupt or stop a session.
    Control {
        /// The session.
        session: SessionId,
        /// The action.
        action: ControlAction,
        /// The flag that caused it, if no person did, e.g. `--timeout`.
        #[cfg_attr(feature = "serde", serde(default))]
        flag: Option<String>,
    },
    /// Send a prompt to a session's agent; an ended session is resumed in a new run.
    Prompt {
        /// The session.
        session: SessionId,
        /// The prompt for its agent.
        prompt: String,
        /// Whether a person can answer the approvals of a new run.
        #[cfg_attr(feature = "serde", serde(default))]
        attended: bool,
        /// What a new run may do without asking; never more than the previous run, and never a bypass.
        #[cfg_attr(feature = "serde", serde(default))]
        permission: PermissionMode,
    },
}

impl Command {
    /// Returns the session it names, if any.
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Say(_) | Self::Answer { .. } => None,
            Self::Decide { session, .. } | Self::Control { session, .. } | Self::Prompt { session, .. } => {
                Some(*session)
            }
        }
    }
}

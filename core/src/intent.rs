//! Intents: how a router interprets an utterance.

use crate::command::ControlAction;

/// How many alternatives a router may offer.
pub const MAX_CANDIDATES: usize = 5;

/// A router's interpretation of an utterance. Names are unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Intent {
    /// Start an agent.
    Launch {
        /// The name of the agent.
        agent: String,
        /// The name of the project; `None` leaves the choice to codewalk.
        project: Option<String>,
        /// The prompt for the agent.
        prompt: String,
    },
    /// Send a prompt to an existing session.
    FollowUp {
        /// The identifier of the session.
        session: String,
        /// The prompt for its agent.
        prompt: String,
    },
    /// Answer a question about sessions.
    Query {
        /// The identifier of the session; `None` for all of them.
        session: Option<String>,
        /// The question.
        question: String,
    },
    /// Control a session.
    Control {
        /// The identifier of the session.
        session: String,
        /// The action.
        action: ControlAction,
    },
    /// The utterance is not understood.
    CannotParse {
        /// A hint that the user can act on.
        hint: String,
    },
}

/// An alternative interpretation of an utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Candidate {
    /// The intent.
    pub intent: Intent,
    /// How likely it is, in percent.
    pub confidence: u8,
}

/// A router's proposal for an utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Proposal {
    /// The most likely intent.
    pub intent: Intent,
    /// The confidence, in percent.
    pub confidence: u8,
    /// Alternatives, most likely first; at most [`MAX_CANDIDATES`].
    pub candidates: Vec<Candidate>,
    /// Why, in one short sentence.
    pub reason: String,
}

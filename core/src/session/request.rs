//! Requests of agents to a person.

use crate::time::Timestamp;

/// The text of an empty plan.
pub const NO_PLAN: &str = "(it shows no plan)";

/// A request of an agent to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum RequestKind {
    /// An approval of a tool call.
    Approval {
        /// The name of the tool.
        tool: String,
        /// What it is about: a path, a command.
        subject: String,
        /// Everything that would be written or run; empty if the subject is complete.
        detail: String,
        /// The agent's one-line explanation; empty if there is none.
        #[cfg_attr(feature = "serde", serde(default, rename = "said"))]
        agent_words: String,
        /// Warnings for the person, e.g. that it overwrites a file.
        #[cfg_attr(feature = "serde", serde(default))]
        marks: Vec<String>,
        /// The rules that the agent offers, each complete: under a rule it no longer asks for similar calls
        /// in this session.
        #[cfg_attr(feature = "serde", serde(default))]
        rules: Vec<String>,
    },
    /// Questions.
    Questions {
        /// The questions, in order.
        questions: Vec<Question>,
    },
    /// The acceptance of a plan, which the agent then carries out.
    Plan {
        /// The plan.
        plan: String,
    },
}

/// A question from an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Question {
    /// The question.
    pub text: String,
    /// The offered answers; others are possible.
    pub options: Vec<String>,
    /// The descriptions of the options, in order; empty if the agent gives none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub descriptions: Vec<String>,
    /// Whether several options may be chosen.
    pub multiple: bool,
}

/// A request without an answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PendingRequest {
    /// The agent's identifier.
    pub id: String,
    /// Identifies the exact input: an answer that consents must carry it too.
    #[cfg_attr(feature = "serde", serde(default))]
    pub digest: String,
    /// What the agent asks for.
    pub kind: RequestKind,
    /// When it was opened.
    pub since: Timestamp,
}

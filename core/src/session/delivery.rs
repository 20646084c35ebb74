//! Deliveries: messages to an agent that are not yet known to have arrived.

use crate::command::Decision;
use crate::ids::CallId;

/// A message to an agent whose delivery is not yet confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Delivery {
    /// The call that delivers it. An executor delivers a call at most once.
    pub call: CallId,
    /// The message.
    pub message: AgentMessage,
}

/// A message to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum AgentMessage {
    /// Another prompt.
    Prompt {
        /// The prompt.
        prompt: String,
    },
    /// The answer to an approval or a question.
    Decision {
        /// The agent's identifier of the request.
        request: String,
        /// Identifies the exact input that the decision is for.
        digest: String,
        /// The decision.
        decision: Decision,
    },
    /// The instruction to end the current turn.
    Interrupt,
    /// The instruction to exit.
    Stop,
}

impl AgentMessage {
    /// Returns the message as a noun phrase.
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::Prompt { .. } => "the prompt",
            Self::Decision { .. } => "the answer",
            Self::Interrupt => "the interrupt",
            Self::Stop => "the stop",
        }
    }
}

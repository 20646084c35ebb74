//! States of sessions and outcomes of runs.

use crate::origin::Actor;
use crate::time::{Timestamp, duration};

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum SessionState {
    /// Its agent is being started.
    Starting,
    /// Its agent is running.
    Running,
    /// Its agent is waiting for a person.
    Waiting,
    /// Its last run completed.
    Completed,
    /// Its last run failed.
    Failed,
    /// Its last run was cancelled.
    Cancelled,
    /// Its owner died without an exit record.
    Lost,
}

impl SessionState {
    /// Returns whether the last run is over.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Lost)
    }

    /// Returns the state as one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }
}

/// The outcome of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Outcome {
    /// It completed.
    Completed,
    /// It failed.
    Failed {
        /// The reason, from the agent or the system.
        reason: String,
    },
    /// The agent reached its provider's usage limit. The session counts as failed.
    Limited {
        /// When it ends, if known.
        until: Option<Timestamp>,
        /// The agent's message.
        reason: String,
    },
    /// It was cancelled.
    Cancelled {
        /// The authority.
        by: Actor,
    },
    /// Its owner died without an exit record.
    Lost,
}

impl Outcome {
    /// Returns the state of a session after this outcome.
    pub const fn state(&self) -> SessionState {
        match self {
            Self::Completed => SessionState::Completed,
            Self::Failed { .. } | Self::Limited { .. } => SessionState::Failed,
            Self::Cancelled { .. } => SessionState::Cancelled,
            Self::Lost => SessionState::Lost,
        }
    }
}

/// A usage limit of an agent's provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Limit {
    /// When it ends, if known.
    pub until: Option<Timestamp>,
    /// The agent's message.
    pub reason: String,
}

impl Limit {
    /// Describes how long the limit still applies; `None` if unknown or over.
    pub fn words(&self, now: Timestamp) -> Option<String> {
        let left = self.until?.since(now);
        (left > 0).then(|| format!("the usage limit resets in {}", duration(left)))
    }
}

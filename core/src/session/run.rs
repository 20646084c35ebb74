//! Runs: one process of an agent within a session.

use crate::ids::CallId;
use crate::origin::Actor;
use crate::permission::PermissionMode;
use crate::time::Timestamp;

use super::artifacts::{Artifact, UnsearchedFolders};
use super::denials::{Denial, FailedSubagent, Refusal};
use super::outcome::{Limit, Outcome};
use super::process::{AgentProcess, Exit};
use super::usage::Usage;

/// One run of a session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Run {
    /// Its number, from 1.
    pub number: u32,
    /// The first prompt.
    pub prompt: String,
    /// What it may do without asking.
    pub permission: PermissionMode,
    /// Its process, once started.
    pub process: Option<AgentProcess>,
    /// Its usage.
    pub usage: Usage,
    /// Its artifacts.
    #[cfg_attr(feature = "serde", serde(default))]
    pub artifacts: Vec<Artifact>,
    /// The total number of artifacts, if it exceeds the number that is stored; 0 if unknown.
    #[cfg_attr(feature = "serde", serde(default))]
    pub artifact_count: u32,
    /// The number of files in its repository that changed while other runs were active there.
    #[cfg_attr(feature = "serde", serde(default))]
    pub changed_meanwhile: u32,
    /// Folders that were not searched for changed files; `None` if all were searched.
    #[cfg_attr(feature = "serde", serde(default))]
    pub not_searched: Option<UnsearchedFolders>,
    /// Prompts that its agent did not process before it ended.
    #[cfg_attr(feature = "serde", serde(default))]
    pub undelivered: Option<UndeliveredPrompts>,
    /// Actions that were denied and never allowed later, oldest first; at most
    /// [`MAX_DENIED`](super::MAX_DENIED).
    #[cfg_attr(feature = "serde", serde(default))]
    pub denied: Vec<Denial>,
    /// Requests that could not be passed to a person, oldest first; at most
    /// [`MAX_REFUSED`](super::MAX_REFUSED).
    #[cfg_attr(feature = "serde", serde(default))]
    pub refused: Vec<Refusal>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How its process ended.
    pub exit: Option<Exit>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why its last turn failed, if it did.
    pub turn_failure: Option<String>,
    /// Whether a successful turn was followed by an error for a turn that never began.
    #[cfg_attr(feature = "serde", serde(default))]
    pub has_empty_error: bool,
    /// The usage limit that its last turn reached.
    #[cfg_attr(feature = "serde", serde(default))]
    pub limit: Option<Limit>,
    /// The model that its agent reported.
    #[cfg_attr(feature = "serde", serde(default))]
    pub model: Option<String>,
    /// The number of ended turns.
    #[cfg_attr(feature = "serde", serde(default))]
    pub turns: u32,
    /// Its sub-agents that did not complete, oldest first; at most
    /// [`MAX_FAILED_HELPERS`](super::MAX_FAILED_HELPERS).
    #[cfg_attr(feature = "serde", serde(default))]
    pub failed_helpers: Vec<FailedSubagent>,
    /// Who asked to stop it, or to end its current turn.
    pub stopped_by: Option<Actor>,
    /// Whether the agent was asked to stop, not only to end a turn.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_stopping: bool,
    /// The open call that starts it.
    pub start_call: Option<CallId>,
    /// The permission rules, offered by the agent, that the user accepted for the rest of the run.
    #[cfg_attr(feature = "serde", serde(default))]
    pub rules: Vec<String>,
}

impl Run {
    /// Returns whether it changed a file or ran a command that did not fail.
    pub fn has_done_something(&self) -> bool {
        self.artifacts.iter().any(|artifact| match artifact {
            Artifact::File { .. } => true,
            Artifact::Command { succeeded, .. } => *succeeded != Some(false),
        })
    }
}

/// Prompts that an agent never processed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UndeliveredPrompts {
    /// The first messages, oldest first, each shortened to one line.
    pub messages: Vec<String>,
    /// How many more there are.
    pub more: u32,
}

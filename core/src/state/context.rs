//! Facts given to the state at its creation.

use std::collections::BTreeSet;

use crate::command::Project;

/// Facts that are not events, given when the state is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateContext {
    /// The configured agents.
    pub agents: Vec<Agent>,
    /// The names of agents that accept only one prompt.
    pub single_prompt: BTreeSet<String>,
    /// The known projects, with unique names.
    pub projects: Vec<Project>,
    /// The timeout of a launch confirmation, in milliseconds.
    pub confirmation_ms: u64,
    /// The maximum length of a summary, in bytes.
    pub summary_bytes: u32,
    /// Whether a follow-up to the only agent of a terminal needs a confirmation.
    pub confirm_follow_ups: bool,
}

impl Default for StateContext {
    fn default() -> Self {
        Self {
            agents: Vec::new(),
            single_prompt: BTreeSet::new(),
            projects: Vec::new(),
            confirmation_ms: 600_000,
            summary_bytes: 1_000,
            confirm_follow_ups: false,
        }
    }
}

/// A coding agent that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Agent {
    /// Its name in the configuration.
    pub name: String,
    /// Whether it is the default agent.
    pub default: bool,
}

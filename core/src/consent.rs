//! Consent: one authority for launches and for tool approvals.

use crate::command::{ControlAction, Project};
use crate::ids::SessionId;
use crate::permission::PermissionMode;

/// What would be done once it is consented to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Plan {
    /// Start an agent.
    Launch {
        /// The agent's name.
        agent: String,
        /// The project.
        project: Project,
        /// What it is told.
        prompt: String,
        /// How much it may do without asking.
        permission: PermissionMode,
    },
    /// Tell a session's agent something; one that has ended is resumed.
    FollowUp {
        /// Which session.
        session: SessionId,
        /// What its agent is told.
        prompt: String,
    },
    /// Interrupt, stop or resume a session.
    Control {
        /// Which session.
        session: SessionId,
        /// What to do.
        action: ControlAction,
    },
}

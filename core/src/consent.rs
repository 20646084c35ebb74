//! Consent: one authority for launches and for tool approvals.

use crate::command::{Command, ControlAction, Project};
use crate::ids::{ConfirmationId, SessionId, TimerId, UtteranceId};
use crate::origin::Origin;
use crate::permission::PermissionMode;
use crate::session::Session;
use crate::terminal_text::shortened;
use crate::time::Timestamp;

/// An action that needs consent.
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
        /// The prompt.
        prompt: String,
        /// What it may do without asking.
        permission: PermissionMode,
    },
    /// Send a prompt to a session's agent; an ended session is resumed.
    FollowUp {
        /// The session.
        session: SessionId,
        /// The prompt for its agent.
        prompt: String,
    },
    /// Interrupt, stop or resume a session.
    Control {
        /// The session.
        session: SessionId,
        /// The action.
        action: ControlAction,
    },
}

impl Plan {
    /// Returns the plan with another prompt; `None` if it has no prompt.
    #[must_use]
    pub fn with_prompt(&self, prompt: &str) -> Option<Self> {
        let prompt = prompt.to_owned();
        match self.clone() {
            Self::Launch { agent, project, permission, .. } => {
                Some(Self::Launch { agent, project, prompt, permission })
            }
            Self::FollowUp { session, .. } => Some(Self::FollowUp { session, prompt }),
            Self::Control { .. } => None,
        }
    }

    /// Returns the command that carries out the plan; `None` if there is no session yet.
    pub(crate) fn command(&self, attended: bool, permission: PermissionMode) -> Option<Command> {
        match self.clone() {
            Self::Launch { .. } => None,
            Self::FollowUp { session, prompt } => {
                Some(Command::Prompt { session, prompt, attended, permission })
            }
            Self::Control { session, action } => Some(Command::Control { session, action, flag: None }),
        }
    }

    /// Returns the existing session that the plan concerns, if any.
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Launch { .. } => None,
            Self::FollowUp { session, .. } | Self::Control { session, .. } => Some(*session),
        }
    }
}

/// The reason of a request that the user declined.
pub const SAID_NO: &str = "you said no";

/// How many times a question is repeated after unclear answers before it counts as declined.
pub const MAX_REASKS: u8 = 2;

/// An open launch confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Confirmation {
    /// Its identifier.
    pub id: ConfirmationId,
    /// The utterance it belongs to.
    pub utterance: UtteranceId,
    /// The front end that shows it.
    pub origin: Origin,
    /// The plan; several if the user must choose.
    pub plans: Vec<Plan>,
    /// When it expires and counts as declined.
    pub deadline: Timestamp,
    /// The timer of the deadline.
    pub timer: TimerId,
    /// How many times it was repeated.
    pub reasks: u8,
}

/// Describes a plan for use in a question: "start claude in shop".
pub fn describe(plan: &Plan, session: Option<&Session>) -> String {
    let of_session = || {
        session.map_or_else(
            || "the session".to_owned(),
            |s| format!("the {} session in {} ({:?})", s.agent, s.project.name, shortened(&s.text, 60)),
        )
    };
    match plan {
        Plan::Launch { agent, project, permission, .. } => {
            let how = match permission {
                PermissionMode::Plan => ", which may only plan",
                PermissionMode::Ask => "",
                PermissionMode::AcceptEdits => ", which may edit files without asking",
                PermissionMode::Bypass => ", which may do EVERYTHING without asking",
                PermissionMode::Unenforced => ", which does not ask before it acts",
            };
            format!("start {agent} in {}{how}", project.name)
        }
        Plan::FollowUp { .. } if session.is_some_and(|s| s.state.has_ended()) => {
            format!("continue {}", of_session())
        }
        Plan::FollowUp { .. } => format!("tell {}", of_session()),
        Plan::Control { action, .. } => {
            let verb = match action {
                ControlAction::Interrupt => "interrupt",
                ControlAction::Stop => "stop",
                ControlAction::Resume => "resume",
            };
            format!("{verb} {}", of_session())
        }
    }
}

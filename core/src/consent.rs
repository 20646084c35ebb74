//! Consent: one authority for launches and for tool approvals.

use crate::command::{Command, ControlAction, Origin, Project};
use crate::ids::{ConfirmationId, SessionId, TimerId, UtteranceId};
use crate::permission::PermissionMode;
use crate::session::Session;
use crate::text::shortened;
use crate::time::Timestamp;

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

impl Plan {
    /// Returns the plan with another prompt; none where it has no prompt.
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

    /// Returns the command that carries it out on a session; none where there is no session yet.
    pub(crate) fn command(&self, attended: bool, permission: PermissionMode) -> Option<Command> {
        match self.clone() {
            Self::Launch { .. } => None,
            Self::FollowUp { session, prompt } => {
                Some(Command::Prompt { session, prompt, attended, permission })
            }
            Self::Control { session, action } => Some(Command::Control { session, action, flag: None }),
        }
    }

    /// Returns the session it is about, where there is one already.
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Launch { .. } => None,
            Self::FollowUp { session, .. } | Self::Control { session, .. } => Some(*session),
        }
    }
}

/// How often an unclear answer is asked about again before it counts as a no.
pub const MAX_REASKS: u8 = 2;

/// A launch confirmation that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Confirmation {
    /// Its identifier.
    pub id: ConfirmationId,
    /// The utterance it belongs to.
    pub utterance: UtteranceId,
    /// Where it is asked.
    pub origin: Origin,
    /// What would be done; several readings where the user is to choose.
    pub plans: Vec<Plan>,
    /// When it counts as declined.
    pub deadline: Timestamp,
    /// The timer of that deadline.
    pub timer: TimerId,
    /// How often it was asked again.
    pub reasks: u8,
}

/// Returns a plan as the end of a question: "start claude in shop".
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
                PermissionMode::AcceptEdits => ", which may edit files unasked",
                PermissionMode::Bypass => ", which may do EVERYTHING unasked",
            };
            format!("start {agent} in {}{how}", project.name)
        }
        Plan::FollowUp { .. } if session.is_some_and(|s| s.state.has_ended()) => {
            format!("go on with {}", of_session())
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

//! Sessions: one conversation with one agent in one project, in numbered runs.
//!
//! This module is data only; [`crate::state`] folds events into it.

pub mod artifacts;
mod delivery;
pub mod denials;
mod observation;
mod outcome;
mod process;
mod request;
mod run;
mod stall;
mod summary;
mod usage;

use crate::command::Project;
use crate::ids::{CallId, SessionId, TimerId, UtteranceId};
use crate::origin::{Actor, Origin};
use crate::time::Timestamp;

pub use artifacts::{Artifact, FileChange, UnsearchedFolders};
pub use delivery::{AgentMessage, Delivery};
pub use denials::{Denial, FailedSubagent, MAX_DENIED, MAX_FAILED_HELPERS, MAX_REFUSED, Refusal};
pub use observation::Observation;
pub use outcome::{Limit, Outcome, SessionState};
pub use process::{AgentProcess, Exit};
pub use request::{NO_PLAN, PendingRequest, Question, RequestKind};
pub use run::{Run, UndeliveredPrompts};
pub use stall::Stall;
pub use summary::Summary;
pub use usage::Usage;

/// A session: the fold of its events.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// The utterance that started it.
    pub utterance: Option<UtteranceId>,
    /// Its subject: the request that the user consented to for its first run.
    pub text: String,
    /// The front end that started the run.
    pub origin: Origin,
    /// Whether a person can be asked.
    pub attended: bool,
    /// The name of its agent.
    pub agent: String,
    /// Its project.
    pub project: Project,
    /// Its state.
    pub state: SessionState,
    /// The open requests of its agent, oldest first.
    pub pending: Vec<PendingRequest>,
    /// The messages to its agent whose delivery is not yet confirmed, oldest first.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub deliveries: Vec<Delivery>,
    /// The stall of its running agent, if any.
    #[cfg_attr(feature = "serde", serde(default))]
    pub stall: Option<Stall>,
    /// The agent's identifier of the conversation.
    pub conversation: Option<String>,
    /// Its runs, oldest first; at least one.
    pub runs: Vec<Run>,
    /// The artifacts of all its runs.
    pub artifacts: Vec<Artifact>,
    /// Its latest summary.
    pub summary: Option<Summary>,
    /// The open call to the summarizer.
    pub summary_call: Option<CallId>,
    /// The timer of the next summary during a run.
    #[cfg_attr(feature = "serde", serde(default))]
    pub summary_timer: Option<TimerId>,
    /// When a summary of the whole session was last requested.
    #[cfg_attr(feature = "serde", serde(default))]
    pub summarized_at: Option<Timestamp>,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// The number of events in its stream.
    pub version: u64,
}

impl Session {
    /// Returns the latest run.
    pub fn run(&self) -> Option<&Run> {
        self.runs.last()
    }

    /// Returns whether the session has ended and nothing about it is still open.
    pub fn is_settled(&self) -> bool {
        self.state.has_ended() && self.deliveries.is_empty() && self.summary_call.is_none()
    }

    /// Returns the usage of all runs.
    pub fn usage(&self) -> Usage {
        self.runs.iter().fold(Usage::default(), |sum, run| sum.plus(run.usage))
    }

    /// Returns when the first run started.
    pub fn started_at(&self) -> Timestamp {
        self.runs.first().map_or(self.changed_at, |run| run.started_at)
    }

    /// Describes why the last run failed or stopped.
    pub fn ended_because(&self) -> Option<String> {
        match self.run()?.outcome.as_ref()? {
            Outcome::Completed => None,
            Outcome::Failed { reason } | Outcome::Limited { reason, .. } => Some(reason.clone()),
            Outcome::Cancelled { by } => Some(match by {
                Actor::Person { .. } => "you stopped it".to_owned(),
                Actor::Flag { name } => format!("{name} stopped it"),
                Actor::Policy { name } => format!("stopped: {name}"),
            }),
            Outcome::Lost => Some("codewalk ended before its agent did".to_owned()),
        }
    }

    /// Returns the usage limit that ended the last run.
    pub fn limit(&self) -> Option<Limit> {
        match self.run()?.outcome.as_ref()? {
            Outcome::Limited { until, reason } => Some(Limit { until: *until, reason: reason.clone() }),
            _ => None,
        }
    }

    /// Returns its state as one lower-case word, or `limited` if a usage limit ended it.
    pub fn standing(&self) -> &'static str {
        if self.limit().is_some() { "limited" } else { self.state.as_str() }
    }

    /// Returns the information that a router receives.
    pub fn brief(&self) -> SessionBrief {
        SessionBrief {
            id: self.id,
            utterance: self.text.clone(),
            agent: self.agent.clone(),
            project: self.project.name.clone(),
            state: self.state,
            changed_at: self.changed_at,
        }
    }
}

/// A session as a router receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBrief {
    /// Its identifier.
    pub id: SessionId,
    /// Its subject: the request that the user consented to.
    pub utterance: String,
    /// The name of its agent.
    pub agent: String,
    /// The name of its project.
    pub project: String,
    /// Its state.
    pub state: SessionState,
    /// When it last changed.
    pub changed_at: Timestamp,
}

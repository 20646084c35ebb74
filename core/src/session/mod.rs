//! Sessions: one conversation with one agent in one project, in numbered runs.

pub mod artifacts;
pub mod denials;
pub mod history;
pub mod lifecycle;
pub(crate) mod stall;

use crate::call::{
    AgentProcess, Artifact, Exit, SessionBrief, Summary, UndeliveredPrompts, UnsearchedFolders, Usage,
};
use crate::command::{Actor, Origin, Project};
use crate::ids::{CallId, SessionId, TimerId, UtteranceId};
use crate::permission::PermissionMode;
use crate::time::{Timestamp, duration};

pub use stall::Stall;

/// How many denied tool calls a run keeps; later ones are left out.
pub const MAX_DENIED: usize = 100;
/// How many failed sub-agents a run keeps; later ones are left out.
pub const MAX_FAILED_HELPERS: usize = 100;
/// How a plan begins of which nothing is shown.
pub const NO_PLAN: &str = "(it shows no plan)";
/// How many refused requests a run keeps; later ones are left out.
pub const MAX_REFUSED: usize = 100;

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum SessionState {
    /// Its agent is being started.
    Starting,
    /// Its agent is at work.
    Running,
    /// Its agent waits for a person.
    Waiting,
    /// Its last run ended well.
    Completed,
    /// Its last run failed.
    Failed,
    /// Its last run was stopped by someone.
    Cancelled,
    /// Its owner died and left no exit record.
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

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Outcome {
    /// Well.
    Completed,
    /// Not well.
    Failed {
        /// Why, as far as the agent or the system said.
        reason: String,
    },
    /// The usage limit of the agent's provider was reached. The session counts as failed.
    Limited {
        /// When it ends, where that is known.
        until: Option<Timestamp>,
        /// What the agent said of it.
        reason: String,
    },
    /// It was stopped.
    Cancelled {
        /// By whom.
        by: Actor,
    },
    /// Its owner died and left no exit record.
    Lost,
}

impl Outcome {
    /// Returns the state a session is in after such an end.
    pub const fn state(&self) -> SessionState {
        match self {
            Self::Completed => SessionState::Completed,
            Self::Failed { .. } | Self::Limited { .. } => SessionState::Failed,
            Self::Cancelled { .. } => SessionState::Cancelled,
            Self::Lost => SessionState::Lost,
        }
    }
}

/// What an agent asks a person for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum RequestKind {
    /// To allow a tool call.
    Approval {
        /// The name of the tool.
        tool: String,
        /// What it is about: a path, a command.
        subject: String,
        /// All that would be written or run; empty where the subject says it all.
        detail: String,
        /// What the agent says it is for, on one line; empty where it says nothing.
        #[cfg_attr(feature = "serde", serde(default))]
        said: String,
        /// What a person should notice about it, e.g. that it overwrites a file.
        #[cfg_attr(feature = "serde", serde(default))]
        marks: Vec<String>,
        /// The rules that the agent offers, each whole: with one of them it asks no more for the like in this session.
        #[cfg_attr(feature = "serde", serde(default))]
        rules: Vec<String>,
    },
    /// To answer questions.
    Questions {
        /// The questions, in their order.
        questions: Vec<Question>,
    },
    /// To accept a plan and let the agent carry it out.
    Plan {
        /// The plan.
        plan: String,
    },
}

/// A question of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Question {
    /// The question.
    pub text: String,
    /// The answers it offers; others may be given as well.
    pub options: Vec<String>,
    /// What each of these means, in their order; empty where the agent does not say.
    #[cfg_attr(feature = "serde", serde(default))]
    pub descriptions: Vec<String>,
    /// Whether several of them may be chosen.
    pub multiple: bool,
}

/// A request that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PendingRequest {
    /// The agent's identifier of it.
    pub id: String,
    /// Names the exact input it is about: an answer that consents must name it too.
    #[cfg_attr(feature = "serde", serde(default))]
    pub digest: String,
    /// What it asks for.
    pub kind: RequestKind,
    /// Since when it waits.
    pub since: Timestamp,
}

/// A usage limit of an agent's provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Limit {
    /// When it ends, where that is known.
    pub until: Option<Timestamp>,
    /// What the agent said of it.
    pub reason: String,
}

impl Limit {
    /// Says how long it still holds, where that is known and not over.
    pub fn words(&self, now: Timestamp) -> Option<String> {
        let left = self.until?.since(now);
        (left > 0).then(|| format!("the usage limit holds for another {}", duration(left)))
    }
}

/// Something an agent was not allowed to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Denial {
    /// The name of the tool.
    pub tool: String,
    /// What it was about: a path, a command.
    pub subject: String,
    /// On whose word; none where the agent itself did not allow it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub by: Option<Actor>,
}

/// A sub-agent that did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FailedSubagent {
    /// What it was to do, in the agent's words.
    pub description: String,
    /// Whether it was stopped; otherwise it failed.
    pub stopped: bool,
    /// Why, where that is known; empty otherwise.
    pub reason: String,
}

/// Something an agent asked for that no person could be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Refusal {
    /// What it asked for, in its own words.
    pub what: String,
    /// Why nobody was asked.
    pub why: String,
}

/// One run of a session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Run {
    /// Its number, from 1.
    pub number: u32,
    /// What the agent was told first.
    pub prompt: String,
    /// How much it may do without asking.
    pub permission: PermissionMode,
    /// Its process, once there is one.
    pub process: Option<AgentProcess>,
    /// What it has used.
    pub usage: Usage,
    /// What it left behind.
    #[cfg_attr(feature = "serde", serde(default))]
    pub artifacts: Vec<Artifact>,
    /// How many different ones it made in all, where those are more than are kept; 0 where that is not known.
    #[cfg_attr(feature = "serde", serde(default))]
    pub artifact_count: u32,
    /// How many files were changed in its repository while other runs were at work there too.
    #[cfg_attr(feature = "serde", serde(default))]
    pub changed_meanwhile: u32,
    /// Where it was not looked for the files that it changed; none where it was looked everywhere.
    #[cfg_attr(feature = "serde", serde(default))]
    pub not_searched: Option<UnsearchedFolders>,
    /// What its agent was told and did not take up before it ended.
    #[cfg_attr(feature = "serde", serde(default))]
    pub undelivered: Option<UndeliveredPrompts>,
    /// What it was not allowed to do, and was not allowed later either, oldest first; at most [`MAX_DENIED`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub denied: Vec<Denial>,
    /// What it asked for that no person could be asked, oldest first; at most [`MAX_REFUSED`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub refused: Vec<Refusal>,
    /// When it was consented to.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How its process ended.
    pub exit: Option<Exit>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why its last turn failed, where it did.
    pub turn_failure: Option<String>,
    /// Whether an error of a turn that never began came after a good one.
    #[cfg_attr(feature = "serde", serde(default))]
    pub has_empty_error: bool,
    /// The usage limit its last turn failed at.
    #[cfg_attr(feature = "serde", serde(default))]
    pub limit: Option<Limit>,
    /// The model its agent said it uses.
    #[cfg_attr(feature = "serde", serde(default))]
    pub model: Option<String>,
    /// How many of its turns have ended.
    #[cfg_attr(feature = "serde", serde(default))]
    pub turns: u32,
    /// Its sub-agents that did not come to their end, oldest first; at most [`MAX_FAILED_HELPERS`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub failed_helpers: Vec<FailedSubagent>,
    /// Who asked for its end, or for the end of its present turn.
    pub stopped_by: Option<Actor>,
    /// Whether that was for the end of the agent.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_stopping: bool,
    /// The open call of the executor that starts it.
    pub start_call: Option<CallId>,
    /// The rules of the agent that were allowed for the rest of it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub rules: Vec<String>,
}

impl Run {
    /// Returns whether it is known to have done anything: a file was changed, or a command did not fail.
    pub fn has_done_something(&self) -> bool {
        self.artifacts.iter().any(|artifact| match artifact {
            Artifact::File { .. } => true,
            Artifact::Command { succeeded, .. } => *succeeded != Some(false),
        })
    }
}

/// A session as it stands: the fold of its events.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// The utterance that started it.
    pub utterance: Option<UtteranceId>,
    /// What it is about: the words that its first run was consented to with.
    pub text: String,
    /// Where they were said.
    pub origin: Origin,
    /// Whether a person is there to be asked.
    pub attended: bool,
    /// The name of its agent.
    pub agent: String,
    /// Its project.
    pub project: Project,
    /// Where it stands.
    pub state: SessionState,
    /// What its agent waits for, oldest first.
    pub pending: Vec<PendingRequest>,
    /// How its agent, which is at work, does not get on.
    #[cfg_attr(feature = "serde", serde(default))]
    pub stall: Option<Stall>,
    /// The agent's own identifier of the conversation.
    pub conversation: Option<String>,
    /// Its runs, oldest first; at least one.
    pub runs: Vec<Run>,
    /// What its runs left behind, all together.
    pub artifacts: Vec<Artifact>,
    /// Its latest summary.
    pub summary: Option<Summary>,
    /// The open call of the summarizer.
    pub summary_call: Option<CallId>,
    /// The timer of the next summary while it runs.
    #[cfg_attr(feature = "serde", serde(default))]
    pub summary_timer: Option<TimerId>,
    /// When a summarizer was last asked for a summary of the whole.
    #[cfg_attr(feature = "serde", serde(default))]
    pub summarized_at: Option<Timestamp>,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// How many events its stream has.
    pub version: u64,
}

impl Session {
    /// Returns the latest run.
    pub fn run(&self) -> Option<&Run> {
        self.runs.last()
    }

    /// Returns what all runs have used.
    pub fn usage(&self) -> Usage {
        self.runs.iter().fold(Usage::default(), |sum, run| sum.plus(run.usage))
    }

    /// Returns when the first run was consented to.
    pub fn started_at(&self) -> Timestamp {
        self.runs.first().map_or(self.changed_at, |run| run.started_at)
    }

    /// Returns why the last run failed or was stopped, in words.
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

    /// Returns where it stands as one lower-case word: its state, or `limited` where a usage limit ended it.
    pub fn standing(&self) -> &'static str {
        if self.limit().is_some() { "limited" } else { self.state.as_str() }
    }

    /// Returns what a router is told of it.
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

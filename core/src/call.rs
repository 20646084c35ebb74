//! Requests to ports and their replies, defined once: for the state machine, the traits in [`crate::ports`] and, by
//! exhaustive conversion, the WIT interfaces.

mod observed;

use core::fmt;

use crate::command::{Channel, Constraints, ControlAction, Decision, Project};
use crate::entry::EntryKind;
use crate::ids::{ConfirmationId, SessionId, UtteranceId};
use crate::permission::PermissionMode;
use crate::session::SessionState;
use crate::time::Timestamp;

pub use observed::{Artifact, Exit, FileChange, Observation, UndeliveredPrompts, UnsearchedFolders, Usage};

/// The longest utterance that is taken, in bytes of UTF-8.
pub const MAX_UTTERANCE: usize = 64 * 1024;
/// How many earlier turns a router is told.
pub const MAX_TURNS: usize = 20;
/// How many sessions a router is told.
pub const MAX_SESSIONS: usize = 50;
/// How many other readings a router may offer.
pub const MAX_CANDIDATES: usize = 5;

/// Why a port could not answer. Texts say what was tried and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum PortError {
    /// The port, or something it depends on, cannot be reached at the moment.
    Unavailable {
        /// What was tried.
        message: String,
    },
    /// Too many requests.
    RateLimited {
        /// How long to wait, in milliseconds, where it is known.
        retry_after_ms: Option<u64>,
    },
    /// The operator's policy forbids it.
    Denied {
        /// What was refused and what would allow it.
        message: String,
    },
    /// What came back could not be understood.
    InvalidResponse {
        /// What came back.
        message: String,
    },
    /// What was asked makes no sense to this port.
    InvalidRequest {
        /// What was asked.
        message: String,
    },
}

/// A day: what a server says beyond it is not repeated, since nobody waits for it.
const LONGEST_WAIT_MS: u64 = 24 * 3_600 * 1_000;

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited { retry_after_ms: Some(ms) } if *ms > LONGEST_WAIT_MS => {
                f.write_str("rate limited: not before tomorrow")
            }
            Self::RateLimited { retry_after_ms: Some(ms) } => {
                write!(f, "rate limited: try again in {} s", ms.div_ceil(1000))
            }
            Self::RateLimited { retry_after_ms: None } => f.write_str("rate limited: try again later"),
            Self::Unavailable { message }
            | Self::Denied { message }
            | Self::InvalidResponse { message }
            | Self::InvalidRequest { message } => f.write_str(message),
        }
    }
}

impl core::error::Error for PortError {}

/// An adapter of a chain that did not answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fallback {
    /// The adapter's name.
    pub adapter: String,
    /// Why it did not answer.
    pub error: PortError,
}

/// What a chain of adapters answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdapterReply<T> {
    /// The answer.
    pub answer: T,
    /// The adapter that gave it.
    pub adapter: String,
    /// The adapters before it in the chain, which did not answer.
    pub fallback_from: Vec<Fallback>,
}

/// A coding agent that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Agent {
    /// The name it has in the configuration.
    pub name: String,
    /// Whether it is used when the user names none.
    pub default: bool,
}

/// A session the user may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBrief {
    /// Its identifier.
    pub id: SessionId,
    /// What it is about: the words that it was consented to with.
    pub utterance: String,
    /// The name of its agent.
    pub agent: String,
    /// The name of its project.
    pub project: String,
    /// Where it stands.
    pub state: SessionState,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// A confirmation that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenConfirmation {
    /// Its identifier.
    pub id: ConfirmationId,
    /// The question as it was put to the user.
    pub question: String,
}

/// Who said something earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The user.
    User,
    /// codewalk.
    Codewalk,
}

/// Something said earlier through the same front end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// What a router decides on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRequest {
    /// Which utterance; what is kept of the call belongs to it. A router is not told.
    pub id: UtteranceId,
    /// The user's words, unchanged.
    pub utterance: String,
    /// Which kind of front end they came through.
    pub channel: Channel,
    /// The confirmation that is open there, if any.
    pub confirmation: Option<OpenConfirmation>,
    /// What was said before, oldest first; at most [`MAX_TURNS`].
    pub turns: Vec<Turn>,
    /// The projects that are known.
    pub projects: Vec<Project>,
    /// The agents that are configured.
    pub agents: Vec<Agent>,
    /// The sessions the user may mean, newest first; at most [`MAX_SESSIONS`].
    pub sessions: Vec<SessionBrief>,
    /// What is fixed by flags.
    pub constraints: Constraints,
    /// The time of the request.
    pub now: Timestamp,
}

/// What an utterance asks for, as a router reads it. Names are the router's: unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Intent {
    /// Start an agent.
    Launch {
        /// The name of the agent.
        agent: String,
        /// The name of the project; none leaves the choice to codewalk.
        project: Option<String>,
        /// What the agent is told.
        prompt: String,
    },
    /// Tell an existing session something.
    FollowUp {
        /// The identifier of the session.
        session: String,
        /// What its agent is told.
        prompt: String,
    },
    /// Answer a question about what goes on.
    Query {
        /// The identifier of the session it is about; none for all of them.
        session: Option<String>,
        /// The question.
        question: String,
    },
    /// Do something to a session.
    Control {
        /// The identifier of the session.
        session: String,
        /// What to do.
        action: ControlAction,
    },
    /// It is not clear what is meant.
    CannotParse {
        /// A hint the user can act on.
        hint: String,
    },
}

/// Another reading of an utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Candidate {
    /// What it would mean.
    pub intent: Intent,
    /// How likely that is, in percent.
    pub confidence: u8,
}

/// What a router makes of an utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Proposal {
    /// The reading it holds to be right.
    pub intent: Intent,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// Other readings, likeliest first; at most [`MAX_CANDIDATES`].
    pub candidates: Vec<Candidate>,
    /// Why, in one short sentence.
    pub reason: String,
}

/// Something a session waits for, as a summarizer is told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// A tool call that needs an approval.
    Approval {
        /// The name of the tool.
        tool: String,
        /// What it is about.
        subject: String,
    },
    /// A question of the agent.
    Question {
        /// The question.
        text: String,
    },
}

/// A summary given earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Summary {
    /// What it says.
    pub text: String,
    /// How many of the session's entries it covers, counted from the first.
    pub covers: u64,
}

/// What the core asks to have summarised. The driver adds the entries, which go past the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryBrief {
    /// Which session.
    pub session: SessionId,
    /// What it is about: the words that it was consented to with.
    pub utterance: String,
    /// Where it stands.
    pub state: SessionState,
    /// Why it failed or was stopped.
    pub ended_because: Option<String>,
    /// What it waits for, oldest first.
    pub waiting_for: Vec<WaitingFor>,
    /// What the user wants to know; none for a summary of the whole.
    pub question: Option<String>,
    /// The summary before this one.
    pub previous: Option<Summary>,
    /// How long the answer may be, in bytes of UTF-8.
    pub byte_budget: u32,
    /// The time of the request.
    pub now: Timestamp,
}

/// What a summarizer works on: the order with the newest entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRequest {
    /// What the core asked for.
    pub order: SummaryBrief,
    /// The newest entries, oldest first, as many as fit the reader's byte budget.
    pub entries: Vec<EntryKind>,
    /// How many entries the session has, those left out included.
    pub total_entries: u64,
}

/// What an executor is to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The session.
    pub session: SessionId,
    /// Which run of that session it is, from 1.
    pub run: u32,
    /// The agent's name in the configuration.
    pub agent: String,
    /// The project.
    pub project: Project,
    /// What the agent is told.
    pub prompt: String,
    /// How much it may do without asking.
    pub permission: PermissionMode,
    /// The agent's own identifier of the conversation to go on with.
    pub resume: Option<String>,
}

/// What an executor started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AgentProcess {
    /// The process identifier of the agent.
    pub pid: u32,
    /// When that process started, to tell it from a later one with the same identifier.
    pub started_at: Timestamp,
}

/// A request to a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Find out what an utterance means.
    Route(Box<RouteRequest>),
    /// Say what a session does.
    Summarize(Box<SummaryBrief>),
    /// Start an agent.
    Start(Launch),
    /// Tell a running agent something more.
    Send {
        /// Which session.
        session: SessionId,
        /// What its agent is told.
        prompt: String,
    },
    /// Answer a request of an agent.
    Answer {
        /// Which session.
        session: SessionId,
        /// The agent's identifier of the request.
        request: String,
        /// Names the exact input that is answered: a request that has taken its place is not answered by it.
        digest: String,
        /// The answer.
        decision: Decision,
    },
    /// End an agent's present turn.
    Interrupt {
        /// Which session.
        session: SessionId,
    },
    /// End an agent and everything it started.
    Stop {
        /// Which session.
        session: SessionId,
    },
}

/// What came of a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Of [`Call::Route`].
    Routed(Result<AdapterReply<Proposal>, PortError>),
    /// Of [`Call::Summarize`].
    Summarized(Result<AdapterReply<Summary>, PortError>),
    /// Of [`Call::Start`].
    Started(Result<AgentProcess, PortError>),
    /// Of the calls that tell an agent something.
    Delivered {
        /// Which session.
        session: SessionId,
        /// What came of it.
        result: Result<(), PortError>,
    },
}

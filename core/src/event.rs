//! What happened. State is the fold of these; the store keeps them; front ends are told them.

use crate::call::{
    AdapterReply, AgentProcess, Artifact, Exit, PortError, Proposal, Summary, UndeliveredPrompts,
    UnsearchedFolders, Usage,
};
use crate::command::{Actor, Decision, Origin, Project, Utterance};
use crate::consent::Plan;
use crate::ids::{CallId, ConfirmationId, SessionId, StreamId, TimerId, UtteranceId};
use crate::permission::PermissionMode;
use crate::session::{Denial, FailedSubagent, Outcome, RequestKind, Stall};
use crate::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    /// When; never earlier than the event before it.
    pub at: Timestamp,
    /// What.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub kind: EventKind,
}

/// What happened, by subject.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "subject", rename_all = "snake_case")
)]
pub enum EventKind {
    /// To an utterance.
    Utterance {
        /// Which one.
        utterance: UtteranceId,
        /// What.
        event: UtteranceEvent,
    },
    /// To a launch confirmation of an utterance.
    Consent {
        /// Which utterance.
        utterance: UtteranceId,
        /// What.
        event: ConsentEvent,
    },
    /// To a session.
    Session {
        /// Which one.
        session: SessionId,
        /// What.
        event: SessionEvent,
    },
    /// To the summary of a session.
    Summary {
        /// Which session.
        session: SessionId,
        /// What.
        event: SummaryEvent,
    },
}

/// What happened to an utterance.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum UtteranceEvent {
    /// It was said.
    Received {
        /// Where.
        origin: Origin,
        /// What was said, with its flags.
        said: Utterance,
        /// The call of the router that was asked what it means; none where the core's own grammar knows.
        call: Option<CallId>,
    },
    /// A router answered.
    Routed {
        /// What, and which one.
        answered: AdapterReply<Proposal>,
    },
    /// A summarizer was asked the question that it is.
    #[cfg_attr(feature = "serde", serde(rename = "questioned"))]
    SummarizerAsked {
        /// The session it is about.
        session: SessionId,
        /// The call of the summarizer.
        call: CallId,
    },
    /// It is dealt with.
    Closed {
        /// How.
        result: UtteranceResult,
    },
}

/// How an utterance was dealt with.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum UtteranceResult {
    /// What it asked for is being done.
    Done {
        /// The session it is done in.
        session: SessionId,
    },
    /// It was a question and is answered.
    Answered {
        /// The answer.
        text: String,
        /// The summarizer whose words these are; none where they are codewalk's own.
        #[cfg_attr(feature = "serde", serde(default))]
        by: Option<String>,
    },
    /// It was not consented to.
    Declined {
        /// Why.
        reason: String,
    },
    /// It was not understood.
    NotUnderstood {
        /// What the user can do.
        hint: String,
    },
    /// No adapter answered.
    Failed {
        /// Why.
        error: PortError,
    },
    /// The agent that it needs cannot be started, so nobody was asked.
    Unstartable {
        /// Why, and what to do about it.
        reason: String,
    },
}

/// What happened to a launch confirmation.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum ConsentEvent {
    /// The user was asked.
    #[cfg_attr(feature = "serde", serde(rename = "asked"))]
    ConfirmationRequested {
        /// The identifier of the confirmation.
        confirmation: ConfirmationId,
        /// What would be done; several readings where the user is to choose.
        plans: Vec<Plan>,
        /// When it counts as declined.
        deadline: Timestamp,
        /// The timer of that deadline.
        timer: TimerId,
    },
    /// The answer was not clear; the user was asked again.
    #[cfg_attr(feature = "serde", serde(rename = "reasked"))]
    ConfirmationRepeated {
        /// The identifier of the confirmation.
        confirmation: ConfirmationId,
        /// What the user had said.
        said: String,
    },
    /// The user changed the prompt; the question is now this one.
    #[cfg_attr(feature = "serde", serde(rename = "changed"))]
    PlanChanged {
        /// The identifier of the confirmation that is no longer open.
        confirmation: ConfirmationId,
        /// The identifier of the one in its place: what was said to the old one is no answer to this one.
        #[cfg_attr(feature = "serde", serde(default))]
        replacement: Option<ConfirmationId>,
        /// What would be done now.
        plan: Plan,
    },
    /// It was consented to.
    Granted {
        /// The identifier of the confirmation; none where a flag consented beforehand.
        confirmation: Option<ConfirmationId>,
        /// To what.
        plan: Plan,
        /// By whom.
        by: Actor,
    },
    /// It was declined.
    Declined {
        /// The identifier of the confirmation; none where nobody could be asked.
        confirmation: Option<ConfirmationId>,
        /// Why.
        reason: String,
    },
}

/// What happened to a session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum SessionEvent {
    /// A run was consented to and is being started. The first one begins the session.
    #[cfg_attr(feature = "serde", serde(rename = "starting"))]
    RunStarting {
        /// Which run, from 1.
        run: u32,
        /// The utterance it serves; none where a command asked for it.
        utterance: Option<UtteranceId>,
        /// What the session is about: the words that its first run was consented to with.
        text: String,
        /// Where they were said.
        origin: Origin,
        /// Whether a person is there to be asked.
        attended: bool,
        /// The agent's name.
        agent: String,
        /// The project.
        project: Project,
        /// What the agent is told.
        prompt: String,
        /// How much it may do without asking.
        permission: PermissionMode,
        /// The agent's own identifier of the conversation it goes on with.
        resume: Option<String>,
        /// The call of the executor.
        call: CallId,
    },
    /// The agent's process runs.
    #[cfg_attr(feature = "serde", serde(rename = "started"))]
    AgentStarted {
        /// The process.
        started: AgentProcess,
    },
    /// The agent confirmed its own identifier of the conversation.
    #[cfg_attr(feature = "serde", serde(rename = "identified"))]
    ConversationIdentified {
        /// The identifier.
        conversation: String,
    },
    /// The agent was told something more.
    #[cfg_attr(feature = "serde", serde(rename = "prompted"))]
    PromptSent {
        /// What.
        prompt: String,
        /// By whom.
        by: Actor,
    },
    /// The agent asks for something and waits.
    #[cfg_attr(feature = "serde", serde(rename = "asked"))]
    RequestOpened {
        /// Its identifier of the request.
        request: String,
        /// Names the exact input it is about: an answer that consents must name it too.
        #[cfg_attr(feature = "serde", serde(default))]
        digest: String,
        /// What it asks for.
        kind: RequestKind,
    },
    /// That was answered.
    #[cfg_attr(feature = "serde", serde(rename = "decided"))]
    RequestDecided {
        /// The agent's identifier of the request.
        request: String,
        /// How.
        decision: Decision,
        /// By whom.
        by: Actor,
    },
    /// The agent no longer waits for that.
    #[cfg_attr(feature = "serde", serde(rename = "withdrawn"))]
    RequestWithdrawn {
        /// Its identifier of the request.
        request: String,
    },
    /// A turn ended.
    TurnEnded {
        /// Why it failed, where it did.
        failure: Option<String>,
    },
    /// After a good turn the agent told of an error of a turn that never began. Its exit status only repeats that.
    #[cfg_attr(feature = "serde", serde(rename = "empty_error"))]
    EmptyErrorReported,
    /// That failure was a usage limit of the agent's provider.
    #[cfg_attr(feature = "serde", serde(rename = "limited"))]
    UsageLimitReached {
        /// When it ends, where that is known.
        until: Option<Timestamp>,
        /// What the agent said of it.
        reason: String,
    },
    /// The agent is at work, but nothing comes of it.
    #[cfg_attr(feature = "serde", serde(rename = "stalled"))]
    AgentStalled {
        /// In which way.
        stall: Stall,
    },
    /// Something comes of it again.
    #[cfg_attr(feature = "serde", serde(rename = "recovered"))]
    StallEnded,
    /// The agent asked for something that no person can be asked, and was told so.
    #[cfg_attr(feature = "serde", serde(rename = "refused"))]
    RequestRefused {
        /// What it asked for.
        what: String,
        /// Why nobody was asked.
        why: String,
    },
    /// A tool call was not allowed, and no person was asked: by the agent itself, or because nobody can be asked that.
    #[cfg_attr(feature = "serde", serde(rename = "denied"))]
    ToolCallDenied {
        /// Which call.
        denial: Denial,
    },
    /// A sub-agent did not come to its end.
    #[cfg_attr(feature = "serde", serde(rename = "helper_failed"))]
    SubagentFailed {
        /// Which one, and how it ended.
        helper: FailedSubagent,
    },
    /// The agent said which model it uses.
    #[cfg_attr(feature = "serde", serde(rename = "model"))]
    ModelReported {
        /// The model.
        name: String,
    },
    /// The run has used this much so far.
    #[cfg_attr(feature = "serde", serde(rename = "used"))]
    UsageReported {
        /// How much.
        usage: Usage,
    },
    /// A file was changed or a command was run.
    #[cfg_attr(feature = "serde", serde(rename = "made"))]
    ArtifactRecorded {
        /// Which.
        artifact: Artifact,
    },
    /// How many different artifacts the run has made in all, where those are more than are kept.
    #[cfg_attr(feature = "serde", serde(rename = "counted"))]
    ArtifactsCounted {
        /// How many.
        artifacts: u32,
    },
    /// Files were changed in its repository while other runs were at work there too: whose doing it is is not known.
    #[cfg_attr(feature = "serde", serde(rename = "changed_meanwhile"))]
    FilesChangedConcurrently {
        /// How many.
        files: u32,
    },
    /// Not everywhere was it looked for changed files.
    #[cfg_attr(feature = "serde", serde(rename = "not_searched"))]
    FoldersNotSearched {
        /// Where not.
        folders: UnsearchedFolders,
    },
    /// The turn that was interrupted has ended, and the agent went on with what it had been told before.
    #[cfg_attr(feature = "serde", serde(rename = "went_on"))]
    AgentContinued,
    /// The agent ended without taking up what it was told.
    #[cfg_attr(feature = "serde", serde(rename = "undelivered"))]
    PromptsUndelivered {
        /// What.
        undelivered: UndeliveredPrompts,
    },
    /// The end of the present turn was asked for.
    #[cfg_attr(feature = "serde", serde(rename = "interrupting"))]
    InterruptRequested {
        /// By whom.
        by: Actor,
    },
    /// The end of the agent was asked for.
    #[cfg_attr(feature = "serde", serde(rename = "stopping"))]
    StopRequested {
        /// By whom.
        by: Actor,
    },
    /// The run ended.
    #[cfg_attr(feature = "serde", serde(rename = "ended"))]
    RunEnded {
        /// How the process ended; none where it never ran or left no record.
        exit: Option<Exit>,
        /// What that means.
        outcome: Outcome,
    },
}

/// What happened to the summary of a session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum SummaryEvent {
    /// There is enough to say while it runs, but a summarizer was asked only a while ago.
    #[cfg_attr(feature = "serde", serde(rename = "scheduled"))]
    SummaryScheduled {
        /// The timer that goes off when one may be asked again.
        timer: TimerId,
    },
    /// A summarizer was asked.
    #[cfg_attr(feature = "serde", serde(rename = "requested"))]
    SummaryRequested {
        /// The call of the summarizer.
        call: CallId,
    },
    /// There is one.
    #[cfg_attr(feature = "serde", serde(rename = "made"))]
    SummaryProduced {
        /// The summary, and who made it.
        answered: AdapterReply<Summary>,
    },
    /// No adapter answered.
    #[cfg_attr(feature = "serde", serde(rename = "failed"))]
    SummaryFailed {
        /// Why.
        error: PortError,
    },
}

impl Event {
    /// Returns the stream the event belongs to.
    pub fn stream(&self) -> StreamId {
        match &self.kind {
            EventKind::Utterance { utterance, .. } | EventKind::Consent { utterance, .. } => {
                (*utterance).into()
            }
            EventKind::Session { session, .. } | EventKind::Summary { session, .. } => (*session).into(),
        }
    }
}

/// An event to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its position in its stream, from 1.
    pub version: u64,
    /// The event.
    pub event: Event,
}

/// An event that was kept.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StoredEvent {
    /// Its position among all events of the store; increasing.
    pub seq: u64,
    /// Its stream.
    pub stream: StreamId,
    /// Its position in that stream, from 1.
    pub version: u64,
    /// The event.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub event: Event,
}

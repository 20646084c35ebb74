//! An event of a session.

use crate::command::{Decision, Project};
use crate::ids::{CallId, UtteranceId};
use crate::origin::{Actor, Origin};
use crate::permission::PermissionMode;
use crate::port_reply::PortError;
use crate::session::{
    AgentProcess, Artifact, Denial, Exit, FailedSubagent, Outcome, RequestKind, Stall, UndeliveredPrompts,
    UnsearchedFolders, Usage,
};
use crate::time::Timestamp;

/// An event of a session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum SessionEvent {
    /// A run is being started after consent. The first one creates the session.
    #[cfg_attr(feature = "serde", serde(rename = "starting"))]
    RunStarting {
        /// The number of the run, from 1.
        run: u32,
        /// The utterance that led to it; `None` if a command did.
        utterance: Option<UtteranceId>,
        /// The subject of the session: the request that the user consented to for its first run.
        text: String,
        /// The front end that started the run.
        origin: Origin,
        /// Whether a person can be asked.
        attended: bool,
        /// The agent's name.
        agent: String,
        /// The project.
        project: Project,
        /// The prompt for the agent.
        prompt: String,
        /// What it may do without asking.
        permission: PermissionMode,
        /// The agent's identifier of the conversation to resume.
        resume: Option<String>,
        /// The call to the executor.
        call: CallId,
    },
    /// The agent's process started.
    #[cfg_attr(feature = "serde", serde(rename = "started"))]
    AgentStarted {
        /// The process.
        started: AgentProcess,
        /// The call that stops the process, if a stop was requested in the meantime.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        stop: Option<CallId>,
    },
    /// The agent confirmed its identifier of the conversation.
    #[cfg_attr(feature = "serde", serde(rename = "identified"))]
    ConversationIdentified {
        /// The identifier.
        conversation: String,
    },
    /// Another prompt was sent to the agent.
    #[cfg_attr(feature = "serde", serde(rename = "prompted"))]
    PromptSent {
        /// The prompt.
        prompt: String,
        /// The authority.
        by: Actor,
        /// The call that delivers it; `None` if it is delivered with a decision.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        call: Option<CallId>,
    },
    /// The agent asks for something and waits.
    #[cfg_attr(feature = "serde", serde(rename = "asked"))]
    RequestOpened {
        /// Its identifier of the request.
        request: String,
        /// Identifies the exact input: an answer that consents must carry it too.
        #[cfg_attr(feature = "serde", serde(default))]
        digest: String,
        /// What the agent asks for.
        kind: RequestKind,
    },
    /// The request was answered.
    #[cfg_attr(feature = "serde", serde(rename = "decided"))]
    RequestDecided {
        /// The agent's identifier of the request.
        request: String,
        /// The decision.
        decision: Decision,
        /// The authority.
        by: Actor,
        /// The call that delivers it.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        call: Option<CallId>,
    },
    /// The agent no longer waits for an answer.
    #[cfg_attr(feature = "serde", serde(rename = "withdrawn"))]
    RequestWithdrawn {
        /// Its identifier of the request.
        request: String,
    },
    /// A turn ended.
    TurnEnded {
        /// Why it failed, if it did.
        failure: Option<String>,
    },
    /// After a successful turn, the agent reported an error for a turn that never began. Its exit status only
    /// repeats that error.
    #[cfg_attr(feature = "serde", serde(rename = "empty_error"))]
    EmptyErrorReported,
    /// The failure was a usage limit of the agent's provider.
    #[cfg_attr(feature = "serde", serde(rename = "limited"))]
    UsageLimitReached {
        /// When it ends, if known.
        until: Option<Timestamp>,
        /// The agent's message.
        reason: String,
    },
    /// The agent is running without progress.
    #[cfg_attr(feature = "serde", serde(rename = "stalled"))]
    AgentStalled {
        /// The kind of stall.
        stall: Stall,
    },
    /// The agent makes progress again.
    #[cfg_attr(feature = "serde", serde(rename = "recovered"))]
    StallEnded,
    /// The agent's request cannot be passed to a person and was denied.
    #[cfg_attr(feature = "serde", serde(rename = "refused"))]
    RequestRefused {
        /// What it asked for.
        what: String,
        /// Why no person was asked.
        why: String,
    },
    /// A tool call was denied without asking a person: by the agent itself, or because no person can be
    /// asked.
    #[cfg_attr(feature = "serde", serde(rename = "denied"))]
    ToolCallDenied {
        /// The denied call.
        denial: Denial,
    },
    /// A sub-agent did not complete.
    #[cfg_attr(feature = "serde", serde(rename = "helper_failed"))]
    SubagentFailed {
        /// The sub-agent, and how it ended.
        helper: FailedSubagent,
    },
    /// The agent reported its model.
    #[cfg_attr(feature = "serde", serde(rename = "model"))]
    ModelReported {
        /// The model.
        name: String,
    },
    /// The run reported its usage so far.
    #[cfg_attr(feature = "serde", serde(rename = "used"))]
    UsageReported {
        /// The totals.
        usage: Usage,
    },
    /// A file was changed, or a command was run.
    #[cfg_attr(feature = "serde", serde(rename = "made"))]
    ArtifactRecorded {
        /// The artifact.
        artifact: Artifact,
    },
    /// The total number of artifacts of the run, if it exceeds the number that is stored.
    #[cfg_attr(feature = "serde", serde(rename = "counted"))]
    ArtifactsCounted {
        /// The number.
        artifacts: u32,
    },
    /// Files in its repository changed while other runs were active there, so the author is unknown.
    #[cfg_attr(feature = "serde", serde(rename = "changed_meanwhile"))]
    FilesChangedConcurrently {
        /// The number.
        files: u32,
    },
    /// Some folders were not searched for changed files.
    #[cfg_attr(feature = "serde", serde(rename = "not_searched"))]
    FoldersNotSearched {
        /// The folders.
        folders: UnsearchedFolders,
    },
    /// The interrupted turn ended, and the agent continued with its earlier prompts.
    #[cfg_attr(feature = "serde", serde(rename = "went_on"))]
    AgentContinued,
    /// The agent ended before it processed all prompts.
    #[cfg_attr(feature = "serde", serde(rename = "undelivered"))]
    PromptsUndelivered {
        /// The prompts.
        undelivered: UndeliveredPrompts,
    },
    /// Someone asked the agent to end the current turn.
    #[cfg_attr(feature = "serde", serde(rename = "interrupting"))]
    InterruptRequested {
        /// The authority.
        by: Actor,
        /// The call that delivers it; `None` if a decision ends the turn.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        call: Option<CallId>,
    },
    /// Someone asked for the agent to be stopped.
    #[cfg_attr(feature = "serde", serde(rename = "stopping"))]
    StopRequested {
        /// The authority.
        by: Actor,
        /// The call that delivers it; `None` if the agent is still being started.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        call: Option<CallId>,
    },
    /// The agent received a message.
    Delivered {
        /// The call that delivered it.
        call: CallId,
    },
    /// A message could not be delivered to the agent.
    DeliveryFailed {
        /// The call.
        call: CallId,
        /// Why.
        error: PortError,
    },
    /// The run ended.
    #[cfg_attr(feature = "serde", serde(rename = "ended"))]
    RunEnded {
        /// How the process ended; `None` if it never ran or left no record.
        exit: Option<Exit>,
        /// The outcome.
        outcome: Outcome,
    },
}

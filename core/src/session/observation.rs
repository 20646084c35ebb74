//! Observations: what executors report about agents.

use crate::time::Timestamp;

use super::artifacts::{Artifact, UnsearchedFolders};
use super::denials::{Denial, FailedSubagent};
use super::process::Exit;
use super::request::RequestKind;
use super::run::UndeliveredPrompts;
use super::stall::Stall;
use super::usage::Usage;

/// Something an agent did that matters to the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// The agent confirmed its identifier of the conversation.
    ConversationIdentified {
        /// The identifier.
        conversation: String,
    },
    /// The agent asks for something and waits.
    RequestOpened {
        /// Its identifier of the request.
        request: String,
        /// Identifies the exact input: a different input has a different digest, even under the same
        /// identifier.
        digest: String,
        /// What the agent asks for.
        kind: RequestKind,
    },
    /// The agent no longer waits for an answer.
    RequestWithdrawn {
        /// Its identifier of the request.
        request: String,
    },
    /// A turn ended; the agent may continue with another one.
    TurnEnded {
        /// Why it failed, if it did.
        failure: Option<String>,
    },
    /// After a successful turn, the agent reported an error for a turn that never began. Its exit status only
    /// repeats that error.
    EmptyErrorReported,
    /// The failure was a usage limit of the agent's provider; reported after the end of the turn.
    UsageLimitReached {
        /// When it ends, if known.
        until: Option<Timestamp>,
        /// The agent's message.
        reason: String,
    },
    /// The agent is running without progress.
    AgentStalled(Stall),
    /// The agent makes progress again.
    StallEnded,
    /// The agent's request cannot be passed to a person and was denied.
    RequestRefused {
        /// What it asked for.
        what: String,
        /// Why no person was asked.
        why: String,
    },
    /// A tool call was denied without asking a person: by the agent itself, or because no person can be
    /// asked.
    ToolCallDenied(Denial),
    /// A sub-agent did not complete.
    SubagentFailed(FailedSubagent),
    /// The agent reported its model.
    ModelReported {
        /// The model.
        name: String,
    },
    /// The usage of the run so far.
    UsageReported(Usage),
    /// A file was changed, or a command was run.
    ArtifactRecorded(Artifact),
    /// The total number of artifacts, if it exceeds the number that is stored.
    ArtifactsCounted {
        /// The number; at most [`MAX_COUNTED`](super::artifacts::MAX_COUNTED).
        artifacts: u32,
    },
    /// Files in its repository changed while other runs were active there, so the author is unknown.
    FilesChangedConcurrently {
        /// The number.
        files: u32,
    },
    /// Some folders were not searched for changed files.
    FoldersNotSearched(UnsearchedFolders),
    /// The interrupted turn ended, and the agent continued with its earlier prompts.
    AgentContinued,
    /// The agent ended before it processed all prompts.
    PromptsUndelivered(UndeliveredPrompts),
    /// The process ended, and its output was read to the end.
    ProcessExited(Exit),
    /// Its owner died, and its process no longer exists.
    Orphaned {
        /// How the process ended, if the owner recorded it.
        exit: Option<Exit>,
    },
}

//! What agents do and leave behind, as executors tell of it.

use crate::session::{Denial, FailedSubagent, RequestKind, Stall};
use crate::time::Timestamp;

/// What an agent did, as far as it matters to the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// The agent confirmed its own identifier of the conversation.
    ConversationIdentified {
        /// The identifier.
        conversation: String,
    },
    /// The agent asks for something and waits.
    RequestOpened {
        /// Its identifier of the request.
        request: String,
        /// Names the exact input it is about; another input has another digest, whatever the identifier is.
        digest: String,
        /// What it asks for.
        kind: RequestKind,
    },
    /// The agent no longer waits for that.
    RequestWithdrawn {
        /// Its identifier of the request.
        request: String,
    },
    /// A turn ended; the agent may have more to do.
    TurnEnded {
        /// Why it failed, where it did.
        failure: Option<String>,
    },
    /// After a good turn the agent told of an error of a turn that never began. Its exit status only repeats that.
    EmptyErrorReported,
    /// That failure was a usage limit of the agent's provider; told after the end of the turn.
    UsageLimitReached {
        /// When it ends, where that is known.
        until: Option<Timestamp>,
        /// What the agent said of it.
        reason: String,
    },
    /// The agent is at work, but nothing comes of it.
    AgentStalled(Stall),
    /// Something comes of it again.
    StallEnded,
    /// The agent asked for something that no person can be asked, and was told so.
    RequestRefused {
        /// What it asked for.
        what: String,
        /// Why nobody was asked.
        why: String,
    },
    /// A tool call was not allowed, and no person was asked: by the agent itself, or because nobody can be asked that.
    ToolCallDenied(Denial),
    /// A sub-agent did not come to its end.
    SubagentFailed(FailedSubagent),
    /// The agent said which model it uses.
    ModelReported {
        /// The model.
        name: String,
    },
    /// What the run has used so far.
    UsageReported(Usage),
    /// A file was changed or a command was run.
    ArtifactRecorded(Artifact),
    /// How many different artifacts it has made in all, where those are more than are kept.
    ArtifactsCounted {
        /// How many; at most [`MAX_COUNTED`](crate::session::artifacts::MAX_COUNTED).
        artifacts: u32,
    },
    /// Files were changed in its repository, while other runs were at work there too: whose doing it is is not known.
    FilesChangedConcurrently {
        /// How many.
        files: u32,
    },
    /// Not everywhere was it looked for changed files.
    FoldersNotSearched(UnsearchedFolders),
    /// The turn that was interrupted has ended, and the agent went on with what it had been told before.
    AgentContinued,
    /// The agent ended without taking up what it was told.
    PromptsUndelivered(UndeliveredPrompts),
    /// The process ended and all it printed has been read.
    ProcessExited(Exit),
    /// Its owner died, and its process is gone.
    Orphaned {
        /// How the process ended, where the owner had still recorded it.
        exit: Option<Exit>,
    },
}

/// Where it was not looked for changed files, because there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnsearchedFolders {
    /// The first folders.
    pub folders: Vec<String>,
    /// How many others there are.
    pub more: u32,
}

/// What an agent was told and did not take up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UndeliveredPrompts {
    /// The first messages, oldest first, each on one line and shortened.
    pub messages: Vec<String>,
    /// How many others there are.
    pub more: u32,
}

/// What a run has used; always totals, never increments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Usage {
    /// Tokens read by the model, those from and into its cache included.
    pub input_tokens: u64,
    /// Tokens written by the model.
    pub output_tokens: u64,
    /// What it cost in US dollars; none where the agent does not say.
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// Returns the sum of two runs. A cost is known only where both are, or the other used nothing.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let nothing = |u: Self| u.input_tokens == 0 && u.output_tokens == 0 && u.cost_usd.is_none();
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cost_usd: match (self.cost_usd, other.cost_usd) {
                (Some(a), Some(b)) => Some(a + b),
                (Some(a), None) if nothing(other) => Some(a),
                (None, Some(b)) if nothing(self) => Some(b),
                _ => None,
            },
        }
    }
}

/// Something a run left behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Artifact {
    /// A file that was written, changed or removed.
    File {
        /// Its path, relative to the project where it lies in it.
        path: String,
        /// What happened to it.
        change: FileChange,
    },
    /// A command that was run.
    Command {
        /// The command line.
        command: String,
        /// Whether it succeeded; none while that is not known.
        succeeded: Option<bool>,
    },
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum FileChange {
    /// It is new.
    Created,
    /// It was there before.
    Modified,
    /// It is gone.
    Deleted,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exit {
    /// Its exit code, where it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

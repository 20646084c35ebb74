//! Entries: the decoded output of agents. They are derived from the raw output and can be rebuilt from it, so
//! they bypass the state machine and go directly to the store, front ends and summarizers.

/// A text from an agent. Long texts stay in the raw output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Text {
    /// The whole text.
    Whole {
        /// The text.
        text: String,
    },
    /// The beginning of a text whose line is longer than 64 KiB. The rest is read from the raw output at the
    /// entry's offset.
    Cut {
        /// The first part, at most 1,024 bytes.
        beginning: String,
    },
}

impl Text {
    /// Returns the available part of the text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Whole { text } => text,
            Self::Cut { beginning } => beginning,
        }
    }
}

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum EntryKind {
    /// A prompt from the user.
    UserText {
        /// The text.
        text: Text,
    },
    /// A message from the agent.
    AgentText {
        /// The text.
        text: Text,
    },
    /// The agent's reasoning.
    Thinking {
        /// The text.
        text: Text,
    },
    /// The agent called a tool.
    ToolCall {
        /// The agent's identifier of the call; empty if it gives none.
        id: String,
        /// The name of the tool.
        tool: String,
        /// Its subject: a path, a command, a pattern.
        subject: Text,
    },
    /// A tool call ended.
    ToolResult {
        /// The agent's identifier of the call.
        id: String,
        /// Whether it succeeded.
        succeeded: bool,
        /// Its output.
        output: Text,
    },
    /// An error: an API error, a retry, a denied tool.
    Error {
        /// The text.
        text: Text,
    },
    /// A turn ended.
    TurnEnd {
        /// Whether it succeeded.
        succeeded: bool,
    },
    /// A line in an unknown format.
    Output {
        /// Whether it came from standard error.
        stderr: bool,
        /// The line.
        text: Text,
    },
}

/// One decoded item of agent output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entry {
    /// The run it belongs to.
    pub run: u32,
    /// The byte offset of its line in the raw output of the run.
    pub offset: u64,
    /// The length of the line, in bytes.
    pub length: u64,
    /// The text.
    pub kind: EntryKind,
}

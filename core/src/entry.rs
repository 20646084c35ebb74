//! Entries: what an agent printed, decoded. They are derived from the raw output and can be rebuilt from it, so they
//! go past the state machine: into the store, to front ends, to summarizers.

/// A text of an agent. Long ones stay in the raw output.
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
    /// The beginning of a text whose line is longer than 64 KiB; the rest is read from the raw output at the entry's
    /// offset.
    Cut {
        /// The first part, at most 1,024 bytes.
        beginning: String,
    },
}

impl Text {
    /// Returns what is at hand of the text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Whole { text } => text,
            Self::Cut { beginning } => beginning,
        }
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum EntryKind {
    /// The user told the agent something.
    UserText {
        /// What.
        text: Text,
    },
    /// The agent said something.
    AgentText {
        /// What.
        text: Text,
    },
    /// The agent thought aloud.
    Thinking {
        /// What.
        text: Text,
    },
    /// The agent called a tool.
    ToolCall {
        /// The agent's identifier of the call; empty where it gives none.
        id: String,
        /// The name of the tool.
        tool: String,
        /// What it is about: a path, a command, a pattern.
        subject: Text,
    },
    /// A tool call ended.
    ToolResult {
        /// The agent's identifier of the call.
        id: String,
        /// Whether it succeeded.
        succeeded: bool,
        /// What it printed.
        output: Text,
    },
    /// Something went wrong: an API error, a retry, a refused tool.
    Error {
        /// What.
        text: Text,
    },
    /// A turn ended.
    TurnEnd {
        /// Whether it ended well.
        succeeded: bool,
    },
    /// A line without a known form, decoded as far as it goes.
    Output {
        /// Whether it came on the error stream.
        stderr: bool,
        /// The line.
        text: Text,
    },
}

/// One thing an agent printed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entry {
    /// The run it belongs to.
    pub run: u32,
    /// Where its line begins in the raw output of that run, in bytes.
    pub offset: u64,
    /// How long that line is, in bytes.
    pub length: u64,
    /// What it says.
    pub kind: EntryKind,
}

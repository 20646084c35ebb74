//! What a line means for the conversation.

use codewalk_core::session::FailedSubagent;
use codewalk_core::terminal_text::cut;
use serde_json::Value;

use super::output::{BlockKind, Line};
use super::tools::{Call, ToolEnd, calls, ended};
use super::unreadable::Unreadable;
use super::wire::text;
use crate::project::Project;
use crate::protocol::Progress;
use crate::text::MAX_SHOWN;

/// What a line means for the conversation.
#[derive(Debug)]
pub(crate) enum Message {
    /// Nothing.
    Nothing,
    /// Tool calls, and the agent's last text. A sub-agent's text does not count.
    Assistant { calls: Vec<Call>, text: Option<String>, of_sub_agent: bool, is_api_error: bool },
    /// Tool calls have ended.
    User(Vec<ToolEnd>),
    /// A rare line, as JSON.
    Other(Value),
    /// A sub-agent failed or was stopped.
    SubagentFailed(FailedSubagent),
    /// A request or a result that cannot be read, with the reason.
    Unreadable { unreadable: Unreadable, why: String },
}

impl Message {
    /// Extracts the parts of a line that the conversation needs.
    pub(crate) fn of(line: Line<'_>, project: &Project) -> Self {
        match line {
            Line::Nothing => Self::Nothing,
            Line::Assistant(message) => {
                let of_sub_agent = message.of_sub_agent;
                let text =
                    message.blocks.iter().rfind(|block| block.kind == BlockKind::Text && !of_sub_agent);
                let text = text.map(|text| cut(&text.text, MAX_SHOWN + 1).to_owned());
                let is_api_error = message.is_api_error;
                Self::Assistant { calls: calls(&message, project), text, of_sub_agent, is_api_error }
            }
            Line::User(message) => Self::User(ended(&message)),
            Line::Other(line) => Self::Other(line),
        }
    }

    /// Returns whether the line shows progress.
    pub(crate) fn progress(&self) -> Progress {
        match self {
            Self::Nothing | Self::Assistant { is_api_error: true, .. } => Progress::Unknown,
            Self::Other(line) => match text(line, "type") {
                "command_lifecycle" | "rate_limit_event" => Progress::Unknown,
                "system" if text(line, "subtype") == "api_retry" => Progress::Unknown,
                "result" if line.get("is_error").and_then(Value::as_bool) == Some(true) => {
                    Progress::TurnFailed
                }
                _ => Progress::Made,
            },
            _ => Progress::Made,
        }
    }
}

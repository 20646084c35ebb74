//! Tracks sub-agents and reports those that fail or are stopped.

use std::collections::HashMap;

use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::session::FailedSubagent;
use serde_json::Value;

use super::json::Str;
use super::output::{Block, BlockKind, Content, Line, MessageLine};
use super::subjects::SUBJECTS;
use super::wire::text;
use crate::text::one_line;

/// The maximum number of sub-agents that are tracked. Failures of later ones are not reported.
const MAX_KNOWN: usize = 1_000;
/// The maximum length of a description, in bytes.
const MAX_DESCRIPTION: usize = 160;
/// The maximum length of a reason, in bytes.
const MAX_REASON: usize = 256;
/// The tools that start sub-agents.
const TOOLS: [&str; 2] = ["Agent", "Task"];

/// The descriptions of the sub-agents that have not failed, by the calls that started them.
#[derive(Debug, Default)]
pub(crate) struct Subagents {
    known: HashMap<String, String>,
}

impl Subagents {
    /// Handles a line. Returns the sub-agents that it reports as failed or stopped.
    pub(crate) fn take(&mut self, line: &Line<'_>) -> Vec<FailedSubagent> {
        match line {
            Line::Assistant(message) => {
                for call in message.blocks.iter().filter(|block| block.kind == BlockKind::ToolUse) {
                    self.called(call);
                }
                Vec::new()
            }
            // Usually there are none.
            Line::User(_) if self.known.is_empty() => Vec::new(),
            Line::User(message) => {
                let results = message.blocks.iter().filter(|block| block.kind == BlockKind::ToolResult);
                results.filter_map(|result| self.ended(result, message)).collect()
            }
            Line::Other(line) if text(line, "subtype") == "task_notification" => {
                self.notified(line).into_iter().collect()
            }
            Line::Other(_) | Line::Nothing => Vec::new(),
        }
    }

    fn called(&mut self, call: &Block<'_>) {
        if self.known.len() >= MAX_KNOWN || !TOOLS.iter().any(|tool| call.name.is(tool)) {
            return;
        }
        let description = SUBJECTS.iter().position(|name| *name == "description");
        let description = description
            .and_then(|at| call.input.as_ref()?.subjects[at])
            .map_or_else(Default::default, Str::decode);
        self.known.insert(call.id.decode().into_owned(), one_line(&description, MAX_DESCRIPTION));
    }

    /// Handles the result of a call. A background sub-agent returns a successful one immediately.
    fn ended(&mut self, result: &Block<'_>, message: &MessageLine<'_>) -> Option<FailedSubagent> {
        if !result.is_error {
            return None;
        }
        let id = result.tool_use_id.decode();
        let description = self.known.remove(&*id)?;
        if message.rejected.contains(&id) {
            return None;
        }
        let reason = match &result.content {
            Content::Text(text) => text.beginning(2 * MAX_REASON),
            Content::Blocks(blocks) => {
                blocks.first().map_or_else(Default::default, |(_, text)| text.beginning(2 * MAX_REASON))
            }
            Content::Nothing => Default::default(),
        };
        let stopped = reason.contains("interrupted by user");
        Some(FailedSubagent { description, stopped, reason: one_line(&reason, MAX_REASON) })
    }

    fn notified(&mut self, line: &Value) -> Option<FailedSubagent> {
        let stopped = match text(line, "status") {
            "failed" => false,
            "stopped" => true,
            _ => return None,
        };
        let description = self.known.remove(text(line, "tool_use_id"))?;
        // The summary of a stopped sub-agent only repeats its task.
        let reason = if stopped { "" } else { text(line, "summary") };
        Some(FailedSubagent { description, stopped, reason: one_line(reason, MAX_REASON) })
    }
}

/// Returns the entry for people.
pub(crate) fn entry(subagent: &FailedSubagent) -> EntryKind {
    let FailedSubagent { description, stopped, reason } = subagent;
    let ended = if *stopped { "was stopped" } else { "failed" };
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    EntryKind::Error { text: Text::Whole { text: format!("sub-agent \"{description}\" {ended}{why}") } }
}

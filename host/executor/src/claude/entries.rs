//! Turns lines of Claude Code into entries.

use std::borrow::Cow;

use codewalk_core::entry::EntryKind;
use serde_json::Value;

use super::json::Str;
use super::output::{Block, BlockKind, Content, Line, MessageLine};
use super::refusal::Refusal;
use super::refusals;
use super::tools;
use super::wire::{list, text};
use crate::project::Project;
use crate::text::{kept_of, of_entry, one_line};

/// Returns the entries for a line of the given length. Most lines have none.
pub(crate) fn decode(line: &Line<'_>, project: &Project, length: u64) -> Vec<EntryKind> {
    match line {
        Line::Nothing => Vec::new(),
        Line::Assistant(message) => {
            message.blocks.iter().filter_map(|block| written(block, message, project, length)).collect()
        }
        Line::User(message) => {
            message.blocks.iter().filter_map(|block| received(block, message, length)).collect()
        }
        Line::Other(line) => other(line, length),
    }
}

fn other(line: &Value, length: u64) -> Vec<EntryKind> {
    let error = |text: &str| EntryKind::Error { text: of_entry(text.into(), length) };
    match (text(line, "type"), text(line, "subtype")) {
        ("result", subtype) => {
            let failed = line.get("is_error").and_then(Value::as_bool).unwrap_or(false);
            // Errors of the model's API are also reported as a message.
            let unsaid = failed && subtype != "success" && !was_interrupted(line);
            let errors = list(line, "errors").iter().filter_map(Value::as_str).filter(|_| unsaid);
            errors.map(error).chain([EntryKind::TurnEnd { succeeded: !failed }]).collect()
        }
        ("control_request", _) => {
            let request = line.get("request").unwrap_or(&Value::Null);
            refusals::of(request).iter().map(Refusal::entry).collect()
        }
        ("system", "api_retry") => vec![error(&retry(line))],
        ("system", "permission_denied") => {
            let tool = tools::shown_name(text(line, "tool_name"));
            vec![error(&format!("{tool} was not allowed: {}", text(line, "message")))]
        }
        _ => Vec::new(),
    }
}

/// Returns whether a `result` line ends an interrupted turn.
pub(super) fn was_interrupted(result: &Value) -> bool {
    text(result, "terminal_reason").starts_with("aborted")
}

/// Returns the entry of a block that the agent wrote.
fn written(
    block: &Block<'_>,
    message: &MessageLine<'_>,
    project: &Project,
    length: u64,
) -> Option<EntryKind> {
    match block.kind {
        BlockKind::Text if block.text.trim().is_empty() => None,
        BlockKind::Text => {
            let text = of_entry((&*block.text).into(), length);
            Some(if message.is_api_error { EntryKind::Error { text } } else { EntryKind::AgentText { text } })
        }
        BlockKind::Thinking => {
            let thinking = block.thinking.decode();
            let text = (!thinking.trim().is_empty()).then(|| of_entry(thinking, length))?;
            Some(EntryKind::Thinking { text })
        }
        BlockKind::ToolUse => Some(EntryKind::ToolCall {
            id: identifier(block.id),
            tool: tools::shown_name(&block.name.decode()),
            subject: of_entry(tools::subject_of_call(block, project), length),
        }),
        BlockKind::ToolResult | BlockKind::Unknown => None,
    }
}

/// Returns the entry of a block that the agent received.
fn received(block: &Block<'_>, message: &MessageLine<'_>, length: u64) -> Option<EntryKind> {
    match block.kind {
        BlockKind::ToolResult => Some(EntryKind::ToolResult {
            id: identifier(block.tool_use_id),
            succeeded: !block.is_error,
            output: of_entry(output(&block.content, kept_of(length)), length),
        }),
        BlockKind::Text => {
            let text = of_entry((&*block.text).into(), length);
            Some(if message.is_replay && !message.of_sub_agent {
                EntryKind::UserText { text }
            } else {
                EntryKind::Output { stderr: false, text }
            })
        }
        BlockKind::Thinking | BlockKind::ToolUse | BlockKind::Unknown => None,
    }
}

fn identifier(id: Str<'_>) -> String {
    one_line(&id.decode(), 128)
}

fn output<'a>(content: &Content<'a>, max: usize) -> Cow<'a, str> {
    match content {
        Content::Text(output) => output.beginning(max),
        Content::Blocks(blocks) => {
            let texts = blocks.iter().map(|(kind, text)| match kind.decode() {
                kind if kind == "text" => text.beginning(max),
                kind => format!("[{kind}]").into(),
            });
            texts.collect::<Vec<_>>().join("\n").into()
        }
        Content::Nothing => Cow::Borrowed(""),
    }
}

pub(super) fn retry(line: &Value) -> String {
    let number = |key| line.get(key).and_then(Value::as_u64);
    let status = number("error_status").map_or_else(String::new, |status| format!(" with {status}"));
    let (attempt, of) = (number("attempt").unwrap_or(0), number("max_retries").unwrap_or(0));
    let seconds = number("retry_delay_ms").unwrap_or(0).div_ceil(1000);
    format!(
        "The model's API failed{status} ({}); retry {attempt} of {of} in {seconds} s",
        text(line, "error")
    )
}

//! From a line of the agent to what people are told of it.

use std::borrow::Cow;

use codewalk_core::entry::EntryKind;
use serde_json::Value;

use super::tools;
use super::wire::{blocks, is_of_sub_agent, list, text};
use crate::project::Project;
use crate::text::of_entry;

/// Returns the entries of a line that long. Most lines are only for the protocol and have none.
pub(crate) fn decode(line: &Value, project: &Project, length: u64) -> Vec<EntryKind> {
    let whole = |said: &str| of_entry(said, length);
    match text(line, "type") {
        "assistant" => {
            let blocks = blocks(line);
            let is_error = line.get("is_api_error_message").and_then(Value::as_bool).unwrap_or(false);
            blocks.iter().filter_map(|block| said(block, is_error, project, length)).collect()
        }
        "user" => blocks(line).iter().filter_map(|block| told(block, line, length)).collect(),
        "result" => {
            let failed = line.get("is_error").and_then(Value::as_bool).unwrap_or(false);
            // Errors of the model's API came as a message of their own.
            let unsaid = failed && text(line, "subtype") != "success" && !was_interrupted(line);
            let errors = list(line, "errors").iter().filter_map(Value::as_str).filter(|_| unsaid);
            let errors = errors.map(|error| EntryKind::Error { text: whole(error) });
            errors.chain([EntryKind::TurnEnd { succeeded: !failed }]).collect()
        }
        "system" => match text(line, "subtype") {
            "api_retry" => vec![EntryKind::Error { text: whole(&retry(line)) }],
            "permission_denied" => {
                let refused =
                    format!("{} was not allowed: {}", text(line, "tool_name"), text(line, "message"));
                vec![EntryKind::Error { text: whole(&refused) }]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Returns whether a `result` line tells of a turn that was interrupted.
pub(super) fn was_interrupted(result: &Value) -> bool {
    text(result, "terminal_reason").starts_with("aborted")
}

/// What the agent said, in a block.
fn said(block: &Value, is_error: bool, project: &Project, length: u64) -> Option<EntryKind> {
    match text(block, "type") {
        "text" if text(block, "text").trim().is_empty() => None,
        "text" => {
            let text = of_entry(text(block, "text"), length);
            Some(if is_error { EntryKind::Error { text } } else { EntryKind::AgentText { text } })
        }
        "thinking" if text(block, "thinking").trim().is_empty() => None,
        "thinking" => Some(EntryKind::Thinking { text: of_entry(text(block, "thinking"), length) }),
        "tool_use" => Some(EntryKind::ToolCall {
            id: identifier(block, "id"),
            tool: crate::text::one_line(text(block, "name"), 128),
            subject: of_entry(&tools::subject(block.get("input").unwrap_or(&Value::Null), project), length),
        }),
        _ => None,
    }
}

/// What the agent was told, in a block.
fn told(block: &Value, line: &Value, length: u64) -> Option<EntryKind> {
    match text(block, "type") {
        "tool_result" => Some(EntryKind::ToolResult {
            id: identifier(block, "tool_use_id"),
            succeeded: !block.get("is_error").and_then(Value::as_bool).unwrap_or(false),
            output: of_entry(&output(block), length),
        }),
        "text" => {
            let text = of_entry(text(block, "text"), length);
            let by_user =
                line.get("isReplay").and_then(Value::as_bool).unwrap_or(false) && !is_of_sub_agent(line);
            Some(if by_user {
                EntryKind::UserText { text }
            } else {
                EntryKind::Output { stderr: false, text }
            })
        }
        _ => None,
    }
}

fn identifier(block: &Value, key: &str) -> String {
    crate::text::one_line(text(block, key), 128)
}

fn output(result: &Value) -> Cow<'_, str> {
    match result.get("content") {
        Some(Value::String(output)) => Cow::Borrowed(output),
        Some(Value::Array(blocks)) => {
            let texts = blocks.iter().map(|block| match text(block, "type") {
                "text" => text(block, "text").to_owned(),
                other => format!("[{other}]"),
            });
            Cow::Owned(texts.collect::<Vec<_>>().join("\n"))
        }
        _ => Cow::Borrowed(""),
    }
}

fn retry(line: &Value) -> String {
    let number = |key| line.get(key).and_then(Value::as_u64);
    let status = number("error_status").map_or_else(String::new, |status| format!(" with {status}"));
    let (attempt, of) = (number("attempt").unwrap_or(0), number("max_retries").unwrap_or(0));
    let seconds = number("retry_delay_ms").unwrap_or(0).div_ceil(1000);
    format!(
        "The model's API failed{status} ({}); retry {attempt} of {of} in {seconds} s",
        text(line, "error")
    )
}

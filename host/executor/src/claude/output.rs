//! Parses the lines of Claude Code.
//!
//! Most of the output is meant for other readers: whole files before and after an edit, signatures, usage,
//! identifiers. The parser skips it without copying. It copies text only once the length to keep is known.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::json::{Cursor, Str};
use super::subjects::SUBJECTS;
use super::wire;

/// A line.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    /// A line that means nothing to codewalk.
    Nothing,
    /// Text and tool calls of the agent.
    Assistant(MessageLine<'a>),
    /// Tool results, and texts that the agent received.
    User(MessageLine<'a>),
    /// The relevant fields of a rare line.
    Other(Value),
}

/// A line with a message.
#[derive(Debug, Default)]
pub(crate) struct MessageLine<'a> {
    /// A plain text is a single block.
    pub blocks: Vec<Block<'a>>,
    /// Whether it belongs to a sub-agent.
    pub of_sub_agent: bool,
    /// Whether it is an error of the model's API.
    pub is_api_error: bool,
    /// Whether the agent repeats the user's prompt.
    pub is_replay: bool,
    /// The tool result in the form for programs.
    pub tool_result: ToolResult<'a>,
    /// The rejected tool calls.
    pub rejected: Vec<Cow<'a, str>>,
}

/// A block of a message. Its kind determines which fields are set.
#[derive(Debug, Default)]
pub(crate) struct Block<'a> {
    pub kind: BlockKind,
    pub text: Cow<'a, str>,
    pub thinking: Str<'a>,
    /// The identifier of a tool call.
    pub id: Str<'a>,
    /// The name of the tool.
    pub name: Str<'a>,
    /// The input of the tool.
    pub input: Option<Input<'a>>,
    /// The tool call that a result belongs to.
    pub tool_use_id: Str<'a>,
    /// The result of a tool.
    pub content: Content<'a>,
    pub is_error: bool,
}

/// The kind of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Text,
    Thinking,
    ToolUse,
    ToolResult,
    #[default]
    Unknown,
}

/// The input of a tool call.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// The whole input, as JSON.
    pub whole: &'a [u8],
    /// The text fields that name the subject of the call.
    pub subjects: [Option<Str<'a>>; SUBJECTS.len()],
}

/// The result of a tool call, in the form for the model.
#[derive(Debug, Default)]
pub(crate) enum Content<'a> {
    #[default]
    Nothing,
    Text(Str<'a>),
    /// The kind and the text of each block.
    Blocks(Vec<(Str<'a>, Str<'a>)>),
}

/// The result of a tool call, in the form for programs.
#[derive(Debug, Default)]
pub(crate) struct ToolResult<'a> {
    pub kind: Option<Str<'a>>,
    /// Whether the call continues in the background.
    pub in_background: bool,
}

/// How frequent lines begin.
const ASSISTANT: &[u8] = br#"{"type":"assistant","#;
const USER: &[u8] = br#"{"type":"user","#;
/// How a partial message begins. If partial messages are switched on, most lines are partial. Their content
/// appears again with the whole message.
const PIECE: &[u8] = br#"{"type":"stream_event","#;

/// The types of rare lines.
const OTHERS: [&str; 6] = [
    "system",
    "command_lifecycle",
    "control_request",
    "control_cancel_request",
    "result",
    "rate_limit_event",
];
/// The fields that are read from rare lines.
const OF_OTHERS: &[&str] = &[
    "type",
    "subtype",
    "session_id",
    "uuid",
    // Of results.
    "is_error",
    "result",
    "errors",
    "terminal_reason",
    "queued_turn_count",
    "model_usage_since_last_result",
    "total_cost_usd",
    "usage",
    "num_turns",
    "api_error",
    "api_error_status",
    "permission_denials",
    // Of limits.
    "rate_limit_info",
    // Of requests, and of the state of prompts.
    "request_id",
    "request",
    "command_uuid",
    "state",
    // Of `system` lines.
    "model",
    "tasks",
    "summary",
    "tool_use_id",
    "status",
    "tool_name",
    "message",
    "error",
    "error_status",
    "attempt",
    "max_retries",
    "retry_delay_ms",
];

/// Parses a line, which must be an object with a type.
pub(crate) fn parse(line: &[u8]) -> Option<Line<'_>> {
    if line.starts_with(PIECE) {
        return Some(Line::Nothing);
    }
    if line.starts_with(ASSISTANT) || line.starts_with(USER) {
        match message(line)? {
            // The line contains a second type.
            Line::Nothing => {}
            message => return Some(message),
        }
    }
    let fields = fields(line)?;
    let (_, kind) = fields.iter().rfind(|(name, _)| *name == "type")?;
    match wire::value(kind)?.as_str()? {
        "assistant" | "user" => message(line),
        kind if OTHERS.contains(&kind) => {
            let mut read = Map::new();
            for (name, value) in fields {
                match if name == "request_id" { wire::identifier(value) } else { wire::value(value) } {
                    Some(value) => drop(read.insert(name.to_owned(), value)),
                    // The agent waits for an answer to this line.
                    None if kind == "control_request" => return None,
                    // Treated as missing.
                    None => {}
                }
            }
            Some(Line::Other(Value::Object(read)))
        }
        _ => Some(Line::Nothing),
    }
}

/// Returns the relevant fields of a rare line, as raw JSON.
fn fields(line: &[u8]) -> Option<Vec<(&'static str, &[u8])>> {
    let mut fields = Vec::new();
    let mut cursor = Cursor::new(line);
    cursor.object(|cursor, key| {
        match OF_OTHERS.iter().find(|name| name.as_bytes() == key) {
            Some(name) => fields.push((*name, cursor.written(Cursor::skip)?)),
            None => cursor.skip()?,
        }
        Some(())
    })?;
    cursor.end()?;
    Some(fields)
}

/// Parses a message.
fn message(line: &[u8]) -> Option<Line<'_>> {
    let (mut kind, mut message) = (None, MessageLine::default());
    let mut cursor = Cursor::new(line);
    cursor.object(|cursor, key| {
        match key {
            b"type" => kind = cursor.text()?,
            b"message" => message.blocks = blocks(cursor)?,
            b"parent_tool_use_id" => message.of_sub_agent = cursor.text()?.is_some(),
            b"is_api_error_message" => message.is_api_error = cursor.is_true()?,
            b"isReplay" => message.is_replay = cursor.is_true()?,
            b"tool_use_result" => message.tool_result = tool_result(cursor)?,
            b"tool_result_meta" => message.rejected = rejected(cursor)?,
            _ => cursor.skip()?,
        }
        Some(())
    })?;
    cursor.end()?;
    Some(match kind {
        Some(kind) if kind.is("assistant") => Line::Assistant(message),
        Some(kind) if kind.is("user") => Line::User(message),
        _ => Line::Nothing,
    })
}

fn blocks<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<Block<'a>>> {
    // Usually there is only one.
    let mut blocks = Vec::with_capacity(1);
    cursor.object(|cursor, key| {
        if key != b"content" {
            return cursor.skip();
        }
        blocks.clear();
        match cursor.peek()? {
            b'"' => {
                blocks.push(Block {
                    kind: BlockKind::Text,
                    text: text(cursor)?.decode(),
                    ..Block::default()
                });
                Some(())
            }
            _ => cursor.list(|cursor| block(cursor).map(|block| blocks.push(block))),
        }
    })?;
    Some(blocks)
}

fn block<'a>(cursor: &mut Cursor<'a>) -> Option<Block<'a>> {
    let mut block = Block::default();
    cursor.object(|cursor, key| {
        match key {
            b"type" => block.kind = kind(text(cursor)?),
            b"text" => block.text = text(cursor)?.decode(),
            b"thinking" => block.thinking = text(cursor)?,
            b"id" => block.id = text(cursor)?,
            b"name" => block.name = text(cursor)?,
            b"input" => block.input = Some(input(cursor)?),
            b"tool_use_id" => block.tool_use_id = text(cursor)?,
            b"content" => block.content = content(cursor)?,
            b"is_error" => block.is_error = cursor.is_true()?,
            _ => cursor.skip()?,
        }
        Some(())
    })?;
    Some(block)
}

fn kind(kind: Str<'_>) -> BlockKind {
    match &*kind.bytes() {
        b"text" => BlockKind::Text,
        b"thinking" => BlockKind::Thinking,
        b"tool_use" => BlockKind::ToolUse,
        b"tool_result" => BlockKind::ToolResult,
        _ => BlockKind::Unknown,
    }
}

fn input<'a>(cursor: &mut Cursor<'a>) -> Option<Input<'a>> {
    let mut subjects = [None; SUBJECTS.len()];
    let whole = cursor.written(|cursor| {
        cursor.object(|cursor, key| match SUBJECTS.iter().position(|name| name.as_bytes() == key) {
            Some(at) => cursor.text().map(|text| subjects[at] = text),
            None => cursor.skip(),
        })
    })?;
    Some(Input { whole, subjects })
}

fn content<'a>(cursor: &mut Cursor<'a>) -> Option<Content<'a>> {
    match cursor.peek()? {
        b'"' => text(cursor).map(Content::Text),
        b'[' => {
            let mut blocks = Vec::new();
            cursor.list(|cursor| content_block(cursor).map(|block| blocks.push(block)))?;
            Some(Content::Blocks(blocks))
        }
        _ => cursor.skip().map(|()| Content::Nothing),
    }
}

fn content_block<'a>(cursor: &mut Cursor<'a>) -> Option<(Str<'a>, Str<'a>)> {
    let mut block = Default::default();
    let (kind, said) = &mut block;
    cursor.object(|cursor, key| {
        match key {
            b"type" => *kind = text(cursor)?,
            b"text" => *said = text(cursor)?,
            _ => cursor.skip()?,
        }
        Some(())
    })?;
    Some(block)
}

fn tool_result<'a>(cursor: &mut Cursor<'a>) -> Option<ToolResult<'a>> {
    let mut tool_result = ToolResult::default();
    cursor.object(|cursor, key| {
        match key {
            b"type" => tool_result.kind = cursor.text()?,
            b"backgroundTaskId" => {
                tool_result.in_background = true;
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
        Some(())
    })?;
    Some(tool_result)
}

fn rejected<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<Cow<'a, str>>> {
    let mut all = Vec::new();
    cursor.list(|cursor| {
        let (mut id, mut is_rejected) = (Str::default(), false);
        cursor.object(|cursor, key| {
            match key {
                b"id" => id = text(cursor)?,
                b"permission_decision" => is_rejected = is_rejection(cursor)?,
                _ => cursor.skip()?,
            }
            Some(())
        })?;
        if is_rejected {
            all.push(id.decode());
        }
        Some(())
    })?;
    Some(all)
}

fn is_rejection(cursor: &mut Cursor<'_>) -> Option<bool> {
    let mut is_rejection = false;
    cursor.object(|cursor, key| {
        match key {
            b"decision" => is_rejection = cursor.text()?.is_some_and(|decision| decision.is("reject")),
            _ => cursor.skip()?,
        }
        Some(())
    })?;
    Some(is_rejection)
}

/// Reads a text. Any other value counts as empty.
fn text<'a>(cursor: &mut Cursor<'a>) -> Option<Str<'a>> {
    Some(cursor.text()?.unwrap_or_default())
}

//! Reading a line of the agent, as far as anything is made of it.
//!
//! Most of what an agent prints is there for other readers: whole files before and after an edit, signatures, what each
//! message has used, identifiers. That is passed over and never copied. What is said is only copied once it is known how
//! much of it is kept.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::json::{Cursor, Str};
use super::tools::SUBJECTS;
use super::wire;

/// A line.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    /// Nothing is made of it.
    Nothing,
    /// What the agent said.
    Assistant(Spoken<'a>),
    /// What it was told.
    User(Spoken<'a>),
    /// What is rare: the fields of it that are asked for.
    Other(Value),
}

/// What was said.
#[derive(Debug, Default)]
pub(crate) struct Spoken<'a> {
    /// In blocks; a plain text is one.
    pub blocks: Vec<Block<'a>>,
    /// Whether it is of a sub-agent's conversation.
    pub of_sub_agent: bool,
    /// Whether the model's API said it.
    pub is_api_error: bool,
    /// Whether the user said it to the agent, which repeats it.
    pub is_replay: bool,
    /// What the tool call told programs, whose result it is.
    pub outcome: Outcome<'a>,
    /// The calls that were not allowed.
    pub rejected: Vec<Cow<'a, str>>,
}

/// A block of what was said. Which of its fields mean something depends on its kind.
#[derive(Debug, Default)]
pub(crate) struct Block<'a> {
    pub kind: BlockKind,
    pub text: Cow<'a, str>,
    pub thinking: Str<'a>,
    /// Which tool call it is.
    pub id: Str<'a>,
    /// Which tool is called.
    pub name: Str<'a>,
    /// What it is called with.
    pub input: Option<Input<'a>>,
    /// Which tool call it is the result of.
    pub tool_use_id: Str<'a>,
    /// What came of it.
    pub content: Content<'a>,
    pub is_error: bool,
}

/// What kind of block it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Text,
    Thinking,
    ToolUse,
    ToolResult,
    #[default]
    Unknown,
}

/// What a tool is called with.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    /// All of it, as JSON.
    pub whole: &'a [u8],
    /// What is in the fields that name what a call is about, where that is text.
    pub subjects: [Option<Str<'a>>; SUBJECTS.len()],
}

/// What came of a tool call, for the model.
#[derive(Debug, Default)]
pub(crate) enum Content<'a> {
    #[default]
    Nothing,
    Text(Str<'a>),
    /// The kind of each block, and its text.
    Blocks(Vec<(Str<'a>, Str<'a>)>),
}

/// What came of a tool call, for programs.
#[derive(Debug, Default)]
pub(crate) struct Outcome<'a> {
    pub kind: Option<Str<'a>>,
    /// Whether the call goes on in the background.
    pub in_background: bool,
}

/// How lines begin that are frequent.
const ASSISTANT: &[u8] = br#"{"type":"assistant","#;
const USER: &[u8] = br#"{"type":"user","#;
/// How the pieces of a message begin, most lines where they are told of. What they say comes again with the whole.
const PIECE: &[u8] = br#"{"type":"stream_event","#;

/// The kinds of lines that are rare.
const OTHERS: [&str; 6] = [
    "system",
    "command_lifecycle",
    "control_request",
    "control_cancel_request",
    "result",
    "rate_limit_event",
];
/// What they are asked for.
const OF_OTHERS: &[&str] = &[
    "type",
    "subtype",
    "session_id",
    "uuid",
    // Of a result.
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
    // Of requests, and of what became of prompts.
    "request_id",
    "request",
    "command_uuid",
    "state",
    // Of the system.
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

/// Reads a line, which must be an object with a type.
pub(crate) fn parse(line: &[u8]) -> Option<Line<'_>> {
    if line.starts_with(PIECE) {
        return Some(Line::Nothing);
    }
    if line.starts_with(ASSISTANT) || line.starts_with(USER) {
        match message(line)? {
            // It has another type besides.
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
                    // The agent waits for an answer to it.
                    None if kind == "control_request" => return None,
                    // As good as none.
                    None => {}
                }
            }
            Some(Line::Other(Value::Object(read)))
        }
        _ => Some(Line::Nothing),
    }
}

/// Returns the fields that rare lines are asked for, as they are written.
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

/// Reads a message; nothing is made of a line that is none.
fn message(line: &[u8]) -> Option<Line<'_>> {
    let (mut kind, mut spoken) = (None, Spoken::default());
    let mut cursor = Cursor::new(line);
    cursor.object(|cursor, key| {
        match key {
            b"type" => kind = cursor.text()?,
            b"message" => spoken.blocks = blocks(cursor)?,
            b"parent_tool_use_id" => spoken.of_sub_agent = cursor.text()?.is_some(),
            b"is_api_error_message" => spoken.is_api_error = cursor.is_true()?,
            b"isReplay" => spoken.is_replay = cursor.is_true()?,
            b"tool_use_result" => spoken.outcome = outcome(cursor)?,
            b"tool_result_meta" => spoken.rejected = rejected(cursor)?,
            _ => cursor.skip()?,
        }
        Some(())
    })?;
    cursor.end()?;
    Some(match kind {
        Some(kind) if kind.is("assistant") => Line::Assistant(spoken),
        Some(kind) if kind.is("user") => Line::User(spoken),
        _ => Line::Nothing,
    })
}

fn blocks<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<Block<'a>>> {
    // Mostly there is one.
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

fn outcome<'a>(cursor: &mut Cursor<'a>) -> Option<Outcome<'a>> {
    let mut outcome = Outcome::default();
    cursor.object(|cursor, key| {
        match key {
            b"type" => outcome.kind = cursor.text()?,
            b"backgroundTaskId" => {
                outcome.in_background = true;
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
        Some(())
    })?;
    Some(outcome)
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

/// Reads a text; any other value is as good as an empty one.
fn text<'a>(cursor: &mut Cursor<'a>) -> Option<Str<'a>> {
    Some(cursor.text()?.unwrap_or_default())
}

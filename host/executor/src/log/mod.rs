//! Reading what agents print: raw files that grow, cut into lines, decoded into entries.

pub(crate) mod lines;
pub(crate) mod reader;
pub(crate) mod tail;
#[cfg(test)]
mod tests;
pub(crate) mod watch;

use codewalk_core::entry::{EntryKind, Text};
use serde_json::Value;

use crate::claude;
use crate::project::Project;
use crate::run_folder::Protocol;
use crate::text;
use lines::Line;

/// A line and what it says.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// What it says to the agent's protocol, where it is of its form.
    pub message: Option<Value>,
    /// What it says to people.
    pub entries: Vec<EntryKind>,
}

/// Decodes a line of an agent's standard output.
pub(crate) fn decode(protocol: Protocol, project: &Project, line: &Line<'_>) -> Decoded {
    let message = match protocol {
        Protocol::Claude if line.whole => claude::output::parse(&line.bytes),
        Protocol::Claude | Protocol::Lines => None,
    };
    let entries = match &message {
        Some(message) => claude::entries::decode(message, project, line.length),
        None => output(line, false),
    };
    Decoded { message, entries }
}

/// Decodes a line without a known form; an empty one says nothing.
pub(crate) fn output(line: &Line<'_>, stderr: bool) -> Vec<EntryKind> {
    let decoded = String::from_utf8_lossy(&line.bytes);
    let text = decoded.trim_end();
    if text.is_empty() {
        return Vec::new();
    }
    let text = match line.whole {
        true => text::of_entry(text, line.length),
        false => Text::Cut { beginning: text::beginning(text) },
    };
    vec![EntryKind::Output { stderr, text }]
}

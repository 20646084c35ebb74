//! Reading what agents print: raw files that grow, cut into lines, decoded into entries.

pub(crate) mod lines;
pub(crate) mod reader;
pub(crate) mod tail;
#[cfg(test)]
mod tests;
pub(crate) mod watch;

use codewalk_core::entry::{EntryKind, Text};

use crate::claude;
use crate::claude::conversation::Message;
use crate::project::Project;
use crate::run_folder::Protocol;
use crate::text;
use lines::Line;

/// A line and what it says.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// What it says to the agent's protocol, where it is of its form.
    pub message: Option<Message>,
    /// What it says to people.
    pub entries: Vec<EntryKind>,
}

/// Decodes a line of an agent's standard output.
pub(crate) fn decode(protocol: Protocol, project: &Project, line: &Line<'_>) -> Decoded {
    let said = match protocol {
        Protocol::Claude if line.whole => claude::output::parse(&line.bytes),
        Protocol::Claude | Protocol::Lines => None,
    };
    match said {
        Some(said) => {
            let entries = claude::entries::decode(&said, project, line.length);
            Decoded { message: Some(Message::of(said, project)), entries }
        }
        None => Decoded { message: None, entries: output(line, false) },
    }
}

/// Decodes a line without a known form; an empty one says nothing.
pub(crate) fn output(line: &Line<'_>, stderr: bool) -> Vec<EntryKind> {
    let decoded = String::from_utf8_lossy(&line.bytes);
    let text = decoded.trim_end();
    if text.is_empty() {
        return Vec::new();
    }
    let text = match line.whole {
        true => text::of_entry(text.into(), line.length),
        false => Text::Cut { beginning: text::beginning(text) },
    };
    vec![EntryKind::Output { stderr, text }]
}

//! Reading what agents print: raw files that grow, cut into lines, decoded into entries.

pub(crate) mod reader;
pub(crate) mod tail;
#[cfg(test)]
mod tests;
pub(crate) mod watch;

use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::session::FailedSubagent;

use crate::claude;
use crate::claude::conversation::Message;
use crate::claude::helpers::Helpers;
use crate::claude::results::Results;
use crate::claude::unreadable;
use crate::lines::{Line, MAX_LINE};
use crate::project::Project;
use crate::run_folder::Protocol;
use crate::text;

/// A line and what it says.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// What it says to the agent's protocol, where it is of its form.
    pub message: Option<Message>,
    /// The sub-agents that it says have failed.
    pub failed: Vec<FailedSubagent>,
    /// What it says to people.
    pub entries: Vec<EntryKind>,
}

/// Decodes the lines of an agent's standard output, one after the other.
#[derive(Debug)]
pub(crate) struct Decoder {
    protocol: Protocol,
    project: Project,
    helpers: Helpers,
    results: Results,
}

impl Decoded {
    /// Returns what it says to a conversation.
    pub(crate) fn messages(self) -> impl Iterator<Item = Message> {
        self.message.into_iter().chain(self.failed.into_iter().map(Message::HelperFailed))
    }
}

impl Decoder {
    /// Begins with a run.
    pub(crate) fn new(protocol: Protocol, project: Project) -> Self {
        Self { protocol, project, helpers: Helpers::default(), results: Results::default() }
    }

    /// Decodes the next line.
    pub(crate) fn decode(&mut self, line: &Line<'_>) -> Decoded {
        match self.protocol {
            Protocol::Claude => self.said(line).unwrap_or_else(|| unread(line)),
            Protocol::Lines => Decoded { entries: output(line, false), ..Decoded::default() },
        }
    }

    /// Decodes a line of Claude Code, where it is of its form.
    fn said(&mut self, line: &Line<'_>) -> Option<Decoded> {
        let bytes = unmarked(&line.bytes);
        let mut said = line.whole.then(|| claude::output::parse(bytes)).flatten()?;
        self.results.correct(&mut said);
        let failed = self.helpers.take(&said);
        let mut entries = claude::entries::decode(&said, &self.project, line.length);
        entries.extend(failed.iter().map(claude::helpers::entry));
        Some(Decoded { message: Some(Message::of(said, &self.project)), failed, entries })
    }
}

/// Tells of a line that is not of Claude Code's form. Where it is a request nevertheless, the agent waits for an answer.
fn unread(line: &Line<'_>) -> Decoded {
    let why = match line.whole {
        true => "it is broken JSON".to_owned(),
        false => too_long(line),
    };
    let unreadable = unreadable::recognise(unmarked(&line.bytes), &line.end);
    let mut entries = output(line, false);
    if let Some(unreadable) = &unreadable {
        entries = vec![unreadable.entry(&why)];
    }
    let message = unreadable.map(|unreadable| Message::Unreadable { unreadable, why });
    Decoded { message, failed: Vec::new(), entries }
}

/// Returns a line without what may stand before its first character: a byte order mark, and NULs.
fn unmarked(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = line.strip_prefix(b"\xef\xbb\xbf").or(line.strip_prefix(b"\0")) {
        line = rest;
    }
    line
}

/// Says how long a line is that is not kept.
fn too_long(line: &Line<'_>) -> String {
    const MIB: u64 = 1024 * 1024;
    let length = line.length.div_ceil(MIB);
    format!("it has {length} MiB, and only lines of up to {} MiB are read", MAX_LINE as u64 / MIB)
}

/// Decodes a line without a known form; an empty one says nothing.
pub(crate) fn output(line: &Line<'_>, stderr: bool) -> Vec<EntryKind> {
    let decoded = String::from_utf8_lossy(&line.bytes);
    let text = decoded.trim_end();
    if !line.whole {
        let skipped = format!("A line was skipped: {}. It begins: {text}", too_long(line));
        return vec![EntryKind::Error { text: Text::Cut { beginning: text::beginning(&skipped) } }];
    }
    if text.is_empty() {
        return Vec::new();
    }
    vec![EntryKind::Output { stderr, text: text::of_entry(text.into(), line.length) }]
}

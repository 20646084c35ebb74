//! Decodes the lines of Claude Code, one after another.

use codewalk_core::entry::EntryKind;
use codewalk_core::session::FailedSubagent;

use super::message::Message;
use super::results::Results;
use super::subagents::{self, Subagents};
use super::{entries, output, unreadable};
use crate::lines::Line;
use crate::project::Project;

/// The content of a line.
#[derive(Debug)]
pub(crate) struct DecodedLine {
    /// Its meaning for the conversation.
    pub message: Message,
    /// The sub-agents reported as failed.
    pub failed: Vec<FailedSubagent>,
    /// The entries for the user.
    pub entries: Vec<EntryKind>,
}

impl DecodedLine {
    /// Returns everything that the line means for the conversation.
    pub(crate) fn messages(self) -> impl Iterator<Item = Message> {
        std::iter::once(self.message).chain(self.failed.into_iter().map(Message::SubagentFailed))
    }
}

/// Decodes the lines of one run.
#[derive(Debug)]
pub(crate) struct Decoder {
    project: Project,
    subagents: Subagents,
    results: Results,
}

impl Decoder {
    /// Creates a decoder at the start of a run.
    pub(crate) fn new(project: Project) -> Self {
        Self { project, subagents: Subagents::default(), results: Results::default() }
    }

    /// Decodes the next line, or returns `None` if it does not have Claude Code's format.
    pub(crate) fn decode(&mut self, line: &Line<'_>) -> Option<DecodedLine> {
        self.readable(line).or_else(|| broken(line))
    }

    fn readable(&mut self, line: &Line<'_>) -> Option<DecodedLine> {
        let bytes = unmarked(&line.bytes);
        let mut read = line.whole.then(|| output::parse(bytes)).flatten()?;
        self.results.correct(&mut read);
        let failed = self.subagents.take(&read);
        let mut entries = entries::decode(&read, &self.project, line.length);
        entries.extend(failed.iter().map(subagents::entry));
        Some(DecodedLine { message: Message::of(read, &self.project), failed, entries })
    }
}

/// Recognises a broken line. If it is a request, the agent waits for an answer.
fn broken(line: &Line<'_>) -> Option<DecodedLine> {
    let unreadable = unreadable::recognise(unmarked(&line.bytes), &line.end)?;
    let why = if line.whole { "it is broken JSON".to_owned() } else { line.too_long() };
    let entries = vec![unreadable.entry(&why)];
    Some(DecodedLine { message: Message::Unreadable { unreadable, why }, failed: Vec::new(), entries })
}

/// Returns a line without a leading byte order mark and NULs.
fn unmarked(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = line.strip_prefix(b"\xef\xbb\xbf").or(line.strip_prefix(b"\0")) {
        line = rest;
    }
    line
}

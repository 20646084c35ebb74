//! Invariants that hold for any bytes from an agent or a broken disk.
//!
//! Each function panics if its invariant does not hold. The callers are property tests on broken recordings
//! (`tests.rs`) and fuzz targets; the module is public under `fuzzing` for the latter.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use codewalk_core::command::Decision;
use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::session::{Artifact, Denial, FailedSubagent, Observation, RequestKind, Usage};
use codewalk_core::terminal_text::is_unprintable;
use codewalk_core::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::lines::{Line, LineSplitter, MAX_LINE};
use crate::log;
use crate::project::Project;
use crate::protocol::{AgentProtocol, Protocol, Step, is_conversation};
use crate::protocols;
use crate::report::{Request, RequestReply};
use crate::run_folder::{ExitRecord, Meta, record};
use crate::summary_filter;
use crate::text::{MAX_DETAIL, MAX_SHOWN, MAX_SUBJECT};

/// The maximum factor by which a text grows when its invisible characters are named.
const NAMED: usize = 10;
/// The length of the fixed words in an entry, such as those about a retry.
const WORDS: usize = 512;

/// Checks that raw output gives the same lines and entries in pieces of any length, and that these are
/// sanitized, bounded and complete.
pub fn output(raw: &[u8], piece: usize, protocol: Protocol) {
    let whole = lines(&[raw]);
    let pieces: Vec<&[u8]> = raw.chunks(piece.max(1)).collect();
    assert!(lines(&pieces) == whole, "pieces of {piece} bytes make other lines");
    let mut next = 0;
    let mut entries = Vec::new();
    let mut decoder = open(protocol);
    for line in &whole {
        assert_eq!(line.offset, next, "lines follow each other");
        next = line.offset + line.length + 1;
        let at = usize::try_from(line.offset).unwrap_or(usize::MAX);
        assert!(raw[at..].starts_with(&line.bytes) && line.bytes.len() <= MAX_LINE);
        let known = decoder.decode(line);
        let says_something = !String::from_utf8_lossy(&line.bytes).trim_end().is_empty();
        if known.is_none() {
            assert!(
                protocol == Protocol::Lines || !is_message(line),
                "a line that other parsers read as a message is one"
            );
        }
        let entries_of_line = match known {
            Some(decoded) => decoded.entries,
            None => {
                let plain = log::decode(&mut *open(Protocol::Lines), line).entries;
                assert_eq!(plain.len(), usize::from(says_something), "a line of unknown form is one entry");
                plain
            }
        };
        let texts: Vec<&str> = entries_of_line.iter().flat_map(texts).collect();
        texts.iter().for_each(|text| assert_shown(text, usize::MAX));
        let size: usize = texts.iter().map(|text| text.len()).sum();
        assert!(size <= NAMED * line.bytes.len() + WORDS * entries_of_line.len(), "{size} bytes of entries");
        entries.extend(entries_of_line);
    }
    assert!(next == raw.len() as u64 || next == raw.len() as u64 + 1, "all of it is in a line");
    entries.reverse();
    summary(&entries);
}

fn open(protocol: Protocol) -> Box<dyn AgentProtocol> {
    protocols::open(protocol, project(), false)
}

/// Returns whether `serde_json` reads a line as a message.
fn is_message(line: &Line<'_>) -> bool {
    let value = serde_json::from_slice::<serde_json::Value>(&line.bytes);
    line.whole && value.is_ok_and(|value| value.get("type").is_some_and(serde_json::Value::is_string))
}

/// Checks that a selection for a summary is sanitized and within its budget.
fn summary(newest: &[EntryKind]) {
    for budget in [0, 100, 64 * 1024] {
        let picked = summary_filter::newest(newest.iter().cloned(), budget);
        let texts: Vec<&str> = picked.iter().flat_map(texts).collect();
        texts.iter().for_each(|text| assert_shown(text, usize::MAX));
        assert!(texts.iter().map(|text| text.len()).sum::<usize>() <= budget);
    }
}

/// Checks that any output leads only to observations that can be shown and stored, that no request is opened
/// twice, and that each can be answered. Returns the usage and the observations.
pub fn conversation(raw: &[u8]) -> (Usage, Vec<Observation>) {
    let mut protocol = open(Protocol::Claude);
    let (mut open, mut used, mut observed) = (BTreeSet::new(), Usage::default(), Vec::new());
    for line in lines(&[raw]) {
        for step in log::decode(&mut *protocol, &line).steps {
            let Step::Observed(observation) = step else { continue };
            match &observation {
                Observation::ConversationIdentified { conversation } => {
                    assert!(is_conversation(conversation))
                }
                Observation::RequestOpened { request, digest, kind } => {
                    assert!((1..=128).contains(&request.len()) && digest.len() == 64);
                    assert_shown(request, 128);
                    check_request_view(kind);
                    assert!(open.insert(request.clone()), "{request:?} was asked while it was open");
                    // Every second request stays open for a while.
                    if open.len() % 2 == 0 {
                        open.remove(request);
                        let is_answered = protocol.decide(request, digest, &answer(kind)).is_ok();
                        // A form may reject an empty answer.
                        let deny = Decision::deny("no");
                        assert!(is_answered || protocol.decide(request, digest, &deny).is_ok());
                    }
                }
                Observation::RequestWithdrawn { request } => assert!(open.remove(request)),
                Observation::TurnEnded { failure } => {
                    failure.iter().for_each(|failure| assert_shown(failure, MAX_DETAIL));
                }
                Observation::UsageReported(total) => {
                    assert!(
                        total.input_tokens >= used.input_tokens && total.output_tokens >= used.output_tokens
                    );
                    assert!(total.cost_usd.is_none_or(|cost| cost.is_finite() && cost >= 0.0), "{total:?}");
                    used = *total;
                }
                Observation::ArtifactRecorded(
                    Artifact::File { path: shown, .. } | Artifact::Command { command: shown, .. },
                ) => {
                    assert_shown(shown, MAX_SUBJECT);
                }
                Observation::UsageLimitReached { until, reason } => {
                    assert!(until.is_none_or(|until| until < Timestamp(u64::MAX)));
                    assert_shown(reason, MAX_DETAIL);
                }
                Observation::RequestRefused { what, why } => {
                    assert_shown(what, NAMED * MAX_DETAIL);
                    assert_shown(why, NAMED * MAX_DETAIL);
                }
                Observation::ToolCallDenied(Denial { tool, subject, .. }) => {
                    assert_shown(tool, NAMED * 128);
                    assert_shown(subject, NAMED * MAX_SUBJECT);
                }
                Observation::SubagentFailed(FailedSubagent { description, reason, .. }) => {
                    assert_shown(description, MAX_SUBJECT);
                    assert_shown(reason, MAX_SUBJECT);
                }
                Observation::EmptyErrorReported => {}
                Observation::ModelReported { name } => assert_shown(name, 128),
                // Made by the follower of a run.
                Observation::AgentStalled(_)
                | Observation::StallEnded
                | Observation::ArtifactsCounted { .. }
                | Observation::FilesChangedConcurrently { .. }
                | Observation::FoldersNotSearched(_)
                | Observation::AgentContinued
                | Observation::PromptsUndelivered(_)
                | Observation::ProcessExited(_)
                | Observation::Orphaned { .. } => {}
            }
            observed.push(observation);
        }
    }
    protocol.activity();
    protocol.close();
    protocol.unfinished();
    (used, observed)
}

/// Checks that a record of a run folder is read completely or rejected, and survives a round trip.
pub fn records(bytes: &[u8]) {
    is_read_again::<ExitRecord>(bytes);
    is_read_again::<Meta>(bytes);
    is_read_again::<Request>(bytes);
    is_read_again::<RequestReply>(bytes);
}

fn is_read_again<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(read) = record::<T>(bytes) {
        let written = serde_json::to_vec(&read).unwrap_or_default();
        assert_eq!(record::<T>(&written).ok(), Some(read));
    }
}

fn project() -> Project {
    Project::of_run(Path::new("/home/dev/lab/proj"))
}

fn lines<'a>(pieces: &[&'a [u8]]) -> Vec<Line<'a>> {
    let mut splitter = LineSplitter::new(0);
    let mut lines: Vec<_> = pieces.iter().flat_map(|piece| splitter.push(piece)).collect();
    lines.extend(splitter.finish());
    lines
}

fn check_request_view(kind: &RequestKind) {
    match kind {
        RequestKind::Approval { tool, subject, detail, agent_words: said, marks, rules } => {
            assert_shown(tool, NAMED * 128);
            assert_shown(subject, NAMED * MAX_SUBJECT);
            assert_shown(detail, MAX_SHOWN);
            assert_shown(said, NAMED * MAX_SUBJECT);
            assert!(marks.len() <= 8 && rules.len() <= 8);
            marks.iter().chain(rules).for_each(|text| assert_shown(text, 2048));
        }
        RequestKind::Plan { plan } => assert_shown(plan, MAX_SHOWN),
        RequestKind::Questions { questions } => {
            assert!((1..=16).contains(&questions.len()));
            for question in questions {
                assert!(
                    question.options.len() <= 16 && question.descriptions.len() <= question.options.len()
                );
                let texts = question.options.iter().chain(&question.descriptions).chain([&question.text]);
                texts.for_each(|text| assert_shown(text, NAMED * MAX_SHOWN));
            }
        }
    }
}

fn answer(kind: &RequestKind) -> Decision {
    match kind {
        RequestKind::Questions { questions } => {
            Decision::Answers { answers: vec![String::new(); questions.len()] }
        }
        _ => Decision::allow(),
    }
}

fn texts(entry: &EntryKind) -> Vec<&str> {
    let (more, text): (&[&String], Option<&Text>) = match entry {
        EntryKind::UserText { text }
        | EntryKind::AgentText { text }
        | EntryKind::Thinking { text }
        | EntryKind::Error { text }
        | EntryKind::Output { text, .. } => (&[], Some(text)),
        EntryKind::ToolCall { id, tool, subject } => (&[id, tool], Some(subject)),
        EntryKind::ToolResult { id, output, .. } => (&[id], Some(output)),
        EntryKind::TurnEnd { .. } => (&[], None),
    };
    if let Some(Text::Cut { beginning }) = text {
        assert!(beginning.len() <= 1024);
    }
    more.iter().map(|text| text.as_str()).chain(text.map(Text::as_str)).collect()
}

fn assert_shown(text: &str, max: usize) {
    assert!(!text.chars().any(is_unprintable), "not fit for a terminal: {text:?}");
    assert!(text.len() <= max, "{} bytes, more than {max}", text.len());
}

//! The result of a run: the JSON of `--output-format json` and the exit status.

use std::time::Duration;

use codewalk_core::ids::SessionId;
use codewalk_core::intent::{Intent, Proposal};
use codewalk_core::origin::Actor;
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::{AdapterReply, Fallback};
use codewalk_core::session::{
    Artifact, Denial, FailedSubagent, Limit, Outcome, PendingRequest, Run, Session, SessionState, Summary,
    UndeliveredPrompts, UnsearchedFolders,
};
use codewalk_core::time::Timestamp;
use serde::Serialize;

use super::args::{TIMEOUT_FLAG, timed_out};
use super::next;
use super::print::{SCHEMA, print_json};
use super::words::exit_code;
use crate::error::{CommandError, ErrorKind};

/// The object that `run --output-format json` prints.
#[derive(Debug, Serialize)]
pub struct RunResult<'a> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Always `result`.
    pub r#type: &'static str,
    /// The answer, if the request was a question.
    pub answer: Option<&'a str>,
    /// The error.
    pub error: Option<&'a CommandError>,
    /// The session, if one was started.
    pub session: Option<SessionView<'a>>,
    /// The router and its proposal.
    pub router: Option<RouterView<'a>>,
    /// The summarizer, if there is a new summary.
    pub summarizer: Option<SummarizerView<'a>>,
}

/// A session in JSON.
#[derive(Debug, Serialize)]
pub struct SessionView<'a> {
    id: SessionId,
    agent: &'a str,
    project: &'a str,
    utterance: &'a str,
    state: SessionState,
    waiting_for: &'a [PendingRequest],
    runs: Vec<RunView<'a>>,
    exit_code: Option<i32>,
    summary: Option<&'a str>,
    artifacts: &'a [Artifact],
    usage: UsageView,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct SessionJson<'a> {
    schema: u32,
    r#type: &'static str,
    session: SessionView<'a>,
}

#[derive(Debug, Serialize)]
struct RunView<'a> {
    number: u32,
    state: SessionState,
    permission: PermissionMode,
    exit_code: Option<i32>,
    denied: &'a [Denial],
    /// The usage limit that ended the run.
    limit: Option<Limit>,
    /// The agent's rules that were allowed for the rest of the run.
    rules: &'a [String],
    failed_helpers: &'a [FailedSubagent],
    model: Option<&'a str>,
    turns: u32,
    artifacts: &'a [Artifact],
    changed_meanwhile: u32,
    not_searched: Option<&'a UnsearchedFolders>,
    undelivered: Option<&'a UndeliveredPrompts>,
    usage: UsageView,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct UsageView {
    input_tokens: u64,
    output_tokens: u64,
    cost_usd: Option<f64>,
}

/// A router and its proposal.
#[derive(Debug, Serialize)]
pub struct RouterView<'a> {
    adapter: &'a str,
    proposal: &'a Intent,
    confidence: u8,
    fallback_from: &'a [Fallback],
}

/// A summarizer.
#[derive(Debug, Serialize)]
pub struct SummarizerView<'a> {
    adapter: &'a str,
    fallback_from: &'a [Fallback],
}

impl<'a> From<&'a Session> for SessionView<'a> {
    fn from(session: &'a Session) -> Self {
        let last = session.run();
        Self {
            id: session.id,
            agent: &session.agent,
            project: &session.project.path,
            utterance: &session.text,
            state: session.state,
            waiting_for: &session.pending,
            runs: session.runs.iter().map(|run| RunView::of(run, session.state)).collect(),
            exit_code: last.and_then(exit_code),
            summary: session.summary.as_ref().map(|summary| summary.text.as_str()),
            artifacts: &session.artifacts,
            usage: session.usage().into(),
            started_at: session.started_at(),
            ended_at: last.and_then(|run| run.ended_at),
        }
    }
}

impl<'a> RunView<'a> {
    fn of(run: &'a Run, session: SessionState) -> Self {
        Self {
            number: run.number,
            state: run.outcome.as_ref().map_or(session, Outcome::state),
            permission: run.permission,
            exit_code: exit_code(run),
            denied: &run.denied,
            limit: match &run.outcome {
                Some(Outcome::Limited { until, reason }) => {
                    Some(Limit { until: *until, reason: reason.clone() })
                }
                _ => None,
            },
            rules: &run.rules,
            failed_helpers: &run.failed_helpers,
            model: run.model.as_deref(),
            turns: run.turns,
            artifacts: &run.artifacts,
            changed_meanwhile: run.changed_meanwhile,
            not_searched: run.not_searched.as_ref(),
            undelivered: run.undelivered.as_ref(),
            usage: run.usage.into(),
            started_at: run.started_at,
            ended_at: run.ended_at,
        }
    }
}

impl From<codewalk_core::session::Usage> for UsageView {
    fn from(usage: codewalk_core::session::Usage) -> Self {
        let codewalk_core::session::Usage { input_tokens, output_tokens, cost_usd } = usage;
        Self { input_tokens, output_tokens, cost_usd }
    }
}

impl<'a> From<&'a AdapterReply<Proposal>> for RouterView<'a> {
    fn from(answered: &'a AdapterReply<Proposal>) -> Self {
        Self {
            adapter: &answered.adapter,
            proposal: &answered.answer.intent,
            confidence: answered.answer.confidence,
            fallback_from: &answered.fallback_from,
        }
    }
}

impl<'a> From<&'a AdapterReply<Summary>> for SummarizerView<'a> {
    fn from(answered: &'a AdapterReply<Summary>) -> Self {
        Self { adapter: &answered.adapter, fallback_from: &answered.fallback_from }
    }
}

/// Prints a session as JSON.
pub fn print_session(session: &Session) -> Result<(), CommandError> {
    print_json(&SessionJson { schema: SCHEMA, r#type: "session", session: session.into() })
}

/// Returns why a session that has ended failed, or `None` if it completed and nothing was denied.
pub fn failure(session: &Session, timeout: Option<Duration>) -> Option<CommandError> {
    let agent = &session.agent;
    let run = session.run()?;
    let (kind, message) = match run.outcome.as_ref()? {
        Outcome::Completed if run.denied.is_empty() => return None,
        Outcome::Completed => was_denied(agent, run),
        Outcome::Failed { reason } => (ErrorKind::Agent, format!("{agent} failed: {reason}")),
        Outcome::Limited { reason, .. } => {
            (ErrorKind::Agent, format!("{agent} reached its usage limit: {reason}"))
        }
        Outcome::Cancelled { by: Actor::Flag { name } } if name == TIMEOUT_FLAG => {
            (ErrorKind::Timeout, format!("{agent} {}", timed_out(timeout)))
        }
        Outcome::Cancelled { by } => {
            let stopped = CommandError::new(ErrorKind::Interrupted, format!("{agent} was stopped"))
                .with_hint(next::step_after_failure(session));
            return Some(if matches!(by, Actor::Person { .. }) { stopped.by_user() } else { stopped });
        }
        Outcome::Lost => (ErrorKind::Agent, format!("{agent} was lost: codewalk ended before it did")),
    };
    Some(CommandError::new(kind, message).with_hint(next::step_after_failure(session)))
}

/// Returns the error about denials; the result lists them.
fn was_denied(agent: &str, run: &Run) -> (ErrorKind, String) {
    if !run.has_done_something() {
        return (ErrorKind::Denied, format!("nothing was done: {agent} was denied everything it asked for"));
    }
    let actions = match run.denied.len() {
        1 => "1 action".to_owned(),
        n => format!("{n} actions"),
    };
    (ErrorKind::PartlyDenied, format!("partly done: {agent} was denied {actions}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::super::samples::{created, denied, ended, failed, person, session};
    use super::*;

    #[test]
    fn the_exit_status_tells_full_partial_and_denied_requests_apart() {
        let status = |session: &Session| failure(session, None).map(|error| error.kind.exit_status());
        let completed = || [ended(Outcome::Completed)];
        assert_eq!(status(&session(completed())), None);
        let denied = || denied("make", None).into_iter();
        assert_eq!(status(&session(denied().chain(completed()))), Some(1));
        assert_eq!(status(&session(denied().chain([created("a.rs")]).chain(completed()))), Some(5));
        // Denials are not the reason for a failure or a stop.
        assert_eq!(
            failure(&session(denied().chain([failed("x")])), None).unwrap().message,
            "claude failed: x"
        );
        let stopped = ended(Outcome::Cancelled { by: person() });
        assert_eq!(status(&session(denied().chain([stopped]))), Some(130));
        let by = Actor::Flag { name: TIMEOUT_FLAG.to_owned() };
        let late = session(denied().chain([ended(Outcome::Cancelled { by })]));
        assert_eq!(status(&late), Some(124));
        let timeout = Some(Duration::from_secs(8));
        assert_eq!(failure(&late, timeout).unwrap().message, "claude timed out (--timeout 8s)");
    }
}

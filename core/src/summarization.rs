//! Requests to summarizers, and the core's own descriptions of sessions.

use crate::entry::EntryKind;
use crate::ids::SessionId;
use crate::origin::Actor;
use crate::session::{Denial, FailedSubagent, Outcome, RequestKind, Session, SessionState, Summary};
use crate::state::State;
use crate::terminal_text::{elided, shortened, tool_name};
use crate::time::{Clock, Timestamp};

/// A request that a session is waiting on, as a summarizer receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// A tool call that needs an approval.
    Approval {
        /// The name of the tool.
        tool: String,
        /// The subject.
        subject: String,
    },
    /// A question from the agent.
    Question {
        /// The question.
        text: String,
    },
}

/// The core's part of a request for a summary. The driver adds the entries, which bypass the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryBrief {
    /// The session.
    pub session: SessionId,
    /// Its subject: the request that the user consented to.
    pub utterance: String,
    /// Its state.
    pub state: SessionState,
    /// Why it failed or stopped.
    pub ended_because: Option<String>,
    /// The requests that it is waiting on, oldest first.
    pub waiting_for: Vec<WaitingFor>,
    /// The user's question; `None` for a summary of the whole session.
    pub question: Option<String>,
    /// The previous summary.
    pub previous: Option<Summary>,
    /// The maximum length of the answer, in bytes of UTF-8.
    pub byte_budget: u32,
    /// The time of the request.
    pub now: Timestamp,
}

/// The input of a summarizer: the brief and the newest entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRequest {
    /// The brief.
    pub order: SummaryBrief,
    /// The newest entries that fit the byte budget, oldest first.
    pub entries: Vec<EntryKind>,
    /// How many entries the session has, including those omitted here.
    pub total_entries: u64,
}

/// The number of new entries needed for another summary during a run.
const NEWS: u64 = 20;
/// The maximum length of a request quoted in a sentence, in characters.
const LONGEST: usize = 160;
/// The beginning of the reason given for a partly denied run.
const DONE_IN_PART: &str = "part of it was done, but ";
/// The minimum time between two summaries during a run, in milliseconds.
const PAUSE_MS: u64 = 60_000;

/// Returns the brief for a summary of a session.
pub fn order(session: &Session, question: Option<String>, byte_budget: u32, clock: Clock) -> SummaryBrief {
    SummaryBrief {
        session: session.id,
        utterance: session.text.clone(),
        state: session.state,
        ended_because: session
            .ended_because()
            .map(|why| match session.limit().and_then(|limit| limit.until) {
                Some(until) => format!("limited until {}; {why}", clock.moment(until)),
                None => why,
            })
            .or_else(|| session.stall.as_ref().map(|stall| stall.words(clock)))
            .or_else(|| denied(session)),
        waiting_for: session.pending.iter().flat_map(|p| waiting_for(&p.kind)).collect(),
        question,
        previous: session.summary.clone(),
        byte_budget,
        now: clock.now,
    }
}

/// Describes the denials of the last run, if it completed nevertheless.
fn denied(session: &Session) -> Option<String> {
    /// The maximum number of listed denials.
    const NAMED: usize = 2;
    let run =
        session.run().filter(|run| run.outcome == Some(Outcome::Completed) && !run.denied.is_empty())?;
    let thing = |denial: &Denial| match elided(&denial.subject, LONGEST) {
        subject if subject.is_empty() => tool_name(&denial.tool),
        subject => format!("{} on `{subject}`", tool_name(&denial.tool)),
    };
    let mut things: Vec<String> = run.denied.iter().take(NAMED).map(thing).collect();
    if run.denied.len() > NAMED {
        things.push(format!("{} more", run.denied.len() - NAMED));
    }
    let by_you = run.denied.iter().all(|denial| matches!(denial.by, Some(Actor::Person { .. })));
    let who = if by_you { "you did not allow it to use" } else { "it was not allowed to use" };
    // The entries do not show all of a run's actions.
    let done = if run.has_done_something() { DONE_IN_PART } else { "" };
    Some(format!("{done}{who} {}", things.join(" or ")))
}

/// Returns whether a running session has enough new entries since its last summary.
pub fn has_news(session: &Session, entries: u64) -> bool {
    let covered = session.summary.as_ref().map_or(0, |summary| summary.covers);
    entries.saturating_sub(covered) >= NEWS
}

/// Returns the earliest time of the next summary during a run.
pub fn next_at(session: &Session) -> Timestamp {
    let begun = session.run().map_or(session.changed_at, |run| run.started_at);
    session.summarized_at.unwrap_or(begun).max(begun).plus(PAUSE_MS)
}

fn waiting_for(kind: &RequestKind) -> Vec<WaitingFor> {
    match kind {
        RequestKind::Approval { tool, subject, .. } => {
            vec![WaitingFor::Approval { tool: tool.clone(), subject: subject.clone() }]
        }
        RequestKind::Questions { questions } => {
            questions.iter().map(|q| WaitingFor::Question { text: q.text.clone() }).collect()
        }
        RequestKind::Plan { .. } => {
            vec![WaitingFor::Question { text: "may it carry out its plan?".to_owned() }]
        }
    }
}

/// Describes all sessions in a sentence or two, short enough to be spoken; waiting sessions come first.
pub fn overview(state: &State, now: Timestamp) -> String {
    let clock = Clock { now, utc_offset_s: state.utc_offset_s() };
    let sessions = state.sessions();
    let live: Vec<&&Session> = sessions.iter().filter(|s| !s.state.has_ended()).collect();
    if live.is_empty() {
        return match sessions.first() {
            None => "Nothing is running, and nothing has run yet.".to_owned(),
            Some(last) => format!("Nothing is running. {}", sentence(last)),
        };
    }
    let waiting = live.iter().filter(|s| s.state == SessionState::Waiting).count();
    let mut text = match (live.len(), waiting) {
        (1, _) => String::new(),
        (n, 0) => format!("{n} sessions are running. "),
        (n, 1) => format!("One of {n} sessions needs input. "),
        (n, w) => format!("{w} of {n} sessions need input. "),
    };
    let waiting_first = live.iter().filter(|s| s.state == SessionState::Waiting);
    let then_others = live.iter().filter(|s| s.state != SessionState::Waiting);
    let sentences: Vec<String> =
        waiting_first.chain(then_others).take(3).map(|s| sentence_at(s, clock)).collect();
    text.push_str(&sentences.join(" "));
    text
}

/// Describes a session as of its last change, in a sentence.
pub fn sentence(session: &Session) -> String {
    sentence_at(session, Clock { now: session.changed_at, utc_offset_s: 0 })
}

/// Describes a session in a sentence.
pub(crate) fn sentence_at(session: &Session, clock: Clock) -> String {
    let verb = match session.state {
        _ if session.limit().is_some() => "reached its usage limit while working on",
        SessionState::Starting => "is starting on",
        SessionState::Running => "is working on",
        SessionState::Waiting => "needs input",
        SessionState::Completed => return completed(session),
        SessionState::Failed => "failed while working on",
        SessionState::Cancelled => "was stopped while working on",
        SessionState::Lost => "was lost while working on",
    };
    let (agent, project, request) = (&session.agent, &session.project.name, request(session));
    let limit = session.limit().and_then(|limit| limit.words(clock.now));
    let stall = session.stall.as_ref().map(|stall| stall.words(clock)).or(limit);
    let stall = stall.map_or_else(String::new, |words| format!(" ({words})"));
    match waits_for(session) {
        Some(asked) => {
            format!("{agent} in {project} {verb}: {asked} It is working on: {request}.{}", helpers(session))
        }
        None => format!("{agent} in {project} {verb}: {request}{stall}.{}", helpers(session)),
    }
}

/// A denial is not a success, whatever the agent's exit status.
fn completed(session: &Session) -> String {
    let (agent, project, request) = (&session.agent, &session.project.name, request(session));
    match session.run().filter(|run| !run.denied.is_empty()) {
        None => format!("{agent} in {project} has completed: {request}.{}", helpers(session)),
        Some(run) if run.has_done_something() => {
            let denied = match run.denied.len() {
                1 => "one thing".to_owned(),
                n => format!("{n} things"),
            };
            format!(
                "{agent} in {project} has completed, with {denied} denied: {request}.{}",
                helpers(session)
            )
        }
        Some(_) => {
            format!(
                "{agent} in {project} was denied the tools that it needed: {request}.{}",
                helpers(session)
            )
        }
    }
}

/// Returns a sentence that lists the sub-agents of the last run that did not complete.
fn helpers(session: &Session) -> String {
    /// The maximum number of listed sub-agents.
    const NAMED: usize = 5;
    let Some(run) = session.run().filter(|run| !run.failed_helpers.is_empty()) else { return String::new() };
    let one = |helper: &&FailedSubagent| {
        let ended = if helper.stopped { "was stopped" } else { "failed" };
        format!("\"{}\" {ended}", shortened(&helper.description, 40))
    };
    // Nothing else reports that the work of a stopped sub-agent is missing.
    let (stopped, failed): (Vec<_>, Vec<_>) = run.failed_helpers.iter().partition(|helper| helper.stopped);
    let mut all: Vec<String> = stopped.iter().chain(&failed).take(NAMED).map(one).collect();
    if let more @ 1.. = run.failed_helpers.len().saturating_sub(NAMED) {
        all.push(format!(
            "{more} more {}",
            if stopped.len() > NAMED { "did not complete" } else { "failed" }
        ));
    }
    let noun = if run.failed_helpers.len() == 1 { "Its sub-agent" } else { "Of its sub-agents," };
    format!(" {noun} {}.", all.join(", "))
}

fn request(session: &Session) -> String {
    shortened(&session.text, 80).trim_end_matches('.').to_owned()
}

/// Describes the oldest open request of a session as a question, with the number of others.
pub fn waits_for(session: &Session) -> Option<String> {
    let (first, more) = session.pending.split_first()?;
    let question = question(&first.kind);
    Some(match more.len() {
        0 => question,
        n => format!("{question} And {n} more."),
    })
}

/// Describes a request of an agent as one question, shortened, with a mark, if it is too long.
pub fn question(kind: &RequestKind) -> String {
    match kind {
        RequestKind::Approval { tool, subject, .. } if subject.trim().is_empty() => {
            format!("allow it to use {}?", tool_name(tool))
        }
        RequestKind::Approval { tool, subject, .. } => {
            format!("allow it to use {} (`{}`)?", tool_name(tool), elided(subject, LONGEST))
        }
        RequestKind::Questions { questions } => {
            let texts: Vec<String> = questions.iter().map(|q| elided(&q.text, LONGEST)).collect();
            if texts.is_empty() { "it has a question.".to_owned() } else { texts.join(" ") }
        }
        RequestKind::Plan { .. } => "allow it to carry out its plan?".to_owned(),
    }
}

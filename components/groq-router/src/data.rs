//! The input of the model. It contains as little as possible: no folders, and only enough of old texts to
//! distinguish them.

use chat_completions::text;
use serde::Serialize;

use crate::{Request, SessionState, Speaker};

/// How many bytes of a session's utterance or an earlier turn are sent.
const MAX_EARLIER: usize = 300;

/// The data block. The most stable fields come first.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    agents: Vec<Agent<'a>>,
    projects: Vec<&'a str>,
    fixed: Fixed<'a>,
    sessions: Vec<Session<'a>>,
    earlier: Vec<Turn>,
    open_question: Option<&'a str>,
    utterance: &'a str,
}

#[derive(Serialize)]
struct Agent<'a> {
    name: &'a str,
    default: bool,
}

#[derive(Serialize)]
struct Fixed<'a> {
    agent: Option<&'a str>,
    project: Option<&'a str>,
}

#[derive(Serialize)]
struct Session<'a> {
    id: &'a str,
    wish: String,
    agent: &'a str,
    project: &'a str,
    state: &'static str,
    minutes_since_change: u64,
}

#[derive(Serialize)]
struct Turn {
    speaker: &'static str,
    text: String,
}

/// Returns the input of the model for a request.
pub(crate) fn of(request: &Request) -> Data<'_> {
    Data {
        agents: request
            .agents
            .iter()
            .map(|agent| Agent { name: &agent.name, default: agent.default })
            .collect(),
        projects: request.projects.iter().map(|project| project.name.as_str()).collect(),
        fixed: Fixed {
            agent: request.constraints.agent.as_deref(),
            project: request.constraints.project.as_deref(),
        },
        sessions: request.sessions.iter().map(|listed| session(listed, request.now)).collect(),
        earlier: request.turns.iter().map(turn).collect(),
        open_question: request.confirmation.as_ref().map(|open| open.question.as_str()),
        utterance: &request.utterance,
    }
}

fn session(session: &crate::Session, now: u64) -> Session<'_> {
    Session {
        id: &session.id,
        wish: text::line(&session.utterance, MAX_EARLIER),
        agent: &session.agent,
        project: &session.project,
        state: match session.state {
            SessionState::Starting => "starting",
            SessionState::Running => "running",
            SessionState::Waiting => "waiting",
            SessionState::Completed => "completed",
            SessionState::Failed => "failed",
            SessionState::Cancelled => "cancelled",
            SessionState::Lost => "lost",
        },
        minutes_since_change: now.saturating_sub(session.changed_at) / 60_000,
    }
}

fn turn(turn: &crate::Turn) -> Turn {
    Turn {
        speaker: match turn.speaker {
            Speaker::User => "user",
            Speaker::Codewalk => "codewalk",
        },
        text: text::line(&turn.text, MAX_EARLIER),
    }
}

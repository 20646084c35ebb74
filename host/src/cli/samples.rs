//! Sessions for tests, built from events.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use codewalk_core::command::{Decision, Project};
use codewalk_core::event::SessionEvent;
use codewalk_core::ids::{CallId, Id, SessionId};
use codewalk_core::origin::{Actor, Channel, Origin};
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::{AgentProcess, Artifact, Exit, FileChange, Outcome, RequestKind, Session};
use codewalk_core::state::history;
use codewalk_core::time::Timestamp;

/// The time of the first event. Each later event follows one second after the previous one.
pub const BEGIN: u64 = 1_700_000_000_000;

/// Returns a session with these events after the start of its first run.
pub fn session(events: impl IntoIterator<Item = SessionEvent>) -> Session {
    let id = SessionId(Id::from_u128(0xabc));
    let mut session = history::apply(None, id, Timestamp(BEGIN), &starting(1)).unwrap().unwrap();
    let started = SessionEvent::AgentStarted {
        started: AgentProcess { pid: 4711, started_at: Timestamp(BEGIN) },
        stop: None,
    };
    for (n, event) in [started].into_iter().chain(events).enumerate() {
        let at = Timestamp(BEGIN + 1000 * (n as u64 + 1));
        history::apply(Some(&mut session), id, at, &event).unwrap();
    }
    session
}

pub fn starting(run: u32) -> SessionEvent {
    SessionEvent::RunStarting {
        run,
        utterance: None,
        text: "fix the login test\nand no other".to_owned(),
        origin: origin(),
        attended: true,
        agent: "claude".to_owned(),
        project: Project { name: "shop".to_owned(), path: "/home/me/shop".to_owned() },
        prompt: "fix it".to_owned(),
        permission: PermissionMode::Ask,
        resume: None,
        call: CallId(Id::from_u128(1)),
    }
}

pub fn again() -> SessionEvent {
    SessionEvent::AgentStarted {
        started: AgentProcess { pid: 4712, started_at: Timestamp(BEGIN) },
        stop: None,
    }
}

pub fn identified() -> SessionEvent {
    SessionEvent::ConversationIdentified { conversation: "c-1".to_owned() }
}

pub fn approval(subject: &str) -> SessionEvent {
    let kind = RequestKind::Approval {
        tool: "Bash".to_owned(),
        subject: subject.to_owned(),
        detail: String::new(),
        agent_words: String::new(),
        marks: Vec::new(),
        rules: Vec::new(),
    };
    SessionEvent::RequestOpened { request: subject.to_owned(), digest: String::new(), kind }
}

/// Denies an approval: by a person, or by a rule.
pub fn denied(subject: &str, rule: Option<&str>) -> [SessionEvent; 2] {
    let by = match rule {
        Some(name) => Actor::Policy { name: name.to_owned() },
        None => person(),
    };
    let decision = Decision::deny("no");
    [
        approval(subject),
        SessionEvent::RequestDecided { request: subject.to_owned(), decision, by, call: None },
    ]
}

pub fn created(path: &str) -> SessionEvent {
    SessionEvent::ArtifactRecorded {
        artifact: Artifact::File { path: path.to_owned(), change: FileChange::Created },
    }
}

pub fn ended(outcome: Outcome) -> SessionEvent {
    SessionEvent::RunEnded { exit: Some(Exit { code: Some(0), signal: None }), outcome }
}

pub fn failed(reason: &str) -> SessionEvent {
    ended(Outcome::Failed { reason: reason.to_owned() })
}

pub fn person() -> Actor {
    Actor::Person { origin: origin() }
}

fn origin() -> Origin {
    Origin { channel: Channel::Terminal, name: "run-1".to_owned() }
}

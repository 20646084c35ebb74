//! Requests for the tests of the rules.

use crate::{
    Agent, Channel, Constraints, ControlAction, Intent, Project, Request, Session, SessionState, route,
};

const NOW: u64 = 1_000_000;

/// A request without sessions.
pub fn idle() -> Request {
    Request {
        utterance: String::new(),
        channel: Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: ["shop", "api", "web"]
            .map(|name| Project { name: name.into(), path: format!("/home/ana/{name}") })
            .into(),
        agents: ["claude", "codex"].map(|name| Agent { name: name.into(), default: name == "claude" }).into(),
        sessions: Vec::new(),
        constraints: Constraints { agent: None, project: None },
        now: NOW,
    }
}

/// A request with four sessions, two of them live.
pub fn busy() -> Request {
    let session = |id: &str, utterance: &str, agent: &str, project: &str, state, ago: u64| Session {
        id: id.into(),
        utterance: utterance.into(),
        agent: agent.into(),
        project: project.into(),
        state,
        changed_at: NOW - ago,
    };
    let sessions = vec![
        session("login", "fix the flaky login test in shop", "claude", "shop", SessionState::Running, 10),
        session("upload", "add rate limiting to uploads", "codex", "api", SessionState::Waiting, 40),
        session("badges", "update the README badges", "claude", "shop", SessionState::Completed, 100),
        session("orders", "migrate the orders table", "codex", "api", SessionState::Failed, 900),
    ];
    Request { sessions, ..idle() }
}

/// Routes an utterance and returns a short description of its intent.
pub fn intent(utterance: &str, request: &Request) -> String {
    let proposal = route(&Request { utterance: utterance.into(), ..request.clone() });
    let described = describe(&proposal.intent);
    if proposal.confidence < 50 { described.replace("launch", "offer") } else { described }
}

/// Returns an intent in a few words.
pub fn describe(intent: &Intent) -> String {
    match intent {
        Intent::Launch(launch) => {
            format!("launch {} {}", launch.agent, launch.project.as_deref().unwrap_or("-"))
        }
        Intent::FollowUp(follow_up) => format!("follow-up {}", follow_up.session),
        Intent::Query(query) => format!("query {}", query.session.as_deref().unwrap_or("-")),
        Intent::Control(control) => {
            let action = match control.action {
                ControlAction::Interrupt => "interrupt",
                ControlAction::Stop => "stop",
                ControlAction::Resume => "resume",
            };
            format!("{action} {}", control.session)
        }
        Intent::CannotParse(_) => "cannot-parse".into(),
    }
}

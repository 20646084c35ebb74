//! Responses of a model server, from which an adapter builds a proposal or a summary. Whatever the response,
//! the result names only what the request named, and contains nothing that a terminal would obey.

#![no_main]

use chat_completions::testing::{Scripted, response};
use groq_router::{
    Agent, Candidate, Channel, Constraints, Control, FollowUp, Intent, Launch, PortError, Project, Proposal,
    Query, Session, SessionState,
};
use groq_summarizer::{Summary, ToolCall, WaitingFor};
use libfuzzer_sys::fuzz_target;

const WISH: &str = "fix the login test";
const SESSION: &str = "0192f0c4-1111-7000-8000-000000000001";
const BUDGET: u32 = 400;
/// The status, the address and the model of an error, and how much of the server's message it repeats.
const MOST_SAID: usize = 700;

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, body)) = bytes.split_first() else { return };
    let status = [200, 400, 401, 404, 429, 503].get(usize::from(kind)).copied().unwrap_or(200);
    // After an invalid answer, the adapter asks once more.
    let host = || Scripted::new([Ok(response(status, body)), Ok(response(status, body))]);
    match groq_router::route(&host(), &wish()) {
        Ok(Proposal { intent, confidence, candidates, reason }) => {
            check_intent(&intent);
            assert!(confidence <= 100 && candidates.len() <= 5 && reason.len() <= 300, "{reason:?}");
            assert!(is_line(&reason), "{reason:?}");
            for Candidate { intent, confidence } in candidates {
                check_intent(&intent);
                assert!(confidence <= 100);
            }
        }
        Err(error) => check_error(&error),
    }
    match groq_summarizer::summarize(&host(), &order()) {
        Ok(Summary { text, .. }) => {
            assert!(text.starts_with("It needs ") && text.len() <= BUDGET as usize, "{text:?}");
            assert!(is_line(&text) && text.split_whitespace().count() < 100, "{text:?}");
        }
        Err(error) => check_error(&error),
    }
});

fn check_intent(intent: &Intent) {
    match intent {
        Intent::Launch(Launch { agent, project, prompt }) => {
            assert_eq!(agent, "claude");
            assert!(project.as_ref().is_none_or(|project| project == "shop"), "{project:?}");
            check_prompt(prompt);
        }
        Intent::FollowUp(FollowUp { session, prompt }) => {
            assert_eq!(session, SESSION);
            check_prompt(prompt);
        }
        Intent::Query(Query { session, question }) => {
            assert!(session.as_ref().is_none_or(|session| session == SESSION), "{session:?}");
            check_prompt(question);
        }
        Intent::Control(Control { session, .. }) => assert_eq!(session, SESSION),
        Intent::CannotParse(hint) => {
            assert!(is_line(hint) && !hint.is_empty() && hint.len() <= 300, "{hint:?}")
        }
    }
}

fn check_prompt(prompt: &str) {
    assert!(!prompt.trim().is_empty() && prompt.len() <= 64 * 1024, "{prompt:?}");
    assert!(!prompt.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{prompt:?}");
}

fn check_error(error: &PortError) {
    let (PortError::Unavailable(text)
    | PortError::InvalidRequest(text)
    | PortError::InvalidResponse(text)
    | PortError::Denied(text)) = error
    else {
        return;
    };
    assert!(is_line(text) && text.len() <= MOST_SAID, "{text:?}");
}

fn is_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

fn wish() -> groq_router::Request {
    groq_router::Request {
        utterance: WISH.to_owned(),
        channel: Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: vec![Project { name: "shop".to_owned(), path: "/home/me/shop".to_owned() }],
        agents: vec![Agent { name: "claude".to_owned(), default: true }],
        sessions: vec![Session {
            id: SESSION.to_owned(),
            utterance: WISH.to_owned(),
            agent: "claude".to_owned(),
            project: "shop".to_owned(),
            state: SessionState::Waiting,
            changed_at: 0,
        }],
        constraints: Constraints { agent: None, project: None },
        now: 1_000,
    }
}

fn order() -> groq_summarizer::Request {
    let call = ToolCall { tool: "Bash".to_owned(), subject: "make".to_owned() };
    groq_summarizer::Request {
        utterance: WISH.to_owned(),
        state: SessionState::Waiting,
        ended_because: None,
        waiting_for: vec![WaitingFor::Approval(call)],
        question: None,
        previous: None,
        entries: Vec::new(),
        total_entries: 0,
        byte_budget: BUDGET,
        now: 1_000,
    }
}

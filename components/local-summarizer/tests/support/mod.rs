//! Builds requests to summarise from their parts.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

pub use local_summarizer::{
    Entry, PortError, PreviousSummary, Request, SessionState, Summary, ToolCall, ToolResult, WaitingFor,
    summarize,
};

pub const TASK: &str = "fix the flaky login test";

pub fn request(state: SessionState, entries: Vec<Entry>) -> Request {
    Request {
        utterance: TASK.to_owned(),
        state,
        ended_because: None,
        waiting_for: Vec::new(),
        question: None,
        previous: None,
        total_entries: entries.len() as u64,
        entries,
        byte_budget: 2000,
        now: 1_795_000_000_000,
    }
}

pub fn because(state: SessionState, reason: &str, entries: Vec<Entry>) -> Request {
    Request { ended_because: Some(reason.to_owned()), ..request(state, entries) }
}

pub fn waiting(waiting_for: Vec<WaitingFor>, entries: Vec<Entry>) -> Request {
    Request { waiting_for, ..request(SessionState::Waiting, entries) }
}

pub fn asked(question: &str, request: Request) -> Request {
    Request { question: Some(question.to_owned()), ..request }
}

pub fn call(tool: &str, subject: &str) -> ToolCall {
    ToolCall { tool: tool.to_owned(), subject: subject.to_owned() }
}

pub fn calls(tool: &str, subject: &str) -> Entry {
    Entry::ToolCall(call(tool, subject))
}

pub fn ends(tool: &str, subject: &str, succeeded: bool, output: &str) -> Entry {
    Entry::ToolResult(ToolResult { call: call(tool, subject), succeeded, output: output.to_owned() })
}

pub fn works(tool: &str, subject: &str) -> Entry {
    ends(tool, subject, true, "")
}

pub fn fails(tool: &str, subject: &str, output: &str) -> Entry {
    ends(tool, subject, false, output)
}

pub fn says(text: &str) -> Entry {
    Entry::AgentText(text.to_owned())
}

pub fn user(text: &str) -> Entry {
    Entry::UserText(text.to_owned())
}

#[track_caller]
pub fn check(request: Request, expected: &str) {
    let made = summarize(&request).map(|Summary { text, covers }| (text, covers));
    assert_eq!(made.map_err(|error| error.to_string()), Ok((expected.to_owned(), request.total_entries)));
}

/// A session that has done a little of everything.
pub fn repaired() -> Vec<Entry> {
    vec![
        user(TASK),
        says("I'll look at the login code first."),
        calls("Read", "src/login.rs"),
        works("Read", "src/login.rs"),
        calls("Edit", "src/login.rs"),
        works("Edit", "src/login.rs"),
        calls("Bash", "cd /home/dev/shop && cargo test 2>&1 | tail -20"),
        ends(
            "Bash",
            "cd /home/dev/shop && cargo test 2>&1 | tail -20",
            true,
            "test result: ok. 12 passed; 0 failed",
        ),
        says("Fixed. The **token check** now uses the session's clock.\n\n- `src/login.rs`: new clock\n"),
    ]
}

//! The input of the model.

use serde::Serialize;

use crate::{Request, SessionState, ToolCall, ToolResult, WaitingFor};

/// The data block.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    wish: &'a str,
    state: &'static str,
    ended_because: Option<&'a str>,
    question: Option<&'a str>,
    previous: Option<&'a str>,
    entries_left_out: u64,
    entries: Vec<Entry<'a>>,
    waiting_for: Vec<Waiting<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Entry<'a> {
    User(&'a str),
    Agent(&'a str),
    Call(Call<'a>),
    Result { tool: &'a str, subject: &'a str, succeeded: bool, output: &'a str },
    Error(&'a str),
    Output(&'a str),
}

#[derive(Serialize)]
struct Call<'a> {
    tool: &'a str,
    subject: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Waiting<'a> {
    Approval(Call<'a>),
    Question(&'a str),
}

/// Returns the input of the model for a request.
pub(crate) fn of(request: &Request) -> Data<'_> {
    let listed = request.entries.len() as u64;
    Data {
        wish: &request.utterance,
        state: state(request.state),
        ended_because: request.ended_because.as_deref(),
        question: request.question.as_deref(),
        previous: request.previous.as_ref().map(|previous| previous.text.as_str()),
        entries_left_out: request.total_entries.saturating_sub(listed),
        entries: request.entries.iter().map(entry).collect(),
        waiting_for: request.waiting_for.iter().map(waiting).collect(),
    }
}

fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::Starting => "starting",
        SessionState::Running => "at work",
        SessionState::Waiting => "waiting for the user",
        SessionState::Completed => "completed",
        SessionState::Failed => "failed",
        SessionState::Cancelled => "stopped",
        SessionState::Lost => "lost: codewalk ended before its agent",
    }
}

fn entry(entry: &crate::Entry) -> Entry<'_> {
    match entry {
        crate::Entry::UserText(text) => Entry::User(text),
        crate::Entry::AgentText(text) => Entry::Agent(text),
        crate::Entry::ToolCall(made) => Entry::Call(call(made)),
        crate::Entry::ToolResult(ToolResult { call: ToolCall { tool, subject }, succeeded, output }) => {
            Entry::Result { tool, subject, succeeded: *succeeded, output }
        }
        crate::Entry::Error(text) => Entry::Error(text),
        crate::Entry::Output(text) => Entry::Output(text),
    }
}

fn call(call: &ToolCall) -> Call<'_> {
    Call { tool: &call.tool, subject: &call.subject }
}

fn waiting(waiting: &WaitingFor) -> Waiting<'_> {
    match waiting {
        WaitingFor::Approval(approval) => Waiting::Approval(call(approval)),
        WaitingFor::Question(text) => Waiting::Question(text),
    }
}

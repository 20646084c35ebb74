//! The summarizer port. Every conversion names all fields and cases, so that drift between `wit/` and the
//! core does not compile.

use std::collections::HashMap;

use codewalk_core::entry::EntryKind;
use codewalk_core::session::Summary;
use codewalk_core::summarization::{SummaryBrief, SummaryRequest, WaitingFor};
use codewalk_core::time::Timestamp;
use codewalk_policy::World;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::answers::{UnusableAnswer, summary};
use super::linkers::{check_types, session_state};
use super::port::{GuestReply, Port};
use super::state::CallState;
use crate::recording::Subject;
use crate::wit::summarizer::{SummarizerAdapterPre, port};
use crate::wit::types;

/// The default length limit of a summary in test cases, in bytes: the same as in real requests.
const BYTE_BUDGET: u32 = 1_000;

/// The summarizer port.
#[derive(Debug)]
pub(crate) struct Summarizing;

impl Port for Summarizing {
    const WORLD: World = World::Summarizer;
    type Question = SummaryRequest;
    type Answer = Summary;
    type Request = port::Request;
    type Returned = port::Summary;
    type Ready = SummarizerAdapterPre<CallState>;

    fn request(question: &SummaryRequest) -> port::Request {
        request(question)
    }

    fn now(request: &port::Request) -> u64 {
        request.now
    }

    fn subject(question: &SummaryRequest) -> Subject {
        Subject::Session(question.order.session)
    }

    fn blank() -> port::Request {
        port::Request {
            utterance: String::new(),
            state: types::SessionState::Running,
            ended_because: None,
            waiting_for: Vec::new(),
            question: None,
            previous: None,
            entries: Vec::new(),
            total_entries: 0,
            byte_budget: BYTE_BUDGET,
            now: 0,
        }
    }

    fn answer(returned: port::Summary, request: &port::Request) -> Result<Summary, UnusableAnswer> {
        summary(returned, request)
    }

    fn ready(pre: InstancePre<CallState>) -> wasmtime::Result<Self::Ready> {
        type Returned = (Result<port::Summary, types::PortError>,);
        check_types::<(&port::Request,), Returned>(&pre, Self::WORLD, "summarize")?;
        SummarizerAdapterPre::new(pre)
    }

    async fn call(
        ready: &Self::Ready,
        store: &mut Store<CallState>,
        request: &port::Request,
    ) -> wasmtime::Result<GuestReply<Self>> {
        let guest = ready.instantiate_async(&mut *store).await?;
        guest.codewalk_summarizer_summarizer().call_summarize(store, request).await
    }
}

fn request(question: &SummaryRequest) -> port::Request {
    let SummaryRequest {
        order:
            SummaryBrief {
                // Summaries contain no identifiers, so a summarizer gets none.
                session: _,
                utterance,
                state,
                ended_because,
                waiting_for,
                question,
                previous,
                byte_budget,
                now: Timestamp(now),
            },
        entries: newest,
        total_entries,
    } = question;
    port::Request {
        utterance: utterance.clone(),
        state: session_state(*state),
        ended_because: ended_because.clone(),
        waiting_for: waiting_for.iter().map(waiting).collect(),
        question: question.clone(),
        previous: previous
            .as_ref()
            .map(|Summary { text, covers }| port::PreviousSummary { text: text.clone(), covers: *covers }),
        entries: entries(newest),
        total_entries: *total_entries,
        byte_budget: *byte_budget,
        now: *now,
    }
}

fn waiting(waiting: &WaitingFor) -> port::WaitingFor {
    match waiting {
        WaitingFor::Approval { tool, subject } => {
            port::WaitingFor::Approval(port::ToolCall { tool: tool.clone(), subject: subject.clone() })
        }
        WaitingFor::Question { text } => port::WaitingFor::Question(text.clone()),
    }
}

/// Converts an agent's entries. Each result gets its tool call, which agents reference only by an identifier.
/// Thoughts and ends of turns are dropped.
fn entries(entries: &[EntryKind]) -> Vec<port::Entry> {
    let mut calls: HashMap<&str, port::ToolCall> = HashMap::new();
    let mut converted = Vec::with_capacity(entries.len());
    for entry in entries {
        converted.push(match entry {
            EntryKind::UserText { text } => port::Entry::UserText(text.as_str().to_owned()),
            EntryKind::AgentText { text } => port::Entry::AgentText(text.as_str().to_owned()),
            EntryKind::ToolCall { id, tool, subject } => {
                let call = port::ToolCall { tool: tool.clone(), subject: subject.as_str().to_owned() };
                calls.insert(id, call.clone());
                port::Entry::ToolCall(call)
            }
            EntryKind::ToolResult { id, succeeded, output } => {
                let output = output.as_str().to_owned();
                match calls.get(id.as_str()) {
                    Some(call) => port::Entry::ToolResult(port::ToolResult {
                        call: call.clone(),
                        succeeded: *succeeded,
                        output,
                    }),
                    // The tool call is older than these entries.
                    None if *succeeded => port::Entry::Output(output),
                    None => port::Entry::Error(output),
                }
            }
            EntryKind::Error { text } => port::Entry::Error(text.as_str().to_owned()),
            EntryKind::Output { stderr: _, text } => port::Entry::Output(text.as_str().to_owned()),
            EntryKind::Thinking { text: _ } | EntryKind::TurnEnd { succeeded: _ } => continue,
        });
    }
    converted
}

#[cfg(test)]
mod tests {
    use codewalk_core::entry::Text;

    use super::*;

    fn whole(text: &str) -> Text {
        Text::Whole { text: text.to_owned() }
    }

    #[test]
    fn a_result_gets_its_call() {
        let told = entries(&[
            EntryKind::ToolCall { id: "1".to_owned(), tool: "Bash".to_owned(), subject: whole("cargo test") },
            EntryKind::Thinking { text: whole("hm") },
            EntryKind::ToolResult { id: "1".to_owned(), succeeded: false, output: whole("1 failed") },
            EntryKind::TurnEnd { succeeded: true },
        ]);
        assert_eq!(told.len(), 2);
        assert!(matches!(
            &told[1],
            port::Entry::ToolResult(result)
                if result.call.tool == "Bash" && result.call.subject == "cargo test" && !result.succeeded
        ));
    }

    #[test]
    fn a_result_without_its_call_becomes_output() {
        let result =
            |succeeded| EntryKind::ToolResult { id: "1".to_owned(), succeeded, output: whole("text") };
        let told = entries(&[result(true), result(false)]);
        assert!(matches!(&told[0], port::Entry::Output(text) if text == "text"));
        assert!(matches!(&told[1], port::Entry::Error(text) if text == "text"));
    }
}

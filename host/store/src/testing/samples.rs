//! Sample events and entries.

#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use std::collections::HashMap;

use codewalk_core::command::{ControlAction, Decision, Project, Utterance};
use codewalk_core::consent::Plan;
use codewalk_core::entry::{Entry, EntryKind, Text};
use codewalk_core::event::{
    ConsentEvent, Event, EventKind, NewEvent, SessionEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use codewalk_core::ids::{CallId, ConfirmationId, Id, SessionId, TimerId, UtteranceId};
use codewalk_core::intent::{Intent, Proposal};
use codewalk_core::origin::{Actor, Channel, Origin};
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::{AdapterReply, Fallback, PortError};
use codewalk_core::session::{
    AgentProcess, Artifact, Denial, Exit, FailedSubagent, FileChange, Outcome, RequestKind, Stall, Summary,
    UndeliveredPrompts, UnsearchedFolders, Usage,
};
use codewalk_core::time::Timestamp;

use crate::Store;

/// A text with characters that need care.
pub const NASTY: &str = "\0 \u{1b}[31m \"'\\ \r\n \u{2028} 夜 👩‍👩‍👧 '; DROP TABLE events; --";

/// Returns the `n`th identifier.
pub fn id(n: u64) -> Id {
    Id::from_u128(0x0197_f5a2_0000_7000_8000_0000_0000_0000 + u128::from(n))
}

/// Returns the `n`th session.
pub fn session(n: u64) -> SessionId {
    SessionId(id(n))
}

fn origin() -> Origin {
    Origin { channel: Channel::Terminal, name: "run-4711".to_owned() }
}

fn project() -> Project {
    Project { name: "shop".to_owned(), path: "/home/ada/shop".to_owned() }
}

pub fn person() -> Actor {
    Actor::Person { origin: origin() }
}

/// Returns the event that begins a run.
pub fn starting(run: u32, text: &str) -> SessionEvent {
    SessionEvent::RunStarting {
        run,
        utterance: Some(UtteranceId(id(900))),
        text: text.to_owned(),
        origin: origin(),
        attended: true,
        agent: "claude".to_owned(),
        project: project(),
        prompt: text.to_owned(),
        permission: PermissionMode::Ask,
        resume: None,
        call: CallId(id(901)),
    }
}

pub fn started() -> SessionEvent {
    SessionEvent::AgentStarted { started: AgentProcess { pid: 4711, started_at: Timestamp(7) }, stop: None }
}

pub fn asked(request: &str) -> SessionEvent {
    SessionEvent::RequestOpened {
        request: request.to_owned(),
        digest: "d1".to_owned(),
        kind: RequestKind::Approval {
            tool: "Bash".to_owned(),
            subject: "make".to_owned(),
            detail: NASTY.to_owned(),
            agent_words: NASTY.to_owned(),
            marks: vec![NASTY.to_owned()],
            rules: vec![NASTY.to_owned()],
        },
    }
}

pub fn decided(request: &str) -> SessionEvent {
    SessionEvent::RequestDecided {
        request: request.to_owned(),
        decision: Decision::Allow { rule: Some(0), tell: Some(NASTY.to_owned()) },
        by: person(),
        call: None,
    }
}

pub fn withdrawn(request: &str) -> SessionEvent {
    SessionEvent::RequestWithdrawn { request: request.to_owned() }
}

pub fn used(cost_usd: f64) -> SessionEvent {
    SessionEvent::UsageReported {
        usage: Usage { input_tokens: 12_345, output_tokens: 67, cost_usd: Some(cost_usd) },
    }
}

pub fn made(path: &str) -> SessionEvent {
    SessionEvent::ArtifactRecorded {
        artifact: Artifact::File { path: path.to_owned(), change: FileChange::Created },
    }
}

pub fn not_searched(folder: &str) -> SessionEvent {
    SessionEvent::FoldersNotSearched {
        folders: UnsearchedFolders { folders: vec![folder.to_owned()], more: 7 },
    }
}

pub fn undelivered(message: &str) -> SessionEvent {
    SessionEvent::PromptsUndelivered {
        undelivered: UndeliveredPrompts { messages: vec![message.to_owned()], more: 7 },
    }
}

pub fn ended(outcome: Outcome) -> SessionEvent {
    SessionEvent::RunEnded { exit: Some(Exit { code: Some(0), signal: None }), outcome }
}

pub fn never_ran() -> SessionEvent {
    SessionEvent::RunEnded { exit: None, outcome: Outcome::Lost }
}

pub fn summary_made(text: &str) -> SummaryEvent {
    SummaryEvent::SummaryProduced {
        reply: AdapterReply {
            answer: Summary { text: text.to_owned(), covers: 17 },
            adapter: "local-summarizer".to_owned(),
            fallback_from: Vec::new(),
        },
    }
}

/// Creates an event of a session.
pub fn of_session(session: SessionId, at: u64, event: SessionEvent) -> Event {
    Event { at: Timestamp(at), kind: EventKind::Session { session, event } }
}

pub fn out_of_order() -> PortError {
    PortError::RateLimited { retry_after_ms: Some(1_500) }
}

fn of_utterance(utterance: UtteranceId) -> Vec<EventKind> {
    let plan = Plan::Control { session: session(1), action: ControlAction::Stop };
    let confirmation = ConfirmationId(id(902));
    let heard = [
        UtteranceEvent::Received {
            origin: origin(),
            utterance: Utterance {
                text: NASTY.to_owned(),
                constraints: Default::default(),
                default_project: None,
                permission: PermissionMode::AcceptEdits,
                consent_flag: Some("--yes".to_owned()),
                attended: false,
                question: false,
                answers: Some(confirmation),
                pasted: true,
            },
            call: None,
        },
        UtteranceEvent::Routed {
            reply: AdapterReply {
                answer: Proposal {
                    intent: Intent::CannotParse { hint: NASTY.to_owned() },
                    confidence: 100,
                    candidates: Vec::new(),
                    reason: String::new(),
                },
                adapter: "local-router".to_owned(),
                fallback_from: vec![Fallback { adapter: "groq-router".to_owned(), error: out_of_order() }],
            },
        },
        UtteranceEvent::SummarizerAsked { session: session(1), call: CallId(id(903)) },
        UtteranceEvent::Closed { result: UtteranceResult::Failed { error: out_of_order() } },
    ];
    let consented = [
        ConsentEvent::ConfirmationRequested {
            confirmation,
            plans: vec![plan.clone()],
            deadline: Timestamp(600_000),
            timer: TimerId(id(904)),
        },
        ConsentEvent::ConfirmationRepeated { confirmation, text: "maybe".to_owned() },
        ConsentEvent::PlanChanged {
            confirmation,
            replacement: Some(ConfirmationId(id(905))),
            plan: plan.clone(),
        },
        ConsentEvent::Granted { confirmation: None, plan, by: person() },
        ConsentEvent::Declined {
            confirmation: Some(confirmation),
            reason: "nobody is there to be asked".to_owned(),
        },
    ];
    let heard = heard.map(|event| EventKind::Utterance { utterance, event });
    let consented = consented.map(|event| EventKind::Consent { utterance, event });
    heard.into_iter().chain(consented).collect()
}

/// Returns the identifier of a call that delivers a message.
pub fn delivery(number: u64) -> CallId {
    CallId(id(907 + number))
}

fn of_life(session: SessionId) -> Vec<EventKind> {
    let lived = [
        starting(1, NASTY),
        started(),
        SessionEvent::ConversationIdentified { conversation: "abc".to_owned() },
        SessionEvent::PromptSent { prompt: NASTY.to_owned(), by: person(), call: Some(delivery(1)) },
        SessionEvent::Delivered { call: delivery(1) },
        asked("r1"),
        asked("r2"),
        decided("r1"),
        withdrawn("r2"),
        used(0.1 + 0.2),
        made("src/夜.rs"),
        SessionEvent::FilesChangedConcurrently { files: 7 },
        not_searched(NASTY),
        SessionEvent::ModelReported { name: NASTY.to_owned() },
        SessionEvent::AgentStalled { stall: Stall::Silent { since: Timestamp(7) } },
        SessionEvent::AgentStalled {
            stall: Stall::Retrying { since: Timestamp(7), reason: NASTY.to_owned() },
        },
        SessionEvent::StallEnded,
        SessionEvent::RequestRefused { what: NASTY.to_owned(), why: NASTY.to_owned() },
        SessionEvent::ToolCallDenied {
            denial: Denial { tool: "Bash".to_owned(), subject: NASTY.to_owned(), by: None },
        },
        SessionEvent::SubagentFailed {
            helper: FailedSubagent { description: NASTY.to_owned(), stopped: true, reason: NASTY.to_owned() },
        },
        SessionEvent::TurnEnded { failure: Some(NASTY.to_owned()) },
        SessionEvent::EmptyErrorReported,
        SessionEvent::ArtifactsCounted { artifacts: 3_000 },
        SessionEvent::UsageLimitReached { until: Some(Timestamp(7)), reason: NASTY.to_owned() },
        SessionEvent::InterruptRequested { by: person(), call: Some(delivery(2)) },
        SessionEvent::DeliveryFailed { call: delivery(2), error: out_of_order() },
        SessionEvent::AgentContinued,
        SessionEvent::StopRequested { by: person(), call: None },
        undelivered(NASTY),
        ended(Outcome::Cancelled { by: person() }),
    ];
    let summarised = [
        SummaryEvent::SummaryScheduled { timer: TimerId(id(906)) },
        SummaryEvent::SummaryRequested { call: CallId(id(905)) },
        SummaryEvent::SummaryFailed { error: out_of_order() },
        summary_made(NASTY),
    ];
    let lived = lived.map(|event| EventKind::Session { session, event });
    let summarised = summarised.map(|event| EventKind::Summary { session, event });
    lived.into_iter().chain(summarised).collect()
}

/// Returns every kind of event in a legal order.
pub fn story() -> Vec<Event> {
    let mut kinds = of_utterance(UtteranceId(id(900)));
    kinds.extend(of_life(session(1)));
    (1_800_000_000_000..).zip(kinds).map(|(at, kind)| Event { at: Timestamp(at), kind }).collect()
}

/// Numbers events with the next versions in their streams.
pub fn next(store: &dyn Store, events: &[Event]) -> Vec<NewEvent> {
    let mut versions = HashMap::new();
    let mut numbered = |event: &Event| {
        let stream = event.stream();
        let kept = || store.read(stream).expect("the stream can be read").len() as u64;
        let version = versions.entry(stream).or_insert_with(kept);
        *version += 1;
        NewEvent { version: *version, event: event.clone() }
    };
    events.iter().map(&mut numbered).collect()
}

/// Creates an entry.
pub fn entry(run: u32, offset: u64, text: &str) -> Entry {
    Entry {
        run,
        offset,
        length: 10,
        kind: EntryKind::AgentText { text: Text::Whole { text: text.to_owned() } },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;

    use super::*;

    /// Returns the names of all variants of an enum, which serde lists when it rejects one.
    fn variants<'a, T: Deserialize<'a> + std::fmt::Debug>(tag: &str, text: &'a str) -> BTreeSet<String> {
        let refused = serde_json::from_str::<T>(text).expect_err(tag).to_string();
        refused.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn a_session_stored_without_stalls_and_limits_can_be_read() {
        let starting = of_session(session(1), 7, starting(1, NASTY));
        let EventKind::Session { event, .. } = &starting.kind else { panic!("not of a session") };
        let kept = codewalk_core::state::history::apply(None, session(1), Timestamp(7), event);
        let kept = kept.expect("it can begin").expect("it begins");
        let mut old = serde_json::to_value(&kept).expect("a session is JSON");
        old.as_object_mut().expect("an object").remove("stall").expect("it is kept");
        let run = old["runs"][0].as_object_mut().expect("an object");
        for key in [
            "limit",
            "model",
            "turns",
            "denied",
            "failed_helpers",
            "refused",
            "artifact_count",
            "not_searched",
            "undelivered",
            "is_stopping",
        ] {
            run.remove(key).expect("it is kept");
        }
        assert_eq!(serde_json::from_value::<codewalk_core::session::Session>(old).expect("it is read"), kept);
    }

    #[test]
    fn the_story_contains_every_kind_of_event() {
        let mut told = BTreeSet::new();
        for event in story() {
            let json = serde_json::to_value(&event.kind).expect("an event is JSON");
            told.insert((json["subject"].to_string(), json["event"]["type"].to_string()));
        }
        let unknown = r#"{"type": "?"}"#;
        let all = [
            ("utterance", variants::<UtteranceEvent>("utterance", unknown)),
            ("consent", variants::<ConsentEvent>("consent", unknown)),
            ("session", variants::<SessionEvent>("session", unknown)),
            ("summary", variants::<SummaryEvent>("summary", unknown)),
        ];
        let subjects = variants::<EventKind>("subject", r#"{"subject": "?"}"#);
        assert_eq!(subjects, all.iter().map(|(subject, _)| (*subject).to_owned()).collect());
        let all: BTreeSet<_> = all
            .iter()
            .flat_map(|(subject, types)| {
                types.iter().map(move |t| (format!("{subject:?}"), format!("{t:?}")))
            })
            .collect();
        assert_eq!(told, all);
    }

    /// Collects the names of all fields of a value.
    fn fields(value: &serde_json::Value, names: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(object) => {
                for (name, value) in object {
                    names.insert(name.clone());
                    fields(value, names);
                }
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| fields(value, names)),
            _ => {}
        }
    }

    #[test]
    fn every_event_and_each_of_its_fields_is_documented() {
        let docs = include_str!("../../../../docs/headless.md");
        for event in story() {
            let json = serde_json::to_value(&event.kind).expect("an event is JSON");
            let (subject, event) = (json["subject"].as_str().expect("a text"), &json["event"]);
            let begin = format!("| {subject} | `{}` |", event["type"].as_str().expect("a text"));
            let row = docs.lines().find(|line| line.starts_with(&begin));
            let row = row.unwrap_or_else(|| panic!("docs/headless.md has no row that begins with {begin}"));
            for (name, value) in event.as_object().expect("an object") {
                assert!(name == "type" || row.contains(&format!("`{name}`")), "{begin} lacks `{name}`");
                let mut names = BTreeSet::new();
                fields(value, &mut names);
                for name in names {
                    let is_there =
                        docs.contains(&format!("`{name}`")) || docs.contains(&format!("\"{name}\":"));
                    assert!(is_there, "docs/headless.md does not name `{name}` of {begin}");
                }
            }
        }
    }
}

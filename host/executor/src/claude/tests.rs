//! Tests the conversation with the real client's output, and with output that the client might print.

mod edges;
mod refused;
mod requests;
mod turns;

use std::fmt::Write as _;
use std::path::Path;

use codewalk_core::command::Decision;
use codewalk_core::session::{Observation, RequestKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::conversation::{ConversationState, Output};
use super::decoder::Decoder;
use super::message::Message;
use super::{entries, output, wire};
use crate::lines::Line;
use crate::project::Project;
use crate::protocol::{Activity, DecideError};
use turns::NOW;

fn project() -> Project {
    Project::of_run(Path::new("/home/dev/lab/proj"))
}

fn conversation() -> ConversationState {
    ConversationState::new(project(), false)
}

/// Answers the open request with this identifier.
fn decide(
    conversation: &mut ConversationState,
    request: &str,
    decision: &Decision,
) -> Result<Value, DecideError> {
    let digest = conversation.digest(request);
    conversation.decide(request, &digest, decision)
}

fn message(line: &Value) -> Message {
    Message::of(output::parse(line.to_string().as_bytes()).unwrap(), &project())
}

fn recording(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| wire::parse(line.as_bytes()).unwrap()).collect()
}

/// Everything the lines of a recording result in, one item per line.
fn played(name: &str) -> String {
    let mut conversation = conversation();
    let mut decoder = Decoder::new(project());
    let mut told = String::new();
    for line in recording(name) {
        let written = line.to_string();
        let length = written.len() as u64;
        let line = Line { offset: 0, length, bytes: written.as_bytes().into(), whole: true, end: Vec::new() };
        let mut decoded = decoder.decode(&line).unwrap();
        for entry in std::mem::take(&mut decoded.entries) {
            writeln!(told, "{entry:?}").unwrap();
        }
        for output in decoded.messages().flat_map(|message| conversation.line(message)).collect::<Vec<_>>() {
            match output {
                Output::Observed(observation) => writeln!(told, "-> {observation:?}").unwrap(),
                Output::Write(line) => writeln!(told, "<- {line}").unwrap(),
                Output::Retrying { reason, .. } => writeln!(told, "-> retrying: {reason}").unwrap(),
            }
        }
    }
    writeln!(told, "{:?}", conversation.activity()).unwrap();
    told
}

#[test]
fn recorded_output_is_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if let Some(short) = name.strip_suffix(".stdout.jsonl") {
            insta::assert_snapshot!(short, played(&name));
            count += 1;
        }
    }
    assert_eq!(count, 23);
}

#[test]
fn requests_are_answered_in_the_form_the_client_understood() {
    let deny = Decision::deny("Denied by the host");
    let blue = Decision::Answers { answers: vec!["Blue".to_owned()] };
    for (name, decision) in
        [("control_allow", Decision::allow()), ("control_deny", deny), ("control_question", blue)]
    {
        let mut conversation = conversation();
        let mut answers = Vec::new();
        for line in recording(&format!("{name}.stdout.jsonl")) {
            for output in conversation.line(message(&line)) {
                if let Output::Observed(Observation::RequestOpened { request, .. }) = output {
                    assert_eq!(conversation.activity(), Activity::Waiting);
                    answers.push(decide(&mut conversation, &request, &decision).unwrap());
                    assert_eq!(decide(&mut conversation, &request, &decision), Err(DecideError::NotOpen));
                }
            }
        }
        let said = recording(&format!("{name}.stdin.jsonl"));
        let said: Vec<_> = said.into_iter().filter(|line| line["type"] == "control_response").collect();
        assert!(!said.is_empty());
        assert_eq!(answers, said, "{name}");
        assert_eq!(conversation.activity(), NOW);
    }
}

#[test]
fn prompts_are_sent_in_the_form_the_client_understood() {
    let mut said = conversation().prompt("an id", "@text Turn one.");
    assert_eq!(said.as_object_mut().unwrap().remove("uuid"), Some("an id".into()));
    let mut recorded = recording("two_turns.stdin.jsonl").remove(1);
    recorded.as_object_mut().unwrap().remove("session_id");
    assert_eq!(said, recorded);
}

fn asked(tool: &str, input: &Value) -> Value {
    json!({"type": "control_request", "request_id": "r1", "request": {
        "subtype": "can_use_tool", "tool_name": tool, "input": input, "tool_use_id": "t1"}})
}

fn kind(outputs: &[Output]) -> &RequestKind {
    match outputs {
        [Output::Observed(Observation::RequestOpened { kind, .. })] => kind,
        other => panic!("not a question: {other:?}"),
    }
}

#[test]
fn an_unknown_request_is_refused_so_that_the_agent_does_not_wait() {
    let line = json!({"type": "control_request", "request_id": "r1", "request": {"subtype": "dance"}});
    let outputs = conversation().line(message(&line));
    let [Output::Write(refusal), Output::Observed(Observation::RequestRefused { what, .. })] = &outputs[..]
    else {
        panic!("{outputs:?}")
    };
    assert_eq!(what, "a request (dance)");
    assert_eq!(refusal["response"]["subtype"], "error");
    assert_eq!(refusal["response"]["request_id"], "r1");
}

#[test]
fn a_request_without_a_proper_identifier_is_refused() {
    for id in ["", "a b", "\u{1b}[2J", &"x".repeat(200)] {
        let mut line = asked("Write", &json!({}));
        line["request_id"] = id.into();
        let outputs = conversation().line(message(&line));
        let is_refused =
            matches!(outputs[..], [Output::Write(_), Output::Observed(Observation::ToolCallDenied(_))]);
        assert!(is_refused, "{id:?}");
    }
}

#[test]
fn a_refusal_repeats_an_identifier_of_any_type() {
    let dance = json!({"type": "control_request", "request": {"subtype": "dance"}});
    for line in [asked("Write", &json!({})), dance] {
        for id in [json!(true), json!(null), json!([1]), json!({"a": "b"})] {
            let mut line = line.clone();
            line["request_id"] = id.clone();
            let outputs = conversation().line(message(&line));
            let Output::Write(refusal) = &outputs[0] else { panic!("{outputs:?}") };
            assert_eq!(
                (&refusal["response"]["subtype"], &refusal["response"]["request_id"]),
                (&json!("error"), &id)
            );
        }
        let mut line = line;
        line["request_id"] = json!([" ".repeat(2_000)]);
        let Output::Write(refusal) = &conversation().line(message(&line))[0] else { panic!() };
        assert_eq!(refusal["response"]["request_id"], json!(null), "too long to repeat");
    }
}

fn result(more: &Value) -> Value {
    let mut line = json!({"type": "result", "subtype": "success", "is_error": false, "queued_turn_count": 0});
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line
}

fn failure(outputs: &[Output]) -> Option<&str> {
    let mut ends = outputs.iter().filter_map(|output| match output {
        Output::Observed(Observation::TurnEnded { failure }) => Some(failure.as_deref()),
        _ => None,
    });
    ends.next_back().expect("a turn ended")
}

#[test]
fn an_identifier_that_could_be_an_option_is_never_used() {
    let init = |id: &str| json!({"type": "system", "subtype": "init", "session_id": id});
    let mut conversation = conversation();
    assert_eq!(conversation.line(message(&init("--evil"))), []);
    assert_eq!(conversation.line(message(&init("abc"))).len(), 1);
    assert_eq!(conversation.line(message(&init("abc"))), [], "told once");
    assert_eq!(conversation.line(message(&init("def"))).len(), 1);
}

#[test]
fn a_flood_of_requests_is_refused() {
    let mut conversation = conversation();
    let mut refused = 0;
    for n in 0..1100 {
        let mut line = asked("Write", &json!({}));
        line["request_id"] = n.to_string().into();
        refused += conversation.line(message(&line)).iter().filter(|o| matches!(o, Output::Write(_))).count();
    }
    assert_eq!(refused, 100);
}

fn any_json() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] =
        &["a", "tool_use", "tool_result", "text", "can_use_tool", "init", "AskUserQuestion", "Write", "p1"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    const KEYS: &[&str] = &[
        "type",
        "subtype",
        "message",
        "content",
        "request",
        "request_id",
        "input",
        "id",
        "name",
        "questions",
        "tool_use_id",
        "tasks",
        "task_id",
        "errors",
        "model_usage_since_last_result",
        "tool_use_result",
        "tool_result_meta",
        "file_path",
        "command",
        "inputTokens",
        "session_id",
        "command_uuid",
        "state",
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(prop::sample::select(KEYS), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_message_panics_and_each_question_can_be_answered(
        messages in prop::collection::vec((any_json(), prop::sample::select(&[
            "system", "assistant", "user", "result", "control_request", "control_cancel_request",
            "command_lifecycle", "else",
        ])), 0..12),
    ) {
        let mut conversation = conversation();
        for (mut line, kind) in messages {
            let Some(fields) = line.as_object_mut() else { continue };
            fields.insert("type".to_owned(), kind.into());
            entries::decode(&output::parse(line.to_string().as_bytes()).unwrap(), &project(), 10);
            for output in conversation.line(message(&line)) {
                if let Output::Observed(Observation::RequestOpened { request, kind, .. }) = output {
                    let decision = match kind {
                        RequestKind::Questions { questions } =>
                            Decision::Answers { answers: vec![String::new(); questions.len()] },
                        _ => Decision::allow(),
                    };
                    prop_assert!(decide(&mut conversation, &request, &decision).is_ok());
                }
            }
        }
    }
}

//! What codewalk expects of every protocol that takes input.

use std::path::Path;

use codewalk_core::command::Decision;
use codewalk_core::session::Observation;

use super::*;
use crate::fake_protocol::FakeProtocol;
use crate::lines::LineSplitter;
use crate::protocol::{Activity, DecideError, Decoded, Interrupt, Step, Unfinished};

/// A protocol, and what its agent prints.
struct Case {
    protocol: Box<dyn AgentProtocol>,
    /// The agent is ready for prompts.
    ready: &'static str,
    /// It asks for something.
    request: &'static str,
    /// Its turn ends.
    end: &'static str,
}

fn cases() -> Vec<Case> {
    let claude = Case {
        protocol: open(Protocol::Claude, Project::of_run(Path::new("/shop")), false),
        ready: r#"{"type":"system","subtype":"init","session_id":"abc"}"#,
        request: concat!(
            r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
            r#""tool_name":"Bash","input":{"command":"make"},"tool_use_id":"t1"}}"#,
        ),
        end: r#"{"type":"result","subtype":"success","is_error":false,"queued_turn_count":0}"#,
    };
    let protocol = Box::new(FakeProtocol::default());
    vec![claude, Case { protocol, ready: "ready", request: "ask", end: "done" }]
}

fn decode(protocol: &mut dyn AgentProtocol, line: &str) -> Option<Decoded> {
    let bytes = format!("{line}\n");
    protocol.decode(&LineSplitter::new(0).push(bytes.as_bytes())[0])
}

/// Returns the request that a line opens.
fn request_of(decoded: &Decoded) -> (String, String) {
    let opened = decoded.steps.iter().find_map(|step| match step {
        Step::Observed(Observation::RequestOpened { request, digest, .. }) => {
            Some((request.clone(), digest.clone()))
        }
        _ => None,
    });
    opened.expect("a request is opened")
}

fn assert_lines(lines: &[String]) {
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.find('\n') == Some(line.len() - 1)), "{lines:?}");
}

#[test]
fn a_prompt_is_written_at_once_or_when_the_agent_is_ready() {
    for mut case in cases() {
        let mut lines = case.protocol.prompt("p1", "fix\nit");
        let steps = decode(&mut *case.protocol, case.ready).unwrap().steps;
        lines.extend(steps.into_iter().filter_map(|step| match step {
            Step::Write(line) => Some(line),
            _ => None,
        }));
        assert_eq!(lines.len(), 1, "{:?}", case.protocol);
        assert!(lines[0].ends_with('\n'));
    }
}

#[test]
fn an_agent_works_waits_for_an_answer_and_is_idle() {
    for mut case in cases() {
        let protocol = &mut *case.protocol;
        protocol.prompt("p1", "fix it");
        decode(protocol, case.ready).unwrap();
        assert_eq!(protocol.activity(), Activity::Working);
        assert!(protocol.unfinished().in_turn);
        let (request, digest) = request_of(&decode(protocol, case.request).unwrap());
        assert_eq!(protocol.activity(), Activity::Waiting);
        protocol.decide(&request, &digest, &Decision::allow()).unwrap();
        assert_eq!(protocol.activity(), Activity::Working);
        decode(protocol, case.end).unwrap();
        assert!(matches!(protocol.activity(), Activity::Idle { .. }), "{protocol:?}");
        assert_eq!(protocol.unfinished(), Unfinished::default());
    }
}

#[test]
fn a_request_is_answered_once_and_only_by_its_digest() {
    for mut case in cases() {
        let protocol = &mut *case.protocol;
        protocol.prompt("p1", "fix it");
        decode(protocol, case.ready).unwrap();
        let (request, digest) = request_of(&decode(protocol, case.request).unwrap());
        let deny = Decision::deny("no");
        assert_eq!(protocol.decide("other", &digest, &deny), Err(DecideError::NotOpen));
        assert_eq!(protocol.decide(&request, "other", &deny), Err(DecideError::Replaced));
        assert_lines(&protocol.decide(&request, &digest, &deny).unwrap());
        assert_eq!(protocol.decide(&request, &digest, &deny), Err(DecideError::NotOpen));
    }
}

#[test]
fn an_interruption_is_one_line_each() {
    for mut case in cases() {
        case.protocol.prompt("p1", "fix it");
        let Interrupt::Write(lines) = case.protocol.interrupt() else { panic!("{:?}", case.protocol) };
        assert_lines(&lines);
    }
}

#[test]
fn a_line_of_another_form_is_not_decoded() {
    for mut case in cases() {
        for line in ["warning: x", "", "{", "[1]", "\u{1b}[2J"] {
            assert_eq!(decode(&mut *case.protocol, line), None, "{line:?}");
        }
    }
}

/// A protocol is known to this file only. A new one must not spread either.
#[test]
fn one_line_of_the_crate_names_the_room_of_claude() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source];
    let mut lines = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("claude") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let named = text.lines().filter(|line| line.contains(concat!("crate::", "claude")));
                lines.extend(named.map(|line| format!("{}: {line}", path.display())));
            }
        }
    }
    assert!(matches!(&lines[..], [line] if line.contains("protocols.rs")), "{lines:#?}");
}

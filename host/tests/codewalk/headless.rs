//! `codewalk headless`, driven through pipes as a front end would.

use std::path::Path;
use std::process::{Command, Stdio};

use codewalk_core::event::{EventKind, UtteranceEvent};
use codewalk_core::ports::SessionStore;
use serde_json::{Value, json};

use crate::support::headless::{Headless, consented, is_event, request, sqlite};
use crate::support::{User, said};

#[test]
fn the_first_line_names_the_schema_and_an_idle_process_exits_with_0() {
    let mut headless = Headless::start(&User::new());
    headless.leave();
    assert_eq!(headless.end(), (Some(0), vec![]));
}

#[test]
fn ten_sessions_wait_simultaneously_and_all_complete() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    for number in 0..10 {
        headless.command(number, consented(&format!("write greeting number {number}"), "demo"));
    }
    let asked: Vec<Value> = (0..10).map(|_| headless.event("session", "asked")).collect();
    let waiting = headless.query("waiting", json!({"type": "sessions", "limit": 20}));
    let states: Vec<&Value> =
        waiting["sessions"].as_array().unwrap().iter().map(|session| &session["state"]).collect();
    assert_eq!(states, vec!["waiting"; 10]);
    for request in &asked {
        let (session, event) = (&request["session"], &request["event"]);
        let (request, digest) = (&event["request"], &event["digest"]);
        let decision = json!({"type": "allow"});
        headless.command(
            session.clone(),
            json!({
                "type": "decide", "session": session, "request": request, "digest": digest,
                "decision": decision
            }),
        );
    }
    for _ in &asked {
        let reply = headless.until(|line| line["reply"].is_string());
        assert!(reply["accepted"]["seq"].is_u64(), "{reply}");
    }
    headless.leave();
    let (status, lines) = headless.end();
    assert_eq!(status, Some(0));
    let made = lines.iter().filter(|line| is_event(line, "summary", "made")).count();
    assert!(made >= 10, "the summaries are waited for: {lines:#?}");
    let sessions = user.sessions();
    assert_eq!(sessions.len(), 10);
    assert!(sessions.iter().all(|session| session["state"] == "completed"), "{sessions:#?}");
    assert!(sessions.iter().all(|session| session["summary"].is_string()), "{sessions:#?}");
}

#[test]
fn acknowledged_commands_are_durable() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command("a", request("write a greeting", "demo"));
    let reply = headless.until(|line| line["reply"] == "a");
    headless.child.kill().unwrap();
    headless.child.wait().unwrap();
    let accepted = &reply["accepted"];
    let stream = accepted["stream"].as_str().unwrap().parse().unwrap();
    let kept = sqlite(&user).read(stream).unwrap();
    assert!(kept.iter().any(|recorded| Some(recorded.seq) == accepted["seq"].as_u64()), "{kept:#?}");
    let EventKind::Utterance { event: UtteranceEvent::Received { utterance: said, .. }, .. } =
        &kept[0].event.kind
    else {
        panic!("{kept:#?}");
    };
    assert_eq!(said.text, "write a greeting");
    assert_eq!(said.default_project.as_deref(), Some("shop"), "the project it was started in");
}

#[test]
fn the_events_of_a_command_precede_its_acknowledgement() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(7, request("write a greeting", "demo"));
    let received = headless.line();
    assert!(is_event(&received, "utterance", "received"), "{received}");
    let (stream, seq) = (&received["event"]["stream"], &received["event"]["seq"]);
    assert_eq!(headless.line(), json!({"reply": 7, "accepted": {"stream": stream, "seq": seq}}));
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
}

#[test]
fn a_confirmation_and_an_approval_are_answered_by_their_ids() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(1, request("write a greeting", "demo"));
    let (confirmation, digest) = headless.confirmation();
    let yes = |digest: &Value| {
        let answer = json!({"type": "yes"});
        json!({"type": "answer", "confirmation": confirmation, "digest": digest, "answer": answer})
    };
    for (id, digest) in [(20, json!("")), (21, json!("0".repeat(64)))] {
        headless.command(id, yes(&digest));
        let reply = headless.until(|line| line["reply"] == id);
        assert!(reply["refused"].as_str().unwrap().contains("the question has changed"), "{reply}");
    }
    assert!(user.sessions().is_empty());
    headless.command(2, yes(&digest));
    let asked = headless.event("session", "asked");
    let denied = json!({"type": "deny", "message": "not today"});
    headless.command(
        3,
        json!({"type": "decide", "session": asked["session"], "request": asked["event"]["request"],
            "decision": denied}),
    );
    assert!(headless.until(|line| line["reply"] == 3)["accepted"].is_object());
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
    assert_eq!(user.sessions()[0]["state"], "completed");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn invalid_lines_are_refused_by_number_and_the_rest_is_read() {
    let mut headless = Headless::start(&User::new());
    headless.write(b"");
    headless.write(b"yes");
    headless.write(b"{\"id\": \"\xff\"}");
    headless.write(br#"{"id": "a", "command": {"type": "obey"}}"#);
    headless.write(&vec![b'x'; 3 * 1024 * 1024]);
    headless.write(br#"{"id": 2.50, "query": {"type": "confirmations", "limit": 1}}"#);
    let expected = [
        (1, json!(null)),
        (2, json!(null)),
        (3, json!(null)),
        (4, json!("a")),
        (5, json!(null)),
        (6, json!(2.5)),
    ];
    for (number, id) in expected {
        let line = headless.line();
        assert_eq!(line["reply"], id, "{line}");
        assert!(line["refused"].as_str().unwrap().starts_with(&format!("line {number}: ")), "{line}");
    }
    let page = headless.query("still there", json!({"type": "confirmations"}));
    assert_eq!(page["confirmations"], json!([]));
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
}

#[test]
fn impossible_commands_are_refused_with_a_reason() {
    let mut headless = Headless::start(&User::new());
    let nobody = "0197f5a2-0000-7000-8000-000000000000";
    headless.command(1, request(" ", "demo"));
    headless.command(2, json!({"type": "answer", "confirmation": nobody, "answer": {"type": "yes"}}));
    headless.command(3, json!({"type": "control", "session": nobody, "action": "stop"}));
    for (id, why) in [(1, "the request is empty"), (2, "no longer open"), (3, "no such session")] {
        let line = headless.line();
        assert_eq!(line["reply"], id, "{line}");
        assert!(line["refused"].as_str().unwrap().contains(why), "{line}");
    }
}

#[test]
fn a_question_while_a_confirmation_is_open_is_answered_by_a_notice() {
    let mut headless = Headless::start(&User::new());
    headless.command(1, request("write a greeting", "demo"));
    let (confirmation, digest) = headless.confirmation();
    let mut status = request("status", "demo");
    (status["answers"], status["digest"]) = (confirmation, digest);
    headless.command(2, status);
    let reply = headless.until(|line| line["reply"] == 2);
    assert_eq!(reply["accepted"], json!({"stream": null, "seq": null}));
    assert_eq!(headless.line()["notice"]["type"], "answer");
}

#[test]
fn a_yes_counts_only_for_the_confirmation_it_names() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(1, request("write a greeting", "demo"));
    let (confirmation, digest) = headless.confirmation();
    // It names no confirmation, so it is a new utterance.
    headless.command(2, request("yes", "demo"));
    headless.until(|line| line["reply"] == 2);
    assert!(user.sessions().is_empty());
    let mut yes = request("yes", "demo");
    yes["answers"] = confirmation;
    headless.command(30, yes.clone());
    let reply = headless.until(|line| line["reply"] == 30);
    assert!(reply["refused"].as_str().unwrap().contains("the question has changed"), "{reply}");
    yes["digest"] = digest;
    headless.command(3, yes);
    let asked = headless.event("session", "asked");
    let decide = |digest: &Value| {
        json!({"type": "decide", "session": asked["session"], "request": asked["event"]["request"],
            "digest": digest, "decision": {"type": "allow"}})
    };
    for (id, digest) in [(4, json!("")), (5, json!("0".repeat(64)))] {
        headless.command(id, decide(&digest));
        let reply = headless.until(|line| line["reply"] == id);
        assert!(reply["refused"].as_str().unwrap().contains("asks for something else"), "{reply}");
    }
    headless.command(6, decide(&asked["event"]["digest"]));
    let reply = headless.until(|line| line["reply"] == 6);
    assert!(reply["accepted"]["seq"].is_u64(), "{reply}");
}

#[test]
fn a_declined_request_does_not_hide_the_open_question() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    // Both are sent before either is understood.
    headless.command("one", request("write a greeting into a new file", "demo"));
    headless.command("two", request("write a farewell into a new file", "demo"));
    headless.event("consent", "asked");
    headless.event("consent", "declined");
    headless.leave();
    let (status, lines) = headless.end();
    assert_eq!(status, Some(0), "{lines:#?}");
    let declined = lines.iter().filter(|line| is_event(line, "consent", "declined")).count();
    assert_eq!(declined, 1, "nobody can answer the first one any more: {lines:#?}");
}

#[test]
#[ignore = "needs Python: run `cargo xtask test`"]
fn the_example_front_end_runs_a_request() {
    let user = User::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/front-end/front_end.py");
    let program = user.codewalk(&[]).get_program().to_owned();
    let mut front_end = Command::new("python3");
    front_end
        .arg(example)
        .args(["--yes", "--agent", "demo", "--codewalk"])
        .arg(program)
        .arg("write a greeting");
    front_end.current_dir(user.shop()).stdin(Stdio::null()).env_clear().envs(user.environment());
    let said = said(front_end.output().unwrap());
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.stdout.contains("start demo (ask) in "), "{said:?}");
    assert!(said.stdout.contains("Write hello-from-codewalk.txt"), "{said:?}");
    let session = &user.sessions()[0];
    assert_eq!(session["state"], "completed");
    let summary = session["summary"].as_str().unwrap();
    assert!(said.stdout.ends_with(&format!("\ndemo completed. {summary}\n")), "{said:?}");
    let greeting = std::fs::read_to_string(user.shop().join("hello-from-codewalk.txt")).unwrap();
    assert!(greeting.contains("write a greeting"));
}

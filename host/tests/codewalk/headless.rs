//! `codewalk headless`, driven through pipes as a front end drives it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::headless::{Headless, is_event};
use crate::support::{User, said, script, wait_until};
use codewalk_core::event::{EventKind, UtteranceEvent};
use codewalk_core::ports::SessionStore;
use codewalk_core::session::SessionState;
use codewalk_store::{SqliteStore, Store};
use serde_json::{Value, json};

/// An identifier that nothing has.
const UNKNOWN: &str = "0192f0c4-1111-7000-8000-000000000001";

fn wish(text: &str, agent: &str) -> Value {
    json!({"type": "say", "text": text, "constraints": {"agent": agent}, "attended": true})
}

/// A wish that nobody is asked about before it is carried out.
fn consented(text: &str, agent: &str) -> Value {
    let mut wish = wish(text, agent);
    wish["consent_flag"] = "--yes".into();
    wish
}

/// Configures the agent `tool`, a script.
fn with_tool(body: &str) -> User {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, body);
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!("[agents.tool]\nkind = \"command\"\ncommand = [{program:?}]\n"));
    user
}

fn store(user: &User) -> SqliteStore {
    SqliteStore::open(&user.home().join("codewalk.db")).unwrap()
}

#[test]
fn the_first_line_says_the_schema_and_nothing_to_do_ends_well() {
    let mut headless = Headless::start(&User::new());
    headless.leave();
    assert_eq!(headless.end(), (Some(0), vec![]));
}

#[test]
fn ten_sessions_wait_at_once_and_all_are_completed_at_the_end() {
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
                "type": "decide", "session": session, "request": request, "digest": digest, "decision": decision}),
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
fn what_is_accepted_is_durable() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command("a", wish("write a greeting", "demo"));
    let reply = headless.until(|line| line["reply"] == "a");
    headless.child.kill().unwrap();
    headless.child.wait().unwrap();
    let accepted = &reply["accepted"];
    let stream = accepted["stream"].as_str().unwrap().parse().unwrap();
    let kept = store(&user).read(stream).unwrap();
    assert!(kept.iter().any(|recorded| Some(recorded.seq) == accepted["seq"].as_u64()), "{kept:#?}");
    let EventKind::Utterance { event: UtteranceEvent::Received { said, .. }, .. } = &kept[0].event.kind
    else {
        panic!("{kept:#?}");
    };
    assert_eq!(said.text, "write a greeting");
    assert_eq!(said.default_project.as_deref(), Some("shop"), "the project it was started in");
}

#[test]
fn the_events_of_a_command_are_told_before_its_acknowledgement() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(7, wish("write a greeting", "demo"));
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
    headless.command(1, wish("write a greeting", "demo"));
    let (confirmation, digest) = headless.confirmation();
    let yes = |digest: &Value| json!({"type": "answer", "confirmation": confirmation, "digest": digest, "answer": {"type": "yes"}});
    for (id, digest) in [(20, json!("")), (21, json!("0".repeat(64)))] {
        headless.command(id, yes(&digest));
        let reply = headless.until(|line| line["reply"] == id);
        assert!(reply["refused"].as_str().unwrap().contains("something else"), "{reply}");
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
fn one_who_joins_late_asks_what_is_open() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(1, consented("write a greeting", "demo"));
    headless.event("session", "asked");
    headless.command(2, wish("write another greeting", "demo"));
    let (confirmation, digest) = headless.confirmation();
    headless.write(br#"{"id": "digests", "query": {"type": "confirmations"}}"#);
    let page = headless.until(|line| line["reply"] == "digests");
    assert_eq!(page["digests"], json!({confirmation.as_str().unwrap(): digest}));
    let open = headless.query("open", json!({"type": "confirmations"}));
    let confirmations = open["confirmations"].as_array().unwrap();
    assert_eq!(confirmations.len(), 1);
    assert_eq!(confirmations[0]["plans"][0]["prompt"], "write another greeting");
    let page = headless.query("sessions", json!({"type": "sessions", "limit": 10, "after": null}));
    let session = &page["sessions"][0];
    assert_eq!(session["pending"][0]["kind"]["tool"], "Write");
    let one = headless.query("session", json!({"type": "session", "session": session["id"]}));
    assert_eq!(one["session"], *session);
    // What is found that way can be answered.
    let confirmation = &confirmations[0]["id"];
    headless.command(3, json!({"type": "answer", "confirmation": confirmation, "answer": {"type": "no"}}));
    headless.until(|line| line["reply"] == 3 && line["accepted"].is_object());
    assert_eq!(
        headless.query("open", json!({"type": "confirmations"})),
        json!({"type": "confirmations", "confirmations": []})
    );
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
}

#[test]
fn sessions_come_in_pages_that_end_and_none_comes_after_an_unknown_one() {
    let user = with_tool("echo done");
    let mut headless = Headless::start(&user);
    for number in 1..=3 {
        headless.command(number, consented("fix the login test", "tool"));
        headless.event("session", "ended");
    }
    let mut seen = Vec::new();
    let mut after = Value::Null;
    for number in 10..=13 {
        let page = headless.query(number, json!({"type": "sessions", "limit": 1, "after": after}));
        let Some(session) = page["sessions"].get(0) else { break };
        after = session["id"].clone();
        seen.push(after.clone());
    }
    let page = headless.query("all", json!({"type": "sessions", "limit": 10}));
    let all: Vec<Value> = page["sessions"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect();
    assert_eq!((seen.len(), &seen), (3, &all));
    let query = json!({"type": "sessions", "limit": 1, "after": UNKNOWN});
    headless.write(json!({"id": "unknown", "query": query}).to_string().as_bytes());
    let answer = headless.until(|line| line["reply"] == "unknown");
    assert!(answer["refused"].as_str().is_some_and(|why| why.contains(UNKNOWN)), "{answer}");
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
}

#[test]
fn entries_come_in_pages_from_the_newest_or_from_a_position_on() {
    let user = with_tool("for n in 0 1 2 3 4 5 6 7 8 9; do echo line $n; done");
    let mut headless = Headless::start(&user);
    headless.command(1, consented("fix the login test", "tool"));
    let ended = headless.event("session", "ended");
    let session = &ended["session"];
    let texts = |page: &Value| -> Vec<String> {
        let entries = page["entries"].as_array().unwrap().iter();
        entries.map(|entry| entry["kind"]["text"]["text"].as_str().unwrap().to_owned()).collect()
    };
    let newest = headless.query("n", json!({"type": "entries", "session": session, "limit": 3}));
    assert_eq!((&newest["first"], &newest["total"]), (&json!(7), &json!(10)));
    assert_eq!(texts(&newest), ["line 7", "line 8", "line 9"]);
    let page = headless.query("p", json!({"type": "entries", "session": session, "from": 2, "limit": 2}));
    assert_eq!(page["first"], 2);
    assert_eq!(texts(&page), ["line 2", "line 3"]);
    let all = headless.query("a", json!({"type": "entries", "session": session, "limit": u32::MAX}));
    assert_eq!((&all["first"], texts(&all).len()), (&json!(0), 10));
    let beyond =
        headless.query("b", json!({"type": "entries", "session": session, "from": u64::MAX, "limit": 5}));
    assert_eq!(beyond["entries"], json!([]));
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
}

#[test]
fn the_adapters_are_told_in_the_order_they_are_asked() {
    let mut headless = Headless::start(&User::new());
    let page = headless.query("adapters", json!({"type": "adapters"}));
    let adapter = |adapter: &Value| {
        assert_eq!((&adapter["file"], &adapter["status"]["state"]), (&Value::Null, &json!("unloaded")));
        (adapter["port"].as_str().unwrap().to_owned(), adapter["name"].as_str().unwrap().to_owned())
    };
    assert_eq!(
        page["adapters"].as_array().unwrap().iter().map(adapter).collect::<Vec<_>>(),
        [("router", "local-router"), ("summarizer", "local-summarizer")]
            .map(|(port, name)| (port.to_owned(), name.to_owned()))
    );
}

#[test]
fn lines_that_make_no_sense_are_refused_by_their_number_and_the_rest_goes_on() {
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
fn what_cannot_be_done_is_refused_and_why() {
    let mut headless = Headless::start(&User::new());
    let nobody = "0197f5a2-0000-7000-8000-000000000000";
    headless.command(1, wish(" ", "demo"));
    headless.command(2, json!({"type": "answer", "confirmation": nobody, "answer": {"type": "yes"}}));
    headless.command(3, json!({"type": "control", "session": nobody, "action": "stop"}));
    for (id, why) in [(1, "nothing was said"), (2, "no longer open"), (3, "no such session")] {
        let line = headless.line();
        assert_eq!(line["reply"], id, "{line}");
        assert!(line["refused"].as_str().unwrap().contains(why), "{line}");
    }
}

#[test]
fn a_question_while_a_confirmation_is_open_is_answered_by_a_notice() {
    let mut headless = Headless::start(&User::new());
    headless.command(1, wish("write a greeting", "demo"));
    let (confirmation, digest) = headless.confirmation();
    let mut status = wish("status", "demo");
    (status["answers"], status["digest"]) = (confirmation, digest);
    headless.command(2, status);
    let reply = headless.until(|line| line["reply"] == 2);
    assert_eq!(reply["accepted"], json!({"stream": null, "seq": null}));
    assert_eq!(headless.line()["notice"]["type"], "answer");
}

#[test]
fn a_yes_counts_only_for_what_it_names() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(1, wish("write a greeting", "demo"));
    let (confirmation, digest) = headless.confirmation();
    // It names nothing, so it is something new that is said.
    headless.command(2, wish("yes", "demo"));
    headless.until(|line| line["reply"] == 2);
    assert!(user.sessions().is_empty());
    let mut yes = wish("yes", "demo");
    yes["answers"] = confirmation;
    headless.command(30, yes.clone());
    let reply = headless.until(|line| line["reply"] == 30);
    assert!(reply["refused"].as_str().unwrap().contains("something else"), "{reply}");
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
        assert!(reply["refused"].as_str().unwrap().contains("something else"), "{reply}");
    }
    headless.command(6, decide(&asked["event"]["digest"]));
    let reply = headless.until(|line| line["reply"] == 6);
    assert!(reply["accepted"]["seq"].is_u64(), "{reply}");
}

#[test]
fn at_the_end_of_file_what_is_open_is_declined_and_what_is_asked_later_as_well() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(1, consented("write a greeting", "demo"));
    headless.event("session", "asked");
    headless.command(2, wish("write another greeting", "demo"));
    headless.event("consent", "asked");
    // Its question comes when nobody is there any more.
    headless.command(3, consented("write a third greeting", "demo"));
    headless.leave();
    let (status, lines) = headless.end();
    assert_eq!(status, Some(0));
    assert_eq!(lines.iter().filter(|line| is_event(line, "consent", "declined")).count(), 1, "{lines:#?}");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
    let sessions = user.sessions();
    assert!(sessions.iter().all(|session| session["state"] == "completed"), "{sessions:#?}");
}

#[test]
fn a_wish_declined_because_another_question_is_open_does_not_hide_that_one() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    // Both are said before either is understood.
    headless.command("one", wish("write a greeting into a new file", "demo"));
    headless.command("two", wish("write a farewell into a new file", "demo"));
    headless.event("consent", "asked");
    headless.event("consent", "declined");
    headless.leave();
    let (status, lines) = headless.end();
    assert_eq!(status, Some(0), "{lines:#?}");
    let declined = lines.iter().filter(|line| is_event(line, "consent", "declined")).count();
    assert_eq!(declined, 1, "nobody can answer the first one any more: {lines:#?}");
}

#[test]
fn what_other_processes_have_done_since_is_known() {
    let user = with_tool("while true; do sleep 1; done");
    let run = || {
        let mut command = user.codewalk(&["run", "--yes", "--agent", "tool", "fix the login test"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut headless = Headless::start(&user);
    let mut other = run();
    let is_running = || user.sessions().first().is_some_and(|session| session["state"] == "running");
    wait_until(|| "the other session to run".to_owned(), is_running);
    let question = |text: &str| json!({"type": "say", "text": text, "attended": true, "question": true});
    headless.command("before", question("what is going on?"));
    let answer = headless.event("utterance", "closed").to_string();
    assert!(answer.contains("fix the login test") && !answer.contains("Nothing is running"), "{answer}");
    headless.command("stop", json!({"type": "say", "text": "stop", "attended": true}));
    assert_eq!(headless.event("utterance", "closed")["event"]["result"]["type"], "done");
    other.wait().unwrap();
    headless.command("after", question("what is going on?"));
    let answer = headless.event("utterance", "closed").to_string();
    assert!(answer.contains("Nothing is running"), "{answer}");
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
}

#[test]
fn a_first_signal_stops_what_runs_and_waits_for_it() {
    let user = with_tool("while true; do sleep 1; done");
    let mut headless = Headless::start(&user);
    headless.command(1, consented("fix the login test", "tool"));
    headless.event("session", "started");
    headless.command(2, wish("write a greeting", "demo"));
    headless.event("consent", "asked");
    headless.signal(rustix::process::Signal::INT);
    let (status, lines) = headless.end();
    assert_eq!(status, Some(130));
    for (subject, what) in [("consent", "declined"), ("session", "ended"), ("summary", "made")] {
        assert!(lines.iter().any(|line| is_event(line, subject, what)), "{subject} {what}: {lines:#?}");
    }
    assert_eq!(user.sessions()[0]["state"], "cancelled");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let user =
        with_tool("trap '' TERM; echo $$ > agent.tmp; mv agent.tmp agent.pid; while true; do sleep 1; done");
    let mut headless = Headless::start(&user);
    headless.command(1, consented("fix the login test", "tool"));
    let pid = user.shop().join("agent.pid");
    wait_until(|| "the agent".to_owned(), || pid.exists());
    headless.event("session", "started");
    headless.signal(rustix::process::Signal::TERM);
    headless.event("session", "stopping");
    headless.signal(rustix::process::Signal::INT);
    let (status, lines) = headless.end();
    assert_eq!(status, Some(130));
    assert!(!lines.iter().any(|line| is_event(line, "session", "ended")), "{lines:#?}");
    assert_eq!(store(&user).sessions(1, None).unwrap()[0].state, SessionState::Running);
    // Ends the agent, which nobody has any more.
    user.sessions();
}

#[test]
fn sessions_outlive_a_front_end_that_reads_no_more() {
    let user = with_tool("echo hello; while [ ! -e go ]; do sleep 0.1; done; echo done > done.txt");
    let (mut headless, stdout) = Headless::unread(&user);
    headless.command(1, consented("fix the login test", "tool"));
    wait_until(
        || "the session to run".to_owned(),
        || user.home().join("codewalk.db").exists() && !store(&user).unfinished().unwrap().is_empty(),
    );
    drop(stdout);
    std::fs::write(user.shop().join("go"), "").unwrap();
    // It counts as having left although its commands could still come.
    assert_eq!(headless.child.wait().unwrap().code(), Some(0));
    assert!(user.shop().join("done.txt").exists());
    let sessions = user.sessions();
    assert_eq!(sessions[0]["state"], "completed");
    assert!(sessions[0]["summary"].is_string(), "{sessions:#?}");
}

#[test]
#[ignore = "needs Python: run `cargo xtask test`"]
fn the_example_front_end_carries_out_a_request() {
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

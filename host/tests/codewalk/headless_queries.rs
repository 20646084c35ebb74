//! Queries to `codewalk headless`: sessions, entries, adapters and open questions.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::headless::{Headless, consented, request, with_tool};
use crate::support::{User, wait_until};

/// An identifier that does not exist.
const UNKNOWN: &str = "0192f0c4-1111-7000-8000-000000000001";

#[test]
fn a_late_front_end_can_query_open_questions() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(1, consented("write a greeting", "demo"));
    headless.event("session", "asked");
    headless.command(2, request("write another greeting", "demo"));
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
    // The queried question can be answered.
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
fn adapters_are_listed_in_the_order_they_are_tried() {
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
fn changes_by_other_processes_are_noticed() {
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

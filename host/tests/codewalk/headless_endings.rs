//! How `codewalk headless` ends: at the end of file, by signals, and for a front end that no longer reads.

use codewalk_core::session::SessionState;
use codewalk_store::Store;
use serde_json::json;

use crate::support::agent::talker;
use crate::support::headless::{Headless, consented, is_event, request, sqlite, with_tool};
use crate::support::{User, wait_until};

#[test]
fn the_end_of_file_declines_open_and_later_questions() {
    let user = User::new();
    let mut headless = Headless::start(&user);
    headless.command(1, consented("write a greeting", "demo"));
    headless.event("session", "asked");
    headless.command(2, request("write another greeting", "demo"));
    headless.event("consent", "asked");
    // Its question comes after the front end has disconnected.
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
fn a_first_signal_stops_running_sessions_and_waits_for_them() {
    let user = with_tool("while true; do sleep 1; done");
    let mut headless = Headless::start(&user);
    headless.command(1, consented("fix the login test", "tool"));
    headless.event("session", "started");
    headless.command(2, request("write a greeting", "demo"));
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
fn a_second_signal_ends_codewalk_immediately() {
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
    assert_eq!(sqlite(&user).sessions(1, None).unwrap()[0].state, SessionState::Running);
    // Ends the agent, which has lost its owner.
    user.sessions();
}

#[test]
fn sessions_outlive_a_front_end_that_stops_reading() {
    let user = with_tool("echo hello; while [ ! -e go ]; do sleep 0.1; done; echo done > done.txt");
    let (mut headless, stdout) = Headless::unread(&user);
    headless.command(1, consented("fix the login test", "tool"));
    wait_until(
        || "the session to run".to_owned(),
        || user.home().join("codewalk.db").exists() && !sqlite(&user).unfinished().unwrap().is_empty(),
    );
    drop(stdout);
    std::fs::write(user.shop().join("go"), "").unwrap();
    // It counts as disconnected although it could still send commands.
    assert_eq!(headless.child.wait().unwrap().code(), Some(0));
    assert!(user.shop().join("done.txt").exists());
    let sessions = user.sessions();
    assert_eq!(sessions[0]["state"], "completed");
    assert!(sessions[0]["summary"].is_string(), "{sessions:#?}");
}

#[test]
fn a_usage_limit_is_an_event_and_an_outcome_with_its_end() {
    let user = User::new();
    let limit = json!({"type": "rate_limit_event",
        "rate_limit_info": {"status": "rejected", "resetsAt": 4_102_444_800_u64}});
    talker(&user, &format!("echo '{limit}'; finish true 'You have hit your limit'"));
    let mut headless = Headless::start(&user);
    headless.command(1, consented("fix the login test", "claude"));
    let limited = headless.event("session", "limited");
    assert_eq!(limited["event"]["until"], 4_102_444_800_000_u64, "{limited}");
    let ended = headless.event("session", "ended");
    let outcome = &ended["event"]["outcome"];
    assert_eq!((&outcome["type"], &outcome["until"]), (&json!("limited"), &limited["event"]["until"]));
    headless.leave();
    assert_eq!(headless.end().0, Some(0));
}

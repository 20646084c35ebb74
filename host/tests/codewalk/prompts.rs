//! Prompts to a running agent, and which flags count for them.

use std::process::{Child, Stdio};

use crate::support::agent::Agent;
use crate::support::screen::Screen;
use crate::support::{User, said, wait_until};
use serde_json::json;

/// Starts a request without a terminal, and waits until its agent is running.
fn at_work(agent: &Agent) -> Child {
    let mut command = agent.user.codewalk(&["run", "--yes", "fix the login test"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(
        || "the session to be known as running".to_owned(),
        || agent.user.sessions().first().is_some_and(|session| session["state"] == "running"),
    );
    child
}

#[test]
fn a_new_permission_for_a_running_session_changes_nothing() {
    let agent = Agent::new(&[], "wait_for over");
    let child = at_work(&agent);
    let told = |flags: &[&str]| {
        let said = agent.user.run(&[&["sessions", "resume", "last", "use tabs"], flags].concat());
        assert_eq!(said.status, Some(0), "{said:?}");
        said.stderr
    };
    let keeps = "permission: the running agent keeps ask: asks before changing anything; ";
    let more = told(&["--permission", "bypass"]);
    assert_eq!(
        more,
        format!("{keeps}to raise it, start a new session: codewalk run --permission bypass \"...\"\n")
    );
    let less = told(&["--permission", "plan", "--output-format", "json"]);
    assert!(less.starts_with(&format!("{keeps}to lower it: codewalk sessions stop ")), "{less}");
    assert_eq!((told(&["--permission", "ask"]), told(&[])), (String::new(), String::new()));

    let mut screen = Screen::start(&agent.user, &["run", "--permission", "accept-edits", "also do the rest"]);
    screen.wait_for("Tell the claude session", 1);
    screen.answer("yes");
    let (_, text) = screen.exit_status();
    assert!(text.contains("permission: the running agent keeps ask"), "{text}");
    agent.signal("over");
    child.wait_with_output().unwrap();
}

#[test]
fn undelivered_prompts_are_quoted_after_a_stop() {
    let agent = Agent::new(&[], "wait_for never");
    let child = at_work(&agent);
    for words in ["use tabs", "and no \u{1b}spaces"] {
        agent.user.run(&["sessions", "resume", "last", words]);
    }
    assert_eq!(agent.user.run(&["sessions", "stop", "last"]).status, Some(0));
    let ended = said(child.wait_with_output().unwrap());
    assert_eq!(ended.status, Some(130), "{ended:?}");
    // The text with escape sequences was rejected.
    let quoted = "1 prompt was not delivered: \"use tabs\"\n";
    assert!(ended.stdout.ends_with(quoted), "{ended:?}");
    let shown = agent.user.run(&["sessions", "show", "last"]).stdout;
    assert!(shown.contains(&format!("prompts  {quoted}")), "{shown}");
    let run = &agent.user.sessions()[0]["runs"][0];
    assert_eq!(run["undelivered"], json!({"messages": ["use tabs"], "more": 0}));
}

#[test]
fn an_interrupt_before_a_waiting_prompt_ends_one_turn() {
    let body = r#"
told; told
echo '{"type":"result","subtype":"error_during_execution","is_error":true,'\
'"terminal_reason":"aborted_tools","queued_turn_count":1}'
echo '{"type":"system","subtype":"init","session_id":"11111111-2222-4333-8444-555555555555"}'
say 'I use tabs.'"#;
    let agent = Agent::new(&[], body);
    let child = at_work(&agent);
    assert_eq!(agent.user.run(&["sessions", "resume", "last", "use tabs"]).status, Some(0));
    assert_eq!(agent.user.run(&["sessions", "interrupt", "last"]).status, Some(0));
    let ended = said(child.wait_with_output().unwrap());
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(agent.user.sessions()[0]["state"], "completed");
    assert!(!ended.stdout.contains("not delivered"), "{ended:?}");
}

#[test]
fn a_missing_agent_program_is_reported_without_a_question() {
    let user = User::new();
    user.configure("[agents.claude]\nkind = \"claude\"\nprogram = \"/nowhere/claude\"\n");
    let missing = "program `/nowhere/claude` not found; install Claude Code with `npm install -g \
                   @anthropic-ai/claude-code`";
    let (status, text) = Screen::start(&user, &["run", "fix the login test"]).exit_status();
    assert_eq!(status, 4, "{text}");
    assert!(!text.contains("Start claude"), "{text}");
    assert!(
        text.replace("\r\n", " ").replace("  ", " ").contains("error: cannot start agent `claude`"),
        "{text}"
    );
    for args in [&["run", "fix the login test"][..], &["run", "--yes", "fix the login test"]] {
        let refused = user.run(args);
        assert_eq!(refused.status, Some(4), "{refused:?}");
        assert!(refused.stderr.contains(missing), "{refused:?}");
    }
    assert!(user.sessions().is_empty());
    let other = user.run(&["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    assert!(!other.stderr.contains("/nowhere"), "another agent can be started: {other:?}");
    assert_eq!(user.sessions().len(), 1);
}

#[test]
fn a_session_is_found_by_part_of_its_short_id() {
    let user = User::new();
    for request in ["write a greeting into a new file", "write another greeting into a new file"] {
        user.run(&["run", "--yes", "--agent", "demo", request]);
    }
    let listed = user.run(&["sessions", "list"]).stdout;
    let sessions = user.sessions();
    for (line, session) in listed.lines().zip(&sessions) {
        let id = session["id"].as_str().unwrap();
        let shown = user.run(&["sessions", "show", &line[..7]]);
        assert_eq!(shown.status, Some(0), "{shown:?}");
        assert!(shown.stdout.contains(id), "{shown:?}");
    }
    let several = user.run(&["sessions", "show", "0"]);
    assert_eq!(several.status, Some(2), "{several:?}");
    for session in &sessions {
        let line = format!("  {}  denied ", session["id"].as_str().unwrap());
        assert!(several.stderr.contains(&line), "{several:?}");
        assert!(several.stderr.contains(session["utterance"].as_str().unwrap()), "{several:?}");
    }
    assert!(several.stderr.contains("hint: type more of the ID"), "{several:?}");
}

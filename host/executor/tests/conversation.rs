//! Conversations with agents that misbehave: their input, and its end.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod support;

use std::collections::BTreeMap;
use std::io::Write;

use codewalk_core::command::Decision;
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Executor, Launch};
use codewalk_core::session::{Exit, Observation};
use codewalk_executor::AgentSpec;
use support::{Host, call, claude_script, script};

const INIT: &str = r#"{"type":"system","subtype":"init","session_id":"abc"}"#;
const RESULT: &str = r#"{"type":"result","subtype":"success","is_error":false,"queued_turn_count":0}"#;
const ASK: &str = concat!(
    r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
    r#""tool_name":"Write","input":{"file_path":"/x"},"tool_use_id":"t1"}}"#,
);

/// A host whose agent is a script that speaks Claude Code's protocol.
fn host(text: &str) -> (Host, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = claude_script(&folder.path().join("agent"), text);
    (Host::new(AgentSpec::Claude { program, extra_args: Vec::new(), env: BTreeMap::new() }), folder)
}

fn say(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("echo '{line}'\n")).collect()
}

#[tokio::test]
async fn an_agents_input_ends_after_its_last_turn_and_it_ends_by_itself() {
    let text = format!("read -r prompt\n{}cat\necho the end\nexit 4", say(&[INIT, RESULT]));
    let (mut host, _folder) = host(&text);
    let (_, exit) = host.run("a prompt").await;
    assert_eq!(exit, Exit { code: Some(4), signal: None });
    assert_eq!(host.lines(), ["the end"]);
    let identified = Observation::ConversationIdentified { conversation: "abc".to_owned() };
    assert_eq!(host.observations().next(), Some(&identified));
}

#[tokio::test]
async fn an_agent_that_does_not_end_by_itself_is_ended_and_that_is_said() {
    let text = format!("read -r prompt\n{}while :; do sleep 0.1; done", say(&[INIT, RESULT]));
    let (mut host, _folder) = host(&text);
    let (_, exit) = host.run("a prompt").await;
    assert_eq!(exit, Exit { code: None, signal: Some(2) });
    assert_eq!(host.failures(), [None, Some("the agent did not end after its last turn and was stopped")]);
}

#[tokio::test]
async fn a_call_that_comes_again_reaches_the_agent_once() {
    let text = format!("read -r prompt\n{}cat", say(&[INIT]));
    let (mut host, _folder) = host(&text);
    let launch = host.launch("x");
    host.start(&launch).await;
    let (again, last) = (call(), call());
    for _ in 0..3 {
        host.agents.send(again, launch.session, "do it once").await.unwrap();
    }
    host.agents.send(last, launch.session, "the last one").await.unwrap();
    host.said("the last one").await;
    let times = host.lines().iter().filter(|line| line.contains("do it once")).count();
    assert_eq!(times, 1, "{:?}", host.lines());
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

#[tokio::test]
async fn prompts_of_any_length_are_one_line_each() {
    // More than a pipe holds, while nothing reads.
    let prompt = "two\nlines ".repeat(20_000);
    let text = format!(
        "read -r first\n{}read -r second\nprintf '%s' \"$second\" > told\nread -r third\nexit 0",
        say(&[ASK])
    );
    let (mut host, _folder) = host(&text);
    let launch = host.launch("x");
    host.start(&launch).await;
    let (request, _) = host.asked().await;
    host.agents.send(call(), launch.session, &prompt).await.unwrap();
    host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
    host.exited().await;
    let told = std::fs::read_to_string(host.project.join("told")).unwrap();
    assert_eq!(told.matches("two\\nlines ").count(), 20_000);
    assert_eq!(told.lines().count(), 1);
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let text = format!("read -r prompt\n{}read -r answer\necho \"got $answer\"\ncat", say(&[INIT, ASK]));
    let (mut host, _folder) = host(&text);
    let launch = host.launch("x");
    host.start(&launch).await;
    let (request, _) = host.asked().await;
    let unknown = host.answer(launch.session, "another", &Decision::allow()).await;
    assert!(matches!(unknown, Err(PortError::InvalidRequest { .. })), "{unknown:?}");
    host.answer(launch.session, &request, &Decision::deny("no")).await.unwrap();
    host.said(r#"got {"response":{"request_id":"r1","response":{"behavior":"deny","message":"no"}"#).await;
    let again = host.answer(launch.session, &request, &Decision::allow()).await;
    assert!(matches!(again, Err(PortError::InvalidRequest { .. })), "{again:?}");
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

#[tokio::test]
async fn an_unknown_request_of_an_agent_is_refused() {
    let strange = r#"{"type":"control_request","request_id":"s1","request":{"subtype":"dance"}}"#;
    let text = format!("read -r prompt\n{}read -r answer\necho \"got $answer\"", say(&[strange]));
    let (mut host, _folder) = host(&text);
    host.run("x").await;
    assert!(host.lines()[0].contains("Unsupported control request subtype: dance"), "{:?}", host.lines());
}

#[tokio::test]
async fn a_failure_without_a_reason_takes_the_last_line_of_the_error_stream() {
    let (mut host, _folder) = host("echo first >&2; printf '\\033[31mno licence\\n' >&2; exit 1");
    let (_, exit) = host.run("x").await;
    assert_eq!(exit.code, Some(1));
    assert_eq!(host.failures(), [Some("\u{fffd}[31mno licence (exit status 1)")]);
}

#[tokio::test]
async fn a_prompt_that_comes_too_late_is_refused_and_not_lost_silently() {
    let text = format!("read -r prompt\n{}cat\nread -r _ < go", say(&[INIT, RESULT, "\"closing\""]));
    let (mut host, _folder) = host(&text);
    std::process::Command::new("mkfifo").arg(host.project.join("go")).status().unwrap();
    let launch = host.launch("x");
    host.start(&launch).await;
    // The agent sees the end of its input only when ours is closed.
    let go = host.project.join("go");
    let mut gate =
        tokio::task::spawn_blocking(move || std::fs::File::options().write(true).open(go).unwrap())
            .await
            .unwrap();
    let late = host.agents.send(call(), launch.session, "more").await;
    assert!(matches!(late, Err(PortError::Unavailable { .. })), "{late:?}");
    gate.write_all(b"go\n").unwrap();
    assert_eq!(host.exited().await.code, Some(0));
}

#[tokio::test]
async fn an_older_version_gets_its_own_arguments_and_a_too_old_one_is_refused() {
    for (version, expected) in [
        ("2.1.330", Ok("--permission-mode manual")),
        ("2.1.199", Ok("--permission-mode default")),
        (
            "1.0.100",
            Err("is Claude Code 1.0.100, and codewalk needs 2.0.30 or newer; update it with `claude update`"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("[ \"$1\" = --version ] && exec echo '{version} (Claude Code)'\necho \"$@\"");
        let program = script(&folder.path().join("agent"), &text);
        let mut host = Host::new(AgentSpec::Claude { program, extra_args: Vec::new(), env: BTreeMap::new() });
        let launch = host.launch("x");
        match expected {
            Ok(mode) => {
                host.start(&launch).await;
                host.exited().await;
                assert!(host.lines()[0].contains(mode), "{:?}", host.lines());
            }
            Err(words) => {
                let refused = host.start_error(&launch).await.to_string();
                assert!(refused.contains(words), "{refused}");
            }
        }
    }
}

#[tokio::test]
async fn a_program_that_does_not_say_that_it_is_claude_code_is_not_started() {
    for (says, words) in [
        ("echo garbage", "it cannot be used: --version said \"garbage\"; see: codewalk doctor"),
        ("exit 3", "it cannot be used: --version ended with exit status: 3; see: codewalk doctor"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let program = script(&folder.path().join("agent"), says);
        let host = Host::new(AgentSpec::Claude { program, extra_args: Vec::new(), env: BTreeMap::new() });
        let refused = host.start_error(&host.launch("x")).await.to_string();
        assert!(refused.contains("is not Claude Code, or ") && refused.ends_with(words), "{refused}");
    }
}

#[tokio::test]
async fn a_resume_names_the_conversation_and_a_bad_name_is_refused() {
    let (mut host, _folder) = host("echo \"$@\"");
    let launch = host.launch("x");
    let resume = |id: &str| Launch { run: 2, resume: Some(id.to_owned()), ..launch.clone() };
    host.start(&resume("abc-1")).await;
    host.exited().await;
    assert!(host.lines()[0].ends_with("--setting-sources user --resume abc-1"), "{:?}", host.lines());
    let refused = host.start_error(&resume("--help")).await;
    assert!(matches!(refused, PortError::InvalidRequest { .. }), "{refused:?}");
}

#[tokio::test]
async fn an_empty_error_after_a_good_turn_is_not_a_failure() {
    let empty =
        r#"{"type":"result","subtype":"error_during_execution","is_error":true,"num_turns":0,"errors":[]}"#;
    let text = format!("read -r prompt\n{}echo 'Error: no turn' >&2\nexit 1", say(&[INIT, RESULT, empty]));
    let (mut host, _folder) = host(&text);
    let (launch, exit) = host.run("x").await;
    assert_eq!(exit.code, Some(1), "it is recorded as it was");
    assert_eq!(host.failures(), [None]);
    assert!(host.observations().any(|observation| *observation == Observation::EmptyErrorReported));
    let (sender, mut reports) = tokio::sync::mpsc::channel(16);
    tokio::spawn(async move { while reports.recv().await.is_some() {} });
    let found = host.agents.reread(launch.session, 1, sender).await.unwrap();
    assert!(found.contains(&Observation::EmptyErrorReported), "{found:?}");
}

#[tokio::test]
async fn an_answer_with_another_digest_answers_nothing() {
    let text = format!("read -r prompt\n{}read -r answer\necho \"got $answer\"\ncat", say(&[INIT, ASK]));
    let (mut host, _folder) = host(&text);
    let launch = host.launch("x");
    host.start(&launch).await;
    let (request, _) = host.asked().await;
    for digest in ["", "of something else"] {
        let allow = Decision::allow();
        let answered = Executor::answer(&host.agents, call(), launch.session, &request, digest, &allow).await;
        let refused = answered.unwrap_err();
        assert!(refused.to_string().contains("has been replaced by another one"), "{refused}");
    }
    host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
    host.said(r#""behavior":"allow""#).await;
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

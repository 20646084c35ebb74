//! Agents outlive the codewalk that started them, and the next one takes them over.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may fail like the test")]
#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeMap;
use std::process::Command;

use codewalk_core::command::Decision;
use codewalk_core::event::SessionEvent;
use codewalk_core::ids::CallId;
use codewalk_core::orchestrator::FoundRun;
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::ports::{Executor, Launch};
use codewalk_core::session::{Artifact, Exit, FileChange, Observation, Session};
use codewalk_core::state::history;
use codewalk_core::time::Timestamp;
use codewalk_executor::{AgentSpec, StoredOutput};
use support::{Host, call, claude_script, eventually, is_alive, sh};
use tokio::runtime::Runtime;

const INIT: &str = r#"{"type":"system","subtype":"init","session_id":"abc"}"#;
const RESULT: &str = r#"{"type":"result","subtype":"success","is_error":false,"queued_turn_count":0}"#;
const ASK: &str = concat!(
    r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
    r#""tool_name":"Write","input":{"file_path":"/x"},"tool_use_id":"t1"}}"#,
);
const SUCCESS: Exit = Exit { code: Some(0), signal: None };

/// A host whose agent asks, and prints the answers that it gets until it can read no more.
fn asking() -> (Host, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "read -r prompt\necho '{INIT}'\necho '{ASK}'\nread -r answer\necho \"got $answer\"\n\
         echo new > made.txt\necho '{RESULT}'\ncat"
    );
    let program = claude_script(&folder.path().join("agent"), &text);
    (Host::new(AgentSpec::Claude { program, extra_args: Vec::new(), env: BTreeMap::new() }), folder)
}

/// Starts an agent, does something with it, and ends as a killed process does: without telling anyone.
fn killed<T>(host: &mut Host, launch: &Launch, start: CallId, then: impl AsyncFnOnce(&mut Host) -> T) -> T {
    let runtime = Runtime::new().unwrap();
    let done = runtime.block_on(async {
        Executor::start(&host.agents, start, launch).await.unwrap();
        then(host).await
    });
    // Its tasks are dropped, and with them its lock.
    runtime.shutdown_background();
    host.replace(host.settings.clone());
    host.seen.clear();
    done
}

/// Returns a session as it is stored after its start.
fn session(launch: &Launch, start: CallId) -> Session {
    let starting = SessionEvent::RunStarting {
        run: launch.run,
        utterance: None,
        text: launch.prompt.clone(),
        origin: Origin { channel: Channel::Terminal, name: "test".to_owned() },
        attended: true,
        agent: launch.agent.clone(),
        project: launch.project.clone(),
        prompt: launch.prompt.clone(),
        permission: launch.permission,
        resume: None,
        call: start,
    };
    history::apply(None, launch.session, Timestamp(1), &starting).unwrap().unwrap()
}

async fn take_over(host: &Host, session: &Session, stored: StoredOutput) -> FoundRun {
    // The lock is released when the tasks of the killed host are gone.
    let deadline = std::time::Instant::now() + support::DEADLINE;
    loop {
        match host.agents.take_over(session, stored).await {
            Ok(found) => return found.unwrap(),
            Err(error) => assert!(std::time::Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn stored(host: &Host, launch: &Launch) -> StoredOutput {
    StoredOutput { stdout: host.folder(launch).stdout().metadata().unwrap().len(), stderr: 0 }
}

#[test]
fn a_found_run_is_followed_as_if_it_had_been_started_here() {
    let (mut host, _folder) = asking();
    let (launch, start) = (host.launch("x"), call());
    let request = killed(&mut host, &launch, start, async |host| host.asked().await.0);
    let session = session(&launch, start);
    Runtime::new().unwrap().block_on(async {
        let found = take_over(&host, &session, StoredOutput::default()).await;
        assert!(found.process.is_some_and(|process| is_alive(process.pid)), "{found:?}");
        assert!(found.delivered.contains(&start), "{found:?}");
        assert_eq!(host.asked().await.0, request);
        host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
        assert_eq!(host.exited().await, SUCCESS);
        assert!(host.lines()[0].starts_with("got {"), "{:?}", host.lines());
        let made = Artifact::File { path: "made.txt".to_owned(), change: FileChange::Created };
        assert_eq!(host.made(), [&made]);
        assert_eq!(host.failures(), [None]);
    });
}

#[test]
fn an_open_request_is_reported_though_all_output_is_stored() {
    let (mut host, _folder) = asking();
    let (launch, start) = (host.launch("x"), call());
    killed(&mut host, &launch, start, async |host| drop(host.asked().await));
    let session = session(&launch, start);
    Runtime::new().unwrap().block_on(async {
        take_over(&host, &session, stored(&host, &launch)).await;
        let (request, _) = host.asked().await;
        host.answer(launch.session, &request, &Decision::deny("no")).await.unwrap();
        assert_eq!(host.exited().await, SUCCESS);
        assert_eq!(host.entries().filter(|entry| entry.offset == 0).count(), 0, "it was stored");
    });
}

#[test]
fn an_answer_that_was_sent_before_a_restart_is_not_sent_again() {
    let (mut host, _folder) = asking();
    let (launch, start, decision) = (host.launch("x"), call(), call());
    let session_id = launch.session;
    let digest = killed(&mut host, &launch, start, async |host| {
        host.asked().await;
        let digest = host.observations().find_map(|observation| match observation {
            Observation::RequestOpened { digest, .. } => Some(digest.clone()),
            _ => None,
        });
        let digest = digest.unwrap();
        Executor::answer(&host.agents, decision, session_id, "r1", &digest, &Decision::allow())
            .await
            .unwrap();
        digest
    });
    let session = session(&launch, start);
    Runtime::new().unwrap().block_on(async {
        take_over(&host, &session, StoredOutput::default()).await;
        let allow = Decision::allow();
        Executor::answer(&host.agents, decision, session_id, "r1", &digest, &allow).await.unwrap();
        assert_eq!(host.exited().await, SUCCESS);
        let answers = host.lines().iter().filter(|line| line.contains("control_response")).count();
        assert_eq!(answers, 1, "{:?}", host.lines());
        let asked = |observation: &Observation| matches!(observation, Observation::RequestOpened { .. });
        assert!(!host.observations().any(asked), "it is answered");
    });
}

#[test]
fn a_run_that_ended_without_a_host_is_read_to_its_end() {
    let mut host = Host::new(sh("echo one; read -r _ < go; echo two; echo last words >&2; exit 3"));
    Command::new("mkfifo").arg(host.project.join("go")).status().unwrap();
    let (launch, start) = (host.launch("x"), call());
    killed(&mut host, &launch, start, async |host| host.said("one").await);
    std::fs::write(host.project.join("go"), "go\n").unwrap();
    let folder = host.folder(&launch);
    let session = session(&launch, start);
    Runtime::new().unwrap().block_on(async {
        eventually("it ends", || folder.exit().unwrap().is_some()).await;
        let one = StoredOutput { stdout: 4, stderr: 0 };
        take_over(&host, &session, one).await;
        assert_eq!(host.exited().await, Exit { code: Some(3), signal: None });
        let mut lines = host.lines();
        lines.sort_unstable();
        assert_eq!(lines, ["last words", "two"]);
        assert_eq!(host.failures(), [Some("last words (exit status 3)")]);
    });
}

#[test]
fn what_a_killed_supervisor_leaves_is_ended_and_the_run_is_lost() {
    let mut host = Host::new(sh("setsid sh -c 'echo tool $$; while :; do sleep 0.1; done' & wait"));
    let (launch, start) = (host.launch("x"), call());
    let tool = killed(&mut host, &launch, start, async |host| {
        host.said("tool").await;
        let number = |line: &str| line.strip_prefix("tool ")?.trim().parse::<u32>().ok();
        host.lines().into_iter().find_map(number).unwrap()
    });
    let supervisor = host.folder(&launch).supervised().meta().unwrap().unwrap().supervisor.pid;
    Command::new("kill").args(["-KILL", &supervisor.to_string()]).status().unwrap();
    let session = session(&launch, start);
    Runtime::new().unwrap().block_on(async {
        let found = take_over(&host, &session, StoredOutput::default()).await;
        let lost =
            |observation: &Observation| (*observation == Observation::Orphaned { exit: None }).then_some(());
        host.observed(lost).await;
        assert!(!is_alive(found.process.unwrap().pid) && !is_alive(tool));
        assert!(host.lines()[0].starts_with("tool"), "its output counts");
    });
}

#[tokio::test]
async fn a_supervisor_killed_in_front_of_its_host_is_a_lost_run() {
    let mut host = Host::new(sh("echo ready; while :; do sleep 0.1; done"));
    let launch = host.launch("x");
    let started = host.start(&launch).await;
    host.said("ready").await;
    let supervisor = host.folder(&launch).supervised().meta().unwrap().unwrap().supervisor.pid;
    Command::new("kill").args(["-KILL", &supervisor.to_string()]).status().unwrap();
    host.observed(|observation| (*observation == Observation::Orphaned { exit: None }).then_some(())).await;
    assert!(!is_alive(started.pid));
}

#[test]
fn a_run_that_never_started_is_found_as_such_and_can_be_started() {
    let mut host = Host::new(sh("echo hello"));
    let (launch, start) = (host.launch("x"), call());
    // A host that was killed before it started the supervisor.
    killed(&mut host, &launch, start, async |host| {
        host.exited().await;
    });
    let folder = host.folder(&launch);
    for file in ["meta.json", "exit"] {
        std::fs::remove_file(folder.path().join(file)).unwrap();
    }
    let session = session(&launch, start);
    Runtime::new().unwrap().block_on(async {
        let found = take_over(&host, &session, StoredOutput::default()).await;
        assert_eq!(found.process, None);
        Executor::start(&host.agents, start, &launch).await.unwrap();
        assert_eq!(host.exited().await, SUCCESS);
        assert_eq!(host.lines(), ["hello"]);
    });
}

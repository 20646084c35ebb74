//! Agents that print nothing, that retry, and that send requests that cannot be read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may fail like the test")]

mod support;

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use codewalk_core::command::Decision;
use codewalk_core::origin::Actor;
use codewalk_core::session::{Observation, RequestKind, Stall};
use codewalk_executor::AgentSpec;
use rustix::fs::OFlags;
use support::{Host, claude_script, eventually, sh};

const INIT: &str = r#"{"type":"system","subtype":"init","session_id":"abc"}"#;
const RESULT: &str = r#"{"type":"result","subtype":"success","is_error":false,"queued_turn_count":0}"#;
const RETRY: &str = concat!(
    r#"{"type":"system","subtype":"api_retry","attempt":1,"max_retries":10,"#,
    r#""retry_delay_ms":517,"error_status":429,"error":"rate_limit"}"#,
);
const ASK: &str = concat!(
    r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
    r#""tool_name":"Write","input":{"file_path":"/x"},"tool_use_id":"t1"}}"#,
);
const FORM: &str = concat!(
    r#"{"type":"control_request","request_id":"r1","request":{"subtype":"elicitation","#,
    r#""mcp_server_name":"shop","message":"Sure?","requested_schema":{"properties":{}}}}"#,
);

/// Longer than a step of an agent takes on a busy machine, so that silence is intended.
const SILENT_AFTER: Duration = Duration::from_millis(300);

fn claude(text: &str, silent_after: Duration) -> (Host, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = claude_script(&folder.path().join("agent"), text);
    let spec = AgentSpec::Claude { program, extra_args: Vec::new(), env: BTreeMap::new() };
    (Host::with(spec, |settings| settings.silent_after = Some(silent_after)), folder)
}

fn say(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("echo '{line}'\n")).collect()
}

async fn stalled(host: &mut Host) -> Stall {
    host.observed(|observation| match observation {
        Observation::AgentStalled(stall) => Some(stall.clone()),
        _ => None,
    })
    .await
}

async fn recovered(host: &mut Host) {
    host.observed(|observation| (*observation == Observation::StallEnded).then_some(())).await;
}

/// The FIFO `go`, which an agent reads to wait.
struct Gate(PathBuf);

impl Gate {
    fn new(host: &Host) -> Self {
        let gate = Self(host.project.join("go"));
        std::process::Command::new("mkfifo").arg(&gate.0).status().unwrap();
        gate
    }

    async fn open(&self) {
        let gate = self.0.clone();
        tokio::task::spawn_blocking(move || std::fs::write(gate, "go\n").unwrap()).await.unwrap();
    }
}

impl Drop for Gate {
    /// Releases an agent that still waits, when a test fails.
    fn drop(&mut self) {
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let _ = std::fs::OpenOptions::new().write(true).custom_flags(flags).open(&self.0);
    }
}

#[tokio::test]
async fn a_program_without_output_counts_as_silent_and_is_not_ended() {
    let mut host = Host::with(sh("read -r _ < go; echo here; exit 3"), |settings| {
        settings.silent_after = Some(SILENT_AFTER);
    });
    let gate = Gate::new(&host);
    let begin = codewalk_now();
    host.start(&host.launch("x")).await;
    let Stall::Silent { since } = stalled(&mut host).await else { panic!() };
    assert!((begin..=codewalk_now()).contains(&since.0), "{since}");
    gate.open().await;
    recovered(&mut host).await;
    assert_eq!(host.exited().await.code, Some(3));
    assert_eq!(host.lines(), ["here"]);
}

fn codewalk_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64
}

#[tokio::test]
async fn an_agent_in_a_turn_is_silent_but_not_while_it_waits_for_a_person() {
    let text =
        format!("read -r prompt\n{}read -r answer\nread -r _ < go\n{}", say(&[INIT, ASK]), say(&[RESULT]));
    let (mut host, _folder) = claude(&text, SILENT_AFTER);
    let gate = Gate::new(&host);
    let launch = host.launch("x");
    host.start(&launch).await;
    let (request, _) = host.asked().await;
    let asked = codewalk_now();
    eventually("it is later", || codewalk_now() > asked).await;
    let answered = codewalk_now();
    host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
    let Stall::Silent { since } = stalled(&mut host).await else { panic!() };
    assert!(since.0 >= answered, "a person has all the time");
    gate.open().await;
    recovered(&mut host).await;
    assert_eq!(host.exited().await.code, Some(0));
}

#[tokio::test]
async fn an_agent_that_asks_its_model_again_is_said_to_until_it_gets_on() {
    let text = format!("read -r prompt\n{}read -r _ < go\n{}", say(&[INIT, RETRY]), say(&[RESULT]));
    let (mut host, _folder) = claude(&text, Duration::from_secs(600));
    let gate = Gate::new(&host);
    host.start(&host.launch("x")).await;
    let Stall::Retrying { reason, .. } = stalled(&mut host).await else { panic!() };
    assert_eq!(reason, "The model's API failed with 429 (rate_limit); retry 1 of 10 in 1 s");
    gate.open().await;
    recovered(&mut host).await;
    host.exited().await;
    assert_eq!(host.failures(), [None]);
}

#[tokio::test]
async fn an_agent_that_gives_up_after_its_retries_has_not_got_on() {
    const API_ERROR: &str = concat!(
        r#"{"type":"assistant","is_api_error_message":true,"message":{"content":[{"type":"text","#,
        r#""text":"API Error: 529"}]}}"#,
    );
    const LIMIT: &str = r#"{"type":"rate_limit_event","rate_limit_info":{"status":"allowed"}}"#;
    const FAILED: &str = concat!(
        r#"{"type":"result","subtype":"success","is_error":true,"result":"API Error: 529","#,
        r#""queued_turn_count":0}"#,
    );
    let text = format!("read -r prompt\n{}", say(&[INIT, RETRY, RETRY, LIMIT, API_ERROR, FAILED]));
    let (mut host, _folder) = claude(&text, Duration::from_secs(600));
    host.run("x").await;
    assert!(host.observations().any(|observation| matches!(observation, Observation::AgentStalled(_))));
    assert!(!host.observations().any(|observation| *observation == Observation::StallEnded));
    assert_eq!(host.failures(), [Some("API Error: 529")]);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_a_form_is_refused_and_the_form_asked_again() {
    let text = format!(
        "read -r prompt\n{}read -r answer\necho \"got $answer\"\n{}",
        say(&[INIT, FORM]),
        say(&[RESULT])
    );
    let (mut host, _folder) = claude(&text, Duration::from_secs(600));
    let launch = host.launch("x");
    host.start(&launch).await;
    let answer = |answer: &str| Decision::Answers { answers: vec![answer.to_owned()] };
    let (request, kind) = host.asked().await;
    assert!(matches!(&kind, RequestKind::Questions { questions } if questions[0].text == "shop asks: Sure?"));
    let refused = host.answer(launch.session, &request, &answer("perhaps")).await.unwrap_err();
    assert!(refused.to_string().contains("answer yes or no"), "{refused}");
    assert_eq!(host.asked().await, (request.clone(), kind));
    host.answer(launch.session, &request, &answer("yes")).await.unwrap();
    host.said(r#""action":"accept""#).await;
    host.exited().await;
}

#[tokio::test]
async fn a_request_over_64_mib_is_refused_and_the_agent_continues() {
    let begin = concat!(
        r#"{"type":"control_request","request_id":"big","request":{"subtype":"can_use_tool","#,
        r#""tool_name":"Write","input":{"content":""#,
    );
    let text = format!(
        "read -r prompt\n{}printf '%s' '{begin}'; \
         head -c 67200000 /dev/zero | tr '\\0' x; echo '\"}}}}}}'\n\
         read -r answer\necho \"got $answer\"\n{}",
        say(&[INIT]),
        say(&[RESULT])
    );
    let (mut host, _folder) = claude(&text, Duration::from_secs(600));
    host.run("x").await;
    let refused = host.observations().find_map(|observation| match observation {
        Observation::ToolCallDenied(denial) => Some((denial.tool.as_str(), denial.by.clone())),
        _ => None,
    });
    let why = "its request cannot be read: it has 65 MiB, and only lines of up to 64 MiB are read";
    assert_eq!(refused, Some(("Write", Some(Actor::Policy { name: why.to_owned() }))));
    assert!(
        host.lines()[0].starts_with(r#"got {"response":{"error":"This request cannot be read"#),
        "{:?}",
        host.lines()
    );
    assert_eq!(host.failures(), [None]);
}

#[tokio::test]
async fn rereading_finds_the_failures_that_a_dead_owner_did_not_store() {
    let limit =
        r#"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1796031434}}"#;
    let init = r#"{"type":"system","subtype":"init","session_id":"abc","model":"opus"}"#;
    let failed = concat!(
        r#"{"type":"result","is_error":true,"result":"limit","#,
        r#""permission_denials":[{"tool_name":"Bash","tool_use_id":"t1","#,
        r#""tool_input":{"command":"make"}}]}"#,
    );
    let (mut host, _folder) =
        claude(&format!("read -r prompt\n{}", say(&[init, limit, failed])), Duration::from_secs(600));
    let (launch, _) = host.run("x").await;
    let (sender, mut reports) = tokio::sync::mpsc::channel(16);
    tokio::spawn(async move { while reports.recv().await.is_some() {} });
    let found = host.agents.reread(launch.session, 1, sender).await.unwrap();
    let is_told = |wanted: &Observation| found.contains(wanted) && host.observations().any(|o| o == wanted);
    assert!(is_told(&Observation::ModelReported { name: "opus".to_owned() }), "{found:?}");
    assert!(found.iter().any(|o| matches!(o, Observation::ToolCallDenied(_)) && is_told(o)), "{found:?}");
    let end = found.iter().position(|o| matches!(o, Observation::TurnEnded { .. })).unwrap();
    assert!(matches!(found[end + 1], Observation::UsageLimitReached { until: Some(_), .. }), "{found:?}");
}

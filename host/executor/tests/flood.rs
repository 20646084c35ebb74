//! Agents that print without end while nothing takes their output.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may fail like the test")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use codewalk_core::command::Decision;
use codewalk_core::entry::EntryKind;
use codewalk_core::ports::Executor;
use codewalk_core::session::Observation;
use codewalk_executor::{AgentSpec, Agents, Report, ReportBody};
use support::{DEADLINE, Host, call, claude_script, eventually, sh};
use tokio::sync::mpsc;

/// More than is read ahead of a receiver, and far less than is printed.
const MOST: usize = 12 * 1024 * 1024;
const PRINTED: u64 = 24 * 1024 * 1024;

/// Prints the same line as fast as the disk allows, for a while.
fn flood(line: &str) -> String {
    format!("while :; do yes '{line}' | head -c 16000000; sleep 1; done")
}

fn size(report: &Report) -> usize {
    let ReportBody::Entries { entries, .. } = &report.body else { return 0 };
    let size = |kind: &EntryKind| match kind {
        EntryKind::Output { text, .. } | EntryKind::AgentText { text } => text.as_str().len(),
        _ => 0,
    };
    entries.iter().map(|entry| size_of_val(entry) + size(&entry.kind)).sum()
}

/// Receives reports and keeps them, like a slow front end, until none come. Returns them with their size.
async fn hoard(reports: &mut mpsc::Receiver<Report>) -> (Vec<Report>, usize) {
    let (mut hoarded, mut bytes) = (Vec::new(), 0);
    while let Ok(Some(report)) = tokio::time::timeout(Duration::from_millis(500), reports.recv()).await {
        bytes += size(&report);
        hoarded.push(report);
        assert!(bytes <= MOST, "more than {MOST} bytes are kept for whoever takes them up");
    }
    (hoarded, bytes)
}

async fn exited(reports: &mut mpsc::Receiver<Report>) {
    let exited = async {
        while let Some(report) = reports.recv().await {
            if matches!(report.body, ReportBody::Observed(Observation::ProcessExited(_))) {
                return;
            }
        }
        panic!("its end was never told");
    };
    tokio::time::timeout(DEADLINE, exited).await.unwrap();
}

#[tokio::test]
async fn an_agent_that_prints_for_ever_fills_no_memory_and_can_be_stopped() {
    let host = Host::new(sh(&flood("a line that says nothing new")));
    let (sender, mut reports) = mpsc::channel(16);
    let agents = Agents::new(host.settings.clone(), sender);
    let launch = host.launch("x");
    Executor::start(&agents, call(), &launch).await.unwrap();
    let stdout = host.folder(&launch).stdout();
    eventually("it prints", || stdout.metadata().unwrap().len() > PRINTED).await;
    let (hoarded, bytes) = hoard(&mut reports).await;
    assert!(bytes > 0);
    // Nothing takes the reports meanwhile.
    tokio::time::timeout(DEADLINE, agents.stop(call(), launch.session)).await.unwrap().unwrap();
    drop(hoarded);
    exited(&mut reports).await;
}

#[tokio::test]
async fn an_agent_that_floods_after_it_has_asked_can_be_answered() {
    let ask = concat!(
        r#"{"type":"control_request","request_id":"r1","request":{"subtype":"can_use_tool","#,
        r#""tool_name":"Write","input":{"file_path":"/x"},"tool_use_id":"t1"}}"#,
    );
    let text = format!(
        "read -r prompt\necho '{ask}'\n( {} ) &\nread -r answer\nkill $!\necho \"$answer\" > answer",
        flood(&"noise ".repeat(40))
    );
    let folder = tempfile::tempdir().unwrap();
    let program = claude_script(&folder.path().join("agent"), &text);
    let spec = AgentSpec::Claude { program, extra_args: Vec::new(), env: BTreeMap::new() };
    let host = Host::new(spec);
    let (sender, mut reports) = mpsc::channel(16);
    let agents = Agents::new(host.settings.clone(), sender);
    let launch = host.launch("x");
    Executor::start(&agents, call(), &launch).await.unwrap();
    let stdout = host.folder(&launch).stdout();
    eventually("it prints", || stdout.metadata().unwrap().len() > PRINTED).await;
    let (hoarded, _) = hoard(&mut reports).await;
    let digest = hoarded.iter().find_map(|report| match &report.body {
        ReportBody::Observed(Observation::RequestOpened { digest, .. }) => Some(digest.clone()),
        _ => None,
    });
    agents.answer(call(), launch.session, "r1", &digest.unwrap(), &Decision::allow()).await.unwrap();
    let answer = host.project.join("answer");
    eventually("it is answered", || answer.exists()).await;
    agents.stop(call(), launch.session).await.unwrap();
    drop(hoarded);
    exited(&mut reports).await;
}

#[tokio::test]
async fn an_agent_that_prints_more_than_its_limit_is_stopped_and_that_is_reported() {
    const LIMIT: u64 = 100_000;
    let mut host = Host::with(sh("yes 'a line that says nothing new'"), |settings| {
        settings.limits.output = LIMIT;
    });
    let (launch, exit) = host.run("x").await;
    assert_ne!(exit.code, Some(0));
    let failure = "the agent printed more than its output limit and was stopped";
    assert_eq!(host.failures(), [Some(failure)]);
    assert_eq!(host.folder(&launch).stdout().metadata().unwrap().len(), LIMIT);
}

//! The scripted agent of the demo, as a process.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod support;

use codewalk_core::command::Decision;
use codewalk_core::entry::EntryKind;
use codewalk_core::ports::Executor;
use codewalk_core::session::{Artifact, Exit, FileChange, Observation, RequestKind, Usage};
use codewalk_executor::AgentSpec;
use support::{Host, call};

const FILE: &str = "hello-from-codewalk.txt";
const SUCCESS: Exit = Exit { code: Some(0), signal: None };

fn host() -> Host {
    let program = env!("CARGO_BIN_EXE_codewalk-demo-agent").to_owned();
    Host::new(AgentSpec::Demo { program, args: Vec::new() })
}

fn conversation(host: &Host) -> Option<String> {
    host.observations().find_map(|observation| match observation {
        Observation::ConversationIdentified { conversation } => Some(conversation.clone()),
        _ => None,
    })
}

#[tokio::test]
async fn it_says_that_it_is_scripted_asks_writes_and_runs() {
    let mut host = host();
    let launch = host.launch("say hello");
    host.start(&launch).await;
    let (request, kind) = host.asked().await;
    let RequestKind::Approval { tool, subject, detail, .. } = kind else { panic!("{kind:?}") };
    assert_eq!((tool.as_str(), subject.as_str()), ("Write", FILE));
    assert!(detail.ends_with("The request was: say hello\n"), "{detail}");
    assert!(!host.project.join(FILE).exists());
    host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
    assert_eq!(host.exited().await, SUCCESS);

    assert_eq!(std::fs::read_to_string(host.project.join(FILE)).unwrap(), detail);
    let command = format!("wc -c {FILE}");
    let made = [
        Artifact::File { path: FILE.to_owned(), change: FileChange::Created },
        Artifact::Command { command, succeeded: Some(true) },
    ];
    assert_eq!(host.made(), made.iter().collect::<Vec<_>>());
    let lines = host.lines();
    assert!(lines[0].contains("scripted") && lines[0].contains("no model"), "{lines:?}");
    assert!(lines[1].ends_with(&format!("wc says: 70 {FILE}")), "{lines:?}");
    assert_eq!(host.usage(), Some(Usage { cost_usd: Some(0.0), ..Usage::default() }));
    assert_eq!(host.failures(), [None]);
    assert_eq!(conversation(&host), None, "nobody can go on with it");
}

#[tokio::test]
async fn denied_it_changes_nothing_and_says_so() {
    let mut host = host();
    let launch = host.launch("say hello");
    host.start(&launch).await;
    let (request, _) = host.asked().await;
    let deny = Decision::deny("not today");
    host.answer(launch.session, &request, &deny).await.unwrap();
    assert_eq!(host.exited().await, SUCCESS);
    assert!(!host.project.join(FILE).exists());
    assert!(host.made().is_empty());
    assert!(host.lines()[1].contains("(not today), so I changed nothing"), "{:?}", host.lines());
    assert_eq!(host.failures(), [None]);
}

#[tokio::test]
async fn interrupted_it_withdraws_its_question_and_ends() {
    let mut host = host();
    let launch = host.launch("say hello");
    host.start(&launch).await;
    let (request, _) = host.asked().await;
    host.agents.interrupt(call(), launch.session).await.unwrap();
    assert_eq!(host.exited().await.code, Some(1));
    assert!(host.observations().any(|o| *o == Observation::RequestWithdrawn { request: request.clone() }));
    assert_eq!(host.failures(), [None], "it was asked for");
    assert!(host.made().is_empty() && !host.project.join(FILE).exists());
}

#[tokio::test]
async fn a_prompt_during_a_turn_is_a_turn_of_its_own() {
    let mut host = host();
    let launch = host.launch("first");
    host.start(&launch).await;
    let (request, _) = host.asked().await;
    host.agents.send(call(), launch.session, "second").await.unwrap();
    host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
    let (request, _) = host.asked().await;
    host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
    assert_eq!(host.exited().await, SUCCESS);
    let told: Vec<_> = host
        .entries()
        .filter_map(|entry| match &entry.kind {
            EntryKind::UserText { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["first", "second"]);
    assert!(std::fs::read_to_string(host.project.join(FILE)).unwrap().ends_with("second\n"));
    let made = Artifact::File { path: FILE.to_owned(), change: FileChange::Modified };
    assert!(host.made().contains(&&made));
}

//! Denials and artifacts of runs, and how they are described.

use crate::support::*;
use codewalk_core::command::{Command, Decision};
use codewalk_core::ids::SessionId;
use codewalk_core::origin::Actor;
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::denials::PLAN;
use codewalk_core::session::{
    Artifact, Denial, FileChange, MAX_DENIED, Observation, Question, RequestKind, SessionState,
};
use codewalk_core::summarization;

fn deny() -> Decision {
    Decision::deny("no")
}

/// Opens a request from the agent, and answers it.
fn decided(world: &mut World, session: SessionId, kind: RequestKind, decision: Decision) {
    let request = format!("r{}", world.next_id);
    let digest = digest(&kind);
    world.observe(session, asked(&request, kind));
    world.command(Command::Decide { session, request, digest, decision });
}

fn denied(world: &World, session: SessionId) -> Vec<Denial> {
    world.session(session).run().expect("a run").denied.clone()
}

fn by_you(tool: &str, subject: &str) -> Denial {
    Denial {
        tool: tool.to_owned(),
        subject: subject.to_owned(),
        by: Some(Actor::Person { origin: terminal() }),
    }
}

fn file(path: &str, change: FileChange) -> Observation {
    Observation::ArtifactRecorded(Artifact::File { path: path.to_owned(), change })
}

#[test]
fn a_denial_is_listed_once_and_removed_when_allowed_later() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    decided(&mut world, session, approval("rm -rf build"), deny());
    decided(&mut world, session, approval("rm -rf build"), deny());
    decided(&mut world, session, approval("make"), deny());
    assert_eq!(denied(&world, session), [by_you("Bash", "rm -rf build"), by_you("Bash", "make")]);
    decided(&mut world, session, approval("make"), Decision::allow());
    assert_eq!(denied(&world, session), [by_you("Bash", "rm -rf build")]);
    // The last decision counts.
    decided(&mut world, session, approval("make"), deny());
    assert_eq!(denied(&world, session).len(), 2);
}

#[test]
fn a_plan_that_was_not_accepted_is_denied_until_another_one_is() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let plan = |text: &str| RequestKind::Plan { plan: text.to_owned() };
    decided(&mut world, session, plan("rewrite\nall of it"), deny());
    assert_eq!(denied(&world, session), [by_you(PLAN, "rewrite all of it")]);
    decided(&mut world, session, plan("rewrite a little"), Decision::allow());
    assert_eq!(denied(&world, session), []);
}

#[test]
fn an_unattended_plan_in_plan_mode_is_not_a_denial() {
    for (permission, denials) in [(PermissionMode::Plan, 0), (PermissionMode::Ask, 1)] {
        let mut world = World::new();
        let said = codewalk_core::command::Utterance {
            permission,
            consent_flag: Some("--yes".to_owned()),
            default_project: Some("shop".to_owned()),
            attended: false,
            ..utterance("fix it")
        };
        world.command(Command::Say(said));
        let (session, call) = start_call(&world.propose(launch("shop", "fix it"), Vec::new()));
        world.reply(call, started());
        world.observe(session, asked("r", RequestKind::Plan { plan: "rewrite".to_owned() }));
        assert_eq!(denied(&world, session).len(), denials, "{permission:?}");
    }
}

#[test]
fn dismissed_questions_and_withdrawn_requests_are_not_denials() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let question = Question {
        text: "Which one?".to_owned(),
        options: Vec::new(),
        descriptions: Vec::new(),
        multiple: false,
    };
    decided(&mut world, session, RequestKind::Questions { questions: vec![question] }, deny());
    world.observe(session, asked("gone", approval("make")));
    world.observe(session, Observation::RequestWithdrawn { request: "gone".to_owned() });
    assert_eq!(denied(&world, session), []);
    assert_eq!(world.session(session).state, SessionState::Running);
}

#[test]
fn denials_are_bounded() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    for n in 0..=MAX_DENIED {
        decided(&mut world, session, approval(&n.to_string()), deny());
    }
    assert_eq!(denied(&world, session).len(), MAX_DENIED);
}

#[test]
fn a_run_has_its_artifacts_and_denials_and_a_session_all_artifacts() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, Observation::ConversationIdentified { conversation: "c-1".to_owned() });
    world.observe(session, file("a.rs", FileChange::Created));
    decided(&mut world, session, approval("make"), deny());
    world.exit(session, 0);
    let step = world.command(prompt(session, "go on"));
    let (_, call) = start_call(&step);
    world.reply(call, started());
    // The same file counts as new in a new run.
    world.observe(session, file("a.rs", FileChange::Modified));
    world.observe(session, file("b.rs", FileChange::Created));
    world.exit(session, 0);

    let made = |observed: Observation| match observed {
        Observation::ArtifactRecorded(artifact) => artifact,
        other => panic!("{other:?}"),
    };
    let (a, b) = (made(file("a.rs", FileChange::Created)), made(file("b.rs", FileChange::Created)));
    let session = world.session(session);
    let runs: Vec<_> = session.runs.iter().map(|run| (run.artifacts.clone(), run.denied.len())).collect();
    let changed = made(file("a.rs", FileChange::Modified));
    assert_eq!(runs, [(vec![a.clone()], 1), (vec![changed, b.clone()], 0)]);
    assert_eq!(session.artifacts, [a, b]);
}

#[test]
fn a_waiting_session_shows_its_request_whole_or_with_a_mark() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let waits_for = |world: &World| summarization::waits_for(world.session(session));
    assert_eq!(waits_for(&world), None);
    world.observe(session, asked("r1", approval("rm -rf /home/me/important/data")));
    assert_eq!(
        waits_for(&world).as_deref(),
        Some("allow it to use Bash (`rm -rf /home/me/important/data`)?")
    );
    world.observe(session, asked("r2", approval("ls")));
    let sentence = summarization::sentence(world.session(session));
    assert_eq!(
        sentence,
        "claude in shop needs input: allow it to use Bash (`rm -rf /home/me/important/data`)? And 1 \
         more. It is working on: fix it."
    );

    let long = format!("echo {}; rm -rf ~/x", "hello ".repeat(900));
    let said = summarization::question(&approval(&long));
    assert!(said.contains("[\u{2026}]") && said.ends_with("; rm -rf ~/x`)?"), "{said}");
    let RequestKind::Approval { subject, detail, agent_words, marks, rules, .. } = approval("rm x") else {
        panic!("an approval")
    };
    let tool = "Bash (`ls`)? Or".to_owned();
    let odd = RequestKind::Approval { tool, subject, detail, agent_words, marks, rules };
    assert_eq!(summarization::question(&odd), "allow it to use the tool \"Bash (`ls`)? Or\" (`rm x`)?");
    let question = |text: &str| Question {
        text: text.to_owned(),
        options: Vec::new(),
        descriptions: Vec::new(),
        multiple: false,
    };
    let both = RequestKind::Questions { questions: vec![question("Which one?"), question("Why?")] };
    assert_eq!(summarization::question(&both), "Which one? Why?");
    let plan = RequestKind::Plan { plan: "x".to_owned() };
    assert_eq!(summarization::question(&plan), "allow it to carry out its plan?");
    let nothing = RequestKind::Approval {
        tool: "Go".to_owned(),
        subject: String::new(),
        detail: String::new(),
        agent_words: String::new(),
        marks: Vec::new(),
        rules: Vec::new(),
    };
    assert_eq!(summarization::question(&nothing), "allow it to use Go?");
}

#[test]
fn a_session_with_denials_is_described_as_such() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    decided(&mut world, session, approval("make"), deny());
    // A failed command does not count as work done.
    let command = |succeeded| {
        Observation::ArtifactRecorded(Artifact::Command {
            command: format!("make {succeeded}"),
            succeeded: Some(succeeded),
        })
    };
    world.observe(session, command(false));
    world.exit(session, 0);
    assert_eq!(
        summarization::sentence(world.session(session)),
        "claude in shop was denied the tools that it needed: fix it."
    );

    let mut world = World::new();
    let session = world.running("shop", "fix it");
    decided(&mut world, session, approval("make"), deny());
    world.observe(session, command(true));
    world.exit(session, 0);
    assert_eq!(
        summarization::sentence(world.session(session)),
        "claude in shop has completed, with one thing denied: fix it."
    );
}

//! What is made of proposals about sessions: who is meant, what still makes sense, what flags exclude.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use codewalk_core::call::{Call, Intent, Observation};
use codewalk_core::command::{Command, ControlAction};
use codewalk_core::event::UtteranceResult;
use codewalk_core::ids::SessionId;
use codewalk_core::orchestrator::Step;
use codewalk_core::session::SessionState;
use support::*;

fn control(session: SessionId, action: ControlAction) -> Intent {
    Intent::Control { session: session.to_string(), action }
}

fn hint(step: &Step) -> Option<&str> {
    match result(step) {
        Some(UtteranceResult::NotUnderstood { hint }) => Some(hint),
        _ => None,
    }
}

#[test]
fn of_several_sessions_a_question_is_about_the_one_that_is_meant() {
    let intents = [
        |id: SessionId| Intent::Query { session: Some(id.to_string()), question: "?".to_owned() },
        |id: SessionId| Intent::FollowUp { session: id.to_string(), prompt: "use tabs".to_owned() },
        |id: SessionId| control(id, ControlAction::Stop),
    ];
    for intent in intents {
        let mut world = World::new();
        let meant = world.running("shop", "fix it");
        world.running("api", "add paging");
        let mut said = utterance("how is the shop?");
        said.question = true;
        world.command(Command::Say(said));
        let step = world.propose(intent(meant), Vec::new());
        let (_, Call::Summarize(order)) = calls(&step)[0] else { panic!("a summarizer is asked") };
        assert_eq!(order.session, meant);
    }
}

#[test]
fn what_runs_cannot_be_resumed_and_what_has_ended_cannot_be_stopped() {
    for (ended, action, makes_sense) in [
        (false, ControlAction::Stop, true),
        (false, ControlAction::Interrupt, true),
        (false, ControlAction::Resume, false),
        (true, ControlAction::Stop, false),
        (true, ControlAction::Interrupt, false),
        (true, ControlAction::Resume, true),
    ] {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        world.observe(session, Observation::Identified { conversation: "c-1".to_owned() });
        if ended {
            world.exit(session, 0);
        }
        world.say("do that to the shop session");
        let step = world.propose(control(session, action), Vec::new());
        assert_eq!(hint(&step).is_none(), makes_sense, "{ended} {action:?}");
        assert_eq!(world.state.confirmation_at(&terminal()).is_some(), makes_sense);
    }
}

#[test]
fn flags_exclude_the_sessions_of_others() {
    for (agent, project, fits) in [
        (None, None, true),
        (Some("claude"), Some("shop"), true),
        (Some("codex"), None, false),
        (None, Some("api"), false),
        (Some("claude"), Some("api"), false),
    ] {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        let mut said = utterance("use tabs");
        said.constraints.agent = agent.map(str::to_owned);
        said.constraints.project = project.map(str::to_owned);
        world.command(Command::Say(said));
        let intent = Intent::FollowUp { session: session.to_string(), prompt: "use tabs".to_owned() };
        let step = world.propose(intent, Vec::new());
        assert_eq!(hint(&step).is_none(), fits, "{agent:?} {project:?}");
    }
}

#[test]
fn a_session_that_starts_or_has_ended_is_not_summarised_while_it_runs() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, _) = start_call(&world.say("yes"));
    world.now += 120_000;
    assert!(world.printed(session, 100).effects.is_empty());
    assert_eq!(world.session(session).state, SessionState::Starting);
}

#[test]
fn the_answer_to_one_question_is_not_the_answer_to_another() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let mut ask = |text: &str| {
        let mut said = utterance(text);
        said.question = true;
        world.command(Command::Say(said));
        let step = world
            .propose(Intent::Query { session: Some(session.to_string()), question: text.to_owned() }, vec![]);
        calls(&step)[0].0
    };
    let (first, second) = (ask("what does it do?"), ask("is it done?"));
    let text = |step: &Step| match result(step) {
        Some(UtteranceResult::Answered { text }) => text.clone(),
        other => panic!("{other:?}"),
    };
    let open = world.state.utterances().count();
    let step = world.summarized(second, "No.");
    assert_eq!(text(&step), "No.");
    assert_eq!(world.state.utterances().count(), open - 1);
    let step = world.summarized(first, "It edits.");
    assert_eq!(text(&step), "It edits.");
}

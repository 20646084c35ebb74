//! Stories that lead from an utterance to a confirmation and its answer.

use crate::support::*;
use codewalk_core::command::{Answer, Command, Constraints, ControlAction, Decision};
use codewalk_core::consent::Plan;
use codewalk_core::event::{ConsentEvent, EventKind, SessionEvent, UtteranceResult};
use codewalk_core::intent::Intent;
use codewalk_core::orchestrator::{Call, Notice, Reply};
use codewalk_core::session::SessionState;

#[test]
fn while_a_confirmation_is_open_a_yes_is_an_answer_and_no_router_is_asked() {
    let mut world = World::new();
    world.say("fix the login test in shop");
    let step = world.propose(launch("shop", "fix the login test in shop"), Vec::new());
    assert_eq!(starts(&step), 0, "a proposal starts nothing");
    let step = world.say("yes");
    assert!(calls(&step).iter().all(|(_, call)| !matches!(call, Call::Route(_))));
    assert_eq!(starts(&step), 1);
    assert!(matches!(result(&step), Some(UtteranceResult::Done { .. })));
}

#[test]
fn a_negation_declines_and_starts_nothing() {
    for text in ["no", "don't start", "no, don't continue", "yes... no"] {
        let mut world = World::new();
        world.say("new login page in shop");
        world.propose(launch("shop", "new login page in shop"), Vec::new());
        let step = world.say(text);
        assert_eq!(starts(&step), 0, "{text}");
        assert!(matches!(result(&step), Some(UtteranceResult::Declined { .. })), "{text}");
    }
}

#[test]
fn unclear_answers_are_asked_about_twice_and_then_count_as_a_no() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    for _ in 0..2 {
        let step = world.say("hmm, the new one");
        assert!(matches!(
            step.events[0].kind,
            EventKind::Consent { event: ConsentEvent::ConfirmationRepeated { .. }, .. }
        ));
    }
    let step = world.say("hmm, the new one");
    assert!(matches!(result(&step), Some(UtteranceResult::Declined { .. })));
}

#[test]
fn a_status_question_is_answered_and_does_not_count_as_unclear() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    for _ in 0..5 {
        let step = world.say("what is it doing?");
        assert!(matches!(notices(&step)[..], [Notice::Answer { .. }]));
        assert!(step.events.is_empty());
    }
    assert_eq!(starts(&world.say("yes")), 1);
}

#[test]
fn a_confirmation_expires_at_its_deadline_and_a_stale_timer_is_ignored() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let open = world.confirmation();
    let early = world.fire(open.timer);
    assert!(early.events.is_empty(), "not yet");
    assert_eq!(early.effects.len(), 1, "it is set again, or it would never go off");
    world.now = open.deadline.0;
    assert!(matches!(result(&world.fire(open.timer)), Some(UtteranceResult::Declined { .. })));
    assert!(world.fire(open.timer).events.is_empty(), "stale");
    let late = world.command(Command::Answer { confirmation: open.id, answer: Answer::Yes });
    assert_eq!(starts(&late), 0);
    assert!(matches!(notices(&late)[..], [Notice::Refused { .. }]));
}

#[test]
fn the_users_exact_words_reach_the_agent() {
    let words = "  fix the \"flaky\" lögin test — don't touch CSS\n\tthanks ";
    let mut world = World::new();
    world.say(words);
    world.propose(launch("shop", ""), Vec::new());
    let step = world.say("yes");
    let (_, Call::Start(launch)) = calls(&step)[0] else { panic!("started") };
    assert_eq!(launch.prompt, words);
}

#[test]
fn flags_override_the_routers_choice() {
    let mut world = World::new();
    let mut said = utterance("fix it with claude in shop");
    said.constraints = Constraints { agent: Some("codex".to_owned()), project: Some("api".to_owned()) };
    world.command(Command::Say(said));
    world.propose(launch("shop", "fix it"), Vec::new());
    let plans = world.confirmation().plans;
    let [Plan::Launch { agent, project, .. }] = plans.as_slice() else { panic!("one launch") };
    assert_eq!((agent.as_str(), project.name.as_str()), ("codex", "api"));
}

#[test]
fn names_invented_by_a_router_are_rejected() {
    let stranger = "0197f5a2-0000-7000-8000-00000000ffff".to_owned();
    for intent in [
        launch("bank", "rob it"),
        Intent::Launch {
            agent: "skynet".to_owned(),
            project: Some("shop".to_owned()),
            prompt: "x".to_owned(),
        },
        Intent::FollowUp { session: stranger.clone(), prompt: "x".to_owned() },
        Intent::Query { session: Some("../../etc/passwd".to_owned()), question: "x".to_owned() },
        Intent::Control { session: stranger, action: ControlAction::Stop },
    ] {
        let mut world = World::new();
        world.say("do something");
        let step = world.propose(intent.clone(), Vec::new());
        assert!(matches!(result(&step), Some(UtteranceResult::NotUnderstood { .. })), "{intent:?}");
    }
}

#[test]
fn two_equally_likely_intents_become_a_question() {
    let mut world = World::new();
    world.say("fix the build");
    world.propose(
        launch("shop", "fix the build"),
        vec![(launch("api", "fix the build"), 80), (launch("shop", "other"), 20)],
    );
    assert_eq!(world.confirmation().plans.len(), 2);
    assert_eq!(starts(&world.say("yes")), 0, "yes to which?");
    let step = world.say("the second one");
    let (_, Call::Start(launch)) = calls(&step)[0] else { panic!("started") };
    assert_eq!(launch.project.name, "api");
}

#[test]
fn two_equal_alternatives_to_a_hint_become_a_question() {
    let unclear = || Intent::CannotParse { hint: "which one?".to_owned() };
    let mut world = World::new();
    world.say("fix the build");
    world.propose(
        unclear(),
        vec![(launch("shop", "fix the build"), 80), (launch("api", "fix the build"), 80)],
    );
    assert_eq!(world.confirmation().plans.len(), 2);
    assert_eq!(starts(&world.say("1")), 1);

    let mut world = World::new();
    world.say("fix the build");
    let step =
        world.propose(unclear(), vec![(launch("shop", "fix the build"), 80), (launch("api", "x"), 20)]);
    assert_eq!(result(&step), Some(&UtteranceResult::NotUnderstood { hint: "which one?".to_owned() }));
}

#[test]
fn an_edit_changes_the_prompt_and_asks_again() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    assert_eq!(starts(&world.say("edit: fix only the login test")), 0);
    let step = world.say("yes");
    let (_, Call::Start(launch)) = calls(&step)[0] else { panic!("started") };
    assert_eq!(launch.prompt, "fix only the login test");
}

#[test]
fn a_flag_consents_only_to_the_launch() {
    let mut world = World::new();
    let mut said = utterance("fix it");
    said.consent_flag = Some("--yes".to_owned());
    said.default_project = Some("shop".to_owned());
    said.attended = false;
    world.command(Command::Say(said.clone()));
    let (session, call) = start_call(&world.propose(launch("shop", "fix it"), Vec::new()));
    world.reply(
        call,
        Reply::Started(Ok(codewalk_core::session::AgentProcess { pid: 1, started_at: Default::default() })),
    );
    let step = world.observe(session, asked("r1", approval("rm -rf /")));
    assert!(
        session_events(&step)
            .iter()
            .any(|e| matches!(e, SessionEvent::RequestDecided { decision: Decision::Deny { .. }, .. }))
    );

    world.command(Command::Say(said));
    let step = world
        .propose(Intent::Control { session: session.to_string(), action: ControlAction::Stop }, Vec::new());
    assert!(
        matches!(result(&step), Some(UtteranceResult::Declined { .. })),
        "a router's stop is not a launch"
    );
    assert_eq!(world.session(session).state, SessionState::Running);
}

#[test]
fn without_a_terminal_and_without_a_flag_nothing_starts() {
    let mut world = World::new();
    let mut said = utterance("fix it");
    said.attended = false;
    world.command(Command::Say(said));
    let step = world.propose(launch("shop", "fix it"), Vec::new());
    assert_eq!(starts(&step), 0);
    assert!(matches!(result(&step), Some(UtteranceResult::Declined { .. })));
}

#[test]
fn empty_and_oversized_utterances_are_rejected() {
    let mut world = World::new();
    for text in ["", " \n\t ", &"x".repeat(64 * 1024 + 1)] {
        let step = world.say(text);
        assert!(step.events.is_empty() && matches!(notices(&step)[..], [Notice::Refused { .. }]));
    }
}

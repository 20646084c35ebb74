//! An answer applies only to the displayed input.

use crate::support::*;
use codewalk_core::command::{Command, ControlAction, Decision, Utterance};
use codewalk_core::consent::Plan;
use codewalk_core::event::{ConsentEvent, EventKind, SessionEvent};
use codewalk_core::ids::SessionId;
use codewalk_core::intent::Intent;
use codewalk_core::orchestrator::{Call, Input, Notice, Step};
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::session::{Observation, SessionState};
use codewalk_core::state::{State, StateContext};

fn refusal(step: &Step) -> &str {
    match notices(step)[..] {
        [Notice::Refused { message }] => message,
        _ => panic!("refused: {step:?}"),
    }
}

fn follow_up(session: SessionId, prompt: &str) -> Intent {
    Intent::FollowUp { session: session.to_string(), prompt: prompt.to_owned() }
}

fn told(step: &Step) -> Vec<&str> {
    let sent = calls(step).into_iter().filter_map(|(_, call)| match call {
        Call::Send { prompt, .. } => Some(prompt.as_str()),
        _ => None,
    });
    sent.collect()
}

#[test]
fn every_answer_carries_the_digest_of_its_request() {
    for attended in [true, false] {
        let mut world = World::new();
        let said = Utterance {
            consent_flag: Some("--yes".to_owned()),
            default_project: Some("shop".to_owned()),
            attended,
            ..utterance("fix it")
        };
        world.command(Command::Say(said));
        let (session, call) = start_call(&world.propose(launch("shop", "fix it"), Vec::new()));
        world.reply(call, started());
        let mut step = world.observe(session, asked("r1", approval("make")));
        if attended {
            step = world.command(decide(session, "r1", Decision::allow()));
        }
        let expected = digest(&approval("make"));
        let answers: Vec<_> = calls(&step)
            .into_iter()
            .filter_map(|(_, call)| match call {
                Call::Decide { request, digest, .. } => Some((request.as_str(), digest.as_str())),
                _ => None,
            })
            .collect();
        assert_eq!(answers, [("r1", expected.as_str())]);
    }
}

#[test]
fn a_yes_to_a_request_replaced_under_the_same_identifier_allows_nothing() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, asked("r1", approval("make")));
    world.observe(session, Observation::RequestWithdrawn { request: "r1".to_owned() });
    world.observe(session, asked("r1", approval("rm -rf /")));
    let step = world.command(decide(session, "r1", Decision::allow()));
    assert!(step.events.is_empty() && calls(&step).is_empty(), "{step:?}");
    assert!(refusal(&step).contains("something else"), "{step:?}");
    assert_eq!(world.session(session).state, SessionState::Waiting);
    // A no is always safe to accept.
    let step = world.command(decide(session, "r1", Decision::deny("no")));
    assert_eq!(step.events.len(), 1);
}

#[test]
fn a_yes_to_a_confirmation_that_has_since_changed_starts_nothing() {
    let mut world = World::new();
    world.say("fix the login");
    world.propose(launch("shop", "fix the login"), Vec::new());
    let before = world.confirmation().id;
    let yes = Utterance { answers: Some(before), ..utterance("yes") };
    world.say("edit: remove the login");
    assert_ne!(world.confirmation().id, before);
    let step = world.command(Command::Say(yes));
    assert_eq!(starts(&step), 0);
    assert!(refusal(&step).contains("no longer open"), "{step:?}");
    let step =
        world.command(Command::Answer { confirmation: before, answer: codewalk_core::command::Answer::Yes });
    assert_eq!(starts(&step), 0);
    assert_eq!(starts(&world.say("yes")), 1, "the one that is open is answered");
}

#[test]
fn an_utterance_that_names_no_confirmation_answers_none() {
    let mut world = World::new();
    world.say("fix the login");
    world.propose(launch("shop", "fix the login"), Vec::new());
    let step = world.command(Command::Say(utterance("yes")));
    assert_eq!(starts(&step), 0);
    assert!(world.state.confirmation_at(&terminal()).is_some());
}

#[test]
fn a_confirmation_can_only_be_answered_at_its_front_end() {
    let mut world = World::new();
    world.say("fix the login");
    world.propose(launch("shop", "fix the login"), Vec::new());
    let other = Origin { channel: Channel::Terminal, name: "terminal-2".to_owned() };
    let said = Utterance { answers: Some(world.confirmation().id), ..utterance("yes") };
    let step = world.input(Input::Command { origin: other, command: Command::Say(said) });
    assert_eq!(starts(&step), 0, "{step:?}");
}

#[test]
fn pasted_text_is_neither_an_answer_nor_an_instruction() {
    let mut world = World::new();
    world.say("fix the login");
    world.propose(launch("shop", "fix the login"), Vec::new());
    let answers = Some(world.confirmation().id);
    let step = world.command(Command::Say(Utterance { answers, pasted: true, ..utterance("yes") }));
    assert_eq!(starts(&step), 0);
    assert!(refusal(&step).contains("pasted"), "{step:?}");
    let session = start_call(&world.say("yes")).0;

    let step = world.command(Command::Say(Utterance { pasted: true, ..utterance("stop") }));
    assert!(matches!(calls(&step)[..], [(_, Call::Route(_))]), "a router reads it: {step:?}");
    assert!(world.session(session).run().expect("a run").stopped_by.is_none());
}

#[test]
fn a_yes_with_words_allows_and_tells_the_agent() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, asked("r1", approval("make")));
    let tell = Some("do not touch the tests".to_owned());
    let step = world.command(decide(session, "r1", Decision::Allow { rule: None, tell }));
    let [(_, Call::Decide { decision: Decision::Allow { tell, .. }, .. })] = calls(&step)[..] else {
        panic!("{step:?}")
    };
    assert_eq!(tell.as_deref(), Some("do not touch the tests"));
    assert!(
        matches!(
            session_events(&step)[..],
            [SessionEvent::RequestDecided { .. }, SessionEvent::PromptSent { .. }]
        ),
        "{step:?}"
    );
}

#[test]
fn a_stop_at_an_approval_denies_it_and_ends_the_turn() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, asked("r1", approval("make")));
    let stop = Decision::Deny { message: "The user said: stop".to_owned(), end_turn: true };
    let step = world.command(decide(session, "r1", stop));
    assert!(
        matches!(
            session_events(&step)[..],
            [SessionEvent::RequestDecided { .. }, SessionEvent::InterruptRequested { .. }]
        ),
        "{step:?}"
    );
    world.exit(session, 0);
    assert_eq!(world.session(session).state, SessionState::Cancelled);
}

#[test]
fn an_agents_rule_is_allowed_by_number_and_lasts_for_the_run() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, asked("r1", approval("make")));
    let rule = |number| Decision::Allow { rule: Some(number), tell: None };
    assert!(refusal(&world.command(decide(session, "r1", rule(1)))).contains("does not match"));
    world.command(decide(session, "r1", rule(0)));
    assert_eq!(world.session(session).run().expect("a run").rules, ["Bash(make:*)"]);
}

#[test]
fn a_yes_with_words_at_a_launch_adds_them_to_the_prompt_and_asks_again() {
    let mut world = World::new();
    world.say("fix the login");
    world.propose(launch("shop", "fix the login"), Vec::new());
    assert_eq!(starts(&world.say("yes, but do not touch the tests")), 0);
    let plans = world.confirmation().plans;
    let [Plan::Launch { prompt, .. }] = plans.as_slice() else { panic!("{plans:?}") };
    assert_eq!(prompt, "fix the login\n\ndo not touch the tests");
    assert_eq!(starts(&world.say("yes")), 1);
}

#[test]
fn a_question_about_a_launch_shows_its_prompt_and_is_not_a_reask() {
    let mut world = World::new();
    world.say("fix the login");
    world.propose(launch("shop", "fix the login"), Vec::new());
    for _ in 0..5 {
        let step = world.say("sure, but what does it do?");
        let [Notice::Answer { text }] = notices(&step)[..] else { panic!("{step:?}") };
        for part in ["claude", "/home/me/shop", "fix the login"] {
            assert!(text.contains(part), "{text}");
        }
    }
    assert_eq!(starts(&world.say("yes")), 1);
}

#[test]
fn a_text_at_a_terminal_means_the_session_of_that_terminal() {
    let mut world = World::new();
    let elsewhere = world.running("shop", "fix it");
    let other = Origin { channel: Channel::Terminal, name: "terminal-2".to_owned() };
    let said = |text: &str| Command::Say(utterance(text));
    world.input(Input::Command { origin: other.clone(), command: said("add paging") });
    world.propose(launch("shop", "add paging"), Vec::new());
    let confirmation = world.state.confirmation_at(&other).expect("asked").id;
    let yes = Command::Answer { confirmation, answer: codewalk_core::command::Answer::Yes };
    let step = world.input(Input::Command { origin: other.clone(), command: yes });
    let (own, call) = start_call(&step);
    let started = codewalk_core::session::AgentProcess { pid: 2, started_at: Default::default() };
    world.reply(call, codewalk_core::orchestrator::Reply::Started(Ok(started)));

    // If two sessions match equally, this terminal's session is meant.
    world.input(Input::Command { origin: other.clone(), command: said("also add a test") });
    let step =
        world.propose(follow_up(elsewhere, "also add a test"), vec![(follow_up(own, "also add a test"), 80)]);
    assert_eq!(told(&step), ["also add a test"], "{step:?}");

    let step = world.input(Input::Command { origin: other, command: said("stop") });
    assert!(
        calls(&step).iter().any(|(_, call)| matches!(call, Call::Stop { session } if *session == own)),
        "{step:?}"
    );
    assert!(world.session(elsewhere).run().expect("a run").stopped_by.is_none());
}

#[test]
fn a_text_about_the_other_session_never_means_this_terminals_session() {
    let mut world = World::new();
    let own = world.running("shop", "fix it");
    let other = Origin { channel: Channel::Terminal, name: "terminal-2".to_owned() };
    world.input(Input::Command { origin: other.clone(), command: Command::Say(utterance("add paging")) });
    world.propose(launch("shop", "add paging"), Vec::new());
    let confirmation = world.state.confirmation_at(&other).expect("asked").id;
    let yes = Command::Answer { confirmation, answer: codewalk_core::command::Answer::Yes };
    let (elsewhere, call) = start_call(&world.input(Input::Command { origin: other, command: yes }));
    let started = codewalk_core::session::AgentProcess { pid: 2, started_at: Default::default() };
    world.reply(call, codewalk_core::orchestrator::Reply::Started(Ok(started)));
    for (words, meant) in [
        ("stop the other session", elsewhere),
        ("please stop the other one", elsewhere),
        ("kill the other", elsewhere),
        ("what is the other claude session doing?", elsewhere),
        ("fix the other tests as well", own),
        ("stop working on that", own),
    ] {
        let step = world.say(words);
        let routed = calls(&step).into_iter().find_map(|(_, call)| match call {
            Call::Route(request) => Some(request.sessions.iter().map(|brief| brief.id).collect::<Vec<_>>()),
            _ => None,
        });
        assert_eq!(routed, Some(vec![meant]), "{words}");
    }
}

#[test]
fn a_follow_up_to_the_only_agent_of_a_terminal_needs_no_confirmation() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.say("also add a test");
    let step = world.propose(follow_up(session, "also add a test"), Vec::new());
    assert_eq!(told(&step), ["also add a test"]);
    let granted = step.events.iter().any(|event| {
        matches!(
            &event.kind,
            EventKind::Consent { event: ConsentEvent::Granted { confirmation: None, .. }, .. }
        )
    });
    assert!(granted, "it is on record: {step:?}");
}

#[test]
fn a_changed_foreign_or_configured_follow_up_needs_a_confirmation() {
    let confirmed = |mut world: World, prompt: &str, change: fn(&mut World, SessionId)| {
        let session = world.running("shop", "fix it");
        change(&mut world, session);
        world.say("also add a test");
        let step = world.propose(follow_up(session, prompt), Vec::new());
        assert!(told(&step).is_empty(), "{step:?}");
        assert!(world.state.confirmation_at(&terminal()).is_some());
    };
    confirmed(World::new(), "delete the tests", |_, _| {});
    // The session has ended, so a follow-up would start another run.
    confirmed(World::new(), "also add a test", |world, session| {
        world.observe(session, Observation::ConversationIdentified { conversation: "c-1".to_owned() });
        world.exit(session, 0);
    });
    // Two agents are active here.
    confirmed(World::new(), "also add a test", |world, _| {
        world.running("api", "add paging");
    });
    let mut careful = World::new();
    careful.state = State::new(StateContext { confirm_follow_ups: true, ..settings() });
    confirmed(careful, "also add a test", |_, _| {});
}

#[test]
fn a_stop_proposed_by_a_router_is_always_confirmed() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.say("please make it end");
    let intent = Intent::Control { session: session.to_string(), action: ControlAction::Stop };
    let step = world.propose(intent, Vec::new());
    assert!(calls(&step).is_empty(), "{step:?}");
    assert!(world.state.confirmation_at(&terminal()).is_some());
}

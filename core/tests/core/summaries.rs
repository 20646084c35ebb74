//! Summaries while a session runs, and questions about it.

use crate::support::*;
use codewalk_core::command::{Command, ControlAction};
use codewalk_core::event::UtteranceResult;
use codewalk_core::ids::{CallId, SessionId, TimerId};
use codewalk_core::intent::Intent;
use codewalk_core::orchestrator::{Call, Effect, Reply, Step};
use codewalk_core::port_reply::AdapterReply;
use codewalk_core::session::Summary;
use codewalk_core::summarization::SummaryBrief;

const MINUTE: u64 = 60_000;

fn requested(step: &Step) -> Option<(CallId, SummaryBrief)> {
    calls(step).into_iter().find_map(|(id, call)| match call {
        Call::Summarize(order) => Some((id, (**order).clone())),
        _ => None,
    })
}

fn armed(step: &Step) -> Option<(TimerId, u64)> {
    step.effects.iter().find_map(|effect| match effect {
        Effect::ArmTimer { timer, at } => Some((*timer, at.0)),
        _ => None,
    })
}

fn made(world: &mut World, call: CallId, covers: u64) {
    let summary = Summary { text: "It edits the test.".to_owned(), covers };
    let adapter = "summarizer".to_owned();
    world.reply(
        call,
        Reply::Summarized(Ok(AdapterReply { answer: summary, adapter, fallback_from: Vec::new() })),
    );
}

#[test]
fn a_summary_is_requested_only_after_a_minute_and_twenty_entries() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let begun = world.now;
    world.now = begun + 2 * MINUTE;
    assert!(world.printed(session, 19).effects.is_empty(), "too little is new");
    let (call, order) = requested(&world.printed(session, 20)).expect("a summary is asked for");
    assert_eq!((order.session, order.question), (session, None));
    made(&mut world, call, 20);

    let step = world.printed(session, 40);
    assert!(requested(&step).is_none(), "the last one is not a minute old");
    let (timer, at) = armed(&step).expect("it is asked for later");
    assert_eq!(at, begun + 3 * MINUTE);
    assert!(world.printed(session, 60).effects.is_empty(), "once is enough");
    world.now = at;
    let (_, order) = requested(&world.fire(timer)).expect("its time has come");
    assert_eq!(order.previous.map(|previous| previous.covers), Some(20), "it goes on from the one before");
}

#[test]
fn at_most_one_summary_is_requested_at_a_time() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.now += 5 * MINUTE;
    assert!(requested(&world.printed(session, 30)).is_some());
    world.now += 5 * MINUTE;
    let step = world.printed(session, 300);
    assert!(step.events.is_empty() && step.effects.is_empty());
}

#[test]
fn a_failed_summary_is_tried_again_a_minute_later() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.now += MINUTE;
    let (call, _) = requested(&world.printed(session, 30)).expect("a summary is asked for");
    world.reply(call, Reply::Summarized(Err(unavailable("trapped"))));
    let (timer, at) = armed(&world.printed(session, 31)).expect("later");
    assert_eq!(at, world.now + MINUTE);
    world.now = at;
    assert!(requested(&world.fire(timer)).is_some());
}

#[test]
fn an_early_timer_is_set_again_and_a_stale_one_is_ignored() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let (timer, at) = armed(&world.printed(session, 25)).expect("later");
    world.now = at - 1;
    assert_eq!(armed(&world.fire(timer)), Some((timer, at)));
    world.exit(session, 0);
    world.now = at;
    let step = world.fire(timer);
    assert!(step.events.is_empty() && step.effects.is_empty(), "the session has ended and has its summary");
}

#[test]
fn only_a_live_session_is_summarized_with_its_open_requests() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let waits = asked("r1", approval("make"));
    world.observe(session, waits);
    world.now += MINUTE;
    let (call, order) = requested(&world.printed(session, 20)).expect("a summary is asked for");
    assert_eq!(order.waiting_for.len(), 1);
    made(&mut world, call, 20);
    world.exit(session, 0);
    world.now += MINUTE;
    assert!(world.printed(session, 80).effects.is_empty());
}

#[test]
fn a_summary_lost_with_its_owner_does_not_block_the_next_one() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(
        session,
        codewalk_core::session::Observation::ConversationIdentified { conversation: "c".to_owned() },
    );
    world.now += MINUTE;
    assert!(requested(&world.printed(session, 20)).is_some());
    world.observe(session, codewalk_core::session::Observation::Orphaned { exit: None });
    assert_eq!(world.session(session).summary_call, None);
    let (_, call) = start_call(&world.command(prompt(session, "go on")));
    let started = codewalk_core::session::AgentProcess { pid: 1, started_at: Default::default() };
    world.reply(call, Reply::Started(Ok(started)));
    world.now += MINUTE;
    assert!(requested(&world.printed(session, 40)).is_some());
}

#[test]
fn a_question_is_only_answered_even_if_it_sounds_like_an_instruction() {
    let proposals = [
        |_: SessionId| launch("shop", "stop"),
        |id: SessionId| Intent::Control { session: id.to_string(), action: ControlAction::Stop },
        |id: SessionId| Intent::FollowUp { session: id.to_string(), prompt: "go on".to_owned() },
        |_: SessionId| Intent::CannotParse { hint: "say more".to_owned() },
    ];
    for intent in proposals {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        let mut said = utterance("stop");
        said.question = true;
        said.consent_flag = Some("--yes".to_owned());
        let step = world.command(Command::Say(said));
        assert!(matches!(calls(&step)[..], [(_, Call::Route(_))]), "it is no order");
        let (call, order) = requested(&world.propose(intent(session), Vec::new())).expect("a summary");
        assert_eq!((order.session, order.question.as_deref()), (session, Some("stop")));
        let summary = Summary { text: "It edits the test.".to_owned(), covers: 1 };
        let step = world.reply(call, Reply::Summarized(Ok(answered(summary))));
        let answer = UtteranceResult::Answered {
            text: "It edits the test.".to_owned(),
            by: Some("router".to_owned()),
        };
        assert_eq!(result(&step), Some(&answer));
    }
}

#[test]
fn a_question_does_not_answer_an_open_confirmation() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let mut said = utterance("yes");
    said.question = true;
    let step = world.command(Command::Say(said));
    assert_eq!(starts(&step), 0);
    assert!(world.state.confirmation_at(&terminal()).is_some());
}

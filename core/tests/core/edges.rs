//! Problems with agents: limits, silence, denied requests, failed sub-agents.

use crate::support::*;
use codewalk_core::command::ControlAction;
use codewalk_core::event::SessionEvent;
use codewalk_core::ids::SessionId;
use codewalk_core::orchestrator::{Call, Notice};
use codewalk_core::origin::Actor;
use codewalk_core::session::{
    Denial, Exit, FailedSubagent, Limit, MAX_DENIED, MAX_REFUSED, Observation, Outcome, Refusal,
    SessionState, Stall,
};
use codewalk_core::summarization;
use codewalk_core::time::{Clock, Timestamp};

const MINUTE: u64 = 60_000;

fn failed_turn(reason: &str) -> Observation {
    Observation::TurnEnded { failure: Some(reason.to_owned()) }
}

fn limited(until: Option<u64>) -> Observation {
    Observation::UsageLimitReached { until: until.map(Timestamp), reason: "You've hit your limit".to_owned() }
}

fn silent(since: u64) -> Observation {
    Observation::AgentStalled(Stall::Silent { since: Timestamp(since) })
}

fn ended(before: &[Observation], code: i32) -> (World, SessionId) {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    for observation in before {
        world.observe(session, observation.clone());
    }
    world.exit(session, code);
    (world, session)
}

fn outcome(world: &World, session: SessionId) -> Outcome {
    world.session(session).run().and_then(|run| run.outcome.clone()).expect("an end")
}

#[test]
fn a_turn_at_its_usage_limit_ends_limited_whatever_the_exit_code() {
    for code in [0, 1] {
        for until in [None, Some(7_000_000)] {
            let turn = failed_turn("You've hit your limit");
            let (world, session) = ended(&[turn, limited(until)], code);
            let reason = "You've hit your limit".to_owned();
            let until = until.map(Timestamp);
            assert_eq!(outcome(&world, session), Outcome::Limited { until, reason: reason.clone() });
            let session = world.session(session);
            assert_eq!(session.state, SessionState::Failed, "for adapters it has failed");
            assert_eq!((session.standing(), session.limit()), ("limited", Some(Limit { until, reason })));
            assert_eq!(session.ended_because().as_deref(), Some("You've hit your limit"));
            let clock = Clock { now: Timestamp(0), utc_offset_s: 0 };
            let because = summarization::order(session, None, 100, clock).ended_because;
            let end = if until.is_some() { "limited until 1970-01-01 01:56; " } else { "" };
            assert_eq!(because, Some(format!("{end}You've hit your limit")));
            let sentence = summarization::sentence(session);
            let holds = if until.is_some() { " (the usage limit resets in 100 minutes)" } else { "" };
            let expected = format!("claude in shop reached its usage limit while working on: fix it{holds}.");
            assert_eq!(sentence, expected);
        }
    }
}

#[test]
fn a_limit_is_over_with_the_next_turn_and_with_the_next_run() {
    let done = Observation::TurnEnded { failure: None };
    let (world, session) = ended(&[failed_turn("limit"), limited(None), done], 0);
    assert_eq!(outcome(&world, session), Outcome::Completed);
    let (world, session) = ended(&[failed_turn("limit"), limited(None), failed_turn("broken")], 1);
    assert_eq!(outcome(&world, session), Outcome::Failed { reason: "broken".to_owned() });

    let conversation = Observation::ConversationIdentified { conversation: "c".to_owned() };
    let (mut world, session) = ended(&[conversation, failed_turn("limit"), limited(None)], 1);
    let step = world.command(prompt(session, "go on"));
    assert_eq!(starts(&step), 1, "whether the limit still holds is for the agent to say");
    assert_eq!(world.session(session).standing(), "starting");
    assert_eq!(world.session(session).limit(), None);
}

#[test]
fn a_limit_shows_how_long_it_still_applies() {
    let limit = |until: Option<u64>| Limit { until: until.map(Timestamp), reason: String::new() };
    let words = |until| limit(until).words(Timestamp(60_000));
    assert_eq!(words(Some(180_000)).as_deref(), Some("the usage limit resets in 2 minutes"));
    for over in [None, Some(60_000), Some(1)] {
        assert_eq!(words(over), None, "{over:?}");
    }
}

#[test]
fn an_agent_stopped_after_its_usage_limit_is_cancelled() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, failed_turn("limit"));
    world.observe(session, limited(None));
    let action = ControlAction::Stop;
    world.command(codewalk_core::command::Command::Control { session, action, flag: None });
    world.exit(session, 1);
    assert!(matches!(outcome(&world, session), Outcome::Cancelled { by: Actor::Person { .. } }));
}

#[test]
fn a_silent_agent_is_reported_until_it_prints_again() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let begin = world.now;
    world.now += 5 * MINUTE;
    let step = world.observe(session, silent(begin));
    assert!(matches!(session_events(&step)[..], [SessionEvent::AgentStalled { .. }]));
    assert_eq!(world.session(session).state, SessionState::Running, "nothing is ended for it");
    assert_eq!(calls(&step).len(), 0);
    world.now += 2 * MINUTE;
    let overview = summarization::overview(&world.state, Timestamp(world.now));
    assert_eq!(overview, "claude in shop is working on: fix it (silent since 00:16 (7 minutes)).");
    world.state.set_utc_offset(2 * 60 * 60);
    let overview = summarization::overview(&world.state, Timestamp(world.now));
    assert_eq!(overview, "claude in shop is working on: fix it (silent since 02:16 (7 minutes)).");
    let clock = Clock { now: Timestamp(world.now), utc_offset_s: 0 };
    let order = summarization::order(world.session(session), None, 100, clock);
    assert_eq!(order.ended_because.as_deref(), Some("silent since 00:16 (7 minutes)"));
    assert!(world.observe(session, silent(begin)).events.is_empty(), "told once");
    assert_eq!(world.observe(session, Observation::StallEnded).events.len(), 1);
    assert_eq!(world.session(session).stall, None);
    assert!(world.observe(session, Observation::StallEnded).events.is_empty(), "told once");
}

#[test]
fn a_retry_replaces_the_previous_one() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    for attempt in 1..3 {
        let reason = format!("retry {attempt}");
        let stall = Stall::Retrying { since: Timestamp(world.now), reason };
        assert_eq!(world.observe(session, Observation::AgentStalled(stall.clone())).events.len(), 1);
        assert_eq!(world.session(session).stall, Some(stall));
    }
}

#[test]
fn no_stall_outlives_its_turn() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, silent(1));
    world.observe(session, Observation::TurnEnded { failure: Some("API Error: 529".to_owned()) });
    assert_eq!(world.session(session).stall, None);
}

#[test]
fn an_agent_that_asks_is_not_silent() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, silent(1));
    world.observe(session, asked("r", approval("make")));
    assert_eq!(world.session(session).stall, None);
    assert!(world.observe(session, silent(2)).events.is_empty(), "it waits for a person");
}

#[test]
fn no_stall_outlives_its_run() {
    let (world, session) = ended(&[silent(1)], 0);
    assert_eq!(world.session(session).stall, None);
    assert_eq!(world.session(session).ended_because(), None);
}

#[test]
fn a_run_records_its_model_its_turns_and_its_failures() {
    let model = |name: &str| Observation::ModelReported { name: name.to_owned() };
    let denial = Denial { tool: "Bash".to_owned(), subject: "make".to_owned(), by: None };
    let helper = FailedSubagent {
        description: "Count the files".to_owned(),
        stopped: false,
        reason: "API Error: 400".to_owned(),
    };
    let turn = || Observation::TurnEnded { failure: None };
    let (world, session) = ended(
        &[
            model("opus"),
            model("opus"),
            Observation::ToolCallDenied(denial.clone()),
            Observation::SubagentFailed(helper.clone()),
            turn(),
            turn(),
        ],
        0,
    );
    let run = world.session(session).run().expect("a run");
    assert_eq!((run.model.as_deref(), run.turns), (Some("opus"), 2));
    assert_eq!((&run.denied, &run.failed_helpers), (&vec![denial], &vec![helper]));
    let told = world.events.iter().filter(|event| format!("{event:?}").contains("Model")).count();
    assert_eq!(told, 1, "a model is told once");
}

#[test]
fn endless_denials_do_not_fill_the_store() {
    let denied = |n: usize| {
        Observation::ToolCallDenied(Denial { tool: "Bash".to_owned(), subject: n.to_string(), by: None })
    };
    let all: Vec<Observation> = (0..=MAX_DENIED).map(denied).collect();
    let (world, session) = ended(&all, 0);
    assert_eq!(world.session(session).run().expect("a run").denied.len(), MAX_DENIED);
    let events = world.events.iter().filter(|event| format!("{event:?}").contains("Denied"));
    assert_eq!(events.count(), MAX_DENIED);
}

#[test]
fn a_request_that_no_person_can_see_is_recorded_without_a_call() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let (what, why) = ("a dialog".to_owned(), "codewalk does not know it".to_owned());
    let step = world.observe(session, Observation::RequestRefused { what: what.clone(), why: why.clone() });
    assert_eq!(session_events(&step), [&SessionEvent::RequestRefused { what, why }]);
    assert!(!calls(&step).iter().any(|(_, call)| matches!(call, Call::Decide { .. })));
    let exit = Exit { code: Some(0), signal: None };
    world.observe(session, Observation::ProcessExited(exit));
    assert_eq!(outcome(&world, session), Outcome::Completed);
    let refused = &world.session(session).run().expect("a run").refused;
    assert_eq!(
        refused,
        &[Refusal { what: "a dialog".to_owned(), why: "codewalk does not know it".to_owned() }]
    );
}

#[test]
fn requests_that_no_person_can_see_are_stored_up_to_a_limit() {
    let refused = |n: usize| Observation::RequestRefused { what: n.to_string(), why: "no".to_owned() };
    let all: Vec<Observation> = (0..=MAX_REFUSED).map(refused).collect();
    let (world, session) = ended(&all, 0);
    assert_eq!(world.session(session).run().expect("a run").refused.len(), MAX_REFUSED);
    let events = world.events.iter().filter(|event| format!("{event:?}").contains("Refused"));
    assert_eq!(events.count(), MAX_REFUSED);
}

#[test]
fn an_empty_error_after_a_good_turn_does_not_fail_the_run() {
    let good = || Observation::TurnEnded { failure: None };
    let failed = |code: i32| Outcome::Failed { reason: format!("the agent exited with status {code}") };
    for (before, code, expected) in [
        (vec![good(), Observation::EmptyErrorReported], 1, Outcome::Completed),
        (vec![good(), Observation::EmptyErrorReported], 0, Outcome::Completed),
        (vec![good(), Observation::EmptyErrorReported], 2, failed(2)),
        (vec![good()], 1, failed(1)),
        (vec![good(), Observation::EmptyErrorReported, good()], 1, failed(1)),
        (
            vec![good(), Observation::EmptyErrorReported, failed_turn("broken")],
            1,
            Outcome::Failed { reason: "broken".to_owned() },
        ),
    ] {
        let (world, session) = ended(&before, code);
        assert_eq!(outcome(&world, session), expected, "{before:?} {code}");
    }
}

#[test]
fn failed_sub_agents_are_listed_in_the_description_of_a_session() {
    let helper = |description: &str, stopped| {
        Observation::SubagentFailed(FailedSubagent {
            description: description.to_owned(),
            stopped,
            reason: String::new(),
        })
    };
    for (helpers, said) in [
        (vec![helper("Count", true)], " Its sub-agent \"Count\" was stopped."),
        (
            vec![helper("Count", true), helper("Test", false)],
            " Of its sub-agents, \"Count\" was stopped, \"Test\" failed.",
        ),
        (
            (0..7).map(|n| helper(&n.to_string(), n > 5)).collect(),
            " Of its sub-agents, \"6\" was stopped, \"0\" failed, \"1\" failed, \"2\" failed, \"3\" failed, \
             2 more failed.",
        ),
        (
            (0..7).map(|n| helper(&n.to_string(), true)).collect(),
            " Of its sub-agents, \"0\" was stopped, \"1\" was stopped, \"2\" was stopped, \"3\" was stopped, \
             \"4\" was stopped, 2 more did not complete.",
        ),
    ] {
        let (world, session) = ended(&helpers, 0);
        let sentence = summarization::sentence(world.session(session));
        assert_eq!(sentence, format!("claude in shop has completed: fix it.{said}"));
    }
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, helper("Count", true));
    world.observe(session, asked("r", approval("make")));
    let sentence = summarization::sentence(world.session(session));
    let said = "It is working on: fix it. Its sub-agent \"Count\" was stopped.";
    assert!(sentence.starts_with("claude in shop needs input: ") && sentence.ends_with(said), "{sentence}");
}

#[test]
fn an_invalid_prompt_is_rejected_in_running_and_ended_sessions() {
    for ended in [false, true] {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        world.observe(session, Observation::ConversationIdentified { conversation: "c".to_owned() });
        if ended {
            world.exit(session, 0);
        }
        let long = "x ".repeat(35_000);
        for (text, why) in [
            ("", "the prompt is empty"),
            (" \n\t", "the prompt is empty"),
            (&*long, "70000 bytes long, at most 65536"),
            ("go \u{1b}[31mon", "control characters or escape sequences"),
            ("go\u{0}on", "control characters or escape sequences"),
            ("go \u{9b}31mon", "control characters or escape sequences"),
        ] {
            let step = world.command(prompt(session, text));
            assert!(step.events.is_empty(), "{text:?}: {step:?}");
            let [Notice::Refused { message }] = notices(&step)[..] else { panic!("{text:?}: {step:?}") };
            assert!(message.contains(why), "{text:?}: {message}");
        }
        let step = world.command(prompt(session, "go on,\n\twith tabs\r\nand lines"));
        assert_eq!((step.events.len(), notices(&step).len()), (1, 0), "{step:?}");
    }
}

#[test]
fn setting_the_clock_back_keeps_the_order_of_sessions() {
    let mut world = World::new();
    world.next_id = 1_000_000;
    let first = world.running("shop", "fix it");
    world.exit(first, 0);
    // Identifiers follow the clock.
    (world.now, world.next_id) = (1_000, 1);
    let second = world.running("api", "fix that");
    assert!(second < first, "the test makes sense");
    let order: Vec<SessionId> = world.state.sessions().iter().map(|session| session.id).collect();
    assert_eq!(order, [second, first]);
}

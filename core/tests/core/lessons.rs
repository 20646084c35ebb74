//! Lessons learned from an earlier program of this kind, each as a story.

use crate::support::*;
use codewalk_core::command::{Command, ControlAction, Decision};
use codewalk_core::event::UtteranceResult;
use codewalk_core::intent::Intent;
use codewalk_core::orchestrator::{Call, Notice, Reply};
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::{Exit, Observation, Outcome, SessionState, Usage};

#[test]
fn a_second_launch_leaves_the_running_session_alone() {
    let mut world = World::new();
    let first = world.running("shop", "fix the login test");
    let second = world.running("api", "add paging");
    assert_ne!(first, second);
    assert_eq!(world.session(first).state, SessionState::Running);
    assert_eq!(world.session(second).state, SessionState::Running);
}

#[test]
fn the_outcome_depends_on_the_exit_code_the_request_and_failures() {
    let ends = |code: i32, before: &[Observation], stop: bool| {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        for observation in before {
            world.observe(session, observation.clone());
        }
        if stop {
            world.command(Command::Control { session, action: ControlAction::Stop, flag: None });
        }
        world.exit(session, code);
        let run = world.session(session).run().expect("a run").clone();
        assert_eq!(run.exit, Some(Exit { code: Some(code), signal: None }));
        run.outcome.expect("an end")
    };
    let failure = Observation::TurnEnded { failure: Some("API Error: 400".to_owned()) };
    assert_eq!(ends(0, &[], false), Outcome::Completed);
    assert!(matches!(ends(0, &[], true), Outcome::Cancelled { .. }), "although it exits with 0");
    assert!(matches!(ends(1, &[], false), Outcome::Failed { .. }));
    assert_eq!(
        ends(0, std::slice::from_ref(&failure), false),
        Outcome::Failed { reason: "API Error: 400".to_owned() }
    );
    assert_eq!(ends(0, &[failure, Observation::TurnEnded { failure: None }], false), Outcome::Completed);
}

#[test]
fn an_interruption_ends_as_cancelled_unless_another_prompt_follows() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let step = world.command(Command::Control { session, action: ControlAction::Interrupt, flag: None });
    assert!(matches!(calls(&step)[..], [(_, Call::Interrupt { .. })]));
    let mut gone_on = World { state: world.state.clone(), ..World::new() };
    world.exit(session, 0);
    assert_eq!(world.session(session).state, SessionState::Cancelled);
    gone_on.now = world.now;
    gone_on.command(prompt(session, "use tabs"));
    gone_on.exit(session, 0);
    assert_eq!(gone_on.session(session).state, SessionState::Completed);
}

#[test]
fn an_interruption_counts_when_the_last_turn_of_the_agent_ends() {
    let ends = |then: &[Observation], stopped: bool, code| {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        world.command(prompt(session, "and use tabs"));
        let control = |action| Command::Control { session, action, flag: None };
        world.command(control(ControlAction::Interrupt));
        world.observe(session, Observation::TurnEnded { failure: None });
        if stopped {
            world.command(control(ControlAction::Stop));
        }
        for observation in then {
            world.observe(session, observation.clone());
        }
        world.exit(session, code);
        world.session(session).state
    };
    let turn = |failure: Option<&str>| Observation::TurnEnded { failure: failure.map(str::to_owned) };
    assert_eq!(ends(&[Observation::AgentContinued, turn(None)], false, 0), SessionState::Completed);
    assert_eq!(ends(&[Observation::AgentContinued, turn(Some("no"))], false, 0), SessionState::Failed);
    // The report of the agent's exit is not another turn.
    assert_eq!(ends(&[turn(Some("exit status 1"))], false, 1), SessionState::Cancelled);
    assert_eq!(ends(&[Observation::AgentContinued], true, 0), SessionState::Cancelled, "it was stopped");
}

#[test]
fn a_question_is_a_separate_action_and_gets_an_answer() {
    let mut world = World::new();
    let session = world.running("shop", "fix the login test");
    world.say("is the login test done?");
    let question = "is the login test done?".to_owned();
    let step = world.propose(
        Intent::Query { session: Some(session.to_string()), question: question.clone() },
        Vec::new(),
    );
    let (call, Call::Summarize(order)) = calls(&step)[0] else { panic!("a summarizer is asked") };
    assert_eq!(order.question, Some(question));
    let step = world.summarized(call, "It runs the tests.");
    let by = Some("router".to_owned());
    assert_eq!(result(&step), Some(&UtteranceResult::Answered { text: "It runs the tests.".to_owned(), by }));
}

#[test]
fn a_question_is_answered_even_if_every_summarizer_fails() {
    let mut world = World::new();
    let session = world.running("shop", "fix the login test");
    world.say("how is shop?");
    let step = world
        .propose(Intent::Query { session: Some(session.to_string()), question: String::new() }, Vec::new());
    let (call, _) = calls(&step)[0];
    let step = world.reply(call, Reply::Summarized(Err(unavailable("trapped"))));
    let Some(UtteranceResult::Answered { text, by: None }) = result(&step) else { panic!("answered") };
    assert_eq!(text, "claude in shop is working on: fix the login test.");
}

#[test]
fn the_default_is_to_ask_and_a_resume_never_inherits_a_bypass() {
    let mut world = World::new();
    let mut said = utterance("fix it");
    assert_eq!(said.permission, PermissionMode::Ask);
    said.permission = PermissionMode::Bypass;
    world.command(Command::Say(said));
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, call) = start_call(&world.say("yes"));
    world.reply(
        call,
        Reply::Started(Ok(codewalk_core::session::AgentProcess { pid: 1, started_at: Default::default() })),
    );
    world.observe(session, Observation::ConversationIdentified { conversation: "c-1".to_owned() });
    world.exit(session, 0);
    let step = world.command(prompt(session, "and the docs"));
    let (_, Call::Start(launch)) = calls(&step)[0] else { panic!("resumed") };
    assert_eq!((launch.run, launch.permission), (2, PermissionMode::Ask));
    assert_eq!(launch.resume.as_deref(), Some("c-1"));
    assert_eq!(launch.prompt, "and the docs");
}

#[test]
fn a_resume_is_as_strict_as_its_utterance() {
    let mut world = World::new();
    let mut said = utterance("fix it");
    said.permission = PermissionMode::AcceptEdits;
    world.command(Command::Say(said));
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, call) = start_call(&world.say("yes"));
    let started = codewalk_core::session::AgentProcess { pid: 1, started_at: Default::default() };
    world.reply(call, Reply::Started(Ok(started)));
    world.observe(session, Observation::ConversationIdentified { conversation: "c-1".to_owned() });
    world.exit(session, 0);
    let mut said = utterance("go on with it");
    said.permission = PermissionMode::Plan;
    world.command(Command::Say(said));
    world.propose(Intent::FollowUp { session: session.to_string(), prompt: "go on".to_owned() }, Vec::new());
    let step = world.say("yes");
    let (_, Call::Start(launch)) = calls(&step)[0] else { panic!("resumed") };
    assert_eq!(launch.permission, PermissionMode::Plan);
}

#[test]
fn a_failed_resume_keeps_the_conversation_that_worked() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, Observation::ConversationIdentified { conversation: "good".to_owned() });
    world.exit(session, 1);
    let step = world.command(prompt(session, "again"));
    let (_, call) = start_call(&step);
    world.reply(call, Reply::Started(Err(unavailable("claude is not installed"))));
    assert_eq!(world.session(session).state, SessionState::Failed);
    assert_eq!(world.session(session).conversation.as_deref(), Some("good"));
    assert_eq!(starts(&world.command(prompt(session, "again"))), 1);
}

#[test]
fn a_session_can_be_resumed_after_any_outcome() {
    for end in ["completed", "failed", "cancelled", "lost"] {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        world.observe(session, Observation::ConversationIdentified { conversation: "c".to_owned() });
        match end {
            "completed" => world.exit(session, 0),
            "failed" => world.exit(session, 1),
            "cancelled" => {
                world.command(Command::Control { session, action: ControlAction::Stop, flag: None });
                world.exit(session, 143)
            }
            _ => world.observe(session, Observation::Orphaned { exit: None }),
        };
        assert_eq!(world.session(session).state.as_str(), end);
        let step = world.command(Command::Control { session, action: ControlAction::Resume, flag: None });
        assert_eq!(starts(&step), 1, "{end}");
        assert_eq!(world.session(session).runs.len(), 2);
    }
}

#[test]
fn approvals_are_answered_by_identifier_and_the_first_answer_wins() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    for request in ["r1", "r2"] {
        world.observe(session, asked(request, approval("make")));
    }
    assert_eq!(world.session(session).state, SessionState::Waiting);
    let step = world.say("yes");
    assert!(
        calls(&step).iter().all(|(_, call)| matches!(call, Call::Route(_))),
        "a bare yes names nothing: {step:?}"
    );

    let step = world.command(decide(session, "r1", Decision::allow()));
    assert!(matches!(calls(&step)[..], [(_, Call::Decide { decision: Decision::Allow { .. }, .. })]));
    let late = world.command(decide(session, "r1", Decision::deny("late")));
    assert!(late.events.is_empty() && matches!(notices(&late)[..], [Notice::Refused { .. }]));

    world.command(decide(session, "r2", Decision::deny("no")));
    assert_eq!(world.session(session).state, SessionState::Running);
}

#[test]
fn an_instruction_to_stop_the_only_session_needs_no_router() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let step = world.say("stop it");
    assert!(matches!(calls(&step)[..], [(_, Call::Stop { .. })]));
    world.exit(session, 143);
    assert_eq!(world.session(session).state, SessionState::Cancelled);
}

#[test]
fn an_agent_that_is_stopped_while_it_starts_is_stopped_once_it_runs() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, call) = start_call(&world.say("yes"));
    let step = world.command(Command::Control { session, action: ControlAction::Interrupt, flag: None });
    assert!(calls(&step).is_empty());
    let step = world.reply(
        call,
        Reply::Started(Ok(codewalk_core::session::AgentProcess { pid: 1, started_at: Default::default() })),
    );
    assert!(matches!(calls(&step)[..], [(_, Call::Stop { .. })]));
}

#[test]
fn an_ended_session_is_summarized_and_its_usage_is_a_total() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let usage = |n| Usage { input_tokens: n, output_tokens: n, cost_usd: Some(0.5) };
    world.observe(session, Observation::UsageReported(usage(10)));
    world.observe(session, Observation::UsageReported(usage(30)));
    let step = world.exit(session, 0);
    let (call, Call::Summarize(order)) = calls(&step)[0] else { panic!("a summarizer is asked") };
    assert_eq!(order.state, SessionState::Completed);
    world.summarized(call, "It fixes the login test.");
    assert_eq!(world.session(session).summary.as_ref().expect("a summary").text, "It fixes the login test.");
    assert_eq!(world.session(session).usage().input_tokens, 30);
}

#[test]
fn observations_after_the_end_of_a_run_are_ignored() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.exit(session, 0);
    assert!(world.observe(session, Observation::UsageReported(Usage::default())).events.is_empty());
    assert!(world.exit(session, 1).events.is_empty());
}

#[test]
fn time_never_runs_backwards() {
    let mut world = World::new();
    world.say("fix it");
    world.now = 5;
    world.propose(launch("shop", "fix it"), Vec::new());
    assert!(world.events.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn an_orphan_is_lost_unless_its_exit_was_recorded() {
    for (exit, state) in
        [(None, SessionState::Lost), (Some(Exit { code: Some(0), signal: None }), SessionState::Completed)]
    {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        let step = world.observe(session, Observation::Orphaned { exit });
        assert!(calls(&step).is_empty(), "nobody waits for a summary");
        assert_eq!(world.session(session).state, state);
    }
}

#[test]
fn an_agent_that_could_not_be_started_has_no_exit() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, _) = start_call(&world.say("yes"));
    assert_eq!(world.session(session).state, SessionState::Starting);
    let exit = Some(Exit { code: Some(127), signal: None });
    world.observe(session, Observation::Orphaned { exit });
    let lost = world.session(session);
    assert_eq!((lost.state, lost.run().and_then(|run| run.exit)), (SessionState::Lost, None));
}

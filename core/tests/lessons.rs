//! Lessons of an earlier program of this kind, each as a story.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use codewalk_core::call::{Call, Exit, Intent, Observation, Reply, Usage};
use codewalk_core::command::{Answer, Command, Constraints, ControlAction, Decision};
use codewalk_core::consent::Plan;
use codewalk_core::event::{ConsentEvent, EventKind, SessionEvent, UtteranceResult};
use codewalk_core::orchestrator::Notice;
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::{Outcome, SessionState};
use support::*;

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
fn a_status_question_is_answered_and_costs_no_re_ask() {
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
fn a_confirmation_is_declined_at_its_deadline_and_a_stale_timer_does_nothing() {
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
fn a_second_launch_leaves_the_running_session_alone() {
    let mut world = World::new();
    let first = world.running("shop", "fix the login test");
    let second = world.running("api", "add paging");
    assert_ne!(first, second);
    assert_eq!(world.session(first).state, SessionState::Running);
    assert_eq!(world.session(second).state, SessionState::Running);
}

#[test]
fn an_exit_code_decides_together_with_what_was_asked_and_what_failed() {
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
fn an_interruption_ends_as_cancelled_unless_the_agent_is_told_to_go_on() {
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
fn an_interruption_of_an_agent_that_has_more_to_do_counts_as_its_last_turn_ends() {
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
    // What is told of its exit is no other turn.
    assert_eq!(ends(&[turn(Some("exit status 1"))], false, 1), SessionState::Cancelled);
    assert_eq!(ends(&[Observation::AgentContinued], true, 0), SessionState::Cancelled, "it was stopped");
}

#[test]
fn a_question_is_an_action_of_its_own_and_gets_an_answer() {
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
fn a_question_is_answered_even_where_no_summarizer_does() {
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
        Reply::Started(Ok(codewalk_core::call::AgentProcess { pid: 1, started_at: Default::default() })),
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
fn a_resume_is_as_tight_as_the_wish_that_asks_for_it() {
    let mut world = World::new();
    let mut said = utterance("fix it");
    said.permission = PermissionMode::AcceptEdits;
    world.command(Command::Say(said));
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, call) = start_call(&world.say("yes"));
    let started = codewalk_core::call::AgentProcess { pid: 1, started_at: Default::default() };
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
fn resume_works_from_every_end() {
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
fn flags_win_over_whatever_a_router_says() {
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
fn names_a_router_made_up_are_refused() {
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
fn two_readings_that_fit_equally_lead_to_a_question_between_them() {
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
fn a_router_that_holds_two_readings_to_be_equal_and_neither_right_leads_to_the_same_question() {
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
fn a_flag_consents_to_the_launch_and_to_nothing_else() {
    let mut world = World::new();
    let mut said = utterance("fix it");
    said.consent_flag = Some("--yes".to_owned());
    said.default_project = Some("shop".to_owned());
    said.attended = false;
    world.command(Command::Say(said.clone()));
    let (session, call) = start_call(&world.propose(launch("shop", "fix it"), Vec::new()));
    world.reply(
        call,
        Reply::Started(Ok(codewalk_core::call::AgentProcess { pid: 1, started_at: Default::default() })),
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
fn approvals_are_answered_by_name_and_the_first_answer_wins() {
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
    assert!(matches!(calls(&step)[..], [(_, Call::Answer { decision: Decision::Allow { .. }, .. })]));
    let late = world.command(decide(session, "r1", Decision::deny("late")));
    assert!(late.events.is_empty() && matches!(notices(&late)[..], [Notice::Refused { .. }]));

    world.command(decide(session, "r2", Decision::deny("no")));
    assert_eq!(world.session(session).state, SessionState::Running);
}

#[test]
fn an_order_to_stop_the_only_session_is_carried_out_without_a_router() {
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
        Reply::Started(Ok(codewalk_core::call::AgentProcess { pid: 1, started_at: Default::default() })),
    );
    assert!(matches!(calls(&step)[..], [(_, Call::Stop { .. })]));
}

#[test]
fn the_end_of_a_session_is_summarised_and_usage_is_a_total() {
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
fn what_a_run_does_after_its_end_is_ignored() {
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
fn empty_and_endless_utterances_are_refused() {
    let mut world = World::new();
    for text in ["", " \n\t ", &"x".repeat(64 * 1024 + 1)] {
        let step = world.say(text);
        assert!(step.events.is_empty() && matches!(notices(&step)[..], [Notice::Refused { .. }]));
    }
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

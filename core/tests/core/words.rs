//! Texts from the core and its types.

use crate::support::*;
use codewalk_core::command::{Command, ControlAction};
use codewalk_core::consent::{Plan, describe};
use codewalk_core::entry::Text;
use codewalk_core::ids::{Id, InvalidId, SessionId, StreamId};
use codewalk_core::origin::Actor;
use codewalk_core::permission::PermissionMode;
use codewalk_core::port_reply::PortError;
use codewalk_core::session::{Exit, Observation, SessionState, Usage};
use codewalk_core::state::Speaker;
use codewalk_core::summarization;
use codewalk_core::time::Timestamp;

fn used(input_tokens: u64, output_tokens: u64, cost_usd: Option<f64>) -> Usage {
    Usage { input_tokens, output_tokens, cost_usd }
}

#[test]
fn usage_adds_up_and_the_cost_is_known_only_if_all_parts_are() {
    let nothing = Usage::default();
    for (a, b, sum) in [
        (used(1, 2, Some(0.5)), used(10, 20, Some(0.25)), used(11, 22, Some(0.75))),
        (used(1, 2, Some(0.5)), nothing, used(1, 2, Some(0.5))),
        (nothing, used(1, 2, Some(0.5)), used(1, 2, Some(0.5))),
        (used(1, 2, Some(0.5)), used(0, 1, None), used(1, 3, None)),
        (used(1, 2, Some(0.5)), used(1, 0, None), used(2, 2, None)),
        (used(0, 1, None), used(1, 2, Some(0.5)), used(1, 3, None)),
        (used(1, 0, None), used(1, 2, Some(0.5)), used(2, 2, None)),
        (used(1, 2, None), used(3, 4, None), used(4, 6, None)),
        (nothing, nothing, nothing),
        (used(u64::MAX, 0, None), used(1, 0, None), used(u64::MAX, 0, None)),
    ] {
        assert_eq!(a.plus(b), sum, "{a:?} and {b:?}");
    }
}

#[test]
fn an_error_of_a_port_says_what_to_do() {
    let limited = |retry_after_ms| PortError::RateLimited { retry_after_ms };
    assert_eq!(limited(Some(1_001)).to_string(), "rate limited: try again in 2 s");
    assert_eq!(limited(Some(86_400_000)).to_string(), "rate limited: try again in 86400 s");
    for far in [86_400_001, 999_999_999_999_000, u64::MAX] {
        assert_eq!(limited(Some(far)).to_string(), "rate limited: try again tomorrow");
    }
    assert_eq!(limited(None).to_string(), "rate limited: try again later");
    assert_eq!(unavailable("it is asleep").to_string(), "it is asleep");
}

#[test]
fn the_longest_utterance_is_accepted() {
    let mut world = World::new();
    let step = world.say(&"x".repeat(64 * 1024));
    assert!(notices(&step).is_empty() && !step.events.is_empty());
}

#[test]
fn each_plan_is_described_as_part_of_a_question() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let launch = |permission| Plan::Launch {
        agent: "claude".to_owned(),
        project: settings().projects[0].clone(),
        prompt: "fix it".to_owned(),
        permission,
    };
    for (permission, expected) in [
        (PermissionMode::Ask, "start claude in shop"),
        (PermissionMode::Plan, "start claude in shop, which may only plan"),
        (PermissionMode::Unenforced, "start claude in shop, which does not ask before it acts"),
        (PermissionMode::AcceptEdits, "start claude in shop, which may edit files without asking"),
        (PermissionMode::Bypass, "start claude in shop, which may do EVERYTHING without asking"),
    ] {
        assert_eq!(describe(&launch(permission), None), expected);
    }
    let follow_up = Plan::FollowUp { session, prompt: "use tabs".to_owned() };
    let control = |action| Plan::Control { session, action };
    let running = Some(world.session(session));
    let it = "the claude session in shop (\"fix it\")";
    assert_eq!(describe(&follow_up, running), format!("tell {it}"));
    assert_eq!(describe(&control(ControlAction::Stop), running), format!("stop {it}"));
    assert_eq!(describe(&control(ControlAction::Interrupt), running), format!("interrupt {it}"));
    assert_eq!(describe(&control(ControlAction::Resume), None), "resume the session");
    world.exit(session, 0);
    assert_eq!(describe(&follow_up, Some(world.session(session))), format!("continue {it}"));
}

#[test]
fn a_session_tells_when_it_started_and_why_it_ended() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    assert_eq!(world.session(session).started_at(), Timestamp(world.now));
    assert_eq!(world.session(session).ended_because(), None);
    let ended = |end: &dyn Fn(&mut World)| {
        let mut world = World { state: world.state.clone(), now: world.now, ..World::new() };
        end(&mut world);
        world.session(session).ended_because()
    };
    let stop = |flag: Option<&str>| {
        let flag = flag.map(str::to_owned);
        Command::Control { session, action: ControlAction::Stop, flag }
    };
    assert_eq!(ended(&|world| drop(world.exit(session, 0))), None);
    assert_eq!(
        ended(&|world| drop(world.exit(session, 3))).as_deref(),
        Some("the agent exited with status 3")
    );
    let signalled = Observation::ProcessExited(Exit { code: None, signal: Some(9) });
    assert_eq!(
        ended(&|world| drop(world.observe(session, signalled.clone()))).as_deref(),
        Some("the agent was ended by signal 9")
    );
    let unknown = Observation::ProcessExited(Exit { code: None, signal: None });
    assert_eq!(
        ended(&|world| drop(world.observe(session, unknown.clone()))).as_deref(),
        Some("the agent ended without an exit status")
    );
    let stopped = |flag| {
        ended(&move |world: &mut World| {
            world.command(stop(flag));
            world.exit(session, 0);
        })
    };
    assert_eq!(stopped(None).as_deref(), Some("you stopped it"));
    assert_eq!(stopped(Some("--timeout")).as_deref(), Some("--timeout stopped it"));
    assert_eq!(
        ended(&|world| drop(world.observe(session, Observation::Orphaned { exit: None }))).as_deref(),
        Some("codewalk ended before its agent did")
    );
}

#[test]
fn the_overview_lists_waiting_sessions_first() {
    let mut world = World::new();
    let overview = |world: &World| summarization::overview(&world.state, Timestamp(world.now));
    assert_eq!(overview(&world), "Nothing is running, and nothing has run yet.");
    let first = world.running("shop", "fix it.");
    assert_eq!(overview(&world), "claude in shop is working on: fix it.");
    let second = world.running("api", "add paging");
    assert!(overview(&world).starts_with("2 sessions are running. "), "{}", overview(&world));
    world.observe(second, asked("r1", approval("make")));
    assert_eq!(
        overview(&world),
        "One of 2 sessions needs input. claude in api needs input: allow it to use Bash (`make`)? \
         It is working on: add paging. \
         claude in shop is working on: fix it."
    );
    world.observe(first, asked("r2", approval("make")));
    assert!(overview(&world).starts_with("2 of 2 sessions need input. "), "{}", overview(&world));
    for session in [first, second] {
        world.exit(session, i32::from(session == second));
        world.now += 1;
    }
    assert_eq!(overview(&world), "Nothing is running. claude in api failed while working on: add paging.");
}

#[test]
fn each_state_has_a_sentence() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, _) = start_call(&world.say("yes"));
    let sentence = |world: &World| summarization::sentence(world.session(session));
    assert_eq!(sentence(&world), "claude in shop is starting on: fix it.");
    for (state, verb) in [
        (SessionState::Completed, "has completed"),
        (SessionState::Failed, "failed while working on"),
        (SessionState::Cancelled, "was stopped while working on"),
        (SessionState::Lost, "was lost while working on"),
    ] {
        let mut ended = world.session(session).clone();
        ended.state = state;
        assert_eq!(summarization::sentence(&ended), format!("claude in shop {verb}: fix it."));
    }
}

#[test]
fn turns_are_remembered_with_their_speaker() {
    let mut world = World::new();
    world.say("how is shop?");
    world.propose(
        codewalk_core::intent::Intent::Query { session: None, question: "how is shop?".to_owned() },
        Vec::new(),
    );
    let turns = world.state.turns(&terminal());
    let said: Vec<(Speaker, &str)> = turns.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect();
    assert_eq!(
        said,
        [
            (Speaker::User, "how is shop?"),
            (Speaker::Codewalk, "Nothing is running, and nothing has run yet.")
        ]
    );
    for n in 0..30 {
        world.say(&format!("request {n}"));
    }
    let turns = world.state.turns(&terminal());
    assert_eq!((turns.len(), turns[19].text.as_str()), (20, "request 29"), "only the latest are kept");
}

#[test]
fn an_open_confirmation_is_found_by_its_identifier() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let open = world.confirmation();
    assert_eq!(world.state.confirmation(open.id), Some(&open));
    assert_eq!(world.state.confirmations().count(), 1);
}

#[test]
fn events_are_numbered_in_their_streams() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let version = world.session(session).version;
    let call = codewalk_core::orchestrator::Input::Observed {
        session,
        run: 1,
        observation: Observation::ProcessExited(Exit { code: Some(0), signal: None }),
    };
    let envelope = world.envelope(call);
    let step = world.state.decide(&envelope);
    let numbers: Vec<(StreamId, u64)> =
        world.state.numbered(&step.events).iter().map(|new| (new.event.stream(), new.version)).collect();
    assert_eq!(numbers, [(session.into(), version + 1), (session.into(), version + 2)]);
}

#[test]
fn identifiers_and_texts_are_formatted() {
    let id = Id::from_u128(0x0197_f5a2_1234_7abc_8def_0123_4567_89ab);
    assert_eq!(format!("{id:?}"), "0197f5a2-1234-7abc-8def-0123456789ab");
    assert_eq!(format!("{:?}", SessionId(id)), "SessionId(0197f5a2-1234-7abc-8def-0123456789ab)");
    let error: InvalidId = "x".parse::<Id>().expect_err("too short");
    assert!(error.to_string().starts_with("\"x\" is not an identifier"), "{error}");
    assert_eq!(Text::Whole { text: "all".to_owned() }.as_str(), "all");
    assert_eq!(Text::Cut { beginning: "the beg".to_owned() }.as_str(), "the beg");
    // The counter replaces both set and unset bits.
    let noisy = Id::from_u128(0xfff << 64);
    assert_eq!(noisy.derived(1), Id::from_u128(1 << 64));
    assert_eq!(Id::from_u128(u128::MAX).derived(2).derived(2), Id::from_u128(u128::MAX).derived(2));
}

#[test]
fn a_command_of_the_demo_is_not_recorded_as_a_persons() {
    let origin = codewalk_core::origin::Origin {
        channel: codewalk_core::origin::Channel::Demo,
        name: "demo".to_owned(),
    };
    assert!(matches!(Actor::of(&origin), Actor::Policy { .. }));
    assert!(matches!(Actor::of(&terminal()), Actor::Person { .. }));
}

#[test]
fn a_declined_launch_without_a_terminal_names_a_remedy() {
    let declined = |flag: Option<&str>, intent: codewalk_core::intent::Intent, equal: bool| {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        let mut said = utterance("do it");
        said.attended = false;
        said.consent_flag = flag.map(str::to_owned);
        world.command(Command::Say(said));
        let other = codewalk_core::intent::Intent::Control {
            session: session.to_string(),
            action: ControlAction::Stop,
        };
        let intent =
            if matches!(intent, codewalk_core::intent::Intent::Control { .. }) { other } else { intent };
        let others = if equal { vec![(launch("api", "do it"), 80)] } else { Vec::new() };
        let step = world.propose(intent, others);
        match result(&step) {
            Some(codewalk_core::event::UtteranceResult::Declined { reason }) => reason.clone(),
            other => panic!("{other:?}"),
        }
    };
    let stop = codewalk_core::intent::Intent::Control { session: String::new(), action: ControlAction::Stop };
    assert!(declined(None, launch("shop", "do it"), false).contains("--yes consents"));
    assert!(declined(Some("--yes"), stop.clone(), false).contains("needs a separate yes"));
    let elsewhere = declined(Some("--yes"), launch("api", "do it"), false);
    assert!(
        elsewhere.starts_with("--yes does not cover the plan to start claude in api, and there"),
        "{elsewhere}"
    );
    assert!(declined(None, stop, false).contains("--yes consents"));
    assert!(declined(None, launch("shop", "do it"), true).contains("is ambiguous"));
}

#[test]
fn a_router_receives_the_open_confirmation() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let mut said = utterance("what would it do?");
    said.question = true;
    let step = world.command(Command::Say(said));
    let (_, codewalk_core::orchestrator::Call::Route(request)) = calls(&step)[0] else {
        panic!("a router is asked")
    };
    let question = request.confirmation.as_ref().map(|open| open.question.as_str());
    assert_eq!(question, Some("start claude in shop"));
}

#[test]
fn an_answer_must_match_the_kind_of_its_request() {
    use codewalk_core::command::Decision;
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, asked("r1", approval("make")));
    let decide = |decision| decide(session, "r1", decision);
    let step = world.command(decide(Decision::Answers { answers: vec!["yes".to_owned()] }));
    assert!(step.events.is_empty() && notices(&step).len() == 1, "that is no answer to an approval");
    let step = world.command(decide(Decision::allow()));
    assert_eq!(step.events.len(), 1);
}

#[test]
fn artifacts_of_a_session_are_stored_up_to_a_limit() {
    use codewalk_core::session::{Artifact, FileChange};
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let made = |n: usize| {
        Observation::ArtifactRecorded(Artifact::File { path: format!("f{n}"), change: FileChange::Created })
    };
    let limit = codewalk_core::session::artifacts::MAX_ARTIFACTS;
    for n in 0..limit {
        assert_eq!(world.observe(session, made(n)).events.len(), 1);
    }
    assert!(world.observe(session, made(limit)).events.is_empty());
    assert_eq!(world.session(session).artifacts.len(), limit);
    let counted = Observation::ArtifactsCounted { artifacts: 3_000 };
    assert_eq!(world.observe(session, counted.clone()).events.len(), 1);
    assert!(world.observe(session, counted).events.is_empty(), "told once");
    assert_eq!(world.session(session).run().expect("a run").artifact_count, 3_000);
}

#[test]
fn characters_that_control_a_terminal_or_reorder_text_are_unprintable() {
    use codewalk_core::terminal_text::is_unprintable;
    for c in
        ['\0', '\u{7}', '\u{1b}', '\r', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{feff}']
    {
        assert!(is_unprintable(c), "{c:?}");
    }
    for c in ['\n', '\t', ' ', 'a', 'ä', '…', '\u{1f600}'] {
        assert!(!is_unprintable(c), "{c:?}");
    }
}

#[test]
fn the_difference_of_times_is_in_milliseconds() {
    assert_eq!(Timestamp(1_500).since(Timestamp(1_000)), 500);
    assert_eq!(Timestamp(1_000).since(Timestamp(1_500)), 0);
    assert_eq!(Timestamp(1_000).plus(500), Timestamp(1_500));
}

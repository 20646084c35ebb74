//! Sessions that another process runs: only that process acts on them.

use crate::support::*;
use codewalk_core::command::{Command, ControlAction, Decision};
use codewalk_core::event::{SessionEvent, UtteranceResult};
use codewalk_core::ids::SessionId;
use codewalk_core::intent::Intent;
use codewalk_core::orchestrator::{Effect, Input, Notice, Step};
use codewalk_core::origin::Actor;
use codewalk_core::permission::PermissionMode;
use codewalk_core::state::Owner;

/// Returns a world with a session that another process runs.
fn elsewhere() -> (World, SessionId) {
    let mut owner = World::new();
    let session = owner.running("shop", "fix it");
    let mut other = World::new();
    other.state.adopt(owner.session(session).clone(), Owner::Elsewhere);
    (other, session)
}

fn relayed(step: &Step) -> Vec<Command> {
    let commands = step.effects.iter().filter_map(|effect| match effect {
        Effect::Relay { origin, command, .. } if *origin == terminal() => Some(command.clone()),
        _ => None,
    });
    commands.collect()
}

/// An intent about a session, and the command that carries it out.
type Case = (fn(String) -> Intent, fn(SessionId) -> Command);

/// Returns the owner's result for the command that a step relayed.
fn replied(world: &mut World, step: &Step, session: SessionId, result: Result<(), String>) -> Step {
    let relay = step.effects.iter().find_map(|effect| match effect {
        Effect::Relay { origin, utterance, .. } => Some((origin.clone(), *utterance)),
        _ => None,
    });
    let (origin, utterance) = relay.expect("something is relayed");
    world.input(Input::Relayed { origin, utterance, session, result })
}

fn stop(session: SessionId) -> Command {
    Command::Control { session, action: ControlAction::Stop, flag: None }
}

#[test]
fn commands_are_relayed_to_the_owner_unchanged() {
    let (mut world, session) = elsewhere();
    for command in [stop(session), prompt(session, "use tabs")] {
        let step = world.command(command.clone());
        assert_eq!(relayed(&step), [command]);
        assert!(step.events.is_empty() && step.effects.len() == 1, "the owner records what happens");
    }
}

#[test]
fn the_only_session_is_stopped_by_its_owner() {
    let (mut world, session) = elsewhere();
    let step = world.say("stop it");
    assert_eq!(relayed(&step), [stop(session)]);
    assert!(calls(&step).is_empty() && result(&step).is_none(), "it is not done yet");
    let step = replied(&mut world, &step, session, Ok(()));
    assert_eq!(result(&step), Some(&UtteranceResult::Done { session }));
}

#[test]
fn the_front_end_is_notified_when_the_owner_rejects_a_command() {
    let refusal = || Err("that request is no longer open".to_owned());
    let (mut world, session) = elsewhere();
    let step = world.say("stop it");
    let step = replied(&mut world, &step, session, refusal());
    assert!(matches!(result(&step), Some(UtteranceResult::NotUnderstood { .. })));
    let step = world.command(stop(session));
    let step = replied(&mut world, &step, session, refusal());
    let refused = Notice::Refused { message: "that request is no longer open".to_owned() };
    assert!(matches!(notices(&step)[..], [notice] if *notice == refused));
}

#[test]
fn a_relayed_plan_keeps_the_permission_of_its_utterance() {
    let follow_up = |id: String| Intent::FollowUp { session: id, prompt: "use tabs".to_owned() };
    let told = |session| Command::Prompt {
        session,
        prompt: "use tabs".to_owned(),
        attended: true,
        permission: PermissionMode::Plan,
    };
    let control = |id: String| Intent::Control { session: id, action: ControlAction::Stop };
    let cases: [Case; 2] = [(follow_up, told), (control, stop)];
    for (intent, expected) in cases {
        let (mut world, session) = elsewhere();
        let mut said = utterance("the shop session");
        said.permission = PermissionMode::Plan;
        world.command(Command::Say(said));
        let step = world.propose(intent(session.to_string()), Vec::new());
        assert!(relayed(&step).is_empty(), "not before somebody consents");
        let step = world.say("yes");
        assert_eq!(relayed(&step), [expected(session)]);
        assert!(calls(&step).is_empty() && result(&step).is_none());
        let step = replied(&mut world, &step, session, Ok(()));
        assert_eq!(result(&step), Some(&UtteranceResult::Done { session }));
    }
}

#[test]
fn an_ended_session_belongs_to_the_process_that_resumes_it() {
    let mut owner = World::new();
    let session = owner.running("shop", "fix it");
    owner.observe(
        session,
        codewalk_core::session::Observation::ConversationIdentified { conversation: "c".to_owned() },
    );
    owner.exit(session, 0);
    let mut other = World::new();
    other.state.adopt(owner.session(session).clone(), Owner::Elsewhere);
    let step = other.command(prompt(session, "go on"));
    assert!(relayed(&step).is_empty());
    assert_eq!(starts(&step), 1);
}

#[test]
fn a_request_in_another_process_cannot_be_decided_here() {
    let (mut world, session) = elsewhere();
    for decision in [Decision::allow(), Decision::deny("no")] {
        let step = world.command(decide(session, "r1", decision));
        assert!(relayed(&step).is_empty() && step.events.is_empty());
        let [Notice::Refused { message }] = notices(&step)[..] else { panic!("refused: {step:?}") };
        assert!(message.contains("answer its agent"), "{message}");
    }
}

/// Sends a command to the owner of a session, from a process that claims to be its terminal.
fn requested(world: &mut World, command: Command) -> Step {
    world.input(Input::Requested { origin: terminal(), command })
}

#[test]
fn a_request_of_another_process_allows_and_starts_nothing() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(
        session,
        codewalk_core::session::Observation::ConversationIdentified { conversation: "c".to_owned() },
    );
    world.observe(session, asked("r1", approval("make")));
    let mut first = utterance("fix it");
    (first.consent_flag, first.default_project) = (Some("--yes".to_owned()), Some("shop".to_owned()));
    let resume = Command::Control { session, action: ControlAction::Resume, flag: None };
    for command in [
        decide(session, "r1", Decision::allow()),
        decide(session, "r1", Decision::deny("no")),
        resume,
        Command::Say(first),
    ] {
        let step = requested(&mut world, command);
        assert!(step.events.is_empty() && calls(&step).is_empty(), "{step:?}");
        assert!(matches!(notices(&step)[..], [Notice::Refused { .. }]));
    }
    assert_eq!(world.session(session).pending.len(), 1, "it is still asked");
    world.exit(session, 0);
    let step = requested(&mut world, prompt(session, "go on"));
    assert!(step.events.is_empty() && starts(&step) == 0, "{step:?}");
}

#[test]
fn a_command_of_another_process_is_not_recorded_as_a_persons() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    let by = |step: &Step| match session_events(step)[..] {
        [
            SessionEvent::PromptSent { by, .. }
            | SessionEvent::StopRequested { by, .. }
            | SessionEvent::InterruptRequested { by, .. },
        ] => by.clone(),
        _ => panic!("{step:?}"),
    };
    let flagged =
        Command::Control { session, action: ControlAction::Interrupt, flag: Some("--timeout".to_owned()) };
    for command in [prompt(session, "use tabs"), flagged, stop(session)] {
        let step = requested(&mut world, command);
        assert_eq!(by(&step), Actor::Policy { name: "requested by another process of yours".to_owned() });
        assert_eq!(calls(&step).len(), 1);
    }
}

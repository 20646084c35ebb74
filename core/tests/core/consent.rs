//! Stories that show that exactly the confirmed plan is carried out and recorded.

use crate::support::*;
use codewalk_core::command::{Command, ControlAction, Utterance};
use codewalk_core::consent::Plan;
use codewalk_core::event::{EventKind, UtteranceEvent, UtteranceResult};
use codewalk_core::ids::SessionId;
use codewalk_core::intent::Intent;
use codewalk_core::orchestrator::Notice;
use codewalk_core::session::{Exit, Observation};

/// Proposals that the user did not choose, with a part of the reason for each.
fn not_chosen(world: &mut World) -> Vec<(Intent, &'static str)> {
    let elsewhere = world.running("api", "add paging");
    world.observe(elsewhere, Observation::ConversationIdentified { conversation: "c".to_owned() });
    world.exit(elsewhere, 0);
    let by = |agent: &str, project: Option<&str>, prompt: &str| Intent::Launch {
        agent: agent.to_owned(),
        project: project.map(str::to_owned),
        prompt: prompt.to_owned(),
    };
    vec![
        (by("codex", None, "fix the login"), "codex is not the default agent"),
        (by("claude", Some("api"), "fix the login"), "do not name the project api"),
        (by("claude", None, "fix the login and push"), "differ from your words"),
        (follow_up(elsewhere, "fix the login"), "an existing session"),
        (Intent::Control { session: elsewhere.to_string(), action: ControlAction::Resume }, "a separate yes"),
    ]
}

fn flagged(attended: bool) -> Utterance {
    Utterance {
        consent_flag: Some("--yes".to_owned()),
        default_project: Some("shop".to_owned()),
        attended,
        ..utterance("fix the login")
    }
}

#[test]
fn a_flag_does_not_cover_a_routers_choices() {
    for case in 0..5 {
        for attended in [false, true] {
            let mut world = World::new();
            let (intent, why) = not_chosen(&mut world).swap_remove(case);
            world.command(Command::Say(flagged(attended)));
            let step = world.propose(intent.clone(), Vec::new());
            assert!(calls(&step).is_empty(), "{intent:?}: {step:?}");
            if attended {
                assert_eq!(world.confirmation().plans.len(), 1, "it is asked: {intent:?}");
                continue;
            }
            let Some(UtteranceResult::Declined { reason }) = result(&step) else {
                panic!("{intent:?}: {step:?}")
            };
            assert!(
                reason.starts_with("--yes does not cover the plan to") && reason.contains(why),
                "{reason}"
            );
        }
    }
}

#[test]
fn a_flag_covers_a_new_session_that_the_user_chose() {
    for attended in [false, true] {
        let mut world = World::new();
        world.command(Command::Say(flagged(attended)));
        assert_eq!(starts(&world.propose(launch("shop", " fix the login"), Vec::new())), 1);
    }
}

fn follow_up(session: SessionId, prompt: &str) -> Intent {
    Intent::FollowUp { session: session.to_string(), prompt: prompt.to_owned() }
}

#[test]
fn a_confirmation_about_a_session_ends_with_its_agent() {
    let exit = Exit { code: Some(0), signal: None };
    for end in [Observation::ProcessExited(exit), Observation::Orphaned { exit: None }] {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        world.say("also do the rest");
        // The prompt differs from the user's text, so it needs a confirmation.
        world.propose(follow_up(session, "do the rest, too"), Vec::new());
        assert_eq!(world.confirmation().plans.len(), 1);
        let step = world.observe(session, end);
        let Some(UtteranceResult::Declined { reason }) = result(&step) else { panic!("declined: {step:?}") };
        assert!(reason.contains("claude has ended"), "{reason}");
        assert_eq!(world.state.confirmation_at(&terminal()), None);
        assert_eq!(world.state.utterances().count(), 0, "nothing is left to wait for");
        assert_eq!(starts(&world.say("yes")), 0, "what was asked meant something else");
    }
}

#[test]
fn a_confirmation_about_another_session_stays_open_when_an_agent_ends() {
    let mut world = World::new();
    let first = world.running("shop", "fix it");
    let second = world.running("api", "add paging");
    world.say("also do the rest");
    world.propose(follow_up(second, "also do the rest"), Vec::new());
    let open = world.confirmation();
    world.exit(first, 0);
    assert_eq!(world.confirmation(), open);
}

#[test]
fn a_session_stores_the_confirmed_text_and_the_utterance_the_typed_one() {
    let mut world = World::new();
    world.say("fix the login");
    world.propose(launch("shop", "fix the login"), Vec::new());
    world.say("edit: fix the logout");
    let (session, call) = start_call(&world.say("yes"));
    assert_eq!(world.session(session).text, "fix the logout");
    assert_eq!(world.session(session).brief().utterance, "fix the logout");
    let said = world.events.iter().find_map(|event| match &event.kind {
        EventKind::Utterance { event: UtteranceEvent::Received { utterance: said, .. }, .. } => {
            Some(said.text.as_str())
        }
        _ => None,
    });
    assert_eq!(said, Some("fix the login"));
    // Later prompts do not change the session's subject.
    let started = codewalk_core::session::AgentProcess { pid: 1, started_at: Default::default() };
    world.reply(call, codewalk_core::orchestrator::Reply::Started(Ok(started)));
    world.observe(session, Observation::ConversationIdentified { conversation: "c-1".to_owned() });
    world.exit(session, 0);
    world.command(prompt(session, "and the docs"));
    assert_eq!(world.session(session).text, "fix the logout");
}

#[test]
fn an_impossible_follow_up_is_rejected_without_a_confirmation() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.exit(session, 0);
    for intent in [
        follow_up(session, "also do the rest"),
        Intent::Control { session: session.to_string(), action: ControlAction::Resume },
    ] {
        world.say("also do the rest");
        let step = world.propose(intent, Vec::new());
        let Some(UtteranceResult::NotUnderstood { hint }) = result(&step) else { panic!("{step:?}") };
        assert!(hint.contains("did not report a conversation to resume"), "{hint}");
    }
}

#[test]
fn a_follow_up_to_a_single_prompt_agent_is_rejected_without_asking() {
    let mut world = World::new();
    world.state = codewalk_core::state::State::new(codewalk_core::state::StateContext {
        single_prompt: ["claude".to_owned()].into(),
        ..settings()
    });
    let session = world.running("shop", "fix it");
    world.say("also do the rest");
    let step = world.propose(follow_up(session, "also do the rest"), Vec::new());
    let Some(UtteranceResult::NotUnderstood { hint }) = result(&step) else { panic!("{step:?}") };
    assert!(hint.contains("claude accepts only one prompt"), "{hint}");
    let step = world.command(prompt(session, "also do the rest"));
    assert!(step.events.is_empty() && calls(&step).is_empty(), "{step:?}");
    // The session can still be stopped.
    let stop = Command::Control { session, action: ControlAction::Stop, flag: None };
    assert_eq!(calls(&world.command(stop)).len(), 1);
}

/// A world in which the program of an agent is missing.
fn without(agent: &str) -> World {
    let mut world = World::new();
    let why = format!("there is no program `{agent}`; install it");
    world.state.set_missing_agents([(agent.to_owned(), why)].into());
    world
}

#[test]
fn an_agent_that_cannot_be_started_needs_no_confirmation() {
    for consent_flag in [None, Some("--yes".to_owned())] {
        for attended in [true, false] {
            let mut world = without("claude");
            world.command(Command::Say(Utterance {
                consent_flag: consent_flag.clone(),
                attended,
                ..flagged(true)
            }));
            let step = world.propose(launch("shop", "fix the login"), Vec::new());
            let Some(UtteranceResult::Unstartable { reason }) = result(&step) else { panic!("{step:?}") };
            assert_eq!(reason, "there is no program `claude`; install it");
            assert!(calls(&step).is_empty() && world.state.confirmation_at(&terminal()).is_none());
            assert!(world.state.sessions().is_empty(), "nothing is begun either");
        }
    }
    // A guess is rejected just like a certain proposal.
    let mut world = without("claude");
    world.say("fix it");
    let step = world.propose_at(launch("shop", "fix it"), 30, Vec::new());
    assert!(matches!(result(&step), Some(UtteranceResult::Unstartable { .. })), "{step:?}");
}

#[test]
fn only_intents_whose_agent_can_be_started_are_offered() {
    let with = |agent: &str| Intent::Launch {
        agent: agent.to_owned(),
        project: Some("shop".to_owned()),
        prompt: "fix it".to_owned(),
    };
    let mut world = without("codex");
    world.say("fix it");
    let step = world.propose(with("codex"), vec![(with("claude"), 80)]);
    let [Notice::Answer { text }] = notices(&step)[..] else { panic!("{step:?}") };
    assert_eq!(text, "not offered: there is no program `codex`; install it");
    let plans = world.confirmation().plans;
    assert!(matches!(&plans[..], [Plan::Launch { agent, .. }] if agent == "claude"), "{plans:?}");
}

#[test]
fn a_missing_agent_blocks_a_resume_but_not_a_running_session() {
    let mut world = World::new();
    let session = world.running("shop", "fix it");
    world.observe(session, Observation::ConversationIdentified { conversation: "c".to_owned() });
    let why = "there is no program `claude`; install it".to_owned();
    world.state.set_missing_agents([("claude".to_owned(), why.clone())].into());
    assert!(notices(&world.command(prompt(session, "use tabs"))).is_empty());
    world.exit(session, 0);
    let step = world.command(prompt(session, "use tabs"));
    assert_eq!(notices(&step), [&Notice::Refused { message: why }]);
    world.say("go on with tabs");
    let step = world.propose(follow_up(session, "go on with tabs"), Vec::new());
    assert!(matches!(result(&step), Some(UtteranceResult::Unstartable { .. })), "{step:?}");
}

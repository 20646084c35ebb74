//! Proposals about sessions: the session they mean, the possible actions, and the exclusions by flags.

use crate::support::*;
use codewalk_core::command::{Command, ControlAction};
use codewalk_core::event::UtteranceResult;
use codewalk_core::ids::SessionId;
use codewalk_core::intent::Intent;
use codewalk_core::orchestrator::{Call, Step};
use codewalk_core::session::{Observation, SessionState};

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
fn a_question_is_about_the_session_it_means() {
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
fn a_running_session_is_not_resumed_and_an_ended_one_not_stopped() {
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
        world.observe(session, Observation::ConversationIdentified { conversation: "c-1".to_owned() });
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
fn flags_exclude_the_sessions_of_other_agents_and_projects() {
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
fn a_starting_session_is_not_summarized() {
    let mut world = World::new();
    world.say("fix it");
    world.propose(launch("shop", "fix it"), Vec::new());
    let (session, _) = start_call(&world.say("yes"));
    world.now += 120_000;
    assert!(world.printed(session, 100).effects.is_empty());
    assert_eq!(world.session(session).state, SessionState::Starting);
}

#[test]
fn an_answer_to_one_question_does_not_answer_another() {
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
        Some(UtteranceResult::Answered { text, .. }) => text.clone(),
        other => panic!("{other:?}"),
    };
    let open = world.state.utterances().count();
    let step = world.summarized(second, "No.");
    assert_eq!(text(&step), "No.");
    assert_eq!(world.state.utterances().count(), open - 1);
    let step = world.summarized(first, "It edits.");
    assert_eq!(text(&step), "It edits.");
}

/// Returns the sessions that the router of the last step receives.
fn sessions_of(step: &Step) -> Vec<SessionId> {
    let request = calls(step).into_iter().find_map(|(_, call)| match call {
        Call::Route(request) => Some(request),
        _ => None,
    });
    request.expect("a router is asked").sessions.iter().map(|session| session.id).collect()
}

#[test]
fn a_session_that_takes_no_more_does_not_capture_new_work() {
    let mut world = World::new();
    let resumable = world.running("shop", "fix the rounding");
    world.observe(resumable, Observation::ConversationIdentified { conversation: "c-1".to_owned() });
    world.exit(resumable, 0);
    let ended = world.running("shop", "fix the tax rounding");
    world.exit(ended, 1);
    for (text, knows_ended) in [
        ("could you make the tax rounding use Decimal?", false),
        ("make it faster", false),
        ("also add tests", false),
        ("try again", false),
        ("what did claude do?", true),
        ("resume the last session", true),
    ] {
        let sessions = sessions_of(&world.say(text));
        assert!(sessions.contains(&resumable), "{text}");
        assert_eq!(sessions.contains(&ended), knows_ended, "{text}");
        world.propose(Intent::CannotParse { hint: "?".to_owned() }, Vec::new());
    }
}

#[test]
fn an_active_session_is_known_before_it_reports_a_conversation() {
    let mut world = World::new();
    let session = world.running("shop", "fix the rounding");
    assert_eq!(sessions_of(&world.say("also add tests")), [session]);
}

#[test]
fn a_question_without_a_session_is_answered_for_itself() {
    let mut world = World::new();
    for text in ["fix the rounding", "add paging"] {
        let failed = world.running("shop", text);
        world.exit(failed, 1);
    }
    let completed = world.running("api", "sort the list");
    world.exit(completed, 0);
    let mut ask = |text: &str, intent: Intent| {
        let mut said = utterance(text);
        said.question = true;
        world.command(Command::Say(said));
        world.propose(intent, Vec::new())
    };
    let general = || Intent::Query { session: None, question: "?".to_owned() };
    let unclear = || Intent::CannotParse { hint: "say what to do".to_owned() };
    for intent in [general(), unclear()] {
        let step = ask("which sessions failed?", intent);
        let Some(UtteranceResult::Answered { text, .. }) = result(&step) else { panic!("it is answered") };
        assert!(text.starts_with("2 sessions failed."), "{text}");
        assert!(text.contains("fix the rounding") && text.contains("add paging"), "{text}");
        assert!(!text.contains("sort the list"), "{text}");
    }
    for intent in [general(), unclear()] {
        let step = ask("what did claude do?", intent);
        let (_, Call::Summarize(order)) = calls(&step)[0] else { panic!("a summarizer is asked") };
        assert_eq!(order.session, completed);
    }
    let meaning = "what is the meaning of life?";
    for intent in [unclear(), launch("shop", meaning)] {
        let step = ask(meaning, intent);
        assert!(hint(&step).is_some_and(|hint| hint.starts_with("cannot answer this")), "{step:?}");
    }
    for about_sessions in ["how is it going?", "and the rounding?"] {
        let step = ask(about_sessions, unclear());
        assert!(hint(&step).is_none(), "{step:?}");
    }
}

#[test]
fn any_instruction_after_a_yes_is_added_to_a_prompt_and_confirmed_again() {
    for (answer, added) in [
        ("yes, but write it in German", Some("write it in German")),
        ("yes, and keep it short", Some("keep it short")),
        ("ok but hurry up", Some("hurry up")),
        ("yes, but only if the tests pass", None),
        ("yes, but wait for the release", None),
        ("yes and no", None),
        ("yes, I am joking", None),
        ("yes but codex", None),
        ("perhaps, but write it in German", None),
        ("ok, but use trash rather than rm", None),
    ] {
        let mut world = World::new();
        world.say("write a poem");
        world.propose(launch("shop", "write a poem"), Vec::new());
        let step = world.say(answer);
        assert_eq!(starts(&step), 0, "{answer}");
        let plans = world.state.confirmation_at(&terminal()).map(|open| open.plans.clone());
        let changed = plans.as_deref().map(|plans| launch_of(&plans[0]).1.to_owned());
        let expected = added.map(|added| format!("write a poem\n\n{added}"));
        assert_eq!(changed.filter(|prompt| prompt != "write a poem"), expected, "{answer}");
    }
}

fn launch_of(plan: &codewalk_core::consent::Plan) -> (&str, &str) {
    match plan {
        codewalk_core::consent::Plan::Launch { project, prompt, .. } => (&project.name, prompt),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_launch_moves_to_the_project_in_an_answer_and_is_confirmed_again() {
    for (answer, project) in [
        ("yes but in api", Some("api")),
        ("No, in the API project", Some("api")),
        ("no, the other project", Some("api")),
        ("sorry, I meant api", Some("api")),
        ("ja, aber in api", Some("api")),
        ("Nein, im Projekt api bitte", Some("api")),
        ("nein, das andere Projekt", Some("api")),
        ("sí, pero en api", Some("api")),
        ("no, el otro proyecto", Some("api")),
        ("no, en api", Some("api")),
        ("oui, mais dans api", Some("api")),
        ("non, l'autre projet", Some("api")),
        ("non, je voulais dire api", Some("api")),
        ("好的，但是在 api 里", Some("api")),
        ("不，另一个项目", Some("api")),
        ("不是，我说的是api", Some("api")),
        ("ja, aber nicht in api", None),
        ("nein, in api nicht", None),
        ("ja, aber in api nur wenn die Tests laufen", None),
        ("no en api", None),
        ("oui, mais pas dans api", None),
        ("不在 api 里", None),
        ("不要在 api", None),
        ("ja, pero in api", None),
        ("in api？", None),
        ("yes but not in api", None),
        ("yes but in billing", None),
        ("yes but in api only if the tests pass", None),
        ("in api?", None),
        ("api", None),
    ] {
        let mut world = World::new();
        world.say("fix it");
        world.propose(launch("shop", "fix it"), Vec::new());
        let before = world.state.confirmation_at(&terminal()).expect("it asks").id;
        let step = world.say(answer);
        assert!(calls(&step).is_empty(), "{answer} starts nothing");
        let now = world.state.confirmation_at(&terminal());
        match project {
            Some(project) => {
                let now = now.expect("it asks again");
                assert_ne!(now.id, before, "{answer}");
                assert_eq!(launch_of(&now.plans[0]), (project, "fix it"), "{answer}");
            }
            None => assert!(now.is_none_or(|now| launch_of(&now.plans[0]).0 == "shop"), "{answer}"),
        }
    }
}

#[test]
fn a_routers_guess_needs_the_consent_of_a_person() {
    for (attended, flag) in [(true, None), (true, Some("--yes")), (false, None), (false, Some("--yes"))] {
        let mut world = World::new();
        let mut said = utterance("frobnicate the quux of the blorb");
        said.attended = attended;
        said.consent_flag = flag.map(str::to_owned);
        world.command(Command::Say(said));
        let hint_of_router = Intent::CannotParse { hint: "say it otherwise".to_owned() };
        let step = world.propose_at(
            launch("shop", "frobnicate the quux of the blorb"),
            30,
            vec![(hint_of_router, 29)],
        );
        assert!(calls(&step).is_empty(), "{attended} {flag:?}");
        assert_eq!(world.state.confirmation_at(&terminal()).is_some(), attended, "{flag:?}");
        assert_eq!(hint(&step), (!attended).then_some("say it otherwise"));
    }
}

#[test]
fn the_current_project_comes_first_among_equally_likely_intents() {
    for launch_first in [false, true] {
        let mut world = World::new();
        let shop = world.running("shop", "fix the login test");
        let api = world.running("api", "fix the pager");
        let mut said = utterance("make it faster");
        said.default_project = Some("shop".to_owned());
        world.command(Command::Say(said));
        let follow_up = |session: SessionId| {
            let prompt = "make it faster".to_owned();
            (Intent::FollowUp { session: session.to_string(), prompt }, 50)
        };
        let anew = (
            Intent::Launch { agent: "claude".to_owned(), project: None, prompt: "make it faster".to_owned() },
            50,
        );
        let mut readings = vec![follow_up(api), follow_up(shop)];
        readings.insert(if launch_first { 0 } else { 2 }, anew);
        world.propose_at(Intent::CannotParse { hint: "say which".to_owned() }, 50, readings);
        let plans = world.state.confirmation_at(&terminal()).expect("it asks").plans.clone();
        let sessions: Vec<_> = plans.iter().map(codewalk_core::consent::Plan::session).collect();
        let expected =
            if launch_first { [None, Some(shop), Some(api)] } else { [Some(shop), None, Some(api)] };
        assert_eq!(sessions, expected);
    }
}

#[test]
fn without_a_current_project_the_routers_hint_about_an_unknown_one_wins() {
    for (confidence, expected) in [(30, "No project \"blog\" is known."), (29, "the project is unclear")] {
        let mut world = World::new();
        let mut said = utterance("fix the failing test in blog");
        said.default_project = None;
        world.command(Command::Say(said));
        let hint_of_router = Intent::CannotParse { hint: "No project \"blog\" is known.".to_owned() };
        let launch = Intent::Launch {
            agent: "claude".to_owned(),
            project: None,
            prompt: "fix the failing test in blog".to_owned(),
        };
        let step = world.propose_at(launch, 30, vec![(hint_of_router, confidence)]);
        assert!(hint(&step).is_some_and(|hint| hint.starts_with(expected)), "{:?}", hint(&step));
    }
}

#[test]
fn an_unanswered_confirmation_repeats_the_request() {
    let mut world = World::new();
    world.say("fix the login test");
    world.propose(launch("shop", "fix the login test"), Vec::new());
    world.say("perhaps");
    world.say("perhaps");
    let step = world.say("perhaps");
    match result(&step) {
        Some(UtteranceResult::Declined { reason }) => {
            assert!(reason.ends_with("\nfix the login test"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_other_session_is_never_the_one_at_the_same_front_end() {
    let elsewhere = codewalk_core::origin::Origin { name: "terminal-2".to_owned(), ..terminal() };
    let mut world = World::new();
    let own = world.running("shop", "fix it");
    world.input(codewalk_core::orchestrator::Input::Command {
        origin: elsewhere.clone(),
        command: Command::Say(utterance("add paging")),
    });
    world.propose(launch("api", "add paging"), Vec::new());
    let asked = world.state.confirmation_at(&elsewhere).expect("it asks").id;
    let step = world.input(codewalk_core::orchestrator::Input::Command {
        origin: elsewhere,
        command: Command::Answer { confirmation: asked, answer: codewalk_core::command::Answer::Yes },
    });
    let (other, call) = start_call(&step);
    world.reply(call, started());
    for (text, seen) in [("stop the other session", other), ("stop the session", own)] {
        let step = world.say(text);
        let Call::Route(request) = &calls(&step)[0].1 else { panic!("a router is asked") };
        let live: Vec<SessionId> =
            request.sessions.iter().filter(|s| !s.state.has_ended()).map(|s| s.id).collect();
        assert_eq!(live, [seen], "{text}");
        world.propose(control(seen, ControlAction::Stop), Vec::new());
        world.say("no");
    }
}

#[test]
fn known_facts_are_answered_without_a_summarizer() {
    for (text, expected) in [
        ("which agents are there?", "Configured agents: claude (default), codex."),
        ("which projects are there?", "Known projects: shop, api."),
        ("what did it cost?", "claude in shop reports neither cost nor tokens: fix it."),
        ("how long has it been running", "claude in shop has been running for 5 minutes: fix it."),
        ("show me the log of the last session", "codewalk sessions log "),
    ] {
        let mut world = World::new();
        let session = world.running("shop", "fix it");
        world.now += 5 * 60_000;
        world.command(Command::Say(utterance(text)));
        let step = world
            .propose(Intent::Query { session: Some(session.to_string()), question: text.to_owned() }, vec![]);
        match result(&step) {
            Some(UtteranceResult::Answered { text: answer, .. }) => {
                assert!(answer.contains(expected), "{answer}")
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

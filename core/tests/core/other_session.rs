//! A session of another project is proposed only if the text names it or points at a session, and is never
//! stopped without asking.

use crate::support::*;
use codewalk_core::command::{Command, Utterance};
use codewalk_core::orchestrator::{Call, Input, Step};
use codewalk_core::origin::{Channel, Origin};

/// Returns a world in which another front end runs a session in the project api.
fn beside() -> World {
    let mut world = World::new();
    world.running("api", "fix the header in api");
    world
}

/// Sends a text in a project, from a front end that has not started a session.
fn said(world: &mut World, text: &str, place: Option<&str>, flags: (Option<&str>, Option<&str>)) -> Step {
    let mut said = Utterance { default_project: place.map(str::to_owned), ..utterance(text) };
    said.constraints.agent = flags.0.map(str::to_owned);
    said.constraints.project = flags.1.map(str::to_owned);
    let origin = Origin { channel: Channel::Terminal, name: "terminal-2".to_owned() };
    world.input(Input::Command { origin, command: Command::Say(said) })
}

/// Returns the number of sessions in the router call, if there is one.
fn routed_with(step: &Step) -> Option<usize> {
    calls(step).into_iter().find_map(|(_, call)| match call {
        Call::Route(request) => Some(request.sessions.len()),
        _ => None,
    })
}

const STOPS: [&str; 13] = [
    "stop it",
    "stop",
    "halt",
    "cancel",
    "cancel it",
    "stop that",
    "kill it",
    "abort",
    "quit",
    "stop please",
    "interrupt",
    "pause it",
    "stop now",
];

#[test]
fn a_bare_stop_asks_before_it_reaches_another_project() {
    for text in STOPS.into_iter().chain(["stop?", "stop it?", "cancel？"]) {
        for (place, flags) in [
            (Some("shop"), (None, None)),
            (Some("shop"), (Some("claude"), None)),
            (None, (None, None)),
            (Some("api"), (None, Some("shop"))),
            (Some("api"), (Some("codex"), None)),
        ] {
            let mut world = beside();
            let step = said(&mut world, text, place, flags);
            assert!(routed_with(&step).is_some(), "{text} in {place:?} with {flags:?}: a router is asked");
            assert!(session_events(&step).is_empty(), "{text} in {place:?} with {flags:?}");
        }
    }
}

#[test]
fn a_bare_stop_reaches_the_only_session_of_the_project() {
    for text in STOPS {
        for (place, flags) in [
            (Some("api"), (None, None)),
            (Some("api"), (Some("claude"), None)),
            (Some("shop"), (None, Some("api"))),
        ] {
            let mut world = beside();
            let step = said(&mut world, text, place, flags);
            assert_eq!(routed_with(&step), None, "{text} in {place:?} with {flags:?}");
            assert!(!session_events(&step).is_empty(), "{text} in {place:?} with {flags:?}");
        }
    }
    let mut world = beside();
    assert!(routed_with(&said(&mut world, "stop?", Some("api"), (None, None))).is_some());
}

#[test]
fn a_router_receives_another_projects_session_only_if_the_text_means_it() {
    for (text, place, sessions) in [
        ("it's raining today", Some("shop"), 0),
        ("leave the css alone", Some("shop"), 0),
        ("commit and push", Some("shop"), 0),
        ("make it so that the sidebar remembers its width", Some("shop"), 0),
        ("stop the memory leak", Some("shop"), 0),
        ("stop the dropdown from closing when I click inside it", Some("shop"), 0),
        ("es regnet heute", Some("shop"), 0),
        ("lass das css in ruhe", Some("shop"), 0),
        ("haz commit y push", Some("shop"), 0),
        ("fais un commit et pousse", Some("shop"), 0),
        ("提交并推送", Some("shop"), 0),
        ("commit and push", Some("api"), 1),
        ("commit and push", None, 1),
        ("commit and push in api", Some("shop"), 1),
        ("tell claude to commit and push", Some("shop"), 1),
        ("tell the other session to push", Some("shop"), 1),
        ("sag der Sitzung, sie soll pushen", Some("shop"), 1),
        ("the header one should use grey", Some("shop"), 1),
        ("stop it", Some("shop"), 1),
        ("abbrechen", Some("shop"), 1),
    ] {
        let mut world = beside();
        let step = said(&mut world, text, place, (None, None));
        assert_eq!(routed_with(&step), Some(sessions), "{text} in {place:?}");
    }
}

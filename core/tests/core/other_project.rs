//! "No, the other project" moves a launch to another project, or asks which one if there are several.

use crate::support::*;
use codewalk_core::command::{Command, Project, Utterance};
use codewalk_core::consent::Plan;
use codewalk_core::orchestrator::Notice;
use codewalk_core::state::{State, StateContext};

fn asked(names: &[&str]) -> World {
    let project = |name: &&str| Project { name: (*name).to_owned(), path: format!("/home/me/{name}") };
    let projects = names.iter().map(project).collect();
    let mut world = World::new();
    world.state = State::new(StateContext { projects, ..settings() });
    let said = Utterance { default_project: Some("shop".to_owned()), ..utterance("fix the header") };
    world.command(Command::Say(said));
    world.propose(launch("shop", "fix the header"), Vec::new());
    world
}

fn project_asked(world: &World) -> String {
    match world.confirmation().plans.as_slice() {
        [Plan::Launch { project, .. }] => project.name.clone(),
        other => panic!("one launch: {other:?}"),
    }
}

#[test]
fn the_other_of_two_projects_is_asked_about_again() {
    let mut world = asked(&["shop", "website"]);
    world.say("no, the other project");
    assert_eq!(project_asked(&world), "website");
}

#[test]
fn several_other_projects_are_asked_about_and_the_question_stays_open() {
    for text in ["no, the other project", "nein, das andere Projekt"] {
        let mut world = asked(&["shop", "api-server", "website"]);
        let step = world.say(text);
        let [Notice::Answer { text: shown }] = notices(&step)[..] else { panic!("{text}: {step:?}") };
        assert!(shown.contains("api-server or website"), "{shown}");
        assert_eq!(project_asked(&world), "shop");
        world.say("no, in website");
        assert_eq!(project_asked(&world), "website", "{text}");
    }
}

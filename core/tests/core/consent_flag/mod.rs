//! Consent in advance by a flag: the user's words decide, whatever the router proposes.

use crate::support::*;
use codewalk_core::command::{Command, Project, Utterance};
use codewalk_core::consent::Plan;
use codewalk_core::event::UtteranceResult;
use codewalk_core::intent::Intent;
use codewalk_core::permission::PermissionMode;
use codewalk_core::routing::consent_flag::covers;
use codewalk_core::state::{Agent, State, StateContext};

mod orders;
mod places;
mod questions;
mod refusals;

const PROJECTS: [&str; 4] = ["shop", "api-server", "website", "商店"];

/// The empty reason, which means that the flag covers the launch.
const COVERED: &str = "";
/// Parts of the reasons for launches that are not covered.
const DENIED: &str = "say what not to do";
const ASKS: &str = "your words ask";
const ANSWERS: &str = "only answer something";
const TAKEN_BACK: &str = "retract or postpone it";
const LEFT_OUT: &str = "your words exclude";
const UNKNOWN: &str = "an unknown project";
const SEVERAL: &str = "name several projects";
const SOURCE: &str = "only as a possible source";
const ATTRIBUTE: &str = "only as a description";
const EXAMPLE: &str = "only as an example";
const OBJECT: &str = "but not as the place of work";
const OTHER: &str = "your words name the project";
const AGENT: &str = "your words name the agent";

fn project(name: &str) -> Project {
    Project { name: name.to_owned(), path: format!("/src/{name}") }
}

fn state() -> State {
    let agent = |name: &str, default| Agent { name: name.to_owned(), default };
    State::new(StateContext {
        agents: vec![agent("bot", true), agent("codex", false)],
        projects: PROJECTS.map(project).into(),
        ..StateContext::default()
    })
}

fn utterance_in(text: &str, current: &str) -> Utterance {
    Utterance {
        default_project: Some(current.to_owned()),
        consent_flag: Some("--yes".to_owned()),
        attended: false,
        ..utterance(text)
    }
}

/// Checks whether the flag covers a launch of the default agent in a project.
fn judged(text: &str, current: &str, launched: &str) -> Result<(), String> {
    judge(&utterance_in(text, current), launched)
}

fn judge(utterance_in: &Utterance, launched: &str) -> Result<(), String> {
    let plan = Plan::Launch {
        agent: utterance_in.constraints.agent.clone().unwrap_or_else(|| "bot".to_owned()),
        project: project(launched),
        prompt: utterance_in.text.clone(),
        permission: PermissionMode::Ask,
    };
    covers(&state(), utterance_in, &plan)
}

/// Checks rows of text, current project, project of the launch, and part of the reason. Reports all failing
/// rows together.
fn check(rows: &[(&str, &str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (text, current, launched, why) in rows {
        let judged = judged(text, current, launched);
        let fits = match &judged {
            Ok(()) => why.is_empty(),
            Err(reason) => !why.is_empty() && reason.contains(why) && !reason.contains('\n'),
        };
        if !fits {
            wrong.push(format!("{text:?} in {current} for {launched}: {judged:?}, not {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Checks texts that name no place, in the current project.
fn check_here(why: &str, texts: &[&str]) {
    let rows: Vec<_> = texts.iter().map(|text| (*text, "shop", "shop", why)).collect();
    check(&rows);
}

#[test]
fn a_text_that_is_too_long_to_check_is_not_covered() {
    let long = "fix website, ".repeat(1_001);
    for project in ["shop", "website"] {
        let refused = judged(&long, "shop", project).err();
        assert!(
            refused.as_deref().is_some_and(|reason| reason.contains("more than 2000 words")),
            "{refused:?}"
        );
    }
    assert_eq!(judged(&"fix the login ".repeat(600), "shop", "shop"), Ok(()));
}

#[test]
fn words_override_flags_only_by_an_exclusion_or_another_place() {
    let flagged = |text: &str| {
        let mut utterance_in = utterance_in(text, "shop");
        utterance_in.constraints.project = Some("website".to_owned());
        utterance_in.constraints.agent = Some("codex".to_owned());
        judge(&utterance_in, "website")
    };
    for text in [
        "fix shop and website",
        "in the billing project, fix the endpoint",
        "fix the footer, not in shop",
        "port the login from shop",
        "fix the footer with bot",
        "add a call to the api-server client",
        "make the footer like in shop",
    ] {
        assert_eq!(flagged(text), Ok(()), "{text}");
    }
    for (text, why) in [
        ("fix the footer, not in website", LEFT_OUT),
        ("fix the footer, but not with codex", LEFT_OUT),
        ("do not fix the footer", DENIED),
        ("what is running?", ASKS),
        ("in shop, fix the header", OTHER),
        ("in the api server fix the header", OTHER),
        ("switch to shop and fix the header", OTHER),
        ("shop: fix the header", OTHER),
        ("repariere den Header in shop", OTHER),
        ("arregla el pie en el proyecto shop", OTHER),
        ("corrige le pied de page dans shop", OTHER),
        ("在 shop 里修复页脚", OTHER),
    ] {
        assert!(flagged(text).is_err_and(|reason| reason.contains(why)), "{text}");
    }
}

#[test]
fn every_text_can_be_checked_and_none_is_covered_after_a_denial() {
    const PARTS: [&str; 15] = [
        "not", "in", "shop", "website", "from", "项目", "不", ",", "?", "-", "\u{200b}", "the", "project",
        "foo", "n'",
    ];
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or(0) % below
    };
    for _ in 0..5_000 {
        let length = random(12);
        let text: String =
            (0..length).map(|_| format!("{}{}", PARTS[random(15)], [" ", "", "\n"][random(3)])).collect();
        if let Err(reason) = judged(&text, "shop", "shop") {
            assert!(!reason.contains('\n'), "{reason:?}");
        }
        assert!(judged(&format!("do not {text}"), "shop", "shop").is_err(), "{text:?}");
    }
}

#[test]
fn a_flag_without_a_name_consents_to_nothing() {
    for attended in [false, true] {
        for flag in ["", " ", "\u{200b}"] {
            let mut world = World::new();
            world.command(Command::Say(Utterance {
                consent_flag: Some(flag.to_owned()),
                default_project: Some("shop".to_owned()),
                attended,
                ..utterance("fix the login")
            }));
            let step = world.propose(launch("shop", "fix the login"), Vec::new());
            assert_eq!(starts(&step), 0, "{flag:?}");
            match result(&step) {
                None => assert!(attended && world.state.confirmation_at(&terminal()).is_some()),
                Some(UtteranceResult::Declined { reason }) => {
                    assert!(!attended && reason.contains("no terminal"), "{reason}");
                }
                Some(other) => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn an_uncovered_plan_is_confirmed_at_a_terminal_and_declined_elsewhere() {
    for attended in [false, true] {
        let mut world = World::new();
        let text = "do not fix the login";
        world.command(Command::Say(Utterance {
            consent_flag: Some("--yes".to_owned()),
            default_project: Some("shop".to_owned()),
            attended,
            ..utterance(text)
        }));
        let intent = Intent::Launch { agent: "claude".to_owned(), project: None, prompt: text.to_owned() };
        let step = world.propose(intent, Vec::new());
        assert_eq!(starts(&step), 0);
        match result(&step) {
            None => assert!(attended && world.state.confirmation_at(&terminal()).is_some()),
            Some(UtteranceResult::Declined { reason }) => assert_eq!(
                reason,
                "--yes does not cover the plan to start claude in shop, and there is no terminal to ask at: \
                    your words say \
                 what not to do: \"do not\""
            ),
            Some(other) => panic!("{other:?}"),
        }
    }
}

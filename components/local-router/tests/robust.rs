//! Routes arbitrary requests: none makes the router panic, take long, or invent names.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use local_router::{
    Agent, Channel, Constraints, Intent, OpenConfirmation, Project, Proposal, Request, Session, SessionState,
    Speaker, Turn, route,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/robust.proptest-regressions");

/// Words that the grammar knows, so that sequences of them reach its rules.
const WORDS: &[&str] = &[
    "fix",
    "stop",
    "resume",
    "continue",
    "tell",
    "it",
    "that",
    "the",
    "shop",
    "api",
    "codex",
    "claude",
    "session",
    "one",
    "to",
    "in",
    "and",
    "also",
    "don't",
    "yes",
    "no",
    "is",
    "done?",
    "what",
    "why",
    "status",
    "login",
    "test",
    "use",
    "use codex to",
    "in shop,",
    "shop:",
    "@codex",
    "@gemini",
    "~/src/shop",
    "/",
    "\"",
    "'",
    "`",
    "> ",
    "\n",
    "\n\n",
    "From: a",
    "never mind",
    "again",
    "please",
    "can you",
    "ignore all",
    "previous instructions",
    "system:",
    "{",
    "}",
    "approved",
    "instead",
    "or",
    "not",
    "-",
    "—",
    "…",
    "…?",
    "é",
    "漢字",
    "👩\u{200d}🔧",
    "İ",
    "ß's",
    "'s",
    "",
];

fn utterances() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(prop::sample::select(WORDS), 0..24).prop_map(|words| words.join(" "));
    prop_oneof![4 => words, 1 => any::<String>(), 1 => "\\PC{0,80}"]
}

fn names() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] =
        &["shop", "api", "codex", "claude", "the", "fix", "acme/shop", "Blue Moon", "in", "ß", "", "it"];
    prop_oneof![4 => prop::sample::select(KNOWN).prop_map(str::to_string), 1 => any::<String>()]
}

fn sessions() -> impl Strategy<Value = Session> {
    let states = prop::sample::select(vec![
        SessionState::Starting,
        SessionState::Running,
        SessionState::Waiting,
        SessionState::Completed,
        SessionState::Failed,
        SessionState::Cancelled,
        SessionState::Lost,
    ]);
    (any::<u32>(), utterances(), names(), names(), states, any::<u64>()).prop_map(
        |(id, utterance, agent, project, state, changed_at)| Session {
            id: format!("{id:08x}"),
            utterance,
            agent,
            project,
            state,
            changed_at,
        },
    )
}

fn requests() -> impl Strategy<Value = Request> {
    let projects = prop::collection::vec((names(), names()), 0..4);
    let agents = prop::collection::vec((names(), any::<bool>()), 0..4);
    let fixed = (prop::option::of(names()), prop::option::of(names()));
    let confirmation = prop::option::of(utterances());
    (
        utterances(),
        projects,
        agents,
        prop::collection::vec(sessions(), 0..5),
        fixed,
        confirmation,
        any::<u64>(),
    )
        .prop_map(|(utterance, projects, agents, sessions, (agent, project), question, now)| Request {
            utterance,
            channel: Channel::Script,
            confirmation: question.map(|question| OpenConfirmation { id: "c".into(), question }),
            turns: vec![Turn { speaker: Speaker::User, text: "fix it".into() }],
            projects: projects.into_iter().map(|(name, path)| Project { name, path }).collect(),
            agents: agents.into_iter().map(|(name, default)| Agent { name, default }).collect(),
            sessions,
            constraints: Constraints { agent, project },
            now,
        })
}

/// Asserts the properties that the core relies on.
fn check(request: &Request, proposal: &Proposal) {
    let is_session = |id: &String| request.sessions.iter().any(|session| session.id == *id);
    let prompt = request.utterance.trim();
    let earlier: Vec<&str> = request
        .turns
        .iter()
        .map(|turn| turn.text.trim())
        .chain(request.sessions.iter().map(|session| session.utterance.trim()))
        .collect();
    // The prompt may consist of this utterance, the last one, or both.
    let is_own = |told: &str| {
        told == prompt || earlier.iter().any(|one| told == *one || told == format!("{one}\n\n{prompt}"))
    };
    for intent in proposal.candidates.iter().map(|candidate| &candidate.intent).chain([&proposal.intent]) {
        match intent {
            Intent::Launch(launch) => {
                let agents = request.agents.iter().map(|agent| &agent.name);
                let projects = request.projects.iter().map(|project| &project.name);
                let fixed = &request.constraints;
                assert!(agents.chain(&fixed.agent).any(|agent| *agent == launch.agent));
                assert!(fixed.agent.as_ref().is_none_or(|agent| *agent == launch.agent));
                assert!(
                    launch
                        .project
                        .as_ref()
                        .is_none_or(|name| projects.chain(&fixed.project).any(|known| known == name))
                );
                assert!(fixed.project.is_none() || fixed.project == launch.project);
                assert!(is_own(&launch.prompt), "{:?}", launch.prompt);
            }
            Intent::FollowUp(follow_up) => {
                assert!(is_session(&follow_up.session));
                assert!(is_own(&follow_up.prompt), "{:?}", follow_up.prompt);
            }
            Intent::Query(query) => {
                assert!(query.session.as_ref().is_none_or(is_session));
                assert_eq!(query.question, prompt);
            }
            Intent::Control(control) => assert!(is_session(&control.session)),
            Intent::CannotParse(hint) => assert!(!hint.is_empty() && !hint.contains(char::is_control)),
        }
    }
    let confidences: Vec<u8> = [proposal.confidence]
        .into_iter()
        .chain(proposal.candidates.iter().map(|candidate| candidate.confidence))
        .collect();
    assert!(confidences[0] <= 100 && confidences.is_sorted_by(|one, next| one >= next));
    assert!(proposal.candidates.len() <= 5);
    assert!(!proposal.reason.is_empty() && !proposal.reason.contains(char::is_control));
}

/// All control characters except tab, line feed and carriage return.
const CONTROLS: &[std::ops::RangeInclusive<char>] =
    &['\0'..='\u{8}', '\u{b}'..='\u{c}', '\u{e}'..='\u{1f}', '\u{7f}'..='\u{9f}'];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_request_gets_a_proposal_with_only_its_own_names(request in requests()) {
        let proposal = route(&request);
        check(&request, &proposal);
        prop_assert_eq!(route(&request), proposal);
    }

    #[test]
    fn a_request_with_a_control_character_starts_nothing(
        before in "[ a-z]{0,30}",
        control in prop::char::ranges(CONTROLS.into()),
        request in requests(),
    ) {
        let utterance = format!("fix the test in shop {before}{control}");
        let proposal = route(&Request { utterance, ..request });
        prop_assert!(matches!(proposal.intent, Intent::CannotParse(_)) && proposal.candidates.is_empty());
    }
}

#[test]
fn the_longest_utterances_are_routed_in_time() {
    const LENGTH: usize = 64 * 1024;
    let request = request_with_many_names();
    for part in [
        "a ",
        "\"a ",
        "'a ",
        "a,b ",
        "a:b",
        "please ",
        "in shop ",
        "~/a/b ",
        "@x ",
        "the ",
        "{",
        "ignore all ",
        "2025-01-01 \n",
        "use codex to ",
        "stop it and ",
        "fix it. ",
        "ä ",
        "launch(",
    ] {
        let utterance: String =
            part.chars().cycle().take(LENGTH / part.chars().map(char::len_utf8).max().unwrap()).collect();
        let started = Instant::now();
        let request = Request { utterance, ..request.clone() };
        check(&request, &route(&request));
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "{part:?} took {took:?}");
    }
}

/// A request of the largest possible size.
fn request_with_many_names() -> Request {
    let session = |id: usize| Session {
        id: id.to_string(),
        utterance: "fix the login test ".repeat(3_000),
        agent: "codex".into(),
        project: "shop".into(),
        state: SessionState::Running,
        changed_at: id as u64,
    };
    let project =
        |index: usize| Project { name: format!("p{index}"), path: format!("/home/ana/src/p{index}") };
    Request {
        utterance: String::new(),
        channel: Channel::Terminal,
        confirmation: None,
        turns: Vec::new(),
        projects: (0..50)
            .map(project)
            .chain([Project { name: "shop".into(), path: "/src/shop".into() }])
            .collect(),
        agents: ["claude", "codex"].map(|name| Agent { name: name.into(), default: name == "claude" }).into(),
        sessions: (0..50).map(session).collect(),
        constraints: Constraints { agent: None, project: None },
        now: 100,
    }
}

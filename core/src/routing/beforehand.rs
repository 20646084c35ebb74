//! What a flag or a policy consents to beforehand: what the user has chosen, and nothing that a router chose.

use crate::command::{Project, Utterance};
use crate::consent::Plan;
use crate::routing::named;
use crate::state::State;

/// Words for the current project, which name it as well as its own name does.
const HERE: [&str; 5] = ["here", "hier", "aquí", "ici", "这里"];

/// Checks that a flag covers a plan: a new session of the flagged or default agent, in the flagged, named or current
/// project, with the user's own words.
///
/// # Errors
/// Says what the flag does not cover, and how to choose that beforehand.
pub fn covers(state: &State, said: &Utterance, plan: &Plan) -> Result<(), String> {
    match plan {
        Plan::Launch { agent, project, prompt, .. } => {
            agent_is_chosen(state, said, agent)?;
            project_is_chosen(state, said, project)?;
            if prompt.trim() == said.text.trim() {
                return Ok(());
            }
            Err("the agent would be told other words than yours".to_owned())
        }
        Plan::FollowUp { .. } => {
            Err("it is for a session that is there already, and not for a new one".to_owned())
        }
        Plan::Control { .. } => Err("that needs a yes of its own".to_owned()),
    }
}

fn agent_is_chosen(state: &State, said: &Utterance, agent: &str) -> Result<(), String> {
    let is_chosen = match &said.constraints.agent {
        Some(flagged) => flagged == agent,
        None => state.settings().agents.iter().any(|known| known.default && known.name == agent),
    };
    if is_chosen { Ok(()) } else { Err(format!("{agent} is not the default agent; choose it with --agent")) }
}

/// Words that name a place mean that one; only where they name none is it the current project.
fn project_is_chosen(state: &State, said: &Utterance, project: &Project) -> Result<(), String> {
    let name = project.name.as_str();
    if let Some(flagged) = &said.constraints.project {
        return if flagged == name { Ok(()) } else { Err(format!("{name} is not the chosen project")) };
    }
    let named = projects_named(state, said);
    let is_current = said.default_project.as_deref() == Some(name);
    let is_chosen = match named.as_slice() {
        [] => is_current,
        several => is_current && several.contains(&name) || *several == [name],
    };
    if is_chosen {
        return Ok(());
    }
    let why = match named.as_slice() {
        [] => format!("your words do not name the project {name}, and it is not the current one"),
        [other] if *other != name => format!("your words name the project {other}, and not {name}"),
        _ => format!("your words name several projects, and {name} is one that was chosen for you"),
    };
    Err(format!("{why}; choose one with --project"))
}

/// Returns the projects that the words name. Of names that stand in one another the longest is meant.
fn projects_named<'a>(state: &'a State, said: &'a Utterance) -> Vec<&'a str> {
    let words = named::words(&said.text);
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    let mut find = |written: &str, project: &'a str| {
        found.extend(named::places(&words, written).into_iter().map(|(from, to)| (from, to, project)));
    };
    for project in &state.settings().projects {
        find(&project.name, &project.name);
    }
    if let Some(current) = &said.default_project {
        HERE.iter().for_each(|here| find(here, current));
    }
    let is_part = |(from, to, _): &(usize, usize, &str)| {
        found.iter().any(|(start, end, _)| start <= from && to <= end && to - from < end - start)
    };
    let mut named: Vec<&str> = found.iter().filter(|place| !is_part(place)).map(|place| place.2).collect();
    named.sort_unstable();
    named.dedup();
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Agent;
    use crate::command::{Constraints, ControlAction};
    use crate::ids::{Id, SessionId};
    use crate::permission::PermissionMode;
    use crate::state::Settings;

    fn state() -> State {
        let agent = |name: &str, default| Agent { name: name.to_owned(), default };
        let project = |name: &str| Project { name: name.to_owned(), path: format!("/src/{name}") };
        State::new(Settings {
            agents: vec![agent("claude", true), agent("codex", false)],
            projects: ["shop", "api", "api-server", "website", "商店"].map(project).into(),
            ..Settings::default()
        })
    }

    fn said(text: &str, flags: (Option<&str>, Option<&str>)) -> Utterance {
        Utterance {
            text: text.to_owned(),
            constraints: Constraints {
                agent: flags.0.map(str::to_owned),
                project: flags.1.map(str::to_owned),
            },
            default_project: Some("shop".to_owned()),
            permission: PermissionMode::Ask,
            consent_flag: Some("--yes".to_owned()),
            attended: false,
            question: false,
            answers: None,
            pasted: false,
        }
    }

    fn launch(agent: &str, project: &str, prompt: &str) -> Plan {
        Plan::Launch {
            agent: agent.to_owned(),
            project: Project { name: project.to_owned(), path: format!("/src/{project}") },
            prompt: prompt.to_owned(),
            permission: PermissionMode::Ask,
        }
    }

    fn in_project(text: &str, project: &str) -> Result<(), String> {
        covers(&state(), &said(text, (None, None)), &launch("claude", project, text))
    }

    #[test]
    fn the_current_project_is_covered_where_the_words_name_no_other() {
        for text in [
            "fix it",
            "fix the shopping cart",
            "fix it in shop",
            "copy it from website to here",
            "fix shop's api",
        ] {
            assert_eq!(in_project(text, "shop"), Ok(()), "{text}");
        }
        for text in ["in the API server, fix the endpoint", "fix the api", "repariere die Website"] {
            let refused = in_project(text, "shop").unwrap_err();
            assert!(
                refused.contains("name the project") && refused.contains("--project"),
                "{text}: {refused}"
            );
        }
    }

    #[test]
    fn another_project_is_covered_only_where_the_words_name_it_alone() {
        for text in
            ["fix the api-server", "Fix it in the API Servers", "apiserver: fix it", "fix api_server's log"]
        {
            assert_eq!(in_project(text, "api-server"), Ok(()), "{text}");
        }
        assert_eq!(in_project("修复商店里的登录", "商店"), Ok(()));
        for (text, why) in [
            ("fix it", "do not name the project api-server"),
            ("fix the servers of the api", "name the project api, and not"),
            ("copy it from website to the api server", "name several projects"),
            ("copy it from here to the api server", "name several projects"),
        ] {
            let refused = in_project(text, "api-server").unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn a_flag_chooses_agent_and_project_and_nothing_else_does() {
        let text = "use codex in api";
        let of = |flags, plan: &Plan| covers(&state(), &said(text, flags), plan);
        assert_eq!(of((Some("codex"), Some("website")), &launch("codex", "website", text)), Ok(()));
        assert!(of((Some("codex"), Some("website")), &launch("codex", "api", text)).is_err());
        assert!(of((Some("codex"), None), &launch("claude", "api", text)).is_err());
        let refused = of((None, None), &launch("codex", "api", text)).unwrap_err();
        assert_eq!(refused, "codex is not the default agent; choose it with --agent");
    }

    #[test]
    fn other_words_and_sessions_that_are_there_are_not_covered() {
        let session = SessionId(Id::from_u128(7));
        let of = |plan: &Plan| covers(&state(), &said(" fix it\n", (None, None)), plan);
        assert_eq!(of(&launch("claude", "shop", "fix it")), Ok(()));
        assert!(of(&launch("claude", "shop", "fix it and push")).is_err());
        assert!(of(&launch("claude", "shop", "it")).is_err());
        assert!(of(&Plan::FollowUp { session, prompt: "fix it".to_owned() }).is_err());
        assert!(of(&Plan::Control { session, action: ControlAction::Resume }).is_err());
    }
}

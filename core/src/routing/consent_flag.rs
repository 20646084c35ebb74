//! Consent in advance, by a flag such as `--yes`: it covers the user's own choices, never those of a router.

mod apparent;
mod bare;
mod behaviour;
mod belongings;
mod head;
mod later;
mod pasted;
mod phrases;
mod places;
mod prevention;
mod reading;
mod refusal;
mod unknown;

use places::{Mention, Named, Role};
use reading::{Word, quoted};

use crate::command::{Project, Utterance};
use crate::consent::Plan;
use crate::state::State;

/// Checks that a flag covers a plan: a new session of the flagged or default agent, in the flagged, named or
/// current project, with the user's own text as prompt, which must tell an agent to work there. The router's
/// intent does not count.
///
/// # Errors
/// Describes what the flag does not cover, which words are the reason, and how to choose it in advance.
pub fn covers(state: &State, utterance: &Utterance, plan: &Plan) -> Result<(), String> {
    match plan {
        Plan::Launch { agent, project, prompt, .. } => {
            if prompt.trim() != utterance.text.trim() {
                return Err("the prompt would differ from your words".to_owned());
            }
            let request = Request::new(state, utterance)?;
            request.agent_is_chosen(agent)?;
            request.project_is_chosen(project)?;
            head::is_order(&utterance.text, &request.words, &request.mentions)
        }
        Plan::FollowUp { .. } => Err("it is for an existing session, not for a new one".to_owned()),
        Plan::Control { .. } => Err("that needs a separate yes".to_owned()),
    }
}

/// The maximum number of words, which bounds the reading time. A longer text is not covered.
const MOST_WORDS: usize = 2_000;

/// A request, split into words and mentions.
struct Request<'a> {
    state: &'a State,
    utterance: &'a Utterance,
    words: Vec<Word>,
    mentions: Vec<Mention<'a>>,
}

impl<'a> Request<'a> {
    fn new(state: &'a State, utterance: &'a Utterance) -> Result<Self, String> {
        let context = state.context();
        let projects = context.projects.iter().map(|project| Named::Project(&project.name));
        let agents = context.agents.iter().map(|agent| Named::Agent(&agent.name));
        let words = reading::words(&utterance.text);
        if words.len() > MOST_WORDS {
            return Err(format!("your request is too long to check: more than {MOST_WORDS} words"));
        }
        let mentions = places::mentions(&words, projects.chain(agents).chain([Named::Here]));
        Ok(Self { state, utterance, words, mentions })
    }

    fn quoted(&self, from: usize, to: usize) -> String {
        quoted(&self.utterance.text, &self.words[from..to])
    }

    fn agent_is_chosen(&self, agent: &str) -> Result<(), String> {
        let flagged = self.utterance.constraints.agent.as_deref();
        let is_chosen = match flagged {
            Some(flagged) => flagged == agent,
            None => self.state.context().agents.iter().any(|known| known.default && known.name == agent),
        };
        if !is_chosen {
            return Err(format!("{agent} is not the default agent; choose it with --agent"));
        }
        for mention in &self.mentions {
            let Named::Agent(named) = mention.named else { continue };
            let words = self.quoted(mention.phrase, mention.to);
            match mention.role {
                Role::Excluded if flagged.is_none() || named == agent => {
                    return Err(format!("your words exclude the agent {named}: {words}"));
                }
                Role::Target if flagged.is_none() && named != agent => {
                    return Err(format!("your words name the agent {named}, not {agent}: {words}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A named place takes precedence: the current project is meant only if no place is named.
    fn project_is_chosen(&self, project: &Project) -> Result<(), String> {
        let name = project.name.as_str();
        let flagged = self.utterance.constraints.project.as_deref();
        for mention in self.mentions.iter().filter(|mention| mention.role == Role::Excluded) {
            if let Some(excluded) = self.project(mention)
                && (flagged.is_none() || excluded == name)
            {
                let words = self.quoted(mention.phrase, mention.to);
                return Err(format!("your words exclude the project {excluded}: {words}"));
            }
        }
        if let Some(flagged) = flagged {
            return match self.other_place(flagged) {
                _ if flagged != name => Err(format!("{name} is not the chosen project")),
                None => Ok(()),
                Some((other, words)) => Err(format!(
                    "your words name the project {other}, but --project names {flagged}: {words}"
                )),
            };
        }
        let known: Vec<&str> =
            self.state.context().projects.iter().map(|known| known.name.as_str()).collect();
        let why = match unknown::unknown(&self.words, &self.mentions, &known) {
            Some((from, to)) => {
                format!("your words name an unknown project: {}", self.quoted(from, to))
            }
            None => match self.not_named(name) {
                Some(why) => why,
                None => return Ok(()),
            },
        };
        Err(format!("{why}; choose one with --project"))
    }

    /// Returns another project that the text names as the place of work, instead of the flagged one.
    fn other_place(&self, flagged: &str) -> Option<(&'a str, String)> {
        let targets = || self.mentions.iter().filter(|mention| mention.role == Role::Target);
        if targets().any(|mention| self.project(mention) == Some(flagged)) {
            return None;
        }
        targets().filter(|mention| mention.is_place).find_map(|mention| {
            let Named::Project(other) = mention.named else { return None };
            Some((other, self.quoted(mention.phrase, mention.to)))
        })
    }

    /// Returns the mentioned project.
    fn project(&self, mention: &Mention<'a>) -> Option<&'a str> {
        match mention.named {
            Named::Project(name) => Some(name),
            Named::Here => self.utterance.default_project.as_deref(),
            Named::Agent(_) => None,
        }
    }

    /// Returns why the text neither names a project nor means it as the current one.
    fn not_named(&self, name: &str) -> Option<String> {
        let is_current = self.utterance.default_project.as_deref() == Some(name);
        let of = |roles: &[Role]| {
            let fitting = self.mentions.iter().filter(|mention| roles.contains(&mention.role));
            let mut named: Vec<&str> = fitting.filter_map(|mention| self.project(mention)).collect();
            named.sort_unstable();
            named.dedup();
            named
        };
        let places = of(&[Role::Target, Role::Vague, Role::Source]);
        let targets = of(&[Role::Target]);
        match (places.as_slice(), targets.as_slice()) {
            ([], _) if is_current => None,
            ([], _) => Some(match of(&[Role::Example]).contains(&name) {
                true => format!("your words name the project {name} only as an example"),
                false => format!("your words do not name the project {name}, and it is not the current one"),
            }),
            ([_], [target]) if *target == name => self.not_done_there(name, is_current),
            ([_], [target]) => Some(format!("your words name the project {target}, not {name}")),
            ([place], _) => self.not_meant(place, name, is_current),
            ([_, _], [target]) if *target == name && is_current && self.brings_here() => None,
            (several, _) => Some(format!(
                "your words name several projects ({}), and {name} was chosen for you",
                several.join(", ")
            )),
        }
    }

    /// Returns why the text names a project other than the current one only as an object: such work may be
    /// done in any project.
    fn not_done_there(&self, name: &str, is_current: bool) -> Option<String> {
        let targets = || {
            let is_target =
                |mention: &&Mention| mention.role == Role::Target && self.project(mention) == Some(name);
            self.mentions.iter().filter(is_target)
        };
        let first = targets().next().filter(|_| !is_current && !targets().any(|target| target.is_place))?;
        let words = self.quoted(first.phrase, first.to);
        Some(format!("your words name the project {name}, but not as the place of work: {words}"))
    }

    /// Returns why a place that is named only as a source does not mean a project.
    fn not_meant(&self, place: &str, name: &str, is_current: bool) -> Option<String> {
        let mention = self.mentions.iter().find(|mention| self.project(mention) == Some(place))?;
        let is_transfer = places::is_transfer(&self.words);
        let is_here = is_current && place == name && (!is_transfer || mention.role == Role::Vague);
        let is_brought = is_current && place != name && is_transfer && mention.role == Role::Source;
        let words = self.quoted(mention.phrase, mention.to);
        let how = match mention.role {
            Role::Vague if !is_transfer => "as a description",
            _ => "as a possible source",
        };
        (!is_here && !is_brought).then(|| format!("your words name the project {place} only {how}: {words}"))
    }

    /// Returns whether something is brought from a place to "here", and the current project is not named in
    /// another role.
    fn brings_here(&self) -> bool {
        self.mentions.iter().all(|mention| match mention.named {
            Named::Here => mention.role == Role::Target,
            Named::Project(_) => matches!(mention.role, Role::Source | Role::Example),
            Named::Agent(_) => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Constraints, ControlAction};
    use crate::ids::{Id, SessionId};
    use crate::permission::PermissionMode;
    use crate::state::{Agent, StateContext};

    fn state() -> State {
        let agent = |name: &str, default| Agent { name: name.to_owned(), default };
        let project = |name: &str| Project { name: name.to_owned(), path: format!("/src/{name}") };
        State::new(StateContext {
            agents: vec![agent("claude", true), agent("codex", false)],
            projects: ["shop", "api", "api-server", "website", "商店"].map(project).into(),
            ..StateContext::default()
        })
    }

    fn utterance(text: &str, flags: (Option<&str>, Option<&str>)) -> Utterance {
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
        covers(&state(), &utterance(text, (None, None)), &launch("claude", project, text))
    }

    #[test]
    fn the_current_project_is_covered_if_no_other_is_named() {
        for text in ["fix it", "fix the shopping cart", "fix it in shop", "copy it from website to here"] {
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
    fn another_project_is_covered_only_if_no_other_place_is_named() {
        for text in [
            "fix the api-server",
            "Fix it in the API Servers",
            "apiserver: fix it",
            "fix the log in api_server",
        ] {
            assert_eq!(in_project(text, "api-server"), Ok(()), "{text}");
        }
        assert_eq!(in_project("修复商店里的登录", "商店"), Ok(()));
        for (text, why) in [
            ("fix it", "do not name the project api-server"),
            ("fix the servers of the api", "name the project api, not"),
            ("copy it from website to the api server", "name several projects"),
            ("copy it from here to the api server", "name several projects"),
        ] {
            let refused = in_project(text, "api-server").unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn only_a_flag_chooses_another_agent_and_words_must_not_contradict_its_project() {
        let text = "use codex in api";
        let of = |flags, plan: &Plan| covers(&state(), &utterance(text, flags), plan);
        assert_eq!(of((Some("codex"), Some("api")), &launch("codex", "api", text)), Ok(()));
        let refused = of((Some("codex"), Some("website")), &launch("codex", "website", text)).unwrap_err();
        assert_eq!(refused, "your words name the project api, but --project names website: \"in api\"");
        assert!(of((Some("codex"), Some("website")), &launch("codex", "api", text)).is_err());
        assert!(of((Some("codex"), None), &launch("claude", "api", text)).is_err());
        let refused = of((None, None), &launch("codex", "api", text)).unwrap_err();
        assert_eq!(refused, "codex is not the default agent; choose it with --agent");
    }

    #[test]
    fn changed_prompts_and_existing_sessions_are_not_covered() {
        let session = SessionId(Id::from_u128(7));
        let of = |plan: &Plan| covers(&state(), &utterance(" fix it\n", (None, None)), plan);
        assert_eq!(of(&launch("claude", "shop", "fix it")), Ok(()));
        assert!(of(&launch("claude", "shop", "fix it and push")).is_err());
        assert!(of(&launch("claude", "shop", "it")).is_err());
        assert!(of(&Plan::FollowUp { session, prompt: "fix it".to_owned() }).is_err());
        assert!(of(&Plan::Control { session, action: ControlAction::Resume }).is_err());
    }
}

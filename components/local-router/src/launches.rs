//! Proposes new work for a wish that is recognised as one. What is not recognised starts nothing.

use crate::answer::{follow_up, launch, list, or, plain, quote, sure, tie, unclear};
use crate::names::Choice;
use crate::negation::example;
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Found, Purpose, is_live};
use crate::vocabulary::is_verb;
use crate::wishes::{Form, form};
use crate::{Intent, Proposal, offers, places, statements};

/// Returns a launch, or why there is none.
pub fn read(reading: &Reading) -> Proposal {
    match form(reading) {
        Some(form) => propose(reading, form),
        None => offers::or_missing(reading, &|reading| {
            offers::is_plain_work(reading) || statements::is_about_software(reading)
        }),
    }
}

/// Returns a launch for a wish that is recognised, or asks between the places and agents that it names.
pub fn propose(reading: &Reading, form: Form) -> Proposal {
    let agents = agents(reading);
    let projects = projects(reading);
    let intent = |agent: &str, project: Option<&str>| launch(agent, project, reading.prompt);
    if agents.is_empty() && !reading.request.agents.is_empty() || projects.is_empty() {
        return unclear(
            "It only says what not to use. Say where, and with which agent.",
            80,
            "it names only what is not meant",
        );
    }
    // Which one is meant is left to the user, even where only one is left.
    let excludes = excludes_default(reading) || excludes_project(reading);
    match (&agents[..], &projects[..]) {
        ([], _) => {
            let hint = "No agent is configured. Add one to the configuration.";
            unclear(hint, 90, "there is no agent to start")
        }
        ([agent], [project]) if !excludes => {
            let confidence = confidence(reading, form, *project);
            let proposal = sure(intent(agent, *project), confidence, reason(reading, form, *project));
            places::confirm(reading, or(proposal, other(reading, *project), 30))
        }
        _ => {
            let is_of_agents = agents.len() > 1 || projects == [None];
            let names =
                if is_of_agents { agents.clone() } else { projects.iter().flatten().copied().collect() };
            let hint = format!("Say which one is meant: {}.", list(names.into_iter()));
            let pairs =
                agents.iter().flat_map(|agent| projects.iter().map(|project| intent(agent, *project)));
            tie(pairs.collect(), hint, "it names several alike")
        }
    }
}

/// Returns the agents that may be meant: the fixed one, those that are named, or the one for when none is.
fn agents<'r>(reading: &Reading<'r>) -> Vec<&'r str> {
    let request = reading.request;
    if let Some(fixed) = &request.constraints.agent {
        return vec![fixed];
    }
    let name = |index: usize| request.agents[index].name.as_str();
    match reading.agent() {
        Choice::One(index) => [index].into_iter().chain(reading.lead.rival).map(name).collect(),
        Choice::Several(several) => several.into_iter().map(name).collect(),
        Choice::None if excludes_default(reading) => {
            let unmeant = &reading.names.unmeant.agents;
            (0..request.agents.len()).filter(|index| !unmeant.contains(index)).map(name).collect()
        }
        Choice::None => {
            let default = request.agents.iter().find(|agent| agent.default).or(request.agents.first());
            default.map(|agent| agent.name.as_str()).into_iter().collect()
        }
    }
}

/// Returns the projects that may be meant; one that is none leaves the choice to the core.
fn projects<'r>(reading: &Reading<'r>) -> Vec<Option<&'r str>> {
    let request = reading.request;
    if let Some(fixed) = &request.constraints.project {
        return vec![Some(fixed.as_str())];
    }
    let name = |index: usize| Some(request.projects[index].name.as_str());
    match reading.project() {
        Choice::None if excludes_project(reading) => {
            let unmeant = &reading.names.unmeant.projects;
            (0..request.projects.len()).filter(|index| !unmeant.contains(index)).map(name).collect()
        }
        Choice::None => vec![None],
        Choice::One(index) => vec![name(index)],
        Choice::Several(several) => several.into_iter().map(name).collect(),
    }
}

/// Says whether the agent for when none is named is not to be used.
fn excludes_default(reading: &Reading) -> bool {
    let agents = &reading.request.agents;
    let default = agents.iter().position(|agent| agent.default).unwrap_or(0);
    let is_free = reading.request.constraints.agent.is_none() && reading.agent() == Choice::None;
    is_free && reading.names.unmeant.agents.contains(&default)
}

/// Says whether a place is named only as one where nothing is to be done: it may be the one where one stands.
fn excludes_project(reading: &Reading) -> bool {
    let is_free = reading.request.constraints.project.is_none() && reading.project() == Choice::None;
    is_free && !reading.names.unmeant.projects.is_empty()
}

fn confidence(reading: &Reading, form: Form, project: Option<&str>) -> u8 {
    let base = match form {
        Form::Order => 90,
        Form::Want => 85,
        Form::Request | Form::Problem | Form::Question => 75,
        Form::Thing => 65,
    };
    let named = if project.is_some() { 5 } else { 0 };
    let pasted = if reading.pasted { 15 } else { 0 };
    base + named - pasted
}

fn reason(reading: &Reading, form: Form, project: Option<&str>) -> String {
    let what = match form {
        Form::Order | Form::Request | Form::Want | Form::Thing => "asks for a change",
        Form::Problem => "tells of a problem",
        Form::Question => "asks about code",
    };
    match project.map(plain) {
        Some(project) if reading.request.constraints.project.is_some() => {
            format!("the project {project} is fixed, and it {what}")
        }
        Some(project) => format!("it names the project {project} and {what}"),
        None => format!("it {what}"),
    }
}

/// Returns the follow-up that it may be as well, where work goes on in that place already.
fn other(reading: &Reading, project: Option<&str>) -> Option<Intent> {
    if reading.lead.fresh || reading.lead.agent.is_some() {
        return None;
    }
    let index = project.and_then(|name| reading.request.projects.iter().position(|known| known.name == name));
    let reference = Reference { project: index, pronoun: true, ..Reference::default() };
    match reading.find(&reference, Purpose::Tell) {
        Found::One(session) if is_live(session) => Some(follow_up(session, reading.prompt)),
        _ => None,
    }
}

/// Says what is missing from a wish that is not recognised.
pub fn missing(reading: &Reading) -> Proposal {
    let example = example(reading);
    let has_verb = reading.rest().first().is_some_and(is_verb);
    if reading.lead.agent.is_some() || reading.lead.fresh || has_verb {
        return unclear(example, 75, "it does not say what to do");
    }
    unclear(format!("{} is not clear. {example}", quote(reading.prompt)), 70, "no wish is recognised in it")
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, describe, idle, intent};
    use crate::{Constraints, Intent, Request, route};

    #[test]
    fn what_is_named_is_used_and_what_is_fixed_wins() {
        assert_eq!(intent("use codex to fix the pager in api", &idle()), "launch codex api");
        assert_eq!(intent("fix the pager", &idle()), "launch claude -");
        let constraints = Constraints { agent: Some("codex".into()), project: Some("web".into()) };
        let fixed = Request { constraints, ..idle() };
        assert_eq!(intent("use claude to fix the pager in api", &fixed), "launch codex web");
    }

    #[test]
    fn names_that_fit_alike_are_asked_about() {
        let proposal = route(&Request { utterance: "fix the footer in shop and in api".into(), ..idle() });
        assert!(matches!(proposal.intent, Intent::CannotParse(hint) if hint.contains("shop, api")));
        let candidates: Vec<String> = proposal.candidates.iter().map(|one| describe(&one.intent)).collect();
        assert_eq!(candidates, ["launch claude shop", "launch claude api"]);
        assert!(proposal.candidates.iter().all(|one| one.confidence == proposal.confidence));
    }

    #[test]
    fn new_work_where_work_goes_on_may_be_a_follow_up_as_well() {
        let proposal = route(&Request { utterance: "add a footer to shop".into(), ..busy() });
        assert_eq!(describe(&proposal.intent), "launch claude shop");
        assert_eq!(describe(&proposal.candidates[0].intent), "follow-up login");
        assert!(proposal.candidates[0].confidence < proposal.confidence);
    }

    #[test]
    fn the_users_words_are_the_prompt() {
        let utterance = "  use codex to fix „Größe“ in shop \n";
        let Intent::Launch(launch) = route(&Request { utterance: utterance.into(), ..idle() }).intent else {
            panic!("it is a launch");
        };
        assert_eq!(launch.prompt, utterance.trim());
    }

    #[test]
    fn without_an_agent_nothing_is_proposed() {
        let none = Request { agents: Vec::new(), ..idle() };
        assert_eq!(intent("fix the pager in shop", &none), "cannot-parse");
    }
}

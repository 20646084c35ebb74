//! Proposes a launch for a request for work, or says what is missing from it.

use crate::answer::{follow_up, launch, list, or, plain, quote, sure, tie, unclear};
use crate::form::Form;
use crate::names::Choice;
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Purpose, SessionMatch, is_live};
use crate::vocabulary::is_verb;
use crate::{Intent, Proposal, places};

/// Returns a launch for a recognised request, or a question if the named place or agent is ambiguous.
pub fn propose(reading: &Reading, form: Form) -> Proposal {
    let agents = agents(reading);
    let projects = projects(reading);
    let intent = |agent: &str, project: Option<&str>| launch(agent, project, reading.prompt);
    if agents.is_empty() && !reading.request.agents.is_empty() || projects.is_empty() {
        return unclear(
            "It only says what not to use. Say where, and with which agent.",
            80,
            "it only excludes names",
        );
    }
    // The user decides which place is meant, even if only one is left.
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
            tie(pairs.collect(), hint, "it names several equally likely ones")
        }
    }
}

/// Returns the agents that the request may refer to: the fixed one, the named ones, or the default.
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
            let excluded = &reading.names.excluded.agents;
            (0..request.agents.len()).filter(|index| !excluded.contains(index)).map(name).collect()
        }
        Choice::None => {
            let default = request.agents.iter().find(|agent| agent.default).or(request.agents.first());
            default.map(|agent| agent.name.as_str()).into_iter().collect()
        }
    }
}

/// Returns the projects that the request may refer to; `None` leaves the choice to the core.
fn projects<'r>(reading: &Reading<'r>) -> Vec<Option<&'r str>> {
    let request = reading.request;
    if let Some(fixed) = &request.constraints.project {
        return vec![Some(fixed.as_str())];
    }
    let name = |index: usize| Some(request.projects[index].name.as_str());
    match reading.project() {
        Choice::None if excludes_project(reading) => {
            let excluded = &reading.names.excluded.projects;
            (0..request.projects.len()).filter(|index| !excluded.contains(index)).map(name).collect()
        }
        Choice::None => vec![None],
        Choice::One(index) => vec![name(index)],
        Choice::Several(several) => several.into_iter().map(name).collect(),
    }
}

/// Returns whether the utterance excludes the default agent.
fn excludes_default(reading: &Reading) -> bool {
    let agents = &reading.request.agents;
    let default = agents.iter().position(|agent| agent.default).unwrap_or(0);
    let is_free = reading.request.constraints.agent.is_none() && reading.agent() == Choice::None;
    is_free && reading.names.excluded.agents.contains(&default)
}

/// Returns whether the utterance only excludes projects: the current folder may be one of them.
fn excludes_project(reading: &Reading) -> bool {
    let is_free = reading.request.constraints.project.is_none() && reading.project() == Choice::None;
    is_free && !reading.names.excluded.projects.is_empty()
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
        Form::Problem => "reports a problem",
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

/// Returns the follow-up that the request may also be, if a session is already working in that place.
fn other(reading: &Reading, project: Option<&str>) -> Option<Intent> {
    if reading.lead.fresh || reading.lead.agent.is_some() {
        return None;
    }
    let index = project.and_then(|name| reading.request.projects.iter().position(|known| known.name == name));
    let reference = Reference { project: index, pronoun: true, ..Reference::default() };
    match reading.find(&reference, Purpose::Tell) {
        SessionMatch::One(session) if is_live(session) => Some(follow_up(session, reading.prompt)),
        _ => None,
    }
}

/// Returns the proposal for an unrecognised request: what is missing from it.
pub fn missing(reading: &Reading) -> Proposal {
    let example = reading.example();
    let has_verb = reading.rest().first().is_some_and(is_verb);
    if reading.lead.agent.is_some() || reading.lead.fresh || has_verb {
        return unclear(example, 75, "it does not say what to do");
    }
    unclear(
        format!("{} is not clear. {example}", quote(reading.prompt)),
        70,
        "it is not recognised as a request",
    )
}

//! Routes wishes without network and without a model: a small grammar over the words of the utterance and the
//! names of projects, agents and sessions.
//!
//! The order of the rules is the order of [`route`]: what may be harmful or void is refused first, then come
//! the readings that need a session, and an agent is started last, and only for a wish that is recognised. What
//! nothing recognises is not clear. The same request always gets the same proposal.

mod bindings {
    #![allow(missing_docs, unused_qualifications, reason = "generated")]
    wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/router"],
        world: "codewalk:router/router-adapter",
        generate_all,
        additional_derives: [PartialEq, Eq],
    });
}

mod answer;
#[cfg(any(target_arch = "wasm32", test))]
mod arena;
mod asked;
mod controls;
mod follow_ups;
mod foreign;
mod languages;
mod launches;
mod lead;
mod names;
mod negation;
mod notation;
mod offers;
mod pasted;
mod pattern;
mod places;
mod questions;
mod reading;
mod reference;
mod safety;
mod sessions;
mod short;
mod sources;
mod spelling;
mod spoken;
mod statements;
#[cfg(test)]
mod testing;
mod ties;
mod turns;
mod unknown;
mod vocabulary;
mod wishes;
mod words;

use answer::unclear;
use reading::Reading;
use safety::Refusal;
use unknown::Unknown;
use wishes::Form;

pub use bindings::codewalk::types::types::{Channel, PortError, SessionState};
pub use bindings::exports::codewalk::router::router::{
    Agent, Candidate, Constraints, Control, ControlAction, FollowUp, Intent, Launch, OpenConfirmation,
    Project, Proposal, Query, Request, Session, Speaker, Turn,
};

struct Adapter;

impl bindings::exports::codewalk::router::router::Guest for Adapter {
    fn route(request: Request) -> Result<Proposal, PortError> {
        Ok(route(&request))
    }
}

#[cfg(target_arch = "wasm32")]
bindings::export!(Adapter with_types_in bindings);

/// Finds out what an utterance means.
pub fn route(request: &Request) -> Proposal {
    let refused = |refusal: Refusal| unclear(refusal.hint, 95, refusal.reason);
    let utterance = request.utterance.as_str();
    if let Err(refusal) = safety::check_characters(utterance) {
        return refused(refusal);
    }
    let all = words::split(utterance);
    if let Err(refusal) = safety::check_claims(utterance, &all).and_then(|()| safety::check_languages(&all)) {
        return refused(refusal);
    }
    let own = pasted::own(utterance);
    let words = if own.pasted { words::split(&own.text) } else { all };
    if words.is_empty() {
        return match pasted::is_told_error(utterance) {
            true => told_error(request),
            false => nothing_own(own.pasted),
        };
    }
    if let Some(language) = languages::of(&words) {
        let words = languages::segment(languages::rejoined(words, language), language);
        return foreign::read(Reading::new(request, &words, own.pasted), language);
    }
    let words = spoken::without_fillers(words);
    let mut reading = Reading::new(request, &words, own.pasted);
    let earlier = turns::read(&reading).or_else(|| negation::read_void(&reading));
    if let Some(proposal) = earlier.or_else(|| follow_ups::read(&reading)) {
        return proposal;
    }
    reading.take_order();
    reading.guess_place();
    negation::read_refusal(&reading)
        .or_else(|| negation::read_reserve(&reading))
        .or_else(|| unknown_name(&reading))
        .or_else(|| controls::read(&reading))
        .or_else(|| looked_into(&reading))
        .or_else(|| questions::read(&reading))
        .or_else(|| ties::read(&reading))
        .unwrap_or_else(|| launches::read(&reading))
}

/// "Find out why it crashes": for the session that is at work, or new work.
fn looked_into(reading: &Reading) -> Option<Proposal> {
    if !short::looks_into_it(reading.rest()) {
        return None;
    }
    if reading.any_live() {
        ties::tied(reading, 80)
    } else {
        Some(launches::propose(reading, Form::Question))
    }
}

/// Offers work on an error that a person tells of in the words of a program.
fn told_error(request: &Request) -> Proposal {
    let words = words::split(&request.utterance);
    let reading = Reading::new(request, &words, false);
    let proposal = launches::propose(&reading, Form::Problem);
    offers::guess(proposal, "it may tell of an error to fix", nothing_own(true))
}

fn nothing_own(pasted: bool) -> Proposal {
    if pasted {
        let hint = "This is only pasted text. Say in your own words, above it, what to do with it.";
        return unclear(hint, 95, "all of it is pasted");
    }
    unclear("Say what to do.", 95, "it holds no words")
}

/// Refuses an agent or a project that is named as such but not known. What is fixed by flags is known.
fn unknown_name(reading: &Reading) -> Option<Proposal> {
    let constraints = &reading.request.constraints;
    let agent = || unknown::agent(reading.words, &reading.names).filter(|_| constraints.agent.is_none());
    let project = || {
        unknown::project(reading.words, &reading.names)
            .filter(|_| constraints.project.is_none() && reading.guess.is_none())
    };
    Some(unknown_hint(reading.request, agent().or_else(project)?))
}

/// Says what is known instead of a name that is not.
fn unknown_hint(request: &Request, unknown: Unknown) -> Proposal {
    let Request { agents, projects, .. } = request;
    let hint = match unknown {
        Unknown::Agent(name) => {
            let known = answer::list(agents.iter().map(|agent| agent.name.as_str()));
            format!("There is no agent {}. Known: {known}.", answer::quote(&name))
        }
        Unknown::Project(name) => places::unknown_hint(projects, &name),
    };
    unclear(hint, 85, "it names what is not known")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::idle;

    fn hint(utterance: &str) -> String {
        match route(&Request { utterance: utterance.into(), ..idle() }).intent {
            Intent::CannotParse(hint) => hint,
            other => panic!("{other:?} is clear"),
        }
    }

    #[test]
    fn an_unknown_name_gets_the_known_ones() {
        assert!(hint("use gemini to fix the pager").ends_with("Known: claude, codex."));
        assert!(hint("in the billing project, fix the pager").ends_with("Known: shop, api, web."));
    }

    #[test]
    fn nothing_and_pasted_text_alone_are_not_clear() {
        assert_eq!(hint(" \n"), "Say what to do.");
        assert!(hint("> fix the pager in shop").contains("only pasted"));
        assert!(
            hint("hello").contains("\"fix the failing test in shop\"")
                && hint("hello").contains("\"what is running?\"")
        );
        assert_eq!(hint("fix shop"), "Say what to do and where, for example: fix the failing test in shop.");
    }
}

//! Routes requests without a network or a model: a small grammar over the words of the utterance and the
//! names of projects, agents and sessions.
//!
//! The rules run in the order of [`route`]: harmful and empty utterances are rejected first, then come the
//! rules that need a session. Starting an agent comes last, and needs a recognised request. Anything else
//! counts as unclear. The same request always gets the same proposal.

mod answer;
mod bindings;
mod controls;
mod detection;
mod follow_ups;
mod foreign;
mod form;
mod general_queries;
mod guess;
mod inflection;
mod lang;
mod launches;
mod lead;
mod mention;
mod names;
mod negation;
mod notation;
mod offers;
mod pasted;
mod pattern;
mod phrases;
mod places;
mod proposal;
mod questions;
mod reading;
mod reference;
mod requests;
mod safety;
mod segment;
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
mod word;
mod word_list;
mod words;

use answer::unclear;
use form::Form;
use reading::Reading;
use safety::Refusal;

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

/// Routes an utterance.
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
        return match pasted::is_error_report(utterance) {
            true => error_report(request),
            false => nothing_own(own.pasted),
        };
    }
    if let Some(language) = detection::of(&words) {
        let words = segment::segment(detection::rejoined(words, language), language);
        return foreign::read(Reading::new(request, &words, own.pasted), language, route);
    }
    let words = spoken::without_fillers(words);
    let mut reading = Reading::new(request, &words, own.pasted);
    let earlier = turns::read(&reading, route).or_else(|| negation::read_void(&reading));
    if let Some(proposal) = earlier.or_else(|| follow_ups::read(&reading)) {
        return proposal;
    }
    reading.take_order();
    guess_place(&mut reading);
    negation::read_refusal(&reading)
        .or_else(|| negation::read_reserve(&reading))
        .or_else(|| unknown_name(&reading))
        .or_else(|| controls::read(&reading))
        .or_else(|| looked_into(&reading))
        .or_else(|| questions::read(&reading))
        .or_else(|| ties::read(&reading))
        .unwrap_or_else(|| launches::read(&reading))
}

/// Replaces an unknown place with the known one that it sounds like.
fn guess_place(reading: &mut Reading) {
    let guess = places::guess(reading);
    if reading.take_guess(guess) {
        reading.read_lead();
    }
}

/// "Find out why it crashes": a message to the running session, or new work.
fn looked_into(reading: &Reading) -> Option<Proposal> {
    if !short::looks_into_it(reading.rest()) {
        return None;
    }
    if reading.any_live() {
        ties::tied(reading, 80)
    } else {
        Some(proposal::propose(reading, Form::Question))
    }
}

/// Offers to work on an error that the user reports by quoting a program's message.
fn error_report(request: &Request) -> Proposal {
    let words = words::split(&request.utterance);
    let reading = Reading::new(request, &words, false);
    let proposal = proposal::propose(&reading, Form::Problem);
    if reading.is_all_fixed() {
        return proposal;
    }
    answer::offer(proposal, "it may report an error to fix", nothing_own(true))
}

fn nothing_own(pasted: bool) -> Proposal {
    if pasted {
        let hint = "This is only pasted text. Say in your own words, above it, what to do with it.";
        return unclear(hint, 95, "all of it is pasted");
    }
    unclear("Say what to do.", 95, "it contains no words")
}

/// Rejects an unknown agent or project. Those fixed by flags are always known.
fn unknown_name(reading: &Reading) -> Option<Proposal> {
    let constraints = &reading.request.constraints;
    let agent = || unknown::agent(reading.words, &reading.names).filter(|_| constraints.agent.is_none());
    let project = || {
        unknown::project(reading.words, &reading.names)
            .filter(|_| constraints.project.is_none() && reading.guess.is_none())
    };
    Some(places::unknown_name(reading.request, agent().or_else(project)?))
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
    fn an_unknown_name_is_answered_with_the_known_ones() {
        assert!(hint("use gemini to fix the pager").ends_with("Known: claude, codex."));
        assert!(hint("in the billing project, fix the pager").ends_with("Known: shop, api, web."));
    }

    #[test]
    fn empty_text_and_pasted_text_alone_are_unclear() {
        assert_eq!(hint(" \n"), "Say what to do.");
        assert!(hint("> fix the pager in shop").contains("only pasted"));
        assert!(
            hint("hello").contains("\"fix the failing test in shop\"")
                && hint("hello").contains("\"what is running?\"")
        );
        assert_eq!(hint("fix shop"), "Say what to do and where, for example: fix the failing test in shop.");
    }
}

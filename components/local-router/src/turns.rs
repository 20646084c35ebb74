//! Recognises references to an earlier request: "do the same for api", "yes but in shop", "no, the other
//! project", "that one".
//!
//! The earlier request is routed again with the change. The prompt stays in the user's own words.

use crate::answer::{self, launch, sure, tie, unclear};
use crate::lang::en::turns as en;
use crate::negation;
use crate::pattern::{any_at, any_in, any_whole};
use crate::places;
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Purpose, SessionMatch};
use crate::spelling::{is_alike, key};
use crate::word::Word;
use crate::words::split;
use crate::{Candidate, Constraints, Intent, Proposal, Request, Session, Speaker};

/// The confidence in an intent from an earlier request.
const CONFIDENCE: u8 = 70;

/// Routes a request; this is the entry point of the whole router.
pub type Route = fn(&Request) -> Proposal;

/// Returns the proposal for an earlier request with a change.
pub fn read(reading: &Reading, route: Route) -> Option<Proposal> {
    const LONGEST: usize = 14;
    if reading.pasted || reading.words.len() > LONGEST {
        return None;
    }
    if let Some(project) = repeated(reading) {
        return again(reading, project, route);
    }
    if let Some((heard, project)) = repeated_alike(reading) {
        let proposal = again(reading, project, route)?;
        let name = answer::plain(&reading.request.projects[project].name);
        let reason = format!("{} probably means the project {name}", answer::quote(&heard));
        let missing = places::unknown_hint(&reading.request.projects, &heard);
        let missing = unclear(missing, 85, "it names something unknown");
        return Some(answer::offer_beside(proposal, &reason, missing, answer::OFFER_CONFIDENCE));
    }
    if any_whole(reading.words, en::AGAIN) {
        return again_here(reading, route);
    }
    let correction = correction(reading.words, reading)?;
    let utterance = last_request(reading.request)?;
    match correction {
        Correction::Place(project) => Some(moved(reading, utterance, project, route)),
        Correction::OtherPlace => Some(elsewhere(reading, utterance, route)),
        Correction::Which => which(reading, utterance, route),
    }
}

/// A change of an earlier request.
enum Correction {
    /// The request is for this project.
    Place(usize),
    /// The request is for another project.
    OtherPlace,
    /// The text chooses one of several alternatives.
    Which,
}

fn correction(words: &[Word], reading: &Reading) -> Option<Correction> {
    let names = &reading.names;
    let mut projects: Vec<usize> = names.projects.iter().map(|mention| mention.index).collect();
    projects.dedup();
    let others: Vec<&Word> = (0..words.len())
        .filter(|at| !names.covers(*at))
        .map(|at| &words[at])
        .filter(|word| !word.is(en::JOINTS))
        .collect();
    let points = |word: &Word| word.is(en::POINTS);
    match (&projects[..], &others[..]) {
        ([project], []) if names.agents.is_empty() && words.iter().any(points) => {
            // "The api one" is a session if codewalk asked which of several sessions is meant.
            let is_one = words.last().is_some_and(|last| last.is(en::ONE));
            Some(if is_one { Correction::Which } else { Correction::Place(*project) })
        }
        ([project], []) if names.agents.is_empty() && asked_where(reading.request) => {
            Some(Correction::Place(*project))
        }
        ([], [other]) if other.is(en::OTHER) && any_in(words, en::OTHER_PROJECT) => {
            Some(Correction::OtherPlace)
        }
        _ if any_whole(words, en::WRONG_PLACES) => Some(Correction::OtherPlace),
        _ => {
            let begins = any_at(words, en::CORRECTIONS).is_some();
            let ends = words.last().is_some_and(|last| last.is(en::ORDINALS) || last.is(en::ONES));
            (begins && ends).then_some(Correction::Which)
        }
    }
}

fn asked_where(request: &Request) -> bool {
    let last = request.turns.last();
    let asks = |text: &str| text.contains("in which project") || text.contains("which one is meant");
    last.is_some_and(|turn| turn.speaker == Speaker::Codewalk && asks(&turn.text))
}

/// Returns the last complete request of the user.
fn last_request(request: &Request) -> Option<&str> {
    const FEWEST: usize = 2;
    let is_request = |text: &&str| {
        let words = split(text);
        let answers = negation::is_bare_answer(&words) || words.iter().all(|word| word.is(en::JOINTS));
        // A shortened text is not the complete request.
        words.len() >= FEWEST && !answers && !text.ends_with('…')
    };
    let users = request.turns.iter().rev().filter(|turn| turn.speaker == Speaker::User);
    users.map(|turn| turn.text.trim()).take(3).find(is_request)
}

/// "Do the same for api", "same in api": returns the project.
fn repeated(reading: &Reading) -> Option<usize> {
    let words = reading.words;
    let start = any_at(words, en::SAME)?;
    let mention = reading.names.project_at(start)?;
    let rest = &words[start + mention.len..];
    (rest.is_empty() || any_whole(rest, en::AFTER)).then_some(mention.index)
}

/// "Do the same for api", if only one project has a similar name: returns the name in the words, and the
/// project.
fn repeated_alike(reading: &Reading) -> Option<(String, usize)> {
    let words = reading.words;
    let start = any_at(words, en::SAME)?;
    let heard = words.get(start).filter(|word| !reading.names.covers(start) && !word.quoted)?;
    let rest = &words[start + 1..];
    let is_part = |name: &str| {
        let mut parts = name.split(['-', '_', ' ']);
        parts.any(|part| part.eq_ignore_ascii_case(&heard.text)) || is_alike(&key(&heard.text), &key(name))
    };
    let projects = reading.request.projects.iter().enumerate();
    let mut fitting = projects.filter(|(_, project)| is_part(&project.name));
    match (fitting.next(), fitting.next()) {
        (Some((index, _)), None) if rest.is_empty() || any_whole(rest, en::AFTER) => {
            Some((heard.text.to_string(), index))
        }
        _ => None,
    }
}

/// Proposes the last request for another project. The agent receives both texts, since it has not seen the
/// first.
pub fn again(reading: &Reading, project: usize, route: Route) -> Option<Proposal> {
    let request = reading.request;
    let newest = || request.sessions.first().map(|session| session.utterance.trim());
    let utterance = last_request(request).or_else(newest)?;
    let name = request.projects[project].name.as_str();
    if request.constraints.project.as_ref().is_some_and(|fixed| fixed != name) {
        return None;
    }
    let Intent::Launch(first) = reread(request, utterance, None, route).intent else { return None };
    let agent = request.constraints.agent.as_deref().unwrap_or(&first.agent);
    if first.project.as_deref() == Some(name) {
        return None;
    }
    let moved = first.project.as_deref().and_then(|old| moved_text(utterance, old, name));
    let prompt = format!("{}\n\n{}", moved.as_deref().unwrap_or(utterance), reading.prompt);
    Some(sure(
        launch(agent, Some(name), &prompt),
        CONFIDENCE,
        format!("it repeats the last request in {}", answer::plain(name)),
    ))
}

/// "Same again": offers the last request once more.
pub fn again_here(reading: &Reading, route: Route) -> Option<Proposal> {
    let proposal = reread(reading.request, last_request(reading.request)?, None, route);
    let is_launch = matches!(proposal.intent, Intent::Launch(_));
    is_launch.then(|| answer::offer(proposal, "it may repeat the last request", nothing_meant()))
}

/// Replaces the name of the old project in a text with the new one, so that the text for the agent does not
/// mention another place.
fn moved_text(text: &str, old: &str, new: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let (at, _) = text
        .rmatch_indices(old)
        .find(|(at, _)| !text[..*at].ends_with(is_part) && !text[at + old.len()..].starts_with(is_part))?;
    Some(format!("{}{new}{}", &text[..at], &text[at + old.len()..]))
}

fn reread(request: &Request, utterance: &str, project: Option<&str>, route: Route) -> Proposal {
    let Constraints { agent, project: fixed } = request.constraints.clone();
    let project = fixed.or_else(|| project.map(str::to_string));
    let constraints = Constraints { agent, project };
    route(&Request {
        utterance: utterance.into(),
        turns: Vec::new(),
        confirmation: None,
        constraints,
        ..request.clone()
    })
}

/// Proposes the last request for the newly named project.
fn moved(reading: &Reading, utterance: &str, project: usize, route: Route) -> Proposal {
    let name = &reading.request.projects[project].name;
    let proposal = reread(reading.request, utterance, Some(name), route);
    let confidence = proposal.confidence.min(CONFIDENCE);
    match proposal.intent {
        intent @ (Intent::Launch(_) | Intent::FollowUp(_)) => {
            sure(intent, confidence, format!("it moves the last request to {}", answer::plain(name)))
        }
        _ => unclear("Say what to do there.", 80, "it names only a place"),
    }
}

/// Proposes the last request for a project other than its own.
fn elsewhere(reading: &Reading, utterance: &str, route: Route) -> Proposal {
    let request = reading.request;
    let own = match reread(request, utterance, None, route).intent {
        Intent::Launch(launch) => launch.project,
        _ => None,
    };
    let is_same = |session: &&Session| session.utterance.trim() == utterance;
    let own = own.or_else(|| request.sessions.iter().find(is_same).map(|session| session.project.clone()));
    let others: Vec<usize> = (0..request.projects.len())
        .filter(|index| own.as_ref() != Some(&request.projects[*index].name))
        .collect();
    if let ([other], Some(_)) = (&others[..], &own) {
        return moved(reading, utterance, *other, route);
    }
    let intents = others.iter().map(|other| moved(reading, utterance, *other, route).intent);
    let intents: Vec<Intent> = intents.filter(|intent| matches!(intent, Intent::Launch(_))).collect();
    tie(intents, "Say which project is meant.".into(), "it means another project, and there are several")
}

fn nothing_meant() -> Proposal {
    unclear("Say which one is meant, with a word from it.", 80, "it does not say which one")
}

/// Chooses one of the alternatives of the last request.
fn which(reading: &Reading, utterance: &str, route: Route) -> Option<Proposal> {
    let request = reading.request;
    let earlier = reread(request, utterance, None, route);
    let mut of_request = request.sessions.iter().filter(|session| session.utterance.trim() == utterance);
    let points = any_whole(reading.words, en::THAT_ONE);
    match of_request.next() {
        None if points && matches!(earlier.intent, Intent::Launch(_)) => {
            return Some(answer::offer(earlier, "it may mean the last request", nothing_meant()));
        }
        // The request has already been started: its session is meant.
        Some(session) if points && of_request.next().is_none() => {
            let reason = format!("it may ask about {}", answer::name_of(session));
            return Some(sure(answer::query(Some(session), reading.prompt), 60, reason));
        }
        _ => {}
    }
    let candidates = earlier.candidates;
    if candidates.len() < 2 {
        return None;
    }
    let number =
        reading.words.iter().find_map(|word| en::NUMBERS.iter().position(|number| *number == word.text));
    let reference = Reference::read(reading.words, 0, &reading.names);
    let says_which = reference.names_any() || !reference.topic.is_empty() || reference.order.is_some();
    let found = match reading.find(&reference, Purpose::Ask(None)) {
        SessionMatch::One(session) | SessionMatch::Unfit(session) if says_which => Some(session.id.as_str()),
        _ => None,
    };
    let project = reference.project.map(|index| request.projects[index].name.as_str());
    let fits = |candidate: &&Candidate| match &candidate.intent {
        Intent::Launch(launch) => project.is_some() && launch.project.as_deref() == project,
        Intent::FollowUp(follow_up) => found == Some(follow_up.session.as_str()),
        Intent::Control(control) => found == Some(control.session.as_str()),
        Intent::Query(_) | Intent::CannotParse(_) => false,
    };
    let mut fitting = candidates.iter().filter(fits);
    let chosen = match (fitting.next(), fitting.next()) {
        (Some(one), None) => Some(one),
        _ => number.and_then(|number| candidates.get(number)),
    };
    Some(match chosen {
        Some(chosen) => sure(chosen.intent.clone(), CONFIDENCE, "it says which one the last request means"),
        None => tie(
            candidates.into_iter().map(|candidate| candidate.intent).collect(),
            "Say which one is meant, with a word from it.".into(),
            "it does not say which one",
        ),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};
    use crate::{Intent, Request, Speaker, Turn, route};

    fn after(utterance: &str, request: Request) -> Request {
        let turn = |speaker, text: &str| Turn { speaker, text: text.into() };
        let turns = vec![turn(Speaker::User, utterance), turn(Speaker::Codewalk, "you said no")];
        Request { turns, ..request }
    }

    fn two_projects() -> Request {
        let mut request = idle();
        request.projects.truncate(2);
        request
    }

    #[test]
    fn a_request_is_repeated_in_another_project() {
        let request = after("fix the flaky login test in shop", busy());
        for utterance in
            ["do the same for api", "Same in api please", "and now in the api project", "do it in api too"]
        {
            assert_eq!(intent(utterance, &request), "launch claude api", "{utterance}");
            let Intent::Launch(launch) =
                route(&Request { utterance: utterance.into(), ..request.clone() }).intent
            else {
                panic!("{utterance} starts nothing");
            };
            assert_eq!(launch.prompt, format!("fix the flaky login test in api\n\n{utterance}"));
        }
        assert_eq!(intent("do the same for api", &idle()), "cannot-parse");
    }

    #[test]
    fn the_last_request_is_moved_to_the_named_place() {
        let request = after("fix the flaky login test", two_projects());
        for utterance in [
            "yes but in api",
            "no, in api",
            "I meant the api project",
            "no, api please",
            "sorry, in the API repo",
        ] {
            assert_eq!(intent(utterance, &request), "launch claude api", "{utterance}");
        }
        let request = after("fix the flaky login test in shop", two_projects());
        assert_eq!(intent("no, the other project", &request), "launch claude api");
        let several = after("fix the flaky login test in shop", idle());
        assert_eq!(intent("no, the other project", &several), "cannot-parse");
        for utterance in ["yes but not in api", "no", "yes", "yes but in api only if it is red"] {
            assert_eq!(intent(utterance, &request), "cannot-parse", "{utterance}");
        }
        assert_eq!(intent("yes but in api", &idle()), "cannot-parse");
    }

    #[test]
    fn one_of_several_candidates_is_chosen() {
        let request = after("stop it", busy());
        assert_eq!(intent("the api one", &request), "stop upload");
        assert_eq!(intent("the first one", &request), "stop login");
        assert_eq!(intent("no, the rate limiting one", &request), "stop upload");
        assert_eq!(intent("that one", &request), "cannot-parse");
    }
}

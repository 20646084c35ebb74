//! Reads what is said of something said before: "do the same for api", "yes but in shop", "no, the other project",
//! "that one".
//!
//! The earlier wish is read again, with what is new. Its words stay the user's own.

use crate::answer::{launch, sure, tie, unclear};
use crate::negation;
use crate::pattern::{Phrases, any_at, any_in, any_whole, phrases};
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Found, Purpose};
use crate::spelling::{is_alike, key};
use crate::words::{Word, split};
use crate::{Candidate, Constraints, Intent, Proposal, Request, Session, Speaker, route};
use crate::{offers, places};

/// How much more than the earlier wish is likely.
const CONFIDENCE: u8 = 70;

/// Returns what an earlier wish means with what is said now.
pub fn read(reading: &Reading) -> Option<Proposal> {
    const LONGEST: usize = 14;
    if reading.pasted || reading.words.len() > LONGEST {
        return None;
    }
    if let Some(project) = repeated(reading) {
        return again(reading, project);
    }
    if let Some((said, project)) = repeated_alike(reading) {
        let proposal = again(reading, project)?;
        let name = crate::answer::plain(&reading.request.projects[project].name);
        let reason = format!("{} is taken for the project {name}", crate::answer::quote(&said));
        let missing = places::unknown_hint(&reading.request.projects, &said);
        let missing = unclear(missing, 85, "it names what is not known");
        return Some(offers::guess_beside(proposal, &reason, missing, offers::CONFIDENCE));
    }
    let correction = correction(reading.words, reading)?;
    let wish = last_wish(reading.request)?;
    match correction {
        Correction::Place(project) => Some(moved(reading, wish, project)),
        Correction::OtherPlace => Some(elsewhere(reading, wish)),
        Correction::Which => which(reading, wish),
    }
}

/// How what is said changes the wish before it.
enum Correction {
    /// It is for this project.
    Place(usize),
    /// It is for another project.
    OtherPlace,
    /// It is about one of those that fit.
    Which,
}

/// Words that only lead to a place.
const JOINTS: &Phrases = phrases! {"
    no|nope|nah|yes|yeah|yep|ok|okay|sure|sorry|actually|wait|oh|well|but|and|i|it|that|this|meant|mean|should|be|do|run|start|in|
        for|inside|on|to|the|my|our|project|repo|repository|one|instead|please|rather|then|though|over|is|was|said|use|take
"};

fn correction(words: &[Word], reading: &Reading) -> Option<Correction> {
    let names = &reading.names;
    let mut projects: Vec<usize> = names.projects.iter().map(|mention| mention.index).collect();
    projects.dedup();
    let others: Vec<&Word> = (0..words.len())
        .filter(|at| !names.covers(*at))
        .map(|at| &words[at])
        .filter(|word| !word.is(JOINTS))
        .collect();
    let points = |word: &Word| {
        word.is(phrases!("one|session|instead|meant|mean|no|nope|yes|yeah|but|in|for|project|repo"))
    };
    match (&projects[..], &others[..]) {
        ([project], []) if names.agents.is_empty() && words.iter().any(points) => {
            // "The api one" is a session where several were asked about.
            let is_one = words.last().is_some_and(|last| last.text == "one");
            Some(if is_one { Correction::Which } else { Correction::Place(*project) })
        }
        ([project], []) if names.agents.is_empty() && asked_where(reading.request) => {
            Some(Correction::Place(*project))
        }
        ([], [other])
            if other.text == "other" && any_in(words, phrases!("other project|repo|repository")) =>
        {
            Some(Correction::OtherPlace)
        }
        _ if any_whole(words, WRONG_PLACES) => Some(Correction::OtherPlace),
        _ => {
            let begins = any_at(words, phrases!("?no|yes|yeah ?i ?meant|mean the|that|this")).is_some();
            let ends = words.last().is_some_and(|last| last.is(ORDINALS) || last.is(phrases!("one|session")));
            (begins && ends).then_some(Correction::Which)
        }
    }
}

const WRONG_PLACES: &Phrases = phrases! {"
    ?no not that|this|the project|repo|repository|one ?but ?the other|another ?one|project|repo|repository;
    ?no|sorry ?that|it ?is|was ?in ?the wrong project|repo|repository|place|folder;
    ?no ?i ?meant|mean ?in|for the other project|repo|repository ?please
"};

const ORDINALS: &Phrases = phrases!("first|second|third|fourth|fifth|last");

fn asked_where(request: &Request) -> bool {
    let last = request.turns.last();
    let asks = |text: &str| text.contains("in which project") || text.contains("which one is meant");
    last.is_some_and(|turn| turn.speaker == Speaker::Codewalk && asks(&turn.text))
}

/// Returns the last thing the user wished for, whole.
fn last_wish(request: &Request) -> Option<&str> {
    const FEWEST: usize = 2;
    let is_wish = |text: &&str| {
        let words = split(text);
        let answers = negation::is_bare_answer(&words) || words.iter().all(|word| word.is(JOINTS));
        // What is shortened is no longer what was said.
        words.len() >= FEWEST && !answers && !text.ends_with('…')
    };
    let users = request.turns.iter().rev().filter(|turn| turn.speaker == Speaker::User);
    users.map(|turn| turn.text.trim()).take(3).find(is_wish)
}

/// What says that the last wish is to be repeated elsewhere.
const SAME: &Phrases = phrases! {"
    ?ok|okay|now|and|also|please|then ?now|please ?can|could ?you ?do|make|repeat|apply ?exactly the same ?thing|change|fix|work
        ?again ?now for|in|to|with|on|over|inside ?in ?the;
    ?ok|okay|and same ?thing|again for|in|to|with|on ?the; ?ok|okay and|now ?also|now for|in ?the;
    ?ok|okay|now|and|also|please ?do it|that|this ?again|too|also for|in ?the
"};

/// What may be said after the place.
const AFTER: &Phrases = phrases!(
    "project|repo ?please; ?project|repo as well ?please; ?project|repo too|please|now|also|again ?please"
);

/// "Do the same for api", "same in api": returns the project that it is for.
fn repeated(reading: &Reading) -> Option<usize> {
    let words = reading.words;
    let start = any_at(words, SAME)?;
    let mention = reading.names.project_at(start)?;
    let rest = &words[start + mention.len..];
    (rest.is_empty() || any_whole(rest, AFTER)).then_some(mention.index)
}

/// "Do the same for api", where only one project is called alike: returns what was said, and which one it may be.
fn repeated_alike(reading: &Reading) -> Option<(String, usize)> {
    let words = reading.words;
    let start = any_at(words, SAME)?;
    let said = words.get(start).filter(|word| !reading.names.covers(start) && !word.quoted)?;
    let rest = &words[start + 1..];
    let is_part = |name: &str| {
        let mut parts = name.split(['-', '_', ' ']);
        parts.any(|part| part.eq_ignore_ascii_case(&said.text)) || is_alike(&key(&said.text), &key(name))
    };
    let projects = reading.request.projects.iter().enumerate();
    let mut fitting = projects.filter(|(_, project)| is_part(&project.name));
    match (fitting.next(), fitting.next()) {
        (Some((index, _)), None) if rest.is_empty() || any_whole(rest, AFTER) => {
            Some((said.text.to_string(), index))
        }
        _ => None,
    }
}

/// Proposes the last wish for another project; both are told to the agent, which knows nothing of the first.
pub fn again(reading: &Reading, project: usize) -> Option<Proposal> {
    let request = reading.request;
    let newest = || request.sessions.first().map(|session| session.utterance.trim());
    let wish = last_wish(request).or_else(newest)?;
    let name = request.projects[project].name.as_str();
    if request.constraints.project.as_ref().is_some_and(|fixed| fixed != name) {
        return None;
    }
    let Intent::Launch(first) = reread(request, wish, None).intent else { return None };
    let agent = request.constraints.agent.as_deref().unwrap_or(&first.agent);
    if first.project.as_deref() == Some(name) {
        return None;
    }
    let prompt = format!("{wish}\n\n{}", reading.prompt);
    Some(sure(
        launch(agent, Some(name), &prompt),
        CONFIDENCE,
        format!("it repeats the last wish in {}", crate::answer::plain(name)),
    ))
}

fn reread(request: &Request, wish: &str, project: Option<&str>) -> Proposal {
    let Constraints { agent, project: fixed } = request.constraints.clone();
    let project = fixed.or_else(|| project.map(str::to_string));
    let constraints = Constraints { agent, project };
    route(&Request {
        utterance: wish.into(),
        turns: Vec::new(),
        confirmation: None,
        constraints,
        ..request.clone()
    })
}

/// Proposes the last wish for the project that is named now.
fn moved(reading: &Reading, wish: &str, project: usize) -> Proposal {
    let name = &reading.request.projects[project].name;
    let proposal = reread(reading.request, wish, Some(name));
    let confidence = proposal.confidence.min(CONFIDENCE);
    match proposal.intent {
        intent @ (Intent::Launch(_) | Intent::FollowUp(_)) => {
            sure(intent, confidence, format!("it takes the last wish to {}", crate::answer::plain(name)))
        }
        _ => unclear("Say what to do there.", 80, "it names only a place"),
    }
}

/// Proposes the last wish for another project than its own.
fn elsewhere(reading: &Reading, wish: &str) -> Proposal {
    let request = reading.request;
    let own = match reread(request, wish, None).intent {
        Intent::Launch(launch) => launch.project,
        _ => None,
    };
    let is_of_wish = |session: &&Session| session.utterance.trim() == wish;
    let own = own.or_else(|| request.sessions.iter().find(is_of_wish).map(|session| session.project.clone()));
    let others: Vec<usize> = (0..request.projects.len())
        .filter(|index| own.as_ref() != Some(&request.projects[*index].name))
        .collect();
    if let ([other], Some(_)) = (&others[..], &own) {
        return moved(reading, wish, *other);
    }
    let intents = others.iter().map(|other| moved(reading, wish, *other).intent);
    let intents: Vec<Intent> = intents.filter(|intent| matches!(intent, Intent::Launch(_))).collect();
    tie(intents, "Say which project is meant.".into(), "it means another project, and there are several")
}

fn nothing_meant() -> Proposal {
    unclear("Say which one is meant, with a word from it.", 80, "it does not say which one")
}

/// Chooses among the readings that the last wish had.
fn which(reading: &Reading, wish: &str) -> Option<Proposal> {
    let request = reading.request;
    let earlier = reread(request, wish, None);
    let is_new = || !request.sessions.iter().any(|session| session.utterance.trim() == wish);
    let points = || any_whole(reading.words, phrases!("?yes|yeah|ok|okay that|this one ?please"));
    if matches!(earlier.intent, Intent::Launch(_)) && points() && is_new() {
        return Some(offers::guess(earlier.clone(), "it may mean the last wish", nothing_meant()));
    }
    let candidates = earlier.candidates;
    if candidates.len() < 2 {
        return None;
    }
    let number = reading.words.iter().find_map(|word| match word.text.as_ref() {
        "first" => Some(0),
        "second" => Some(1),
        "third" => Some(2),
        "fourth" => Some(3),
        "fifth" => Some(4),
        _ => None,
    });
    let reference = Reference::read(reading.words, 0, &reading.names);
    let says_which = reference.names_any() || !reference.topic.is_empty() || reference.order.is_some();
    let found = match reading.find(&reference, Purpose::Ask(None)) {
        Found::One(session) | Found::Unfit(session) if says_which => Some(session.id.as_str()),
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
        Some(chosen) => sure(chosen.intent.clone(), CONFIDENCE, "it says which one the last wish means"),
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

    fn after(wish: &str, request: Request) -> Request {
        let turn = |speaker, text: &str| Turn { speaker, text: text.into() };
        let turns = vec![turn(Speaker::User, wish), turn(Speaker::Codewalk, "you said no")];
        Request { turns, ..request }
    }

    fn two_projects() -> Request {
        let mut request = idle();
        request.projects.truncate(2);
        request
    }

    #[test]
    fn the_same_is_done_in_another_project() {
        let request = after("fix the flaky login test in shop", busy());
        for wish in
            ["do the same for api", "Same in api please", "and now in the api project", "do it in api too"]
        {
            assert_eq!(intent(wish, &request), "launch claude api", "{wish}");
            let Intent::Launch(launch) = route(&Request { utterance: wish.into(), ..request.clone() }).intent
            else {
                panic!("{wish} starts nothing");
            };
            assert_eq!(launch.prompt, format!("fix the flaky login test in shop\n\n{wish}"));
        }
        assert_eq!(intent("do the same for api", &idle()), "cannot-parse");
    }

    #[test]
    fn the_last_wish_is_taken_to_the_place_that_is_named_now() {
        let request = after("fix the flaky login test", two_projects());
        for wish in [
            "yes but in api",
            "no, in api",
            "I meant the api project",
            "no, api please",
            "sorry, in the API repo",
        ] {
            assert_eq!(intent(wish, &request), "launch claude api", "{wish}");
        }
        let request = after("fix the flaky login test in shop", two_projects());
        assert_eq!(intent("no, the other project", &request), "launch claude api");
        let several = after("fix the flaky login test in shop", idle());
        assert_eq!(intent("no, the other project", &several), "cannot-parse");
        for wish in ["yes but not in api", "no", "yes", "yes but in api only if it is red"] {
            assert_eq!(intent(wish, &request), "cannot-parse", "{wish}");
        }
        assert_eq!(intent("yes but in api", &idle()), "cannot-parse");
    }

    #[test]
    fn one_of_several_that_fit_is_chosen() {
        let request = after("stop it", busy());
        assert_eq!(intent("the api one", &request), "stop upload");
        assert_eq!(intent("the first one", &request), "stop login");
        assert_eq!(intent("no, the rate limiting one", &request), "stop upload");
        assert_eq!(intent("that one", &request), "cannot-parse");
    }
}

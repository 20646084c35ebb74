//! Recognises messages to a session that do not name it: "also ...", "run it again", "it still
//! fails".

use crate::answer::{self, follow_up, name_of, or, sure, tie};
use crate::form::Form;
use crate::lang::en::ties as en;
use crate::lang::en::vocabulary::VAGUE;
use crate::lead::Lead;
use crate::names::{Choice, choose};
use crate::pattern::{any_at, any_in, any_whole};
use crate::reading::{Reading, without_older_twins};
use crate::reference::Reference;
use crate::requests::is_by_example;
use crate::sessions::{Purpose, SessionMatch, is_live};
use crate::short::is_brief_order;
use crate::vocabulary::{is_content, is_for_a_whole, is_verb};
use crate::word::{Mark, Word};
use crate::words::clause;
use crate::{Candidate, Intent, Proposal, Session, SessionState, launches, proposal};

/// Returns the message to a session.
pub fn read(reading: &Reading) -> Option<Proposal> {
    if reading.lead.fresh || reading.pasted || is_by_example(reading) {
        return None;
    }
    let rest = reading.rest();
    if reading.sessions.is_empty() {
        // "It" cannot mean a session. A request that only continues something can still be new work.
        return has_bare_object(rest).then(|| begin(reading));
    }
    let goes_on = reading.lead.goes_on || reading.lead.answers;
    if has_bare_object(rest) || has_condition(rest) || is_choice(reading) {
        tied(reading, 80)
    } else if goes_on && rest.iter().any(is_content) {
        tied(reading, 85)
    } else if is_remark(reading) || (reading.any_live() && tells_where(reading.sentence())) {
        tied(reading, 75)
    } else if is_steering(reading) {
        tied(reading, 65)
    } else {
        None
    }
}

/// Offers work on a whole project, or for the agent of a flag, if there is no session: "dockerize this",
/// "fix it".
fn begin(reading: &Reading) -> Proposal {
    let missing = reading.no_session("continue");
    let rest = reading.rest();
    let makes = any_at(rest, en::MAKE_IT)
        .is_some_and(|taken| rest[taken..].iter().any(|word| is_content(word) && !word.is(VAGUE)));
    let is_whole = makes || rest.first().is_some_and(is_for_a_whole) || is_brief_order(reading);
    let names_agent = reading.request.constraints.agent.is_some();
    if !((is_whole || names_agent) && may_begin(reading)) {
        return missing;
    }
    let proposal = proposal::propose(reading, Form::Request);
    // If flags fix the agent and the project, there is nothing left to guess.
    if is_whole && reading.is_all_fixed() {
        return proposal;
    }
    answer::offer(proposal, "it may be about the current project", missing)
}

/// Returns the proposal to send the request to the session that was found.
pub fn follow_up_of(reading: &Reading, found: SessionMatch, confidence: u8) -> Proposal {
    let intent = |session: &Session| follow_up(session, reading.prompt);
    match found {
        SessionMatch::One(session) | SessionMatch::Unfit(session) => {
            sure(intent(session), confidence, format!("it continues {}", name_of(session)))
        }
        SessionMatch::Several(several) => reading.ask_which(&several, &intent),
        SessionMatch::None => reading.no_session("send that to"),
    }
}

/// Finds the session by the names in the request. If the request names a place or an agent, it can only mean
/// a live session there; otherwise it is new work.
pub fn tied(reading: &Reading, confidence: u8) -> Option<Proposal> {
    const WEAK: u8 = 80;
    let project = match reading.lead.project {
        Some(project) => Choice::One(project),
        None => choose(reading.words, &reading.names.projects),
    };
    let project = match project {
        Choice::One(index) => Some(index),
        Choice::None => None,
        Choice::Several(_) => return None,
    };
    let reference = Reference { project, agent: reading.lead.agent, pronoun: true, ..Reference::default() };
    let found = reading.find(&reference, Purpose::Tell);
    let named = project.is_some() || reading.lead.agent.is_some();
    let meant = match &found {
        SessionMatch::One(session) => !named || is_live(session),
        SessionMatch::Several(several) => !named || several.iter().any(|session| is_live(session)),
        SessionMatch::None | SessionMatch::Unfit(_) => false,
    };
    if !meant {
        return None;
    }
    let is_live = matches!(&found, SessionMatch::One(session) if is_live(session));
    // Flags leave no choice: rather than an ended session, a new one is meant.
    if reading.is_all_fixed() && !reading.any_live() && !reading.lead.goes_on {
        let anew = proposal::propose(reading, Form::Request);
        let session = follow_up_of(reading, found, confidence).intent;
        return Some(or(anew, Some(session).filter(|intent| matches!(intent, Intent::FollowUp(_))), 40));
    }
    let anew =
        (!named && !is_live && may_begin(reading)).then(|| proposal::propose(reading, Form::Request).intent);
    if let Some(anew @ Intent::Launch(_)) = anew {
        return Some(or_anew(reading, found, anew, confidence));
    }
    let launch = || launches::read(reading).intent;
    let other = (confidence < WEAK).then(launch).filter(|intent| matches!(intent, Intent::Launch(_)));
    Some(or(follow_up_of(reading, found, confidence), other, 40))
}

/// Returns whether the request can also begin a session: "dockerize this" can, "run it
/// again" cannot.
fn may_begin(reading: &Reading) -> bool {
    let Lead { goes_on, answers, .. } = reading.lead;
    let orders = reading.rest().first().is_some_and(is_verb);
    orders && !(goes_on || answers || reading.words.iter().any(|word| word.is(en::GOES_ON)))
}

/// Asks whether an ended session or a new one is meant. The new one comes first if the work is on a whole
/// project.
fn or_anew(reading: &Reading, found: SessionMatch, anew: Intent, confidence: u8) -> Proposal {
    const MOST: usize = 4;
    let is_whole = reading.rest().first().is_some_and(is_for_a_whole);
    let sessions = match found {
        SessionMatch::Several(several) => without_older_twins(&several),
        SessionMatch::One(session) | SessionMatch::Unfit(session) if !is_whole => {
            let mut proposal = follow_up_of(reading, SessionMatch::One(session), confidence);
            proposal.candidates.push(Candidate { intent: anew, confidence });
            return proposal;
        }
        SessionMatch::One(session) | SessionMatch::Unfit(session) => vec![session],
        SessionMatch::None => Vec::new(),
    };
    let mut intents: Vec<Intent> =
        sessions.iter().take(MOST).map(|session| follow_up(session, reading.prompt)).collect();
    intents.insert(if is_whole { 0 } else { intents.len() }, anew);
    let hint = reading.ask_which(&sessions, &|session| follow_up(session, reading.prompt)).intent;
    let Intent::CannotParse(hint) = hint else { return reading.no_session("continue") };
    tie(intents, hint, "it may continue a session or start a new one")
}

/// Returns whether the object of an instruction is a pronoun: "commit it", "do the same", "add a test for
/// that".
fn has_bare_object(rest: &[Word]) -> bool {
    let clause = clause(rest);
    let Some((verb, object)) = clause.split_first().filter(|(verb, _)| is_verb(verb)) else { return false };
    points_directly(object) || points_at_end(object) || repeats(object) || publishes(verb, object)
}

/// "Commit it", "undo that again": the pronoun is the object. A pronoun before a colon refers to the text
/// after it.
fn points_directly(object: &[Word]) -> bool {
    const NEAR: usize = 3;
    let Some(at) = object.iter().take(NEAR).position(|word| word.is(en::POINTERS)) else { return false };
    let next = object.get(at + 1).filter(|_| object[at].mark == Mark::None);
    // In "make it possible to", the pronoun refers to nothing; in "that endpoint", there is no pronoun.
    let is_empty = next.is_some_and(|next| next.is(en::JUDGEMENTS));
    let stands_alone = object[at].is(en::IT_THEM) || next.is_none_or(|next| !is_content(next));
    let first = object[..at].iter().all(|word| !is_content(word));
    first && stands_alone && !is_empty && object[at].mark != Mark::Colon
}

/// "Add a test for that", "open a pull request for it": there is no definite noun before the pronoun that it
/// could refer to.
fn points_at_end(object: &[Word]) -> bool {
    let Some((last, before)) = object.split_last() else { return false };
    let definite = |word: &Word| word.code || word.is(en::DETERMINERS);
    let for_it = last.is(en::IT_THEM)
        && before.last().is_some_and(|by| by.is(en::FOR_IT))
        && !before.iter().any(definite);
    last.mark != Mark::Colon && (for_it || last.is(en::DEMONSTRATIVES))
}

/// "Do the same for the footer", "try again".
fn repeats(object: &[Word]) -> bool {
    any_at(object, en::REPEATS).is_some_and(|taken| {
        let next = object.get(taken);
        next.is_none_or(|next| !is_content(next)) || object[taken - 1].is(en::PLACE_ENDS)
    })
}

/// "Commit and push", "commit your changes".
fn publishes(verb: &Word, object: &[Word]) -> bool {
    let is_other = |word: &Word| is_content(word) && !is_verb(word) && !word.is(en::CHANGES_NOUN);
    verb.is(en::GIT_VERBS) && !object.iter().any(is_other)
}

/// "As soon as the test is green, push it": the instruction comes after its condition.
fn has_condition(rest: &[Word]) -> bool {
    let condition = clause(rest);
    let conditional = any_at(condition, en::CONDITIONS).is_some();
    let ends = condition.last().is_some_and(|last| last.mark == Mark::Comma);
    conditional && ends && has_bare_object(&rest[condition.len()..])
}

/// Returns whether the request is a remark on work in progress: "it still fails", "you forgot the footer".
fn is_remark(reading: &Reading) -> bool {
    const SHORT: usize = 2;
    const NEAR: usize = 9;
    let sentence = reading.sentence();
    let is_question = sentence.iter().any(|word| word.mark == Mark::Question);
    let still = !is_question && sentence.iter().take(NEAR).skip(1).any(|word| word.is(en::STILL));
    let remark = sentence.len() > SHORT && any_at(sentence, en::REMARKS).is_some();
    (still || remark) && sentence.iter().any(is_content)
}

/// "The tests are in spec/".
fn tells_where(sentence: &[Word]) -> bool {
    any_in(sentence, en::PLACES_OF_TESTS) && sentence.last().is_some_and(|path| path.text.contains('/'))
}

/// Returns whether the request picks an option of a waiting session: "the second option".
fn is_choice(reading: &Reading) -> bool {
    waits(reading) && any_whole(reading.rest(), en::CHOICES)
}

fn waits(reading: &Reading) -> bool {
    reading.sessions.iter().any(|session| session.state == SessionState::Waiting)
}

/// Returns whether the request steers work in progress: "use tabs instead", "keep the routes", "go with
/// version 2".
fn is_steering(reading: &Reading) -> bool {
    let rest = reading.rest();
    let Some((verb, object)) = rest.split_first() else { return false };
    let has_object = object.iter().any(is_content) || any_at(object, en::CHOICE_OBJECTS).is_some();
    let steers = any_at(rest, en::STEERS).is_some() || (waits(reading) && verb.is(en::CHOOSES));
    let sentence = reading.sentence();
    let ties = sentence.last().is_some_and(|last| last.is(en::CHANGES)) || any_in(sentence, en::INSTEAD_OF);
    let placed = reading.lead.agent.is_some()
        || reading.lead.project.is_some()
        || choose(reading.words, &reading.names.projects) != Choice::None;
    reading.any_live() && !placed && ((steers && has_object) || (ties && is_verb(verb)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, describe, idle, intent};
    use crate::{Request, SessionState, route};

    #[test]
    fn continuations_and_pronouns_mean_the_newest_live_session() {
        for utterance in [
            "also add a changelog entry",
            "add a test for that",
            "run it again",
            "commit and push",
            "do the same for the logout",
            "it still fails",
            "as soon as it is green, push it",
            "use the fake clock instead",
        ] {
            assert_eq!(intent(utterance, &busy()), "follow-up login", "{utterance}");
        }
    }

    #[test]
    fn a_new_session_is_offered_beside_ended_ones() {
        let mut over = busy();
        for session in &mut over.sessions {
            session.state = SessionState::Completed;
            session.changed_at = over.now - 10;
        }
        let offered = |utterance: &str| {
            let proposal = route(&Request { utterance: utterance.into(), ..over.clone() });
            let equal = proposal.candidates.iter().filter(|one| one.confidence >= proposal.confidence);
            equal.map(|one| describe(&one.intent)).collect::<Vec<_>>()
        };
        for utterance in ["fix it", "commit and push", "make it faster"] {
            let offered = offered(utterance);
            assert_eq!(offered.last().map(String::as_str), Some("launch claude -"), "{utterance}");
            assert_eq!(offered.len(), 5, "{utterance}");
        }
        assert_eq!(offered("dockerize this")[0], "launch claude -");
        assert!(!offered("run it again").contains(&"launch claude -".into()));
    }

    #[test]
    fn ended_sessions_that_look_the_same_are_proposed_once() {
        let mut twins = busy();
        twins.sessions.drain(..2);
        twins.sessions.truncate(1);
        let newest = twins.sessions[0].clone();
        let older = crate::Session { id: "older".into(), changed_at: newest.changed_at - 1, ..newest };
        twins.sessions.push(older);
        assert_eq!(intent("also add a changelog entry", &twins), "follow-up badges");
        twins.sessions[1].agent = "codex".into();
        let proposal = route(&Request { utterance: "also add a changelog entry".into(), ..twins });
        let crate::Intent::CannotParse(hint) = proposal.intent else { panic!("one of two is proposed") };
        assert!(hint.contains("(claude in shop, 0 min ago)") && hint.contains("(codex in shop"), "{hint}");
    }

    #[test]
    fn without_a_session_a_pronoun_may_begin_new_work() {
        let fixed = |utterance: &str| {
            let constraints = crate::Constraints { agent: Some("codex".into()), project: None };
            intent(utterance, &Request { constraints, ..idle() })
        };
        assert_eq!(fixed("fix it all"), "offer codex -");
        assert_eq!(fixed("commit it"), "offer codex -");
        assert_eq!(intent("make it faster", &idle()), "offer claude -");
        let proposal = route(&Request { utterance: "try again".into(), ..idle() });
        let crate::Intent::CannotParse(hint) = proposal.intent else {
            panic!("nothing is to be tried again")
        };
        assert!(hint.ends_with("for example: fix the failing test in shop."), "{hint}");
    }

    #[test]
    fn a_request_that_names_a_place_is_new_work() {
        assert_eq!(intent("also add a changelog to web", &busy()), "launch claude web");
        assert_eq!(intent("make it possible to sort orders in web", &busy()), "launch claude web");
        assert_eq!(intent("use the fake clock in web", &busy()), "launch claude web");
    }

    #[test]
    fn without_a_session_pronouns_mean_nothing() {
        assert_eq!(intent("run it again", &idle()), "cannot-parse");
        assert_eq!(intent("also add a changelog to shop", &idle()), "launch claude shop");
    }
}

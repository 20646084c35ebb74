//! Recognises what is meant for a session although nothing names it: "also ...", "run it again", "it still
//! fails".

use crate::answer::{follow_up, name_of, or, sure, tie};
use crate::lead::Lead;
use crate::names::{Choice, choose};
use crate::pattern::{Phrases, any_at, any_in, any_whole, phrases};
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Found, Purpose, is_live};
use crate::short::is_brief_order;
use crate::vocabulary::{VAGUE, is_content, is_for_a_whole, is_verb};
use crate::wishes::Form;
use crate::words::{Mark, Word, clause};
use crate::{Candidate, Intent, Proposal, Session, SessionState, launches, offers};

/// Returns what a session is to be told.
pub fn read(reading: &Reading) -> Option<Proposal> {
    if reading.lead.fresh || reading.pasted {
        return None;
    }
    let rest = reading.rest();
    if reading.sessions.is_empty() {
        // Nothing is there that "it" could mean; a wish that only goes on can still stand by itself.
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

/// Offers what can be about a whole project where there is no session: "dockerize this", "fix it".
fn begin(reading: &Reading) -> Proposal {
    let missing = reading.no_session("go on with");
    let rest = reading.rest();
    let makes = offers::is_all_fixed(reading)
        && any_at(rest, phrases!("make it|this"))
            .is_some_and(|taken| rest[taken..].iter().any(|word| is_content(word) && !word.is(VAGUE)));
    let is_whole = makes || rest.first().is_some_and(is_for_a_whole) || is_brief_order(reading);
    if !(is_whole && may_begin(reading)) {
        return missing;
    }
    let proposal = launches::propose(reading, Form::Request);
    // Where flags say who does it and where, nothing is left to guess.
    if offers::is_all_fixed(reading) {
        return proposal;
    }
    offers::guess(proposal, "it may be about the project where one stands", missing)
}

/// Returns the proposal to tell the session that was found.
pub fn follow_up_of(reading: &Reading, found: Found, confidence: u8) -> Proposal {
    let intent = |session: &Session| follow_up(session, reading.prompt);
    match found {
        Found::One(session) | Found::Unfit(session) => {
            sure(intent(session), confidence, format!("it goes on with {}", name_of(session)))
        }
        Found::Several(several) => reading.ask_which(&several, &intent),
        Found::None => reading.no_session("tell that"),
    }
}

/// Finds the session by what the wish names besides. Where a place or an agent is named, only a live one there
/// is meant: otherwise it is new work.
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
        Found::One(session) => !named || is_live(session),
        Found::Several(several) => !named || several.iter().any(|session| is_live(session)),
        Found::None | Found::Unfit(_) => false,
    };
    if !meant {
        return None;
    }
    let is_live = matches!(&found, Found::One(session) if is_live(session));
    let anew =
        (!named && !is_live && may_begin(reading)).then(|| launches::propose(reading, Form::Request).intent);
    if let Some(anew @ Intent::Launch(_)) = anew {
        return Some(or_anew(reading, found, anew, confidence));
    }
    let launch = || launches::read(reading).intent;
    let other = (confidence < WEAK).then(launch).filter(|intent| matches!(intent, Intent::Launch(_)));
    Some(or(follow_up_of(reading, found, confidence), other, 40))
}

/// Says whether what is asked for can be the beginning of a session as well, as "dockerize this" can and "run it
/// again" cannot.
fn may_begin(reading: &Reading) -> bool {
    const GOES_ON: &Phrases = phrases! {"
        again|same|instead|undo|revert|redo|retry|too|also|still|back|yes|no|continue|resume|rerun|stop|other|option
    "};
    let Lead { goes_on, answers, .. } = reading.lead;
    let orders = reading.rest().first().is_some_and(is_verb);
    orders && !(goes_on || answers || reading.words.iter().any(|word| word.is(GOES_ON)))
}

/// Asks between the sessions that are over and a new one, which comes first where it is for a whole project.
fn or_anew(reading: &Reading, found: Found, anew: Intent, confidence: u8) -> Proposal {
    const MOST: usize = 4;
    let is_whole = reading.rest().first().is_some_and(is_for_a_whole);
    let sessions = match found {
        Found::Several(several) => several,
        Found::One(session) | Found::Unfit(session) if !is_whole => {
            let mut proposal = follow_up_of(reading, Found::One(session), confidence);
            proposal.candidates.push(Candidate { intent: anew, confidence });
            return proposal;
        }
        Found::One(session) | Found::Unfit(session) => vec![session],
        Found::None => Vec::new(),
    };
    let mut intents: Vec<Intent> =
        sessions.iter().take(MOST).map(|session| follow_up(session, reading.prompt)).collect();
    intents.insert(if is_whole { 0 } else { intents.len() }, anew);
    let hint = reading.ask_which(&sessions, &|session| follow_up(session, reading.prompt)).intent;
    let Intent::CannotParse(hint) = hint else { return reading.no_session("go on with") };
    tie(intents, hint, "it may go on with a session or begin a new one")
}

const POINTERS: &Phrases = phrases!("it|that|this|them|those|these");

/// Says whether what an order is about is only pointed at: "commit it", "do the same", "add a test for that".
fn has_bare_object(rest: &[Word]) -> bool {
    let clause = clause(rest);
    let Some((verb, object)) = clause.split_first().filter(|(verb, _)| is_verb(verb)) else { return false };
    points_directly(object) || points_at_end(object) || repeats(object) || publishes(verb, object)
}

/// "Commit it", "undo that again": the pointer is the object. One before a colon points ahead.
fn points_directly(object: &[Word]) -> bool {
    const NEAR: usize = 3;
    let Some(at) = object.iter().take(NEAR).position(|word| word.is(POINTERS)) else { return false };
    let next = object.get(at + 1).filter(|_| object[at].mark == Mark::None);
    // "Make it possible to" stands for nothing, and "that endpoint" for itself.
    let is_empty =
        next.is_some_and(|next| next.is(phrases!("possible|impossible|easy|easier|harder|optional|clear")));
    let stands_alone = object[at].is(phrases!("it|them")) || next.is_none_or(|next| !is_content(next));
    let first = object[..at].iter().all(|word| !is_content(word));
    first && stands_alone && !is_empty && object[at].mark != Mark::Colon
}

/// "Add a test for that", "open a pull request for it": nothing definite stands before it that it could mean.
fn points_at_end(object: &[Word]) -> bool {
    let Some((last, before)) = object.split_last() else { return false };
    let definite = |word: &Word| word.code || word.is(phrases!("the|my|our|every|all|each|this"));
    let for_it = last.is(phrases!("it|them"))
        && before.last().is_some_and(|by| by.is(phrases!("for|with|to|of|on|about")))
        && !before.iter().any(definite);
    last.mark != Mark::Colon && (for_it || last.is(phrases!("that|this|those|these")))
}

/// "Do the same for the footer", "try again".
fn repeats(object: &[Word]) -> bool {
    const REPEATS: &Phrases = phrases! {"
        the same ?thing ?again ?for|with|in|to|on|there|here; again; ?the other way|one|option
    "};
    any_at(object, REPEATS).is_some_and(|taken| {
        let next = object.get(taken);
        next.is_none_or(|next| !is_content(next))
            || object[taken - 1].is(phrases!("for|with|to|on|there|here"))
    })
}

/// "Commit and push", "commit your changes".
fn publishes(verb: &Word, object: &[Word]) -> bool {
    let is_other = |word: &Word| is_content(word) && !is_verb(word) && word.text != "changes";
    verb.is(phrases!("commit|push|rebase|merge")) && !object.iter().any(is_other)
}

/// "As soon as the test is green, push it": the order comes after its condition.
fn has_condition(rest: &[Word]) -> bool {
    let condition = clause(rest);
    let conditional =
        any_at(condition, phrases!("if|once|when|whenever|before|after|unless|until|as")).is_some();
    let ends = condition.last().is_some_and(|last| last.mark == Mark::Comma);
    conditional && ends && has_bare_object(&rest[condition.len()..])
}

/// Says whether it remarks on work in progress: "it still fails", "you forgot the footer".
fn is_remark(reading: &Reading) -> bool {
    const REMARKS: &Phrases = phrases! {"
        you ?have|did ?not ?just forgot|forget|missed|miss|broke|break|left|removed|deleted|changed|
            misunderstood|added|did|made|need|should|wrote|used|can|may;
        that|this|it is|was|does|did|looks|seems|should|needs|must|still|has|works|fails|broke|will|can|
            could;
        can|could|should it|they ?please also; can|could it|they please; better use|try|keep|make|do|write;
        i|we would ?much rather|prefer|have; i meant|mean; not like that; that|this ?one;
        the idea|point was|is; one more|last thing; looks; almost|nearly; still
    "};
    const SHORT: usize = 2;
    const NEAR: usize = 9;
    let sentence = reading.sentence();
    let is_question = sentence.iter().any(|word| word.mark == Mark::Question);
    let still = !is_question && sentence.iter().take(NEAR).skip(1).any(|word| word.text == "still");
    let remark = sentence.len() > SHORT && any_at(sentence, REMARKS).is_some();
    (still || remark) && sentence.iter().any(is_content)
}

/// "The tests are in spec/".
fn tells_where(sentence: &[Word]) -> bool {
    any_in(sentence, phrases!("is|are|live|tests in|under|at"))
        && sentence.last().is_some_and(|path| path.text.contains('/'))
}

/// Says whether it picks one of what a waiting session offers: "the second option".
fn is_choice(reading: &Reading) -> bool {
    const CHOICES: &Phrases = phrases! {"
        ?the first|second|third|last|other|former|latter|1st|2nd|3rd ?option|one|choice|variant|version|way;
        option|variant|number|version|choice a|b|c|d|1|2|3|4|one|two|three
    "};
    waits(reading) && any_whole(reading.rest(), CHOICES)
}

fn waits(reading: &Reading) -> bool {
    reading.sessions.iter().any(|session| session.state == SessionState::Waiting)
}

/// Says whether it steers work in progress: "use tabs instead", "keep the routes", "go with version 2".
fn is_steering(reading: &Reading) -> bool {
    const STEERS: &Phrases = phrases! {"
        keep|leave|focus|prefer|stick|undo|revert|skip|remember|ignore|forget|avoid|retry|commit|push|stop
            the|that|this|those|these|my|your|to|on|with|it|what|touching|changing|using|adding;
        go with|for;
        try|use|take|pick a|an|the different|other|another|old|new|simpler|first|second|third
    "};
    const CHOOSES: &Phrases = phrases!("use|take|pick|choose|try|go|keep");
    let rest = reading.rest();
    let Some((verb, object)) = rest.split_first() else { return false };
    let has_object =
        object.iter().any(is_content) || any_at(object, phrases!("what you|it|this|that")).is_some();
    let steers = any_at(rest, STEERS).is_some() || (waits(reading) && verb.is(CHOOSES));
    let sentence = reading.sentence();
    let ties = sentence.last().is_some_and(|last| last.is(phrases!("instead|too|again|already")))
        || any_in(sentence, phrases!("instead of"));
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
    fn what_goes_on_or_points_back_is_for_the_newest_live_session() {
        for wish in [
            "also add a changelog entry",
            "add a test for that",
            "run it again",
            "commit and push",
            "do the same for the logout",
            "it still fails",
            "as soon as it is green, push it",
            "use the fake clock instead",
        ] {
            assert_eq!(intent(wish, &busy()), "follow-up login", "{wish}");
        }
    }

    #[test]
    fn where_sessions_are_over_a_new_one_is_offered_beside_them() {
        let mut over = busy();
        for session in &mut over.sessions {
            session.state = SessionState::Completed;
            session.changed_at = over.now - 10;
        }
        let offered = |wish: &str| {
            let proposal = route(&Request { utterance: wish.into(), ..over.clone() });
            let equal = proposal.candidates.iter().filter(|one| one.confidence >= proposal.confidence);
            equal.map(|one| describe(&one.intent)).collect::<Vec<_>>()
        };
        for wish in ["fix it", "commit and push", "make it faster"] {
            let offered = offered(wish);
            assert_eq!(offered.last().map(String::as_str), Some("launch claude -"), "{wish}");
            assert_eq!(offered.len(), 5, "{wish}");
        }
        assert_eq!(offered("dockerize this")[0], "launch claude -");
        assert!(!offered("run it again").contains(&"launch claude -".into()));
    }

    #[test]
    fn a_wish_with_a_place_of_its_own_is_new_work() {
        assert_eq!(intent("also add a changelog to web", &busy()), "launch claude web");
        assert_eq!(intent("make it possible to sort orders in web", &busy()), "launch claude web");
        assert_eq!(intent("use the fake clock in web", &busy()), "launch claude web");
    }

    #[test]
    fn without_a_session_nothing_is_pointed_at() {
        assert_eq!(intent("run it again", &idle()), "cannot-parse");
        assert_eq!(intent("also add a changelog to shop", &idle()), "launch claude shop");
    }
}

//! Recognises general questions that codewalk answers itself: about the agents, the cost, or the log of a
//! session. A question about the effort of future work is not one of them.

use crate::Session;
use crate::lang::en::general_queries as en;
use crate::lang::en::vocabulary::SESSION_NOUNS;
use crate::pattern::{any_at, any_whole};
use crate::phrases::Phrases;
use crate::reading::Reading;
use crate::reference::{Order, Reference};
use crate::sessions::{Purpose, SessionMatch};
use crate::vocabulary::{is_content, is_plain_verb};
use crate::word::Word;

/// Returns the session that such a question names, if any, and the confidence.
pub fn read(reading: &Reading) -> Option<(Option<String>, u8)> {
    let rest = reading.rest();
    let whole = |table: &Phrases| any_whole(rest, table) || any_whole(reading.words, table);
    if whole(en::OF_ALL) {
        return Some((None, 90));
    }
    let of = log_of(reading, rest)?;
    Some((session(reading, &of).map(|session| session.id.clone()), 85))
}

/// "Should we use redis or memcached for the sessions?".
pub fn is_advice(rest: &[Word]) -> bool {
    any_at(rest, en::ADVICE).is_some()
}

/// Returns whether such a question is about something in the code, not about a pronoun.
pub fn asks_advice(rest: &[Word]) -> bool {
    let object = any_at(rest, en::ADVICE).and_then(|taken| rest.get(taken));
    object.is_some_and(|first| !first.is(en::PRONOUNS))
}

/// "Do it like website does", "do it again".
pub fn is_by_example(rest: &[Word]) -> bool {
    any_at(rest, en::BY_EXAMPLE).is_some()
}

/// Returns whether the request asks for a log.
pub fn is_log(reading: &Reading) -> bool {
    log_of(reading, reading.rest()).is_some()
}

/// Returns the session whose log the words ask for.
fn log_of(reading: &Reading, rest: &[Word]) -> Option<Reference> {
    const LONGEST: usize = 9;
    let log = crate::pattern::longest_at(rest, en::LOGS);
    let taken = log.or_else(|| crate::pattern::longest_at(rest, en::OUTPUTS))?;
    let tail = &rest[taken..];
    let at = reading.lead.head + taken;
    let end = tail.iter().rposition(|word| !word.is(en::POLITE_ENDS)).map_or(0, |last| last + 1);
    let is_of_session = end > 1
        && end <= LONGEST
        && any_at(tail, en::OF).is_some()
        && (tail[end - 1].is(SESSION_NOUNS)
            || tail[end - 1].is(en::LOG_OWNERS)
            || reading.names.covers(at + end - 1));
    let fits = is_of_session || (tail[..end].is_empty() && log.is_some());
    fits.then(|| reading.reference(&tail[..end], at))
}

fn session<'r>(reading: &'r Reading, reference: &Reference) -> Option<&'r Session> {
    let mut reference = reference.clone();
    reference.topic.retain(|topic| {
        reading.sessions.iter().any(|session| {
            Reference { topic: vec![topic.clone()], ..Reference::default() }.overlap(session) > 0
        })
    });
    match reading.find(&reference, Purpose::Ask(None)) {
        SessionMatch::One(session) | SessionMatch::Unfit(session) => Some(session),
        SessionMatch::None | SessionMatch::Several(_) => None,
    }
}

/// "What would it take to migrate to postgres 17?": a question about work that has not started.
pub fn is_about_effort(rest: &[Word]) -> bool {
    any_at(rest, en::EFFORTS).is_some_and(|taken| {
        let says = rest[taken..].iter().skip(1).any(is_content);
        says && rest[taken..].first().is_some_and(|verb| is_plain_verb(verb) && !verb.is(en::LIGHT))
    })
}

/// "What did the last session do?": the question is about a session even if there is none.
pub fn is_about_last(reference: &Reference) -> bool {
    reference.noun && matches!(reference.order, Some(Order::Newest | Order::Oldest))
}

//! Tells questions that codewalk answers itself, whatever goes on, from those that only sound like them: what agents there are,
//! what was spent, the log of a session, but not what a piece of work would take.

use crate::Session;
use crate::pattern::{Phrases, any_at, any_whole, phrases};
use crate::reading::Reading;
use crate::reference::{Order, Reference};
use crate::sessions::{Found, Purpose};
use crate::vocabulary::{SESSION_NOUNS, is_content, is_plain_verb};
use crate::words::Word;

/// Questions about all that codewalk knows.
const OF_ALL: &Phrases = phrases! {"
    which|what agents can|could|may|do|should i|we|you ?actually use|have|know|run|start|offer|choose ?from ?here;
    which|what agents are available|installed|configured|known|there|usable|supported ?here ?to|for ?me|us;
    how much ?money have|did|do|has i|we|you|they ?already ?all spend|spent|used ?up ?so ?far ?on|in|for ?the ?agents|
        total|all ?already ?today|yesterday|this|last|now ?week|month|year|day ?so ?far;
    ?the|my cost|costs|spending|expenses|bill ?please|now|today ?far;
    what have|did|do i|we spend|spent ?so ?far ?today|yesterday|this|last ?week|month
"};

/// Requests to see a log, up to what it is of.
const LOGS: &Phrases = phrases! {"
    ?please show|see|print|open|display|read|give|get|view|tail|want ?to ?see ?me|us ?please the|its|that|a|last|latest ?whole|full|last|latest|
        newest|recent|complete log|logs|transcript ?please|now;
    let me|us ?please see|have|read|view ?me ?the|its|that ?whole|full|last|latest|newest|complete log|logs|transcript ?please;
    show|see|print|open|display|read|give|get|view ?me|us ?please log|logs ?please;
    ?the ?whole|full|last|latest|newest|complete log|logs|transcript ?please;
    where is|are the log|logs|transcript
"};

/// Requests to see what a session printed; without a session they mean a program.
const OUTPUTS: &Phrases = phrases!(
    "?please ?show|see|print|open|display|read|give|get|view ?me|us the|its ?whole|full|last output|outputs|result|results|messages"
);

/// Questions about what a piece of work would take.
const EFFORTS: &Phrases = phrases! {"
    how hard|difficult|easy|complex|complicated|tricky|risky|expensive|costly|feasible|big|long|much|realistic|simple|many
        ?more ?work|effort|time|money|days|hours|weeks|of ?a|an ?big ?job|change|deal|task|effort
        would|will|could|might|is|does it|that|this|you ?really|roughly|actually ?be|take|cost|require|need ?for ?us|me|you|one|somebody to;
    what would|will|does|might|could it|that|one|we|you ?really|roughly ?take|cost|mean|require|need|involve|have ?for ?us|me|you to;
    what would|will|is ?be needed|required|necessary|involved|missing ?for ?us to;
    is|would it ?be hard|difficult|easy|possible|feasible|much|risky ?a ?lot ?of ?work ?for ?us to
"};

/// Returns the answer to a question that is about no work in progress.
pub fn read(reading: &Reading) -> Option<(Option<String>, u8)> {
    let rest = reading.rest();
    let whole = |table: &Phrases| any_whole(rest, table) || any_whole(reading.words, table);
    if whole(OF_ALL) {
        return Some((None, 90));
    }
    let of = log_of(reading, rest)?;
    Some((session(reading, &of).map(|session| session.id.clone()), 85))
}

/// Says whether a log is asked for.
pub fn is_log(reading: &Reading) -> bool {
    log_of(reading, reading.rest()).is_some()
}

/// Returns which session's log is asked for.
fn log_of(reading: &Reading, rest: &[Word]) -> Option<Reference> {
    const LONGEST: usize = 9;
    const OF: &Phrases = phrases!("of|from|for|by|in");
    let log = crate::pattern::longest_at(rest, LOGS);
    let taken = log.or_else(|| crate::pattern::longest_at(rest, OUTPUTS))?;
    let tail = &rest[taken..];
    let at = reading.lead.head + taken;
    let end =
        tail.iter().rposition(|word| !word.is(phrases!("please|thanks|now"))).map_or(0, |last| last + 1);
    let is_of_session = end > 1
        && end <= LONGEST
        && any_at(tail, OF).is_some()
        && (tail[end - 1].is(SESSION_NOUNS)
            || tail[end - 1].is(phrases!("run|runs|job|it|codex|claude"))
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
        Found::One(session) | Found::Unfit(session) => Some(session),
        Found::None | Found::Several(_) => None,
    }
}

/// "What would it take to migrate to postgres 17?": a question about work that nobody does yet.
pub fn is_about_effort(rest: &[Word]) -> bool {
    const LIGHT: &Phrases =
        phrases!("finish|complete|end|stop|be|get|do|say|tell|know|start|answer|continue");
    any_at(rest, EFFORTS).is_some_and(|taken| {
        let says = rest[taken..].iter().skip(1).any(is_content);
        says && rest[taken..].first().is_some_and(|verb| is_plain_verb(verb) && !verb.is(LIGHT))
    })
}

/// "What did the last session do?": it is about a session even where there is none.
pub fn is_about_last(reference: &Reference) -> bool {
    reference.noun && matches!(reference.order, Some(Order::Newest | Order::Oldest))
}

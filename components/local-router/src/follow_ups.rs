//! Recognises messages that address an existing session: "tell the shop session to ...",
//! "the api session should ...".

use crate::Proposal;
use crate::answer::unclear;
use crate::controls;
use crate::general_queries;
use crate::lang::en::follow_ups as en;
use crate::names::{Choice, choose};
use crate::pattern::{any_at, any_in};
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Purpose, SessionMatch, is_live};
use crate::ties::follow_up_of;
use crate::vocabulary::is_verb;
use crate::word::Mark;

/// Returns the message to a session. This runs before prohibitions are recognised, so that "tell it not to"
/// does not count as one.
pub fn read(reading: &Reading) -> Option<Proposal> {
    if reading.lead.fresh {
        return None;
    }
    told(reading).or_else(|| by_topic(reading))
}

/// Returns the follow-up of a message in another language.
pub fn follow_up_of_message(reading: &Reading, reference: &Reference) -> Proposal {
    follow_up_of(reading, reading.find(reference, Purpose::Tell), 85)
}

/// "Tell it to ...", "let the api session know that ...", "ask codex to also ...".
fn told(reading: &Reading) -> Option<Proposal> {
    let rest = reading.rest();
    let taken = any_at(rest, en::TELLS)?;
    let end = address_end(reading, taken)?;
    let reference = reading.reference(&rest[taken..end], reading.lead.head + taken);
    let is_somebody = reference.noun || reference.agent.is_some() || !reference.topic.is_empty();
    if rest[taken].is(en::OTHERS) && !(rest[taken].is(en::THE) && is_somebody) {
        return None;
    }
    let message = &rest[end..];
    let points = reference.pronoun && reference.is_bare() && points_at_session(reading, taken, end);
    let names_session = reference.noun || reference.order.is_some();
    let agent_only = reference.agent.is_some() && !names_session;
    if let Some(action) = controls::told(message)
        && (names_session || agent_only || reference.is_bare())
    {
        return Some(controls::act(reading, action, &reference, 85));
    }
    let is_addressed = match agent_only {
        true => tells_running(reading, &reference),
        false => {
            points || names_session || (!reference.topic.is_empty() && reading.has_whole_topic(&reference))
        }
    };
    if !is_addressed {
        return None;
    }
    if message.iter().all(|word| word.is(en::LIGHT)) {
        return Some(unclear("Say what to tell the session.", 75, "it has no message"));
    }
    let found = reading.find(&reference, Purpose::Tell);
    let fits =
        reference.topic.is_empty() || matches!(&found, SessionMatch::One(one) if reference.overlap(one) > 0);
    if names_session && !fits {
        return Some(reading.no_session("send that to"));
    }
    Some(follow_up_of(reading, found, if points { 85 } else { 90 }))
}

/// Returns the position where the message begins, after the address.
fn address_end(reading: &Reading, from: usize) -> Option<usize> {
    const LONGEST: usize = 10;
    let rest = reading.rest();
    let first = rest.get(from)?;
    let tells_pronoun = first.is(en::PERSONS) && rest.get(from + 1).is_some_and(is_verb);
    if first.mark != Mark::None || tells_pronoun {
        return Some(from + 1);
    }
    let article = usize::from(first.is(en::ADDRESSEE_ARTICLES));
    (from + article.max(1)..rest.len().min(from + LONGEST)).find(|at| {
        let begins = rest[*at].is(en::MESSAGES) || (is_verb(&rest[*at]) && *at > from + article);
        begins || rest[at - 1].mark != Mark::None
    })
}

/// In "make it faster", "it" may be the subject of a request; in "have it run the linter" it is a session.
fn points_at_session(reading: &Reading, from: usize, end: usize) -> bool {
    let rest = reading.rest();
    let message_is_order = rest.get(end).is_some_and(|word| is_verb(word) || word.is(en::KNOW));
    let lets = any_at(rest, en::LETS).is_some() && message_is_order && rest[from].is(en::IT);
    lets || any_at(rest, en::MAKES).is_none()
}

/// Returns whether an address to an agent means its session. "Ask codex to" may also start a session: it does
/// if the request names a place.
fn tells_running(reading: &Reading, reference: &Reference) -> bool {
    let Some(index) = reference.agent else { return false };
    let name = &reading.request.agents[index].name;
    let own = || reading.sessions.iter().filter(|session| session.agent == *name);
    let sends = any_at(reading.rest(), en::SENDS).is_some() && any_in(reading.sentence(), en::NOTES);
    let tells = sends || any_at(reading.rest(), en::TELLS_SESSIONS).is_some();
    let asks = any_at(reading.rest(), en::MAKES).is_none();
    let placed = choose(reading.words, &reading.names.projects) != Choice::None;
    let goes_on = any_in(reading.rest(), en::CONTINUATIONS);
    if own().any(|session| is_live(session)) {
        tells || (asks && (!placed || goes_on))
    } else {
        // "Tell codex to ... instead" refers to codex's last session, even if that has ended.
        tells && goes_on && !placed && own().next().is_some()
    }
}

/// "Follow up on the search work: ...", "in the shop session, ...", "the api session should ...".
fn by_topic(reading: &Reading) -> Option<Proposal> {
    const LONGEST: usize = 12;
    const FEW: usize = 3;
    let rest = reading.rest();
    let taken = any_at(rest, en::TOPICS).unwrap_or(0);
    let article = any_at(&rest[taken..], en::TOPIC_ARTICLES).unwrap_or(0);
    if (taken + article == 0 && !reading.names.covers(reading.lead.head)) || general_queries::is_log(reading)
    {
        return None;
    }
    let end = (taken + article.max(1)..rest.len().min(LONGEST))
        .find(|at| rest[at - 1].mark != Mark::None || rest[*at].is(en::TOPIC_ENDS))?;
    let reference = reading.reference(&rest[taken..end], reading.lead.head + taken);
    let says_which = reference.names_any() || !reference.topic.is_empty() || reference.order.is_some();
    let is_session = reference.noun && !reference.group && says_which;
    // "For the login test: ..." is a topic if a session has all of its words.
    let is_strong = taken > 0 && !rest[0].is(en::WEAK_PREPOSITIONS);
    let is_whole = || rest[end - 1].mark == Mark::Colon && reading.has_whole_topic(&reference);
    let is_topic = taken > 0 && !reference.topic.is_empty() && (is_strong || is_whole());
    if !(is_session || is_topic) {
        return None;
    }
    match reading.find(&reference, Purpose::Tell) {
        SessionMatch::One(session) if reference.topic.is_empty() || reference.overlap(session) > 0 => {
            Some(follow_up_of(reading, SessionMatch::One(session), 85))
        }
        several @ SessionMatch::Several(_) => Some(follow_up_of(reading, several, 85)),
        _ => (is_session && article > 0 && reference.topic.len() < FEW)
            .then(|| reading.no_session("send that to")),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};

    #[test]
    fn a_session_is_addressed_by_any_of_its_names() {
        for utterance in [
            "tell the api session to use redis",
            "tell codex to use redis",
            "tell the upload one to use redis",
        ] {
            assert_eq!(intent(utterance, &busy()), "follow-up upload", "{utterance}");
        }
        assert_eq!(intent("tell it not to use redis", &busy()), "follow-up login");
        assert_eq!(intent("the upload session should use redis", &busy()), "follow-up upload");
        assert_eq!(intent("follow up on the badges: use svg", &busy()), "follow-up badges");
    }

    #[test]
    fn a_message_to_stop_stops_the_session() {
        assert_eq!(intent("tell codex to stop", &busy()), "stop upload");
    }

    #[test]
    fn an_agent_without_a_session_is_not_addressed() {
        assert_eq!(intent("tell codex to fix the pager in shop", &idle()), "launch codex shop");
        assert_eq!(intent("tell the billing session to hurry", &busy()), "cannot-parse");
        assert_eq!(intent("tell it", &busy()), "cannot-parse");
    }
}

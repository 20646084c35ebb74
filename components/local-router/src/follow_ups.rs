//! Recognises what is meant for a session that exists already and is addressed: "tell the shop session to ...",
//! "the api session should ...".

use crate::Proposal;
use crate::answer::unclear;
use crate::asked;
use crate::controls;
use crate::names::{Choice, choose};
use crate::pattern::{Phrases, any_at, any_in, phrases};
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Found, Purpose, is_live};
use crate::ties::follow_up_of;
use crate::vocabulary::is_verb;
use crate::words::Mark;

/// Verbs that address somebody, who stands after them.
const TELLS: &Phrases = phrases! {"
    tell|ask|remind|inform|instruct|advise|warn|notify|message|ping|nudge|order|command|direct|urge;
    let;
    say|write|reply|respond|answer|speak|talk ?back to; answer|make|have|get; send|give|pass
"};

/// Those of them after which an agent is more likely a session of it than a new one.
const TELLS_SESSIONS: &Phrases = phrases! {"
    tell|remind|inform|advise|warn|message|notify|ping|nudge|reply|respond|answer|let|instruct|say
"};

/// Verbs after which a pronoun may be what a wish is about: "make it faster".
const MAKES: &Phrases = phrases!("make|have|get|give|send|let|pass|order|command|direct");

/// What ends the address: the message begins here.
const MESSAGES: &Phrases = phrases! {"
    to|that|about|know|whether|if|not|why|what|how|when|where|which|it|we|i|there|do|please|should|use|the|
        yes|no
"};

/// Phrases that tie a wish to a session by its topic: "follow up on the search work: ...".
const TOPICS: &Phrases = phrases! {"
    follow|following up on|with; regarding|concerning|about|re; as for; back to; with regard|respect to;
    on the topic|subject of; for|in|on|to|with; continuing ?with|on; going|coming back to;
    returning to
"};

/// Words that nobody calls a session by.
const OTHERS: &Phrases = phrases!("me|us|the|a|an|users|everyone|people");

/// Returns what a session is to be told. Sessions that are addressed are looked for before refusals, so that
/// "tell it not to" is none.
pub fn read(reading: &Reading) -> Option<Proposal> {
    if reading.lead.fresh {
        return None;
    }
    told(reading).or_else(|| by_topic(reading))
}

/// Returns what the session is told that a message in another language is for.
pub fn follow_up_of_message(reading: &Reading, reference: &Reference) -> Proposal {
    follow_up_of(reading, reading.find(reference, Purpose::Tell), 85)
}

/// "Tell it to ...", "let the api session know that ...", "ask codex to also ...".
fn told(reading: &Reading) -> Option<Proposal> {
    let rest = reading.rest();
    let taken = any_at(rest, TELLS)?;
    let end = address_end(reading, taken)?;
    let reference = reading.reference(&rest[taken..end], reading.lead.head + taken);
    let is_somebody = reference.noun || reference.agent.is_some() || !reference.topic.is_empty();
    if rest[taken].is(OTHERS) && !(rest[taken].text == "the" && is_somebody) {
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
    if message.iter().all(|word| word.is(phrases!("to|that|know|about|please|not"))) {
        return Some(unclear("Say what the session is to be told.", 75, "it has no message"));
    }
    let found = reading.find(&reference, Purpose::Tell);
    let fits = reference.topic.is_empty() || matches!(&found, Found::One(one) if reference.overlap(one) > 0);
    if names_session && !fits {
        return Some(reading.no_session("tell that"));
    }
    Some(follow_up_of(reading, found, if points { 85 } else { 90 }))
}

/// Returns where the address ends and the message begins.
fn address_end(reading: &Reading, from: usize) -> Option<usize> {
    const LONGEST: usize = 10;
    let rest = reading.rest();
    let first = rest.get(from)?;
    let tells_pronoun = first.is(phrases!("it|him|her")) && rest.get(from + 1).is_some_and(is_verb);
    if first.mark != Mark::None || tells_pronoun {
        return Some(from + 1);
    }
    let article = usize::from(first.is(phrases!("the|that|this|my|it")));
    (from + article.max(1)..rest.len().min(from + LONGEST)).find(|at| {
        let begins = rest[*at].is(MESSAGES) || (is_verb(&rest[*at]) && *at > from + article);
        begins || rest[at - 1].mark != Mark::None
    })
}

/// "Make it faster" may mean what a wish is about; "have it run the linter" means a session.
fn points_at_session(reading: &Reading, from: usize, end: usize) -> bool {
    let rest = reading.rest();
    let message_is_order = rest.get(end).is_some_and(|word| is_verb(word) || word.text == "know");
    let lets = any_at(rest, phrases!("have|let")).is_some() && message_is_order && rest[from].text == "it";
    lets || any_at(rest, MAKES).is_none()
}

/// Says whether an agent that is told something is meant as a session of it. "Ask codex to" may start one as
/// well: it does where the wish has a place of its own.
fn tells_running(reading: &Reading, reference: &Reference) -> bool {
    let Some(index) = reference.agent else { return false };
    let name = &reading.request.agents[index].name;
    let own = || reading.sessions.iter().filter(|session| session.agent == *name);
    let sends = any_at(reading.rest(), phrases!("send")).is_some()
        && any_in(reading.sentence(), phrases!("a note|message|hint"));
    let tells = sends || any_at(reading.rest(), TELLS_SESSIONS).is_some();
    let asks = any_at(reading.rest(), MAKES).is_none();
    let placed = choose(reading.words, &reading.names.projects) != Choice::None;
    let goes_on = any_in(reading.rest(), phrases!("also|instead|too|still|again; as well"));
    if own().any(|session| is_live(session)) {
        tells || (asks && (!placed || goes_on))
    } else {
        // "Tell codex to ... instead" goes on from what it did, even where that is over.
        tells && goes_on && !placed && own().next().is_some()
    }
}

/// "Follow up on the search work: ...", "in the shop session, ...", "the api session should ...".
fn by_topic(reading: &Reading) -> Option<Proposal> {
    const LONGEST: usize = 12;
    const FEW: usize = 3;
    let rest = reading.rest();
    let taken = any_at(rest, TOPICS).unwrap_or(0);
    let article = any_at(&rest[taken..], phrases!("the|that|this|my")).unwrap_or(0);
    if (taken + article == 0 && !reading.names.covers(reading.lead.head)) || asked::is_log(reading) {
        return None;
    }
    let end = (taken + article.max(1)..rest.len().min(LONGEST)).find(|at| {
        rest[at - 1].mark != Mark::None
            || rest[*at].is(phrases!("should|must|may|needs|can|has|have|use|please|also"))
    })?;
    let reference = reading.reference(&rest[taken..end], reading.lead.head + taken);
    let says_which = reference.names_any() || !reference.topic.is_empty() || reference.order.is_some();
    let is_session = reference.noun && !reference.group && says_which;
    // "For the login test: ..." is a topic where a session has all of it.
    let is_strong = taken > 0 && !rest[0].is(phrases!("for|in|on|to|with"));
    let is_whole = || rest[end - 1].mark == Mark::Colon && reading.has_whole_topic(&reference);
    let is_topic = taken > 0 && !reference.topic.is_empty() && (is_strong || is_whole());
    if !(is_session || is_topic) {
        return None;
    }
    match reading.find(&reference, Purpose::Tell) {
        Found::One(session) if reference.topic.is_empty() || reference.overlap(session) > 0 => {
            Some(follow_up_of(reading, Found::One(session), 85))
        }
        several @ Found::Several(_) => Some(follow_up_of(reading, several, 85)),
        _ => (is_session && article > 0 && reference.topic.len() < FEW)
            .then(|| reading.no_session("tell that")),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};

    #[test]
    fn a_session_is_told_by_its_project_its_agent_its_topic_or_a_pronoun() {
        for wish in [
            "tell the api session to use redis",
            "tell codex to use redis",
            "tell the upload one to use redis",
        ] {
            assert_eq!(intent(wish, &busy()), "follow-up upload", "{wish}");
        }
        assert_eq!(intent("tell it not to use redis", &busy()), "follow-up login");
        assert_eq!(intent("the upload session should use redis", &busy()), "follow-up upload");
        assert_eq!(intent("follow up on the badges: use svg", &busy()), "follow-up badges");
    }

    #[test]
    fn a_session_that_is_told_to_stop_is_stopped() {
        assert_eq!(intent("tell codex to stop", &busy()), "stop upload");
    }

    #[test]
    fn an_agent_without_a_session_is_no_session() {
        assert_eq!(intent("tell codex to fix the pager in shop", &idle()), "launch codex shop");
        assert_eq!(intent("tell the billing session to hurry", &busy()), "cannot-parse");
        assert_eq!(intent("tell it", &busy()), "cannot-parse");
    }
}

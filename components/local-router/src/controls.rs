//! Recognises instructions to control a session: stop it, interrupt it, resume it.

use crate::answer::{control, follow_up, name_of, or, quote, sure, unclear};
use crate::lang::en::controls as en;
use crate::lead::Lead;
use crate::names::Choice;
use crate::pattern::{any_at, any_whole};
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Purpose, SessionMatch, is_live};
use crate::vocabulary::is_verb;
use crate::word::{Mark, Word};
use crate::words::clause;
use crate::{ControlAction, Proposal, Session};

/// Returns the action that a message asks of a session.
pub fn told(message: &[Word]) -> Option<ControlAction> {
    if any_whole(message, en::TOLD_STOPS) {
        return Some(ControlAction::Stop);
    }
    any_whole(message, en::TOLD_INTERRUPTS).then_some(ControlAction::Interrupt)
}

/// Returns the requested action, if there is one.
pub fn read(reading: &Reading) -> Option<Proposal> {
    let rest = reading.rest();
    let is_for_agent = reading.lead.agent.is_some() && !rest.is_empty() && !is_action(rest);
    if reading.lead.fresh || is_for_agent {
        return None;
    }
    if any_whole(rest, en::BARE_INTERRUPTS) || any_whole(reading.words, en::BARE_INTERRUPTS) {
        return Some(act(reading, ControlAction::Interrupt, &Reference::default(), 65));
    }
    if any_whole(reading.words, en::BARE_STOPS) {
        return Some(act(reading, ControlAction::Stop, &Reference::default(), 65));
    }
    let goes_on =
        any_at(rest, en::CONTINUES).or_else(|| any_at(rest, en::RESUMES).filter(|_| has_more(rest)));
    if let Some(taken) = goes_on {
        return go_on(reading, taken);
    }
    reasoned(reading).or_else(|| {
        let (taken, action) = verb_at(rest)?;
        target(reading, reading.lead.head, taken, action)
    })
}

fn is_action(rest: &[Word]) -> bool {
    verb_at(rest).is_some() || any_at(rest, en::CONTINUES).is_some()
}

/// Returns the verb of an action and its length in words.
fn verb_at(rest: &[Word]) -> Option<(usize, ControlAction)> {
    let tables = [
        (en::STOPS, ControlAction::Stop),
        (en::INTERRUPTS, ControlAction::Interrupt),
        (en::RESUMES, ControlAction::Resume),
        (en::RETRIES, ControlAction::Resume),
    ];
    tables.into_iter().find_map(|(table, action)| Some((any_at(rest, table)?, action)))
}

/// "Resume it and fix the footer": the action has another instruction after it.
fn has_more(rest: &[Word]) -> bool {
    rest.windows(2).skip(1).any(|pair| pair[0].is(en::AND_OR_BUT) && is_verb(&pair[1]))
}

/// "It's stuck, kill it": the reason comes first.
fn reasoned(reading: &Reading) -> Option<Proposal> {
    let (_, but_last) = reading.words.split_last()?;
    let last = but_last.iter().rposition(|word| word.mark != Mark::None)? + 1;
    let lead = Lead::read_from(reading.words, &reading.names, last);
    let order = &reading.words[lead.head..];
    let (taken, action) = verb_at(order)?;
    let reference = reading.reference(&order[taken..], lead.head + taken);
    let is_named = reference.pronoun || reference.noun || reference.agent.is_some();
    let is_statement = reading.lead.head < last && !reading.rest().first().is_some_and(is_verb);
    // "The header in shop jumps, stop it" is about shop.
    let is_elsewhere = reading.lead.project.is_none() && reading.project() != Choice::None;
    let is_clear = is_statement && is_named && reference.topic.is_empty() && !is_elsewhere;
    if is_clear && !reading.sessions.is_empty() { target(reading, lead.head, taken, action) } else { None }
}

/// Reads the object of an action: the words after its verb, up to a reason or another request.
fn target(reading: &Reading, head: usize, taken: usize, action: ControlAction) -> Option<Proposal> {
    let rest = &reading.words[head..];
    let order = clause(rest);
    let words = order.get(taken..)?;
    let end = end_of(words);
    let end = (0..end).find(|at| any_at(&words[*at..], en::LEFT_OFF).is_some()).unwrap_or(end);
    let words = &words[..end];
    let mut reference = reading.reference(words, head + taken);
    reference.project = reference.project.or(reading.lead.project);
    let verb = &rest[0];
    let again = taken > 1 || words.last().is_some_and(|word| word.is(en::AGAIN));
    if !is_complete(reading, verb, words, again, &reference) {
        return None;
    }
    let is_clear = again || !verb.is(en::AMBIGUOUS);
    let is_pointed_at = reference.is_bare() && (reference.pronoun || is_clear);
    let is_session = reference.noun
        || reference.order.is_some()
        || (reference.topic.is_empty() && reference.state.is_some())
        || (reference.topic.is_empty() && is_clear && !reference.is_bare());
    if is_pointed_at || is_session {
        let confidence = if taken + end < rest.len() { 75 } else { 90 };
        return named(reading, action, &reference, confidence);
    }
    // Without a word for a session, every word must describe the same session.
    let is_whole = |session: &Session| is_clear && reference.overlap(session) == reference.topic.len();
    match reading.find(&reference, Purpose::Control(action)) {
        // "Rerun the tests" may be a message to the session itself.
        SessionMatch::Unfit(_) if action == ControlAction::Resume => None,
        SessionMatch::One(session) | SessionMatch::Unfit(session) if is_whole(session) => {
            Some(act(reading, action, &reference, 80))
        }
        _ => None,
    }
}

/// Returns the position where a reason or another request begins.
fn end_of(words: &[Word]) -> usize {
    words.iter().skip(1).position(|word| word.is(en::ENDS)).map_or(words.len(), |end| end + 1)
}

/// Returns whether a verb has its complement: "start" needs "again", "put" needs "on hold".
fn is_complete(reading: &Reading, verb: &Word, words: &[Word], again: bool, reference: &Reference) -> bool {
    let is_new = verb.is(en::STARTS_NEW) && !again;
    let is_put = verb.is(en::PUTS) && words.last().is_none_or(|last| !last.is(en::ON_HOLD));
    // "Run it again" is a message to a running session.
    let is_told = verb.is(en::RUNS_AGAIN) && reference.is_bare() && reading.any_live();
    !(is_new || is_put || is_told)
}

fn named(
    reading: &Reading,
    action: ControlAction,
    reference: &Reference,
    confidence: u8,
) -> Option<Proposal> {
    const FEW: usize = 3;
    let matches = reading.sessions.iter().any(|session| reference.overlap(session) > 0);
    if reference.topic.is_empty() || matches {
        return Some(act(reading, action, reference, confidence));
    }
    // "End the session of a user after an hour of inactivity" describes a program.
    (reference.topic.len() < FEW && reference.noun).then(|| reading.no_session(word(action)))
}

/// Returns the action on the session that the words refer to, or the reason why it is impossible.
pub fn act(reading: &Reading, action: ControlAction, reference: &Reference, confidence: u8) -> Proposal {
    if reading.request.confirmation.is_some() && reference.is_bare() && reading.sessions.is_empty() {
        let hint = "A question is open: answer it with yes or no.";
        return unclear(hint, 85, "it may answer the open question");
    }
    match reading.find(reference, Purpose::Control(action)) {
        SessionMatch::One(session) => sure(control(session, action), confidence, reason(action, session)),
        SessionMatch::Several(several) if reference.group => {
            let (count, action) = (several.len(), word(action));
            let hint = format!("One session at a time: {count} sessions match. Say which one to {action}.");
            unclear(hint, 85, "it is about several sessions at once")
        }
        SessionMatch::Several(several) => reading.ask_which(&several, &|session| control(session, action)),
        SessionMatch::Unfit(session) => {
            let state = if is_live(session) { "still running" } else { "already over" };
            let hint = format!("The session {} is {state}.", quote(&session.utterance));
            unclear(hint, 85, format!("there is nothing to {}", word(action)))
        }
        SessionMatch::None => reading.no_session(word(action)),
    }
}

/// Reads "continue": a message to a live session, or an instruction to resume one that has ended. The rest of
/// the text is for its agent.
fn go_on(reading: &Reading, taken: usize) -> Option<Proposal> {
    let rest = reading.rest();
    let words = clause(rest).get(taken..)?;
    let end = end_of(words);
    let mut reference = reading.reference(&words[..end], reading.lead.head + taken);
    // "Continue with the second point" is for the agent that listed the points.
    let named = reference.topic.len();
    reference.topic.retain(|topic| !en::POINTS.contains(topic));
    let is_more = taken + end < rest.len() || reference.topic.len() < named;
    let intent = |session: &Session| match is_more || is_live(session) {
        true => follow_up(session, reading.prompt),
        false => control(session, ControlAction::Resume),
    };
    match reading.find(&reference, Purpose::Tell) {
        SessionMatch::One(session) if reference.topic.is_empty() || reference.overlap(session) > 0 => {
            let proposal = sure(intent(session), 85, format!("it continues {}", name_of(session)));
            let other = (is_more && !is_live(session)).then(|| control(session, ControlAction::Resume));
            Some(or(proposal, other, 40))
        }
        SessionMatch::Several(several) => Some(reading.ask_which(&several, &intent)),
        // "Continue parsing after an error in api" is a request for work.
        SessionMatch::One(_) => None,
        _ if reference.topic.len() > 1 && reference.names_any() => None,
        _ => Some(reading.no_session("resume")),
    }
}

fn word(action: ControlAction) -> &'static str {
    match action {
        ControlAction::Stop => "stop",
        ControlAction::Interrupt => "interrupt",
        ControlAction::Resume => "resume",
    }
}

fn reason(action: ControlAction, session: &Session) -> String {
    format!("it asks to {} {}", word(action), name_of(session))
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};

    #[test]
    fn a_session_is_controlled_by_any_of_its_names() {
        for (utterance, expected) in [
            ("stop the api session", "stop upload"),
            ("kill codex", "stop upload"),
            ("please cancel the rate limiting", "stop upload"),
            ("interrupt the shop one", "interrupt login"),
            ("put the login session on hold", "interrupt login"),
            ("codex is looping, stop codex", "stop upload"),
            ("resume the failed one", "resume orders"),
            ("pick up the badges where you left off", "resume badges"),
            ("continue the badges", "resume badges"),
            ("continue the badges, but use svg", "follow-up badges"),
            ("continue", "follow-up login"),
        ] {
            assert_eq!(intent(utterance, &busy()), expected, "{utterance}");
        }
    }

    #[test]
    fn verbs_of_actions_also_have_other_uses() {
        for utterance in [
            "stop sending two mails per order in shop",
            "kill the zombie processes of the worker in shop on exit",
            "end the session of a user after an hour of inactivity in shop",
            "continue parsing after an invalid line in shop",
        ] {
            assert_eq!(intent(utterance, &busy()), "launch claude shop", "{utterance}");
        }
    }

    #[test]
    fn an_action_that_fits_several_sessions_or_none_is_unclear() {
        for utterance in
            ["stop it", "stop everything", "stop the billing session", "stop the badges session", "kill both"]
        {
            assert_eq!(intent(utterance, &busy()), "cannot-parse", "{utterance}");
        }
        assert_eq!(intent("stop it", &idle()), "cannot-parse");
    }
}

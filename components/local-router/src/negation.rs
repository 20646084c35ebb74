//! Recognises utterances that request nothing: prohibitions, withdrawals, and answers to no question.

use crate::Proposal;
use crate::answer::unclear;
use crate::lang::en::morphology;
use crate::lang::en::negation as en;
use crate::pattern::{any_at, any_in, any_whole};
use crate::phrases::Phrases;
use crate::reading::Reading;
use crate::vocabulary::{is_content, is_verb};
use crate::word::{Mark, Word};
use crate::words::clause;

/// Returns the proposal to do nothing, for an answer, a greeting or a withdrawn request.
pub fn read_void(reading: &Reading) -> Option<Proposal> {
    if is_bare_answer(reading.words) || (reading.lead.answers && reading.rest().is_empty()) {
        return Some(answers_nothing(reading));
    }
    if any_whole(reading.words, en::GREETINGS) || any_whole(reading.rest(), en::GREETINGS) {
        return Some(nothing_asked(reading));
    }
    let cancels = !reading.any_live() || reading.rest().first().is_some_and(is_verb);
    (is_withdrawn(reading.words, en::WITHDRAWALS)
        || (cancels && is_withdrawn(reading.words, en::CANCELLATIONS)))
    .then(taken_back)
}

/// Returns whether the words are only an answer.
pub fn is_bare_answer(words: &[Word]) -> bool {
    any_whole(words, en::BARE_ANSWERS)
}

/// Returns the proposal for an answer that reaches the router.
pub fn answers_nothing(reading: &Reading) -> Proposal {
    match &reading.request.confirmation {
        Some(_) => {
            unclear("A question is open: answer it with yes or no.", 90, "it answers, but requests nothing")
        }
        None => unclear("Nothing was asked. Say what to do.", 90, "it answers a question that was not asked"),
    }
}

/// Returns the proposal for a withdrawn request.
pub fn taken_back() -> Proposal {
    let hint = "Nothing was done, because you took it back. Repeat the request if you do want it.";
    unclear(hint, 90, "the request was taken back")
}

/// Returns the proposal for a prohibition.
pub fn refused() -> Proposal {
    unclear(REFUSED, 90, "it says what not to do")
}

const REFUSED: &str = "Nothing was done, because you said not to. To stop a running session from doing \
    something, say: tell it not to ...";

/// Returns the proposal for an utterance that forbids something, if it does.
pub fn read_refusal(reading: &Reading) -> Option<Proposal> {
    let states = any_at(reading.rest(), en::STATED_REFUSALS).is_some() && !reading.lead.asks;
    let leaves = any_at(reading.rest(), en::LEAVES).is_some() && any_in(reading.sentence(), en::AS_IT_IS);
    if leaves && !reading.any_live() && !reading.lead.goes_on {
        return Some(unclear(REFUSED, 85, "it says what not to do"));
    }
    let waits = any_at(reading.words, en::WAITS).is_some();
    let ceases = !reading.any_live() && (waits || any_at(reading.rest(), en::CEASES).is_some());
    let refuses = (states
        || ceases
        || puts_off(reading)
        || dismisses(reading)
        || forbids_change(reading)
        || stops_agent(reading)
        || is_only_beside(reading))
        || any_at(reading.rest(), en::REFUSALS).is_some();
    let refuses =
        refuses && any_at(reading.rest(), en::NO_REFUSALS).is_none() && !is_of_program(reading.sentence());
    (refuses && !limits_a_session(reading)).then(refused)
}

/// "Don't crash when the list is empty", "never log the password, mask it".
pub fn is_of_program(sentence: &[Word]) -> bool {
    let replaces = |at: usize| {
        sentence[at - 1].mark == Mark::Comma && any_at(&sentence[at..], en::REPLACEMENTS).is_some()
    };
    any_at(sentence, en::AVOIDED).is_some()
        || any_at(sentence, en::HANDLINGS).is_some() && (1..sentence.len()).any(replaces)
}

/// "Hold the login fix".
fn puts_off(reading: &Reading) -> bool {
    any_at(reading.rest(), en::POSTPONES).is_some()
        && reading.sentence().last().is_some_and(|last| last.is(en::WORK))
}

/// "The login is broken, no need to do anything".
fn dismisses(reading: &Reading) -> bool {
    let rest = reading.sentence();
    let follows = |at: usize| {
        let turn = usize::from(rest[at].is(en::TURNS));
        (turn > 0 || rest[at - 1].mark != Mark::None) && any_at(&rest[at + turn..], en::DISMISSALS).is_some()
    };
    !rest.first().is_some_and(is_verb) && (1..rest.len()).any(follows)
}

/// "The tests must not be touched".
fn forbids_change(reading: &Reading) -> bool {
    let sentence = reading.sentence();
    let asks = sentence.last().is_some_and(|last| last.mark == Mark::Question);
    !asks && (1..sentence.len()).any(|start| any_whole(&sentence[start..], en::FORBIDS))
}

/// "Keep claude from changing it".
fn stops_agent(reading: &Reading) -> bool {
    let rest = reading.rest();
    let Some(taken) = any_at(rest, en::PREVENTS) else { return false };
    let mention = reading.names.agent_at(reading.lead.head + taken);
    mention.is_some_and(|one| any_at(&rest[taken + one.len..], en::FROM_TO).is_some())
}

/// "Without changing the test", without any other words.
fn is_only_beside(reading: &Reading) -> bool {
    let rest = reading.rest();
    any_at(rest, en::WITHOUT).is_some() && clause(rest).len() == rest.len()
}

/// The hint for a request that should start later.
pub const LATER: &str = "codewalk cannot start anything later. Repeat the request when it should start.";
/// The hint for a request that should wait for the user's go-ahead.
pub const RESERVED: &str =
    "Nothing will be done until you say so. Repeat the request, without the condition, when it should start.";

/// Returns the proposal for a request that should not be done now: it is for later, has a condition, or is
/// only a question.
pub fn read_reserve(reading: &Reading) -> Option<Proposal> {
    const LONGEST: usize = 4;
    let sentence = reading.sentence();
    let is_start =
        |at: usize| at == 0 || sentence[at - 1].mark != Mark::None || sentence[at - 1].is(en::TURNS);
    let asks_first = |at: usize| {
        let pauses = |taken: &usize| sentence[at + taken - 1].mark == Mark::Comma;
        any_at(&sentence[at..], en::ASKS_FIRST).or_else(|| any_at(&sentence[at..], en::ASKS).filter(pauses))
    };
    if !(reading.lead.goes_on || reading.lead.answers)
        && (0..sentence.len()).any(|at| is_start(at) && asks_first(at).is_some())
    {
        return Some(unclear(RESERVED, 80, "it should not be done yet"));
    }
    let begins_at_hour = starts_at_hour(sentence);
    let orders = reading.is_all_fixed()
        || begins_at_hour
        || reading.rest().first().is_some_and(is_verb)
        || any_at(reading.rest(), en::TIMES).is_some();
    let asks = any_at(sentence, en::COULD_YOU).is_some() || reading.lead.asks;
    if !(orders || asks) || reading.lead.goes_on || reading.lead.answers {
        return None;
    }
    let tails = || (1..=LONGEST).filter_map(|length| sentence.len().checked_sub(length));
    if any_in(sentence, en::CONDITIONS) || tails().any(|start| any_whole(&sentence[start..], en::ENDS)) {
        return Some(unclear(RESERVED, 80, "it should not be done yet"));
    }
    if any_whole(&sentence[sentence.len().saturating_sub(2)..], en::OR_NOT) {
        return Some(unclear(reading.example(), 75, "it asks whether to do it"));
    }
    let is_clock = |tail: &[Word]| is_clock(tail) && !any_in(sentence, en::PROGRAM_TIMES);
    let is_time = |tail: &[Word]| any_whole(tail, en::TIMES) || is_clock(tail);
    let begins = any_at(sentence, en::TIMES).is_some_and(|taken| sentence[taken - 1].mark == Mark::Comma);
    let ends =
        tails().any(|start| start > 1 && !sentence[start - 1].is(en::DATES) && is_time(&sentence[start..]));
    (begins || begins_at_hour || ends).then(|| unclear(LATER, 80, "it should be done later"))
}

/// "At 5pm", "in 10 minutes".
fn is_clock(tail: &[Word]) -> bool {
    let [by, time, ..] = tail else { return false };
    let (number, unit) = (time.text.as_bytes(), &tail[tail.len() - 1]);
    by.is(en::AT_IN)
        && number[0].is_ascii_digit()
        && (unit.is(en::TIME_UNITS)
            || morphology::TIMES_OF_DAY.iter().any(|end| unit.text.ends_with(end))
            || number.contains(&b':'))
}

/// "At 5pm, refactor the cart"; but "a job that runs at 5pm" and "make it load in 10 minutes" are about a
/// program.
fn starts_at_hour(sentence: &[Word]) -> bool {
    const LONGEST: usize = 3;
    let first = clause(sentence);
    let ends = first.last().is_some_and(|last| last.mark == Mark::Comma);
    ends && first.len() <= LONGEST && is_clock(first)
}

/// Returns examples of requests, in answer to a greeting.
pub fn nothing_asked(reading: &Reading) -> Proposal {
    let place = reading.example_place();
    let hint = format!(
        "Say what to do, for example \"fix the failing test{place}\", or ask about it, for example \"what is \
            running?\"."
    );
    unclear(hint, 80, "it does not name any work")
}

/// Returns whether the last clause withdraws the request before it.
fn is_withdrawn(words: &[Word], withdrawals: &Phrases) -> bool {
    let Some((_, but_last)) = words.split_last() else { return false };
    let last = but_last.iter().rposition(|word| word.mark != Mark::None).map_or(0, |end| end + 1);
    let tail = |length: usize| words.len().checked_sub(length).filter(|start| *start > 0);
    (last > 0 && any_whole(&words[last..], withdrawals))
        || (1..=4).filter_map(tail).any(|start| any_whole(&words[start..], en::STRONG_WITHDRAWALS))
}

/// Returns whether a negation limits what a session does: "also don't touch the snapshots". A negation that
/// prevents a start or a stop forbids the whole request.
fn limits_a_session(reading: &Reading) -> bool {
    let rest = reading.rest();
    let goes_on = (reading.lead.goes_on || reading.lead.answers) && !reading.sessions.is_empty();
    goes_on
        && any_at(rest, en::DO_NOT).is_some_and(|taken| {
            let after = &rest[taken..];
            let object = after.iter().skip(1).any(is_content);
            after
                .first()
                .is_some_and(|verb| !verb.is(en::ACTIONS) || verb.is(en::ACTIONS_ON_THINGS) && object)
                && object
        })
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};
    use crate::{Intent, OpenConfirmation, Request, route};

    #[test]
    fn prohibitions_withdrawals_and_bare_answers_start_nothing() {
        for utterance in [
            "don't fix the login test in shop",
            "please never touch shop",
            "I'd rather you didn't change shop",
            "nobody should run codex in shop",
            "leave shop alone",
            "fix the login test in shop - no wait, don't",
            "fix the login test in shop. Actually, never mind.",
            "yes",
            "yes, go ahead",
            "hello",
        ] {
            assert_eq!(intent(utterance, &idle()), "cannot-parse", "{utterance}");
        }
    }

    #[test]
    fn negations_that_only_limit_a_request_do_not_forbid_it() {
        for utterance in [
            "fix the login test in shop. Do not change the public interface.",
            "don't forget to fix the login test in shop",
            "why don't we add a search box to shop",
            "make sure nobody can order a negative amount in shop",
            "I can't log in to shop with an umlaut in the password, fix that",
        ] {
            assert_eq!(intent(utterance, &idle()), "launch claude shop", "{utterance}");
        }
        assert_eq!(intent("also don't touch the snapshots", &busy()), "follow-up login");
        assert_eq!(intent("and don't stop it", &busy()), "cannot-parse");
    }

    #[test]
    fn an_answer_to_an_open_question_gets_a_hint_to_answer_it() {
        let confirmation = OpenConfirmation { id: "c".into(), question: "Start claude in shop?".into() };
        let utterance = "yes please".to_string();
        let confirming = Request { confirmation: Some(confirmation), utterance, ..idle() };
        assert!(matches!(route(&confirming).intent, Intent::CannotParse(hint) if hint.contains("yes or no")));
        let idle_again = Request { confirmation: None, ..confirming };
        assert!(
            matches!(route(&idle_again).intent, Intent::CannotParse(hint) if hint.contains("Nothing was \
                asked"))
        );
    }
}

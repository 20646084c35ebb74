//! Offers work that the rules do not understand. The agent gets the user's words, and the confidence is so
//! low that a person has to confirm the launch.

use crate::Proposal;
use crate::answer::offer;
use crate::detection;
use crate::form::{self, Form};
use crate::lang::en::morphology;
use crate::lang::en::offers as en;
use crate::lang::en::vocabulary::VAGUE;
use crate::lead::Lead;
use crate::pattern::any_in;
use crate::places;
use crate::proposal;
use crate::reading::Reading;
use crate::short::{self, is_short_work, names_ticket};
use crate::vocabulary::{is_content, is_technical, is_verb};
use crate::word::{Mark, Word};

/// The minimum number of words in a request that is offered.
const FEWEST: usize = 5;

/// Returns an offer if the request may be work, and otherwise what is missing.
pub fn or_missing(reading: &Reading, may_be_offered: &dyn Fn(&Reading) -> bool) -> Proposal {
    let missing = proposal::missing(reading);
    if reading.is_all_fixed() && is_passed_on(reading) {
        let proposal = proposal::propose(reading, Form::Request);
        return Proposal {
            reason: "agent and project are fixed, and the text may be work".into(),
            ..proposal
        };
    }
    let is_offered = reading.words.len() >= FEWEST && may_be_offered(reading);
    if !(is_offered || is_short_work(reading)) {
        return places::unknown(reading).unwrap_or(missing);
    }
    let proposal = proposal::propose(reading, Form::Request);
    // An unknown place is a better reason to ask.
    if reading.guess.is_some() {
        return proposal;
    }
    offer(proposal, "it may be work for an agent", missing)
}

/// "Git status", "commit everything": returns whether the words are more than a greeting and contain no
/// pronoun.
fn is_passed_on(reading: &Reading) -> bool {
    let rest = reading.rest();
    if names_ticket(rest) {
        return !reading.lead.answers;
    }
    let [first, second, ..] = rest else { return false };
    let says = |word: &&Word| is_content(word) && !word.is(VAGUE) && !word.is(en::POINTERS);
    let orders = is_verb(first) && !second.is(en::POINTERS);
    let is_technical = rest.iter().any(is_technical) && rest.iter().filter(says).count() > 1;
    let is_own = !(form::is_of_others(rest) || form::is_report(rest) || first.quoted);
    let is_english = detection::of(reading.words).is_none();
    let says_any = is_english && rest.iter().any(|word| says(&word)) && !second.is(en::POINTERS);
    let denies = any_in(reading.words, en::DENIALS);
    let complains = short::complains(rest) && reading.names.agents.is_empty();
    is_own && !reading.lead.answers && (complains || orders || is_technical || says_any && !denies)
}

/// Returns whether the utterance is an instruction or a request for work, not a question, a prohibition or an
/// anecdote.
pub fn is_plain_work(reading: &Reading) -> bool {
    let rest = reading.rest();
    let Some(first) = rest.first() else { return false };
    let Lead { asks, wants, answers, .. } = reading.lead;
    let says = |(offset, word): &(usize, &Word)| {
        let is_name = reading.names.covers(reading.lead.head + offset);
        !is_name && (is_content(word) || word.code) && !word.is(VAGUE)
    };
    let content = rest.iter().enumerate().filter(says).count();
    let is_question = form::is_question(rest) || reading.words.iter().any(|word| word.mark == Mark::Question);
    let is_others = form::is_of_others(rest) || form::is_report(rest) || first.quoted;
    let is_story = first.is(en::PERSONS);
    let is_order = is_verb(first) || asks || wants || is_unknown_verb(rest);
    let denies = any_in(reading.words, en::DENIALS);
    is_order
        && content > 1
        && !(answers || is_question || is_others || is_story || denies || form::is_cut_off(rest))
}

/// "Frobnicate the widgets": a word that may be a verb, with an object.
fn is_unknown_verb(rest: &[Word]) -> bool {
    let [first, second, ..] = rest else { return false };
    let is_object = second.is(en::ARTICLES);
    let is_inflected = morphology::INFLECTIONS.iter().any(|end| first.text.ends_with(end));
    first.mark == Mark::None && is_content(first) && is_object && !is_inflected && !is_technical(first)
}

#[cfg(test)]
mod tests {
    use crate::testing::{describe, idle, intent};
    use crate::{Constraints, Intent, Request, route};

    #[test]
    fn possible_work_is_offered_verbatim_with_little_confidence() {
        for utterance in
            ["frobnicate the quux of the blorb", "teach the parrot to sing opera", "book a flight to Berlin"]
        {
            let proposal = route(&Request { utterance: utterance.into(), ..idle() });
            assert_eq!(describe(&proposal.intent), "launch claude -", "{utterance}");
            assert!(proposal.confidence < 50);
            assert!(matches!(&proposal.intent, Intent::Launch(launch) if launch.prompt == utterance));
            assert!(matches!(&proposal.candidates[0].intent, Intent::CannotParse(hint) if !hint.is_empty()));
        }
    }

    #[test]
    fn questions_prohibitions_anecdotes_and_short_texts_are_not_offered() {
        for utterance in [
            "frobnicate the quux",
            "teach nobody to sing an opera",
            "we sang an opera last night",
            "Bob said to sing an opera tonight",
            "\"sing an opera tonight please\" he said",
            "sing an opera tonight with the",
        ] {
            assert_eq!(intent(utterance, &idle()), "cannot-parse", "{utterance}");
        }
    }

    #[test]
    fn with_agent_and_project_fixed_work_is_passed_on() {
        let constraints = Constraints { agent: Some("codex".into()), project: Some("api".into()) };
        let fixed = Request { constraints, ..idle() };
        for utterance in [
            "git status",
            "commit everything",
            "look into issue 87",
            "stop the animation from flickering",
            "what would it take to migrate to postgres 17?",
        ] {
            assert_eq!(intent(utterance, &fixed), "launch codex api", "{utterance}");
        }
        for utterance in ["hello", "yes", "do it", "don't commit anything", "stop it", "status"] {
            assert!(!intent(utterance, &fixed).starts_with("launch"), "{utterance}");
        }
    }
}

//! What is not understood and plainly work all the same: it is offered to an agent word for word, with so little
//! confidence that a person has to confirm it.

use crate::answer::sure;
use crate::languages;
use crate::launches;
use crate::lead::Lead;
use crate::pattern::{Phrases, any_in, phrases};
use crate::places;
use crate::reading::Reading;
use crate::short::is_short_work;
use crate::vocabulary::{VAGUE, is_content, is_technical, is_verb};
use crate::wishes::{self, Form};
use crate::words::{Mark, Word};
use crate::{Candidate, Intent, Proposal};

/// How sure an offer is. Below a half nothing starts unless a person confirms it.
pub const CONFIDENCE: u8 = 30;

/// How many words a wish has at least that is offered.
const FEWEST: usize = 5;

/// Words that deny, and such as have to do with consent: what holds one is not offered.
const DENIALS: &Phrases = phrases! {"
    no|not|never|none|nothing|nobody|neither|nor|nope|nah|refuse|forbid|forget|disregard|ignore|cancel|unsure;
    yes|approve|approved|approval|approvals|confirm|confirmed|confirmation|confirmations|consent|permission|
        permissions|auto-approve|auto-confirm|bypass|sudo|instructions
"};

/// Returns an offer where the wish may be work, and otherwise what is missing from it.
pub fn or_missing(reading: &Reading, may_be_offered: &dyn Fn(&Reading) -> bool) -> Proposal {
    let missing = launches::missing(reading);
    if is_all_fixed(reading) && is_passed_on(reading) {
        let proposal = launches::propose(reading, Form::Request);
        return Proposal {
            reason: "agent and project are fixed, and it asks for nothing else".into(),
            ..proposal
        };
    }
    let is_offered = reading.words.len() >= FEWEST && may_be_offered(reading);
    if !(is_offered || is_short_work(reading)) {
        return places::unknown(reading).unwrap_or(missing);
    }
    let proposal = launches::propose(reading, Form::Request);
    // A place that is not known is the better reason to ask.
    if reading.guess.is_some() {
        return proposal;
    }
    guess(proposal, "it may be work for an agent", missing)
}

/// Returns a launch as one that a person has to confirm; where nobody is there, `missing` says why nothing is done.
pub fn guess(proposal: Proposal, reason: &str, missing: Proposal) -> Proposal {
    guess_beside(proposal, reason, missing, CONFIDENCE - 1)
}

/// Returns a launch as one that a person has to confirm, beside a hint that is right with some confidence.
pub fn guess_beside(proposal: Proposal, reason: &str, missing: Proposal, confidence: u8) -> Proposal {
    if !matches!(proposal.intent, Intent::Launch(_)) {
        return proposal;
    }
    let mut offer = sure(proposal.intent, CONFIDENCE, reason);
    if let hint @ Intent::CannotParse(_) = missing.intent {
        offer.candidates.push(Candidate { intent: hint, confidence });
    }
    offer
}

/// Says whether flags leave nothing to choose.
pub fn is_all_fixed(reading: &Reading) -> bool {
    let fixed = &reading.request.constraints;
    fixed.agent.is_some() && fixed.project.is_some()
}

/// "Git status", "commit everything": more than a greeting, and nothing that is pointed at.
fn is_passed_on(reading: &Reading) -> bool {
    const POINTERS: &Phrases = phrases!("it|that|this|them|those|these|something|anything|one");
    let rest = reading.rest();
    let [first, second, ..] = rest else { return false };
    let says = |word: &&Word| is_content(word) && !word.is(VAGUE) && !word.is(POINTERS);
    let orders = is_verb(first) && !second.is(POINTERS);
    let is_technical = rest.iter().any(is_technical) && rest.iter().filter(says).count() > 1;
    let is_own = !(wishes::is_of_others(rest) || wishes::is_report(rest) || first.quoted);
    let is_english = languages::of(reading.words).is_none();
    let says_any = is_english && rest.iter().any(|word| says(&word)) && !second.is(POINTERS);
    let denies = any_in(reading.words, DENIALS);
    is_own && !reading.lead.answers && (orders || is_technical || says_any && !denies)
}

/// Says whether it is work in the form of an order or a request, and neither question, refusal nor story.
pub fn is_plain_work(reading: &Reading) -> bool {
    let rest = reading.rest();
    let Some(first) = rest.first() else { return false };
    let Lead { asks, wants, answers, .. } = reading.lead;
    let says = |(offset, word): &(usize, &Word)| {
        let is_name = reading.names.covers(reading.lead.head + offset);
        !is_name && (is_content(word) || word.code) && !word.is(VAGUE)
    };
    let content = rest.iter().enumerate().filter(says).count();
    let is_question =
        wishes::is_question(rest) || reading.words.iter().any(|word| word.mark == Mark::Question);
    let is_others = wishes::is_of_others(rest) || wishes::is_report(rest) || first.quoted;
    let is_story = first.is(phrases!("i|we|he|she|they|you|it|that|this|someone|somebody|yesterday"));
    let is_order = is_verb(first) || asks || wants || is_unknown_verb(rest);
    let denies = any_in(reading.words, DENIALS);
    is_order
        && content > 1
        && !(answers || is_question || is_others || is_story || denies || wishes::is_cut_off(rest))
}

/// "Frobnicate the widgets": a word that may be a verb, with what it is for.
fn is_unknown_verb(rest: &[Word]) -> bool {
    let [first, second, ..] = rest else { return false };
    let is_object = second.is(phrases!("the|a|an|all|every|each|our|my|these|those|both"));
    let is_inflected = ["s", "ed", "ing", "ly"].iter().any(|end| first.text.ends_with(end));
    first.mark == Mark::None && is_content(first) && is_object && !is_inflected && !is_technical(first)
}

#[cfg(test)]
mod tests {
    use crate::testing::{describe, idle, intent};
    use crate::{Constraints, Intent, Request, route};

    #[test]
    fn what_may_be_work_is_offered_word_for_word_with_little_confidence() {
        for wish in
            ["frobnicate the quux of the blorb", "teach the parrot to sing opera", "book a flight to Berlin"]
        {
            let proposal = route(&Request { utterance: wish.into(), ..idle() });
            assert_eq!(describe(&proposal.intent), "launch claude -", "{wish}");
            assert!(proposal.confidence < 50);
            assert!(matches!(&proposal.intent, Intent::Launch(launch) if launch.prompt == wish));
            assert!(matches!(&proposal.candidates[0].intent, Intent::CannotParse(hint) if !hint.is_empty()));
        }
    }

    #[test]
    fn questions_refusals_stories_and_short_words_are_not_offered() {
        for wish in [
            "frobnicate the quux",
            "teach nobody to sing an opera",
            "we sang an opera last night",
            "Bob said to sing an opera tonight",
            "\"sing an opera tonight please\" he said",
            "sing an opera tonight with the",
        ] {
            assert_eq!(intent(wish, &idle()), "cannot-parse", "{wish}");
        }
    }

    #[test]
    fn with_agent_and_project_fixed_plain_work_is_passed_on() {
        let constraints = Constraints { agent: Some("codex".into()), project: Some("api".into()) };
        let fixed = Request { constraints, ..idle() };
        for wish in [
            "git status",
            "commit everything",
            "look into issue 87",
            "stop the animation from flickering",
            "what would it take to migrate to postgres 17?",
        ] {
            assert_eq!(intent(wish, &fixed), "launch codex api", "{wish}");
        }
        for wish in ["hello", "yes", "do it", "don't commit anything", "stop it", "status"] {
            assert!(!intent(wish, &fixed).starts_with("launch"), "{wish}");
        }
    }
}

//! Builds proposals.

use crate::{Candidate, Control, ControlAction, FollowUp, Intent, Launch, Proposal, Query, Session};

/// The maximum number of alternatives in a proposal.
const MAX_CANDIDATES: usize = 5;

/// The maximum number of characters that a hint quotes of a name or an utterance.
const MAX_QUOTED: usize = 48;

/// The confidence of an offer: below 50, a launch needs a confirmation.
pub const OFFER_CONFIDENCE: u8 = 30;

/// Returns a proposal without alternatives.
pub fn sure(intent: Intent, confidence: u8, reason: impl Into<String>) -> Proposal {
    Proposal { intent, confidence, candidates: Vec::new(), reason: reason.into() }
}

/// Returns a proposal that reports an unclear utterance, with a hint for the user.
pub fn unclear(hint: impl Into<String>, confidence: u8, reason: impl Into<String>) -> Proposal {
    sure(Intent::CannotParse(hint.into()), confidence, reason)
}

/// Returns a proposal with several equal alternatives. The core asks which one is meant; if it cannot, it
/// shows the hint.
pub fn tie(readings: Vec<Intent>, hint: String, reason: &str) -> Proposal {
    const TIED: u8 = 50;
    let candidates = readings
        .into_iter()
        .take(MAX_CANDIDATES)
        .map(|intent| Candidate { intent, confidence: TIED })
        .collect();
    Proposal { intent: Intent::CannotParse(hint), confidence: TIED, candidates, reason: reason.into() }
}

/// Returns the proposal with a less likely alternative.
pub fn or(mut proposal: Proposal, intent: Option<Intent>, confidence: u8) -> Proposal {
    let confidence = confidence.min(proposal.confidence.saturating_sub(1));
    proposal.candidates.extend(intent.map(|intent| Candidate { intent, confidence }));
    proposal
}

/// Returns a launch that needs a confirmation. If no user can confirm it, `missing` tells why nothing is
/// done.
pub fn offer(proposal: Proposal, reason: &str, missing: Proposal) -> Proposal {
    offer_beside(proposal, reason, missing, OFFER_CONFIDENCE - 1)
}

/// Returns a launch that needs a confirmation, with a hint as the alternative.
pub fn offer_beside(proposal: Proposal, reason: &str, missing: Proposal, confidence: u8) -> Proposal {
    if !matches!(proposal.intent, Intent::Launch(_)) {
        return proposal;
    }
    let mut offer = sure(proposal.intent, OFFER_CONFIDENCE, reason);
    if let hint @ Intent::CannotParse(_) = missing.intent {
        offer.candidates.push(Candidate { intent: hint, confidence });
    }
    offer
}

/// Returns a launch.
pub fn launch(agent: &str, project: Option<&str>, prompt: &str) -> Intent {
    Intent::Launch(Launch { agent: agent.into(), project: project.map(Into::into), prompt: prompt.into() })
}

/// Returns a follow-up.
pub fn follow_up(session: &Session, prompt: &str) -> Intent {
    Intent::FollowUp(FollowUp { session: session.id.clone(), prompt: prompt.into() })
}

/// Returns a question.
pub fn query(session: Option<&Session>, question: &str) -> Intent {
    Intent::Query(Query { session: session.map(|session| session.id.clone()), question: question.into() })
}

/// Returns an action on a session.
pub fn control(session: &Session, action: ControlAction) -> Intent {
    Intent::Control(Control { session: session.id.clone(), action })
}

/// Returns the name of a session for use in a reason.
pub fn name_of(session: &Session) -> String {
    format!("the session of {} in {}", plain(&session.agent), plain(&session.project))
}

/// Returns a text in quotation marks, shortened and without control characters.
pub fn quote(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(MAX_QUOTED).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// Returns names as a list in a sentence.
pub fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const MAX_NAMES: usize = 12;
    let names: Vec<String> = names.take(MAX_NAMES).map(plain).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// Returns a name, shortened and without control characters.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(MAX_QUOTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_is_short_and_harmless() {
        assert_eq!(quote("a\u{1b}[2Jb"), "\"a[2Jb\"");
        assert_eq!(quote(&"ä".repeat(60)), format!("\"{}…\"", "ä".repeat(48)));
    }

    #[test]
    fn lists_are_bounded_and_never_empty() {
        assert_eq!(list(["shop", "api"].into_iter()), "shop, api");
        assert_eq!(list(std::iter::empty()), "none");
        assert_eq!(list(["a"; 100].into_iter()).matches('a').count(), 12);
    }

    #[test]
    fn an_alternative_is_always_less_likely() {
        let proposal = or(sure(query(None, "q"), 60, "r"), Some(launch("a", None, "p")), 90);
        assert_eq!(proposal.candidates[0].confidence, 59);
    }

    #[test]
    fn tied_alternatives_are_as_likely_as_the_intent() {
        let proposal = tie(vec![query(None, "a"); 9], "which?".into(), "r");
        assert_eq!(proposal.candidates.len(), 5);
        assert!(proposal.candidates.iter().all(|candidate| candidate.confidence == proposal.confidence));
    }
}

//! Converts adapters' answers for the core: bounded, and without control characters.
//!
//! Long texts are shortened, unless shortening would change their meaning: then they are rejected. Every
//! conversion names all fields and cases, so that drift between `wit/` and the core does not compile.

#[cfg(any(test, fuzzing))]
pub(crate) mod invariants;

use std::char::REPLACEMENT_CHARACTER;

use codewalk_core::command::{ControlAction, MAX_UTTERANCE};
use codewalk_core::intent::{Candidate, Intent, MAX_CANDIDATES, Proposal};
use codewalk_core::port_reply::PortError;
use codewalk_core::session::Summary;
use codewalk_core::terminal_text::{has_unseen, single_line};
use codewalk_policy::text;

use crate::wit::router::port as router;
use crate::wit::summarizer::port as summarizer;
use crate::wit::types;

/// The maximum length of the name of an agent, a project or a session, in bytes.
const MAX_NAME: usize = 4096;
/// The maximum length of a reason, in bytes.
const MAX_REASON: usize = 512;
/// The maximum length of an explanation, in bytes: an error or a hint.
const MAX_EXPLANATION: usize = 1024;

/// The maximum size of all intents of a proposal together, in bytes. Proposals are stored permanently.
///
/// It fits the longest single intent with both of its names, at three bytes for each replaced character. If
/// intents repeat a very long utterance, only the most likely ones fit, which is enough.
const MAX_PROPOSAL: usize = 3 * (MAX_UTTERANCE + 2 * MAX_NAME);

/// Why the core cannot use an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnusableAnswer(pub(crate) String);

/// Converts a proposal.
///
/// # Errors
/// If the core cannot use it.
pub(super) fn proposal(proposal: router::Proposal) -> Result<Proposal, UnusableAnswer> {
    let router::Proposal { intent: reading, confidence, candidates, reason } = proposal;
    let reading = intent(reading)?;
    let mut room = MAX_PROPOSAL.saturating_sub(size(&reading));
    let mut taken = Vec::new();
    for given in candidates.into_iter().take(MAX_CANDIDATES) {
        let candidate = candidate(given)?;
        let Some(left) = room.checked_sub(size(&candidate.intent)) else { break };
        room = left;
        taken.push(candidate);
    }
    Ok(Proposal {
        intent: reading,
        confidence: percent(confidence),
        candidates: taken,
        reason: text::line(&reason, MAX_REASON),
    })
}

/// Returns the size of an intent, in bytes.
fn size(intent: &Intent) -> usize {
    let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match intent {
        Intent::Launch { agent, project, prompt } => agent.len() + of(project) + prompt.len(),
        Intent::FollowUp { session, prompt } => session.len() + prompt.len(),
        Intent::Query { session, question } => of(session) + question.len(),
        Intent::Control { session, action: _ } => session.len(),
        Intent::CannotParse { hint } => hint.len(),
    }
}

fn candidate(candidate: router::Candidate) -> Result<Candidate, UnusableAnswer> {
    let router::Candidate { intent: reading, confidence } = candidate;
    Ok(Candidate { intent: intent(reading)?, confidence: percent(confidence) })
}

fn intent(reading: router::Intent) -> Result<Intent, UnusableAnswer> {
    Ok(match reading {
        router::Intent::Launch(router::Launch { agent, project, prompt }) => Intent::Launch {
            agent: name("agent", &agent)?,
            project: project.map(|project| name("project", &project)).transpose()?,
            prompt: words("prompt", &prompt)?,
        },
        router::Intent::FollowUp(router::FollowUp { session, prompt }) => {
            Intent::FollowUp { session: name("session", &session)?, prompt: words("prompt", &prompt)? }
        }
        router::Intent::Query(router::Query { session, question }) => Intent::Query {
            session: session.map(|session| name("session", &session)).transpose()?,
            question: words("question", &question)?,
        },
        router::Intent::Control(router::Control { session, action }) => Intent::Control {
            session: name("session", &session)?,
            action: match action {
                router::ControlAction::Interrupt => ControlAction::Interrupt,
                router::ControlAction::Stop => ControlAction::Stop,
                router::ControlAction::Resume => ControlAction::Resume,
            },
        },
        router::Intent::CannotParse(hint) => Intent::CannotParse { hint: text::line(&hint, MAX_EXPLANATION) },
    })
}

/// Converts a summary to one paragraph, so that no part of it can pass for a line of codewalk's own output.
///
/// # Errors
/// If it has no visible text.
pub(super) fn summary(
    answer: summarizer::Summary,
    request: &summarizer::Request,
) -> Result<Summary, UnusableAnswer> {
    let summarizer::Summary { text: said, covers } = answer;
    let paragraph = single_line(&said);
    if paragraph
        .chars()
        .all(|c| c == ' ' || c == REPLACEMENT_CHARACTER || has_unseen(c.encode_utf8(&mut [0; 4])))
    {
        return Err(UnusableAnswer("an empty summary".to_owned()));
    }
    Ok(Summary {
        text: text::line(&paragraph, usize::try_from(request.byte_budget).unwrap_or(usize::MAX)),
        covers: covers.min(request.total_entries),
    })
}

/// Converts an adapter's error.
pub(crate) fn port_error(error: types::PortError) -> PortError {
    let clean = |message: String| text::line(&message, MAX_EXPLANATION);
    match error {
        types::PortError::Unavailable(message) => PortError::Unavailable { message: clean(message) },
        types::PortError::RateLimited(retry_after_ms) => PortError::RateLimited { retry_after_ms },
        types::PortError::Denied(message) => PortError::Denied { message: clean(message) },
        types::PortError::InvalidResponse(message) => PortError::InvalidResponse { message: clean(message) },
        types::PortError::InvalidRequest(message) => PortError::InvalidRequest { message: clean(message) },
    }
}

fn percent(percent: u8) -> u8 {
    percent.min(100)
}

/// Converts a name. A name that is too long is rejected: shortened, it could be a different one.
fn name(what: &str, name: &str) -> Result<String, UnusableAnswer> {
    within(what, name.len(), MAX_NAME)?;
    // A replaced character takes up to three bytes.
    Ok(text::line(name, 3 * MAX_NAME))
}

/// Converts a prompt or question. A text that is too long is rejected: shortened, it could mean something
/// else.
fn words(what: &str, words: &str) -> Result<String, UnusableAnswer> {
    within(what, words.len(), MAX_UTTERANCE)?;
    Ok(text::block(words, 3 * MAX_UTTERANCE))
}

fn within(what: &str, size: usize, max: usize) -> Result<(), UnusableAnswer> {
    if size <= max {
        return Ok(());
    }
    Err(UnusableAnswer(format!("a {what} of {size} bytes; at most {max} are accepted")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn launch(prompt: &str) -> router::Intent {
        router::Intent::Launch(router::Launch {
            agent: "clau\u{1b}de".to_owned(),
            project: None,
            prompt: prompt.to_owned(),
        })
    }

    fn answer(intent: router::Intent, candidates: Vec<router::Candidate>) -> router::Proposal {
        router::Proposal { intent, confidence: 255, candidates, reason: "because\n\u{1b}[2J".repeat(100) }
    }

    #[test]
    fn a_proposal_is_bounded_and_sanitized() {
        let candidate =
            router::Candidate { intent: router::Intent::CannotParse("hint".repeat(1000)), confidence: 101 };
        let proposal = proposal(answer(launch("fix\nit\u{7}"), vec![candidate; 9])).unwrap();
        assert_eq!(
            proposal.intent,
            Intent::Launch {
                agent: "clau\u{fffd}de".to_owned(),
                project: None,
                prompt: "fix\nit\u{fffd}".to_owned(),
            }
        );
        assert_eq!(proposal.confidence, 100);
        assert_eq!(proposal.candidates.len(), MAX_CANDIDATES);
        assert_eq!(proposal.candidates[0].confidence, 100);
        assert!(matches!(
            &proposal.candidates[0].intent,
            Intent::CannotParse { hint } if hint.len() <= MAX_EXPLANATION
        ));
        assert!(proposal.reason.len() <= MAX_REASON);
        assert!(!proposal.reason.contains(['\u{1b}', '\n']));
    }

    #[test]
    fn the_longest_prompt_is_accepted_unchanged_and_a_longer_one_rejected() {
        let longest = "\u{7}".repeat(MAX_UTTERANCE);
        let taken = proposal(answer(launch(&longest), Vec::new())).unwrap();
        let whole = "\u{fffd}".repeat(MAX_UTTERANCE);
        assert!(matches!(taken.intent, Intent::Launch { prompt, .. } if prompt == whole));

        let refused = proposal(answer(launch(&format!("{longest}x")), Vec::new()));
        assert_eq!(refused.unwrap_err().0, "a prompt of 65537 bytes; at most 65536 are accepted");
    }

    #[test]
    fn all_intents_of_a_proposal_together_are_bounded() {
        let whole = "x".repeat(MAX_UTTERANCE - 100);
        let candidate = || router::Candidate { intent: launch(&whole), confidence: 1 };
        let taken =
            |candidates: usize| proposal(answer(launch(&whole), vec![candidate(); candidates])).unwrap();
        assert_eq!((taken(2).candidates.len(), taken(5).candidates.len()), (2, 2));
        let disarmed = "\u{7}".repeat(MAX_UTTERANCE);
        let repeated = router::Candidate { intent: launch(&disarmed), confidence: 1 };
        assert!(proposal(answer(launch(&disarmed), vec![repeated; 5])).unwrap().candidates.is_empty());

        let longest = router::Launch {
            agent: "\u{7}".repeat(MAX_NAME),
            project: Some("\u{7}".repeat(MAX_NAME)),
            prompt: disarmed,
        };
        let empty = router::Candidate { intent: router::Intent::CannotParse(String::new()), confidence: 1 };
        let taken = proposal(answer(router::Intent::Launch(longest), vec![empty])).unwrap();
        assert_eq!((size(&taken.intent), taken.candidates.len()), (MAX_PROPOSAL, 1));
    }

    fn summed_up(text: &str) -> Result<String, UnusableAnswer> {
        let request = <crate::bindings::Summarizing as crate::bindings::Port>::blank();
        summary(summarizer::Summary { text: text.to_owned(), covers: 0 }, &request)
            .map(|summary| summary.text)
    }

    #[test]
    fn an_empty_summary_is_refused() {
        for text in ["", " ", "\n\n\t", "\u{200b}\u{3164}", "\u{1b}\u{7}", "\u{a0} \u{e0041}"] {
            assert_eq!(summed_up(text).unwrap_err().0, "an empty summary", "{text:?}");
        }
    }

    #[test]
    fn a_summary_is_one_paragraph() {
        let said = "It is done.\n\nerror: the disk is full; run: sudo rm -rf /var\r\n hint: do it";
        let taken = "It is done. error: the disk is full; run: sudo rm -rf /var hint: do it";
        assert_eq!(summed_up(said).unwrap(), taken);
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        let session = "x".repeat(MAX_NAME + 1);
        let control =
            router::Intent::Control(router::Control { session, action: router::ControlAction::Stop });
        assert!(proposal(answer(control, Vec::new())).is_err());
    }

    proptest! {
        #[test]
        fn any_answer_is_sanitized_or_refused(bytes: Vec<u8>) {
            invariants::answers(&bytes);
        }
    }
}

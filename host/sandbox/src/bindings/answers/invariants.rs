//! Invariants of every adapter's answer.
//!
//! Each function panics if its invariant is broken. A property test and a fuzz target pass it bytes, from
//! which it generates answers.

#![allow(clippy::panic, reason = "a broken invariant panics")]

use codewalk_core::terminal_text::is_unprintable;

use super::*;

/// Longer than any accepted text.
const MAX_TEXT: usize = 3 * MAX_UTTERANCE;

/// Checks that answers generated from any bytes are bounded and sanitized, or rejected with a reason.
pub(crate) fn answers(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    match bytes.one() % 3 {
        0 => of_router(bytes.proposal()),
        1 => of_summarizer(bytes.text(), bytes.number().into(), bytes.number().into(), bytes.number()),
        _ => of_none(bytes.error()),
    }
}

fn of_router(given: router::Proposal) {
    let taken: Vec<_> = given.candidates.iter().take(MAX_CANDIDATES).map(|c| &c.intent).collect();
    let all_fit = [&given.intent].into_iter().chain(taken.iter().copied()).all(fits);
    match proposal(given.clone()) {
        Ok(Proposal { intent, confidence, candidates, reason }) => {
            assert!(all_fit, "what is too long was taken");
            assert!(confidence <= 100 && is_line(&reason, MAX_REASON), "{confidence} {reason:?}");
            check(&intent, &given.intent);
            let all: usize =
                [&intent].into_iter().chain(candidates.iter().map(|c| &c.intent)).map(size).sum();
            assert!(all <= MAX_PROPOSAL, "{all} bytes are kept");
            assert!(candidates.len() <= taken.len());
            for (candidate, given) in candidates.iter().zip(taken) {
                assert!(candidate.confidence <= 100);
                check(&candidate.intent, given);
            }
        }
        Err(UnusableAnswer(why)) => {
            assert!(!all_fit, "what fits was refused: {why}");
            assert!(why.contains("at most") && is_line(&why, MAX_EXPLANATION), "{why:?}");
        }
    }
}

/// Returns whether no part of an intent is too long.
fn fits(intent: &router::Intent) -> bool {
    use router::Intent as I;

    let is_name = |name: &String| name.len() <= MAX_NAME;
    match intent {
        I::Launch(launch) => {
            is_name(&launch.agent)
                && launch.project.as_ref().is_none_or(is_name)
                && launch.prompt.len() <= MAX_UTTERANCE
        }
        I::FollowUp(follow_up) => is_name(&follow_up.session) && follow_up.prompt.len() <= MAX_UTTERANCE,
        I::Query(query) => {
            query.session.as_ref().is_none_or(is_name) && query.question.len() <= MAX_UTTERANCE
        }
        I::Control(control) => is_name(&control.session),
        I::CannotParse(_) => true,
    }
}

/// Checks that an intent is unchanged, and that no part of it was shortened.
fn check(taken: &Intent, given: &router::Intent) {
    use router::Intent as I;

    match (taken, given) {
        (Intent::Launch { agent, project, prompt }, I::Launch(launch)) => {
            name_of(agent, &launch.agent);
            assert_eq!(project.is_some(), launch.project.is_some());
            project.iter().zip(&launch.project).for_each(|(taken, given)| name_of(taken, given));
            words_of(prompt, &launch.prompt);
        }
        (Intent::FollowUp { session, prompt }, I::FollowUp(follow_up)) => {
            name_of(session, &follow_up.session);
            words_of(prompt, &follow_up.prompt);
        }
        (Intent::Query { session, question }, I::Query(query)) => {
            assert_eq!(session.is_some(), query.session.is_some());
            session.iter().zip(&query.session).for_each(|(taken, given)| name_of(taken, given));
            words_of(question, &query.question);
        }
        (Intent::Control { session, .. }, I::Control(control)) => name_of(session, &control.session),
        (Intent::CannotParse { hint }, I::CannotParse(_)) => assert!(is_line(hint, MAX_EXPLANATION)),
        _ => panic!("{given:?} was read as {taken:?}"),
    }
}

/// Checks that a printable name is unchanged.
fn name_of(taken: &str, given: &str) {
    assert!(is_line(taken, 3 * MAX_NAME), "{taken:?}");
    if is_line(given, MAX_NAME) {
        assert_eq!(taken, given);
    }
}

/// Checks that a text lost only control characters.
fn words_of(taken: &str, given: &str) {
    assert!(!taken.contains(is_unprintable), "{taken:?}");
    assert_eq!(taken.chars().count(), given.replace("\r\n", "\n").chars().count());
    if !given.contains(is_unprintable) {
        assert_eq!(taken, given);
    }
}

fn of_summarizer(text: String, covers: u64, total_entries: u64, byte_budget: u16) {
    let request = summarizer::Request {
        utterance: String::new(),
        state: types::SessionState::Running,
        ended_because: None,
        waiting_for: Vec::new(),
        question: None,
        previous: None,
        entries: Vec::new(),
        total_entries,
        byte_budget: byte_budget.into(),
        now: 0,
    };
    match summary(summarizer::Summary { text: text.clone(), covers }, &request) {
        Ok(Summary { text, covers }) => {
            assert!(is_line(&text, byte_budget.into()), "{text:?}");
            assert!(covers <= total_entries);
        }
        Err(UnusableAnswer(why)) => {
            assert!(!text.contains(|c: char| c.is_ascii_graphic()), "{text:?} was refused: {why}");
        }
    }
}

fn of_none(given: types::PortError) {
    use PortError as E;

    match port_error(given) {
        E::Unavailable { message }
        | E::Denied { message }
        | E::InvalidResponse { message }
        | E::InvalidRequest { message } => assert!(is_line(&message, MAX_EXPLANATION), "{message:?}"),
        E::RateLimited { .. } => {}
    }
}

fn is_line(text: &str, max: usize) -> bool {
    text.len() <= max && !text.contains(|c| is_unprintable(c) || c == '\n' || c == '\t')
}

/// The source of generated answers. At its end, everything is zero or empty.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn one(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or(0)
    }

    fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.one(), self.one()])
    }

    /// Repeats a few bytes many times, so that short inputs produce long texts.
    fn text(&mut self) -> String {
        let (length, times) = (usize::from(self.one()).min(self.0.len()), usize::from(self.number()));
        let piece = String::from_utf8_lossy(self.0.split_off(..length).unwrap_or_default());
        piece.repeat(times.saturating_add(1).min(MAX_TEXT / piece.len().max(1)))
    }

    fn optional(&mut self) -> Option<String> {
        (self.one() % 2 == 1).then(|| self.text())
    }

    fn proposal(&mut self) -> router::Proposal {
        let candidate = |bytes: &mut Self| {
            let (intent, confidence) = (bytes.intent(), bytes.one());
            router::Candidate { intent, confidence }
        };
        let (intent, confidence, reason) = (self.intent(), self.one(), self.text());
        let candidates = (0..self.one() % 8).map(|_| candidate(self)).collect();
        router::Proposal { intent, confidence, candidates, reason }
    }

    fn intent(&mut self) -> router::Intent {
        use router::{ControlAction as Action, Intent as I};

        match self.one() % 5 {
            0 => {
                let (agent, project, prompt) = (self.text(), self.optional(), self.text());
                I::Launch(router::Launch { agent, project, prompt })
            }
            1 => {
                let (session, prompt) = (self.text(), self.text());
                I::FollowUp(router::FollowUp { session, prompt })
            }
            2 => {
                let (session, question) = (self.optional(), self.text());
                I::Query(router::Query { session, question })
            }
            3 => {
                let actions = [Action::Interrupt, Action::Stop, Action::Resume];
                let action = actions[usize::from(self.one()) % actions.len()];
                I::Control(router::Control { session: self.text(), action })
            }
            _ => I::CannotParse(self.text()),
        }
    }

    fn error(&mut self) -> types::PortError {
        use types::PortError as E;

        match self.one() % 5 {
            0 => E::Unavailable(self.text()),
            1 => E::RateLimited((self.one() % 2 == 1).then(|| self.number().into())),
            2 => E::Denied(self.text()),
            3 => E::InvalidResponse(self.text()),
            _ => E::InvalidRequest(self.text()),
        }
    }
}

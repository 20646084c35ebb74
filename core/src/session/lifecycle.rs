//! Which changes a session may go through: `Starting -> Running <-> Waiting -> an end -> Starting ...`.
//!
//! Invariant: [`next`] is the only place that says which event may follow which state. What it refuses is never
//! recorded by [`crate::state::State::decide`] and never applied by [`crate::state::State::apply`].

use core::fmt;

use crate::call::Exit;
use crate::event::SessionEvent;
use crate::session::{Limit, Outcome, Run, Session, SessionState};

/// A change that a session in that state cannot go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IllegalTransition {
    /// The state it is in; none where there is no such session.
    pub state: Option<SessionState>,
    /// What was to happen.
    pub event: &'static str,
}

impl fmt::Display for IllegalTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            Some(state) => write!(f, "a {} session cannot be {}", state.as_str(), self.event),
            None => write!(f, "there is no such session to be {}", self.event),
        }
    }
}

impl core::error::Error for IllegalTransition {}

/// Returns the state a session is in after `event`; `session` is none before its first run.
///
/// # Errors
/// Where the event cannot follow.
pub fn next(session: Option<&Session>, event: &SessionEvent) -> Result<SessionState, IllegalTransition> {
    use SessionState::{Running, Starting, Waiting};

    let state = session.map(|s| s.state);
    let illegal = Err(IllegalTransition { state, event: name(event) });
    let Some(session) = session else {
        return match event {
            SessionEvent::Starting { run: 1, .. } => Ok(Starting),
            _ => illegal,
        };
    };
    let settled = |open: usize| if open == 0 { Running } else { Waiting };
    let is_open = |request: &str| session.pending.iter().any(|p| p.id == request);
    match (session.state, event) {
        (state, SessionEvent::Starting { run, .. })
            if state.has_ended()
                && session.run().is_some_and(|last| last.number.checked_add(1) == Some(*run)) =>
        {
            Ok(Starting)
        }
        (Starting, SessionEvent::Started { .. }) => Ok(Running),
        (Running | Waiting, SessionEvent::Asked { request, .. }) if !is_open(request) => Ok(Waiting),
        (Waiting, SessionEvent::Decided { request, .. } | SessionEvent::Withdrawn { request })
            if is_open(request) =>
        {
            Ok(settled(session.pending.len() - 1))
        }
        // An agent that waits for a person is not expected to get on.
        (Running, SessionEvent::Stalled { stall }) if session.stall.as_ref() != Some(stall) => Ok(Running),
        (state @ (Running | Waiting), SessionEvent::Recovered) if session.stall.is_some() => Ok(state),
        (
            state @ (Running | Waiting),
            SessionEvent::Identified { .. }
            | SessionEvent::Prompted { .. }
            | SessionEvent::TurnEnded { .. }
            | SessionEvent::EmptyError
            | SessionEvent::Limited { .. }
            | SessionEvent::Refused { .. }
            | SessionEvent::Denied { .. }
            | SessionEvent::HelperFailed { .. }
            | SessionEvent::Model { .. }
            | SessionEvent::Used { .. }
            | SessionEvent::Made { .. }
            | SessionEvent::Counted { .. }
            | SessionEvent::ChangedMeanwhile { .. }
            | SessionEvent::NotSearched { .. }
            | SessionEvent::WentOn
            | SessionEvent::Undelivered { .. }
            | SessionEvent::Interrupting { .. },
        ) => Ok(state),
        (state @ (Starting | Running | Waiting), SessionEvent::Stopping { .. }) => Ok(state),
        (Running | Waiting, SessionEvent::Ended { outcome, .. }) => Ok(outcome.state()),
        // A run that never got a process has no exit record, so it cannot have completed.
        (Starting, SessionEvent::Ended { exit: None, outcome }) if *outcome != Outcome::Completed => {
            Ok(outcome.state())
        }
        _ => illegal,
    }
}

/// Returns what the end of a run's process means. The exit code alone does not say it: agents exit with 0 after API
/// errors, interrupts and denials.
pub fn outcome(run: &Run, exit: Exit) -> Outcome {
    if let Some(by) = &run.stopped_by {
        return Outcome::Cancelled { by: by.clone() };
    }
    if let Some(Limit { until, reason }) = &run.limit {
        return Outcome::Limited { until: *until, reason: reason.clone() };
    }
    let reason = match (exit.code, exit.signal) {
        (Some(1), _) if run.has_empty_error && run.turn_failure.is_none() => return Outcome::Completed,
        (Some(0), _) => match &run.turn_failure {
            None => return Outcome::Completed,
            Some(failure) => failure.clone(),
        },
        (code, signal) => run.turn_failure.clone().unwrap_or_else(|| match (code, signal) {
            (Some(code), _) => format!("the agent exited with status {code}"),
            (None, Some(signal)) => format!("the agent was ended by signal {signal}"),
            (None, None) => "the agent ended without an exit status".to_owned(),
        }),
    };
    Outcome::Failed { reason }
}

const fn name(event: &SessionEvent) -> &'static str {
    match event {
        SessionEvent::Starting { .. } => "started",
        SessionEvent::Started { .. } => "running",
        SessionEvent::Identified { .. } => "identified",
        SessionEvent::Prompted { .. } => "told something",
        SessionEvent::Asked { .. } => "asking",
        SessionEvent::Decided { .. } => "answered",
        SessionEvent::Withdrawn { .. } => "relieved of a question",
        SessionEvent::TurnEnded { .. } => "ending a turn",
        SessionEvent::EmptyError => "telling of an empty error",
        SessionEvent::Limited { .. } => "at its usage limit",
        SessionEvent::Stalled { .. } => "stalled",
        SessionEvent::Recovered => "recovered",
        SessionEvent::Refused { .. } => "refused something",
        SessionEvent::Denied { .. } => "denied a tool call",
        SessionEvent::HelperFailed { .. } => "left by a sub-agent",
        SessionEvent::Model { .. } => "told of its model",
        SessionEvent::Used { .. } => "using tokens",
        SessionEvent::Made { .. } => "making something",
        SessionEvent::Counted { .. } => "told how much it made",
        SessionEvent::ChangedMeanwhile { .. } => "working beside others",
        SessionEvent::NotSearched { .. } => "looked at in part",
        SessionEvent::WentOn => "going on",
        SessionEvent::Undelivered { .. } => "ended before it was told all",
        SessionEvent::Interrupting { .. } => "interrupted",
        SessionEvent::Stopping { .. } => "stopped",
        SessionEvent::Ended { .. } => "ended",
    }
}

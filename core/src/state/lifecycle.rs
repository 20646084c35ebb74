//! Transitions of a session: `Starting -> Running <-> Waiting -> ended -> Starting ...`.
//!
//! Invariant: [`next`] alone defines which event may follow which state. An illegal event is never returned
//! by [`crate::state::State::decide`] and never applied by [`crate::state::State::apply`].

use core::fmt;

use crate::event::SessionEvent;
use crate::session::{Exit, Limit, Outcome, Run, Session, SessionState};

/// An event that is illegal in the state of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IllegalTransition {
    /// The state of the session; `None` if the session does not exist.
    pub state: Option<SessionState>,
    /// The name of the event, for the error message.
    pub event: &'static str,
}

impl fmt::Display for IllegalTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            Some(state) => write!(f, "event not allowed in a {} session: {}", state.as_str(), self.event),
            None => write!(f, "there is no such session for the event: {}", self.event),
        }
    }
}

impl core::error::Error for IllegalTransition {}

/// Returns the state of a session after `event`; `session` is `None` before its first run.
///
/// # Errors
/// Fails if the event cannot follow.
pub fn next(session: Option<&Session>, event: &SessionEvent) -> Result<SessionState, IllegalTransition> {
    use SessionState::{Running, Starting, Waiting};

    let state = session.map(|s| s.state);
    let illegal = Err(IllegalTransition { state, event: name(event) });
    let Some(session) = session else {
        return match event {
            SessionEvent::RunStarting { run: 1, .. } => Ok(Starting),
            _ => illegal,
        };
    };
    let settled = |open: usize| if open == 0 { Running } else { Waiting };
    let is_open = |request: &str| session.pending.iter().any(|p| p.id == request);
    match (session.state, event) {
        (state, SessionEvent::RunStarting { run, .. })
            if state.has_ended()
                && session.run().is_some_and(|last| last.number.checked_add(1) == Some(*run)) =>
        {
            Ok(Starting)
        }
        (Starting, SessionEvent::AgentStarted { .. }) => Ok(Running),
        (Running | Waiting, SessionEvent::RequestOpened { request, .. }) if !is_open(request) => Ok(Waiting),
        (
            Waiting,
            SessionEvent::RequestDecided { request, .. } | SessionEvent::RequestWithdrawn { request },
        ) if is_open(request) => Ok(settled(session.pending.len() - 1)),
        // An agent that waits for a person is not stalled.
        (Running, SessionEvent::AgentStalled { stall }) if session.stall.as_ref() != Some(stall) => {
            Ok(Running)
        }
        (state @ (Running | Waiting), SessionEvent::StallEnded) if session.stall.is_some() => Ok(state),
        (
            state @ (Running | Waiting),
            SessionEvent::ConversationIdentified { .. }
            | SessionEvent::PromptSent { .. }
            | SessionEvent::TurnEnded { .. }
            | SessionEvent::EmptyErrorReported
            | SessionEvent::UsageLimitReached { .. }
            | SessionEvent::RequestRefused { .. }
            | SessionEvent::ToolCallDenied { .. }
            | SessionEvent::SubagentFailed { .. }
            | SessionEvent::ModelReported { .. }
            | SessionEvent::UsageReported { .. }
            | SessionEvent::ArtifactRecorded { .. }
            | SessionEvent::ArtifactsCounted { .. }
            | SessionEvent::FilesChangedConcurrently { .. }
            | SessionEvent::FoldersNotSearched { .. }
            | SessionEvent::AgentContinued
            | SessionEvent::PromptsUndelivered { .. }
            | SessionEvent::InterruptRequested { .. },
        ) => Ok(state),
        (state @ (Starting | Running | Waiting), SessionEvent::StopRequested { .. }) => Ok(state),
        // The reply may come after the end of the run.
        (state, SessionEvent::Delivered { call } | SessionEvent::DeliveryFailed { call, .. })
            if session.deliveries.iter().any(|delivery| delivery.call == *call) =>
        {
            Ok(state)
        }
        (Running | Waiting, SessionEvent::RunEnded { outcome, .. }) => Ok(outcome.state()),
        // A run without a process has no exit record, so it cannot have completed.
        (Starting, SessionEvent::RunEnded { exit: None, outcome }) if *outcome != Outcome::Completed => {
            Ok(outcome.state())
        }
        _ => illegal,
    }
}

/// Returns the outcome of a run whose process ended. The exit code alone is not enough: agents exit with 0
/// after API errors, interrupts and denials.
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
        SessionEvent::RunStarting { .. } => "run starting",
        SessionEvent::AgentStarted { .. } => "agent started",
        SessionEvent::ConversationIdentified { .. } => "conversation identified",
        SessionEvent::PromptSent { .. } => "prompt sent",
        SessionEvent::RequestOpened { .. } => "request opened",
        SessionEvent::RequestDecided { .. } => "request decided",
        SessionEvent::RequestWithdrawn { .. } => "request withdrawn",
        SessionEvent::TurnEnded { .. } => "turn ended",
        SessionEvent::EmptyErrorReported => "empty error reported",
        SessionEvent::UsageLimitReached { .. } => "usage limit reached",
        SessionEvent::AgentStalled { .. } => "agent stalled",
        SessionEvent::StallEnded => "stall ended",
        SessionEvent::RequestRefused { .. } => "request refused",
        SessionEvent::ToolCallDenied { .. } => "tool call denied",
        SessionEvent::SubagentFailed { .. } => "sub-agent failed",
        SessionEvent::ModelReported { .. } => "model reported",
        SessionEvent::UsageReported { .. } => "usage reported",
        SessionEvent::ArtifactRecorded { .. } => "artifact recorded",
        SessionEvent::ArtifactsCounted { .. } => "artifacts counted",
        SessionEvent::FilesChangedConcurrently { .. } => "files changed concurrently",
        SessionEvent::FoldersNotSearched { .. } => "folders not searched",
        SessionEvent::AgentContinued => "agent continued",
        SessionEvent::PromptsUndelivered { .. } => "prompts undelivered",
        SessionEvent::InterruptRequested { .. } => "interrupt requested",
        SessionEvent::StopRequested { .. } => "stop requested",
        SessionEvent::Delivered { .. } => "delivered",
        SessionEvent::DeliveryFailed { .. } => "delivery failed",
        SessionEvent::RunEnded { .. } => "run ended",
    }
}

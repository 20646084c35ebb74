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
        // An agent that waits for a person is not expected to get on.
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
        (Running | Waiting, SessionEvent::RunEnded { outcome, .. }) => Ok(outcome.state()),
        // A run that never got a process has no exit record, so it cannot have completed.
        (Starting, SessionEvent::RunEnded { exit: None, outcome }) if *outcome != Outcome::Completed => {
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
        SessionEvent::RunStarting { .. } => "started",
        SessionEvent::AgentStarted { .. } => "running",
        SessionEvent::ConversationIdentified { .. } => "identified",
        SessionEvent::PromptSent { .. } => "told something",
        SessionEvent::RequestOpened { .. } => "asking",
        SessionEvent::RequestDecided { .. } => "answered",
        SessionEvent::RequestWithdrawn { .. } => "relieved of a question",
        SessionEvent::TurnEnded { .. } => "ending a turn",
        SessionEvent::EmptyErrorReported => "telling of an empty error",
        SessionEvent::UsageLimitReached { .. } => "at its usage limit",
        SessionEvent::AgentStalled { .. } => "stalled",
        SessionEvent::StallEnded => "recovered",
        SessionEvent::RequestRefused { .. } => "refused something",
        SessionEvent::ToolCallDenied { .. } => "denied a tool call",
        SessionEvent::SubagentFailed { .. } => "left by a sub-agent",
        SessionEvent::ModelReported { .. } => "told of its model",
        SessionEvent::UsageReported { .. } => "using tokens",
        SessionEvent::ArtifactRecorded { .. } => "making something",
        SessionEvent::ArtifactsCounted { .. } => "told how much it made",
        SessionEvent::FilesChangedConcurrently { .. } => "working beside others",
        SessionEvent::FoldersNotSearched { .. } => "looked at in part",
        SessionEvent::AgentContinued => "going on",
        SessionEvent::PromptsUndelivered { .. } => "ended before it was told all",
        SessionEvent::InterruptRequested { .. } => "interrupted",
        SessionEvent::StopRequested { .. } => "stopped",
        SessionEvent::RunEnded { .. } => "ended",
    }
}

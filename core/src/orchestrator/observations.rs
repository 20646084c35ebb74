//! Observations of agents, and the events that follow from them.

use super::calls::Call;
use super::decider::Decider;
use crate::command::Decision;
use crate::consent::Plan;
use crate::event::SessionEvent;
use crate::ids::{CallId, SessionId};
use crate::origin::Actor;
use crate::port_reply::PortError;
use crate::session::{
    AgentProcess, Exit, MAX_DENIED, MAX_FAILED_HELPERS, MAX_REFUSED, Observation, Outcome, RequestKind,
    Session, SessionState, artifacts, denials,
};
use crate::state::{history, lifecycle};

/// The maximum number of open requests of one agent.
const MAX_PENDING: usize = 100;

impl Decider<'_> {
    pub(super) fn started(&mut self, call: CallId, result: &Result<AgentProcess, PortError>) {
        let state = self.state;
        let starting = state.sessions().into_iter().find(|s| {
            s.state == SessionState::Starting && s.run().is_some_and(|run| run.start_call == Some(call))
        });
        let Some(session) = starting else { return };
        let stopped_by = session.run().and_then(|run| run.stopped_by.clone());
        match (result, stopped_by) {
            (Ok(started), stopped_by) => {
                // A stop may have been requested before there was a process to stop.
                let stop = stopped_by.map(|_| self.call(Call::Stop { session: session.id }));
                self.session_event(session.id, SessionEvent::AgentStarted { started: *started, stop });
            }
            (Err(_), Some(by)) => self.run_ended(session, None, Outcome::Cancelled { by }),
            (Err(error), None) => {
                self.run_ended(session, None, Outcome::Failed { reason: error.to_string() })
            }
        }
    }

    pub(super) fn observed(&mut self, id: SessionId, run_number: u32, observation: &Observation) {
        let state = self.state;
        let Some(session) = state.session(id) else { return };
        let Some(run) = session.run().filter(|run| run.number == run_number && run.outcome.is_none()) else {
            return;
        };
        let event = match observation {
            Observation::ArtifactRecorded(artifact) if !artifacts::is_news(&run.artifacts, artifact) => {
                return;
            }
            Observation::ToolCallDenied(_) if run.denied.len() >= MAX_DENIED => return,
            Observation::RequestRefused { .. } if run.refused.len() >= MAX_REFUSED => return,
            Observation::ArtifactsCounted { artifacts } if run.artifact_count == *artifacts => return,
            Observation::EmptyErrorReported if run.has_empty_error => return,
            Observation::SubagentFailed(_) if run.failed_helpers.len() >= MAX_FAILED_HELPERS => return,
            Observation::ProcessExited(exit) => {
                return self.run_ended(session, Some(*exit), lifecycle::outcome(run, *exit));
            }
            // No summary is requested here: it is produced when the user asks for one.
            Observation::Orphaned { exit } => {
                // The supervisor may have recorded that it could not start the agent.
                let exit = exit.filter(|_| session.state != SessionState::Starting);
                let outcome = exit.map_or(Outcome::Lost, |exit| lifecycle::outcome(run, exit));
                self.session_event(id, SessionEvent::RunEnded { exit, outcome });
                return self.withdraw_questions(session);
            }
            Observation::RequestOpened { request, digest, kind } => {
                return self.request_opened(session, (request, digest), kind);
            }
            Observation::ConversationIdentified { conversation } => {
                SessionEvent::ConversationIdentified { conversation: conversation.clone() }
            }
            Observation::RequestWithdrawn { request } => {
                SessionEvent::RequestWithdrawn { request: request.clone() }
            }
            Observation::TurnEnded { failure } => SessionEvent::TurnEnded { failure: failure.clone() },
            Observation::EmptyErrorReported => SessionEvent::EmptyErrorReported,
            Observation::ArtifactsCounted { artifacts } => {
                SessionEvent::ArtifactsCounted { artifacts: *artifacts }
            }
            Observation::UsageLimitReached { until, reason } => {
                SessionEvent::UsageLimitReached { until: *until, reason: reason.clone() }
            }
            Observation::AgentStalled(stall) => SessionEvent::AgentStalled { stall: stall.clone() },
            Observation::StallEnded => SessionEvent::StallEnded,
            Observation::RequestRefused { what, why } => {
                SessionEvent::RequestRefused { what: what.clone(), why: why.clone() }
            }
            Observation::ToolCallDenied(denial) => SessionEvent::ToolCallDenied { denial: denial.clone() },
            Observation::SubagentFailed(helper) => SessionEvent::SubagentFailed { helper: helper.clone() },
            Observation::ModelReported { name } if run.model.as_ref() == Some(name) => return,
            Observation::ModelReported { name } => SessionEvent::ModelReported { name: name.clone() },
            Observation::UsageReported(usage) => SessionEvent::UsageReported { usage: *usage },
            Observation::ArtifactRecorded(artifact) => {
                SessionEvent::ArtifactRecorded { artifact: artifact.clone() }
            }
            Observation::FilesChangedConcurrently { files } => {
                SessionEvent::FilesChangedConcurrently { files: *files }
            }
            Observation::FoldersNotSearched(folders) => {
                SessionEvent::FoldersNotSearched { folders: folders.clone() }
            }
            Observation::AgentContinued => SessionEvent::AgentContinued,
            Observation::PromptsUndelivered(undelivered) => {
                SessionEvent::PromptsUndelivered { undelivered: undelivered.clone() }
            }
        };
        if lifecycle::next(Some(session), &event).is_ok() {
            self.session_event(id, event);
        }
    }

    fn request_opened(&mut self, session: &Session, (request, digest): (&str, &str), kind: &RequestKind) {
        let opened = SessionEvent::RequestOpened {
            request: request.to_owned(),
            digest: digest.to_owned(),
            kind: kind.clone(),
        };
        if lifecycle::next(Some(session), &opened).is_err() {
            return;
        }
        self.session_event(session.id, opened);
        if !session.attended {
            self.deny(session.id, (request, digest), "Nobody is there to allow it.", denials::NOT_ATTENDED);
        } else if session.pending.len() >= MAX_PENDING {
            self.deny(
                session.id,
                (request, digest),
                "Too many requests are open.",
                "too many requests are open",
            );
        }
    }

    fn deny(&mut self, session: SessionId, request: (&str, &str), message: &str, policy: &str) {
        let by = Actor::Policy { name: policy.to_owned() };
        self.decide(session, request, Decision::deny(message), by);
    }

    fn run_ended(&mut self, session: &Session, exit: Option<Exit>, outcome: Outcome) {
        if let Some(after) = self.end_run(session, exit, outcome) {
            self.withdraw_questions(session);
            self.summarize(&after);
        }
    }

    /// Ends a run if that is a legal transition. Returns the resulting session.
    pub(super) fn end_run(
        &mut self,
        session: &Session,
        exit: Option<Exit>,
        outcome: Outcome,
    ) -> Option<Session> {
        let event = SessionEvent::RunEnded { exit, outcome };
        let mut after = session.clone();
        history::apply(Some(&mut after), session.id, self.at, &event).ok()?;
        self.session_event(session.id, event);
        Some(after)
    }

    /// Declines open confirmations about a session whose run is over: a yes would now do something else.
    fn withdraw_questions(&mut self, session: &Session) {
        let state = self.state;
        let is_about = |plan: &Plan| plan.session() == Some(session.id);
        for confirmation in
            state.confirmations().filter(|confirmation| confirmation.plans.iter().any(is_about))
        {
            let reason = format!(
                "{} has ended in the meantime; repeat the request if it still applies",
                session.agent
            );
            self.decline(confirmation.utterance, Some(confirmation.id), &reason);
        }
    }
}

//! Settles everything that was in flight when the previous process ended.
//!
//! Whatever ended the process (a crash, an upgrade, a changed configuration), the next one folds the stored
//! events, looks at the run folders, and gives [`Input::Restarted`](super::Input::Restarted) before any other
//! input. Open calls are issued again under their old identifiers. An executor carries out a call at most
//! once, so it does not matter whether the previous process had already issued them.

use std::collections::BTreeSet;

use super::agents::restarted_launch;
use super::calls::Call;
use super::decider::Decider;
use super::effect::Effect;
use crate::event::SessionEvent;
use crate::ids::{CallId, SessionId};
use crate::port_reply::PortError;
use crate::session::{AgentMessage, AgentProcess, Delivery, Outcome, Session, SessionState};
use crate::state::Speaker;
use crate::summarization;

/// The reason for a confirmation that ends because codewalk restarted.
const RESTARTED: &str = "codewalk was restarted; repeat the request";

/// A run whose folder a restarted process found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRun {
    /// The session.
    pub session: SessionId,
    /// The number of the run.
    pub run: u32,
    /// Its process, which may have ended since; `None` if it was never started.
    pub process: Option<AgentProcess>,
    /// The calls that were delivered to its agent.
    pub delivered: BTreeSet<CallId>,
}

impl Decider<'_> {
    pub(super) fn restarted(&mut self, runs: &[FoundRun]) {
        self.restart_utterances();
        for session in self.state.sessions() {
            let number = session.run().map(|run| run.number);
            let found = runs.iter().find(|run| run.session == session.id && Some(run.run) == number);
            self.restart_deliveries(session, found);
            match session.state {
                SessionState::Starting => self.restart_start(session, found),
                // No summary is requested: one is produced when the user asks.
                SessionState::Running | SessionState::Waiting if found.is_none() => {
                    self.end_run(session, None, Outcome::Lost);
                }
                _ => self.restart_summary(session),
            }
        }
    }

    fn restart_utterances(&mut self) {
        let state = self.state;
        for (id, open) in state.utterances() {
            if let Some(call) = open.routing {
                let mut request = self.route_request(id, &open.origin, &open.utterance);
                // By now, the turns at the front end include the utterance.
                request.turns.pop_if(|turn| turn.speaker == Speaker::User);
                self.call_again(call, Call::Route(Box::new(request)));
            }
            if let Some((session, call)) = open.question
                && let Some(session) = state.session(session)
            {
                let brief = self.summary_brief(session, Some(open.utterance.text.clone()));
                self.call_again(call, Call::Summarize(Box::new(brief)));
            }
        }
        // A launch confirmed now would lack the environment of the terminal that requested it.
        for open in state.confirmations() {
            self.decline(open.utterance, Some(open.id), RESTARTED);
        }
    }

    fn restart_start(&mut self, session: &Session, found: Option<&FoundRun>) {
        let Some(run) = session.run() else { return };
        let Some(call) = run.start_call else { return };
        match (found.and_then(|found| found.process), &run.stopped_by) {
            (Some(process), _) => self.started(call, &Ok(process)),
            (None, Some(by)) => {
                if let Some(after) = self.end_run(session, None, Outcome::Cancelled { by: by.clone() }) {
                    self.summarize(&after);
                }
            }
            (None, None) => self.call_again(call, Call::Start(restarted_launch(session, run))),
        }
    }

    fn restart_deliveries(&mut self, session: &Session, found: Option<&FoundRun>) {
        for Delivery { call, message } in &session.deliveries {
            let is_delivered = found.is_some_and(|found| found.delivered.contains(call));
            if is_delivered {
                self.session_event(session.id, SessionEvent::Delivered { call: *call });
            } else if session.state.has_ended() || found.is_none() {
                let message = format!("{} has ended", session.agent);
                let error = PortError::Unavailable { message };
                self.session_event(session.id, SessionEvent::DeliveryFailed { call: *call, error });
            } else {
                self.call_again(*call, delivery_call(session.id, message));
            }
        }
    }

    fn restart_summary(&mut self, session: &Session) {
        if let Some(call) = session.summary_call {
            let brief = self.summary_brief(session, None);
            self.call_again(call, Call::Summarize(Box::new(brief)));
        }
        if let Some(timer) = session.summary_timer {
            let at = summarization::next_at(session);
            self.step.effects.push(Effect::ArmTimer { timer, at });
        }
    }

    fn call_again(&mut self, id: CallId, call: Call) {
        self.step.effects.push(Effect::Call { id, call });
    }
}

fn delivery_call(session: SessionId, message: &AgentMessage) -> Call {
    match message {
        AgentMessage::Prompt { prompt } => Call::Send { session, prompt: prompt.clone() },
        AgentMessage::Decision { request, digest, decision } => Call::Decide {
            session,
            request: request.clone(),
            digest: digest.clone(),
            decision: decision.clone(),
        },
        AgentMessage::Interrupt => Call::Interrupt { session },
        AgentMessage::Stop => Call::Stop { session },
    }
}

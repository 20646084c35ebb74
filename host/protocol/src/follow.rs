//! The state of a front end with one request, folded from the events that the front end receives.

use std::collections::BTreeMap;

use codewalk_core::command::ControlAction;
use codewalk_core::consent::Plan;
use codewalk_core::event::{
    ConsentEvent, EventKind, SessionEvent, StoredEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use codewalk_core::ids::{ConfirmationId, SessionId, UtteranceId};
use codewalk_core::intent::Proposal;
use codewalk_core::origin::Origin;
use codewalk_core::port_reply::AdapterReply;
use codewalk_core::routing::grammar;
use codewalk_core::session::{PendingRequest, Session, Summary};
use codewalk_core::state::history;
use codewalk_core::state::lifecycle::IllegalTransition;

/// An open confirmation.
pub struct OpenConfirmation {
    /// Its identifier.
    pub id: ConfirmationId,
    /// The plans to choose from.
    pub plans: Vec<Plan>,
    /// The utterance that led to it.
    pub utterance: String,
    /// The router's reply.
    pub routed: Option<AdapterReply<Proposal>>,
}

/// An utterance that is still being processed.
struct OpenUtterance {
    text: String,
    routed: Option<AdapterReply<Proposal>>,
}

/// The state of a front end with one request.
pub struct Follow {
    origin: Origin,
    utterance: Option<UtteranceId>,
    /// The session that a command resumes, without a request.
    resumed: Option<SessionId>,
    /// The utterances that are still being processed.
    open: BTreeMap<UtteranceId, OpenUtterance>,
    closed: Option<UtteranceResult>,
    routed: Option<AdapterReply<Proposal>>,
    confirmation: Option<OpenConfirmation>,
    /// What the request does to an existing session.
    control: Option<ControlAction>,
    sessions: BTreeMap<SessionId, Session>,
    /// The latest summary of each session.
    summaries: BTreeMap<SessionId, AdapterReply<Summary>>,
}

impl Follow {
    /// Starts following a front end. `sessions` already exist.
    pub fn new(origin: Origin, sessions: Vec<Session>) -> Self {
        Self {
            origin,
            utterance: None,
            resumed: None,
            open: BTreeMap::new(),
            closed: None,
            routed: None,
            confirmation: None,
            control: None,
            sessions: sessions.into_iter().map(|s| (s.id, s)).collect(),
            summaries: BTreeMap::new(),
        }
    }

    /// Follows a session that is resumed by a command.
    pub fn resume(&mut self, session: Session) {
        self.resumed = Some(session.id);
        self.sessions.insert(session.id, session);
    }

    /// Applies an event.
    ///
    /// # Errors
    /// If the event is illegal in the current state of its session, which then stays unchanged.
    pub fn absorb(&mut self, recorded: &StoredEvent) -> Result<(), IllegalTransition> {
        match &recorded.event.kind {
            EventKind::Utterance { utterance, event } => self.absorb_utterance(*utterance, event),
            EventKind::Consent { utterance, event } => match event {
                ConsentEvent::ConfirmationRequested { confirmation, plans, .. } => {
                    self.confirm(*utterance, *confirmation, plans.clone());
                }
                ConsentEvent::PlanChanged { confirmation, replacement, plan } => {
                    self.confirm(*utterance, replacement.unwrap_or(*confirmation), vec![plan.clone()]);
                }
                // A plan with prior consent, or one that was declined immediately, never had a confirmation.
                ConsentEvent::Granted { confirmation: answered, plan, .. } => {
                    self.confirmation.take_if(|open| Some(open.id) == *answered);
                    if let Plan::Control { action, .. } = plan
                        && self.is_request(*utterance)
                    {
                        self.control = Some(*action);
                    }
                }
                ConsentEvent::Declined { confirmation: answered, .. } => {
                    self.confirmation.take_if(|open| Some(open.id) == *answered);
                }
                ConsentEvent::ConfirmationRepeated { .. } => {}
            },
            EventKind::Session { session, event } => {
                if self.resumed == Some(*session) && matches!(event, SessionEvent::RunStarting { .. }) {
                    self.closed = Some(UtteranceResult::Done { session: *session });
                }
                let known = self.sessions.get_mut(session);
                if let Some(begun) = history::apply(known, *session, recorded.event.at, event)? {
                    self.sessions.insert(*session, begun);
                }
            }
            EventKind::Summary { session, event } => {
                match event {
                    SummaryEvent::SummaryProduced { reply: answered } => {
                        self.summaries.insert(*session, answered.clone());
                    }
                    // An earlier summary does not say how the session ended.
                    SummaryEvent::SummaryFailed { .. } => drop(self.summaries.remove(session)),
                    SummaryEvent::SummaryScheduled { .. } | SummaryEvent::SummaryRequested { .. } => {}
                }
                if let Some(session) = self.sessions.get_mut(session) {
                    history::apply_summary(session, recorded.event.at, event);
                }
            }
        }
        Ok(())
    }

    fn confirm(&mut self, utterance: UtteranceId, id: ConfirmationId, plans: Vec<Plan>) {
        let open = self.open.get(&utterance);
        let text = open.map(|open| open.text.clone()).unwrap_or_default();
        let routed = open.and_then(|open| open.routed.clone());
        self.confirmation = Some(OpenConfirmation { id, plans, utterance: text, routed });
    }

    fn absorb_utterance(&mut self, utterance: UtteranceId, event: &UtteranceEvent) {
        match event {
            UtteranceEvent::Received { utterance: said, .. } => {
                if self.utterance.is_none() {
                    self.utterance = Some(utterance);
                    // The core reads it in the same way, and then asks no router.
                    self.control = grammar::control(&said.text);
                }
                self.open.insert(utterance, OpenUtterance { text: said.text.clone(), routed: None });
            }
            UtteranceEvent::Closed { .. } => {
                self.open.remove(&utterance);
            }
            UtteranceEvent::Routed { reply: answered } => {
                if let Some(open) = self.open.get_mut(&utterance) {
                    open.routed = Some(answered.clone());
                }
            }
            UtteranceEvent::SummarizerAsked { .. } => {}
        }
        if self.utterance != Some(utterance) {
            return;
        }
        match event {
            UtteranceEvent::Routed { reply: answered } => {
                self.routed = Some(answered.clone());
                self.control = None;
            }
            UtteranceEvent::Closed { result } => self.closed = Some(result.clone()),
            UtteranceEvent::Received { .. } | UtteranceEvent::SummarizerAsked { .. } => {}
        }
    }

    /// Returns whether an utterance is the request itself, rather than a later utterance.
    pub fn is_request(&self, utterance: UtteranceId) -> bool {
        self.utterance == Some(utterance)
    }

    /// Returns whether the request, or the command that resumes a session, was accepted.
    pub const fn is_received(&self) -> bool {
        self.utterance.is_some() || self.closed.is_some()
    }

    /// Returns the result of the request.
    pub const fn closed(&self) -> Option<&UtteranceResult> {
        self.closed.as_ref()
    }

    /// Returns the router's reply to the request.
    pub const fn routed(&self) -> Option<&AdapterReply<Proposal>> {
        self.routed.as_ref()
    }

    /// Returns the latest summary of the session of the request.
    pub fn summarized(&self) -> Option<&AdapterReply<Summary>> {
        self.summaries.get(&self.own_session()?.id)
    }

    /// Returns the open confirmation.
    pub const fn confirmation(&self) -> Option<&OpenConfirmation> {
        self.confirmation.as_ref()
    }

    /// Returns a session.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// Returns the session of the request.
    pub fn own_session(&self) -> Option<&Session> {
        match self.closed.as_ref()? {
            UtteranceResult::Done { session } => self.sessions.get(session),
            _ => None,
        }
    }

    /// Returns the session that the request stopped, interrupted or resumed.
    pub fn controlled(&self) -> Option<(&Session, ControlAction)> {
        self.own_session().zip(self.control)
    }

    /// Returns the sessions of this front end that have not ended.
    pub fn live(&self) -> Vec<&Session> {
        self.sessions.values().filter(|s| s.origin == self.origin && !s.state.has_ended()).collect()
    }

    /// Returns the oldest approval or question that is waiting for an answer.
    pub fn focused(&self) -> Option<(&Session, &PendingRequest)> {
        self.live()
            .into_iter()
            .flat_map(|s| s.pending.iter().map(move |p| (s, p)))
            .min_by_key(|(_, p)| p.since)
    }

    /// Returns whether the request has its result, and there is nothing left to wait for.
    pub fn is_finished(&self) -> bool {
        self.closed.is_some() && self.is_idle()
    }

    /// Returns whether every utterance has its result, and every session has ended and has its summary.
    pub fn is_idle(&self) -> bool {
        let summarised = self.sessions.values().all(|s| s.origin != self.origin || s.summary_call.is_none());
        self.open.is_empty() && self.live().is_empty() && summarised
    }
}

//! What a front end knows of its own wish: folded from the events it is told.

use std::collections::BTreeMap;

use codewalk_core::call::{AdapterReply, Proposal, Summary};
use codewalk_core::command::{ControlAction, Origin};
use codewalk_core::consent::Plan;
use codewalk_core::event::{
    ConsentEvent, EventKind, SessionEvent, StoredEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use codewalk_core::ids::{ConfirmationId, SessionId, UtteranceId};
use codewalk_core::routing::grammar;
use codewalk_core::session::{PendingRequest, Session, history};

/// A confirmation that is open.
pub struct OpenConfirmation {
    pub id: ConfirmationId,
    /// What would be done.
    pub plans: Vec<Plan>,
    /// The words that led to it.
    pub said: String,
    /// Who understood them, and how.
    pub routed: Option<AdapterReply<Proposal>>,
}

/// Something that was said and is not dealt with yet.
struct OpenUtterance {
    said: String,
    routed: Option<AdapterReply<Proposal>>,
}

/// The state of a front end with one wish.
pub struct Follow {
    origin: Origin,
    utterance: Option<UtteranceId>,
    /// The session that is resumed, where no wish leads to it.
    resumed: Option<SessionId>,
    /// What was said here and is not dealt with yet.
    open: BTreeMap<UtteranceId, OpenUtterance>,
    closed: Option<UtteranceResult>,
    routed: Option<AdapterReply<Proposal>>,
    confirmation: Option<OpenConfirmation>,
    /// What the wish itself does to a session that there is.
    control: Option<ControlAction>,
    sessions: BTreeMap<SessionId, Session>,
    /// The last summaries that were made meanwhile.
    summaries: BTreeMap<SessionId, AdapterReply<Summary>>,
}

impl Follow {
    /// Begins to follow what is said at `origin`; `sessions` are those there are already.
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

    /// Takes in an event.
    pub fn absorb(&mut self, recorded: &StoredEvent) {
        match &recorded.event.kind {
            EventKind::Utterance { utterance, event } => self.absorb_utterance(*utterance, event),
            EventKind::Consent { utterance, event } => match event {
                ConsentEvent::ConfirmationRequested { confirmation, plans, .. } => {
                    self.confirm(*utterance, *confirmation, plans.clone());
                }
                ConsentEvent::PlanChanged { confirmation, replacement, plan } => {
                    self.confirm(*utterance, replacement.unwrap_or(*confirmation), vec![plan.clone()]);
                }
                // What was consented to beforehand, or declined at once, was never asked.
                ConsentEvent::Granted { confirmation: answered, plan, .. } => {
                    self.confirmation.take_if(|open| Some(open.id) == *answered);
                    if let Plan::Control { action, .. } = plan
                        && self.is_wish(*utterance)
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
                match history::apply(self.sessions.get_mut(session), *session, recorded.event.at, event) {
                    Ok(Some(begun)) => drop(self.sessions.insert(*session, begun)),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "an event does not fit the session"),
                }
                if self.resumed == Some(*session) && matches!(event, SessionEvent::RunStarting { .. }) {
                    self.closed = Some(UtteranceResult::Done { session: *session });
                }
            }
            EventKind::Summary { session, event } => {
                match event {
                    SummaryEvent::SummaryProduced { answered } => {
                        self.summaries.insert(*session, answered.clone());
                    }
                    // What was said before does not say how it ended.
                    SummaryEvent::SummaryFailed { .. } => drop(self.summaries.remove(session)),
                    SummaryEvent::SummaryScheduled { .. } | SummaryEvent::SummaryRequested { .. } => {}
                }
                if let Some(session) = self.sessions.get_mut(session) {
                    history::apply_summary(session, recorded.event.at, event);
                }
            }
        }
    }

    fn confirm(&mut self, utterance: UtteranceId, id: ConfirmationId, plans: Vec<Plan>) {
        let open = self.open.get(&utterance);
        let said = open.map(|open| open.said.clone()).unwrap_or_default();
        let routed = open.and_then(|open| open.routed.clone());
        self.confirmation = Some(OpenConfirmation { id, plans, said, routed });
    }

    fn absorb_utterance(&mut self, utterance: UtteranceId, event: &UtteranceEvent) {
        match event {
            UtteranceEvent::Received { said, .. } => {
                if self.utterance.is_none() {
                    self.utterance = Some(utterance);
                    // As the core understands it, which then asks no router.
                    self.control = grammar::control(&said.text);
                }
                self.open.insert(utterance, OpenUtterance { said: said.text.clone(), routed: None });
            }
            UtteranceEvent::Closed { .. } => {
                self.open.remove(&utterance);
            }
            UtteranceEvent::Routed { answered } => {
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
            UtteranceEvent::Routed { answered } => {
                self.routed = Some(answered.clone());
                self.control = None;
            }
            UtteranceEvent::Closed { result } => self.closed = Some(result.clone()),
            UtteranceEvent::Received { .. } | UtteranceEvent::SummarizerAsked { .. } => {}
        }
    }

    /// Returns whether an utterance is the wish itself, not something said later.
    pub fn is_wish(&self, utterance: UtteranceId) -> bool {
        self.utterance == Some(utterance)
    }

    /// Returns whether the wish, or the command that resumes a session, was taken in at all.
    pub const fn is_received(&self) -> bool {
        self.utterance.is_some() || self.closed.is_some()
    }

    /// Returns how the wish was dealt with.
    pub const fn closed(&self) -> Option<&UtteranceResult> {
        self.closed.as_ref()
    }

    /// Returns who routed the wish, and to what.
    pub const fn routed(&self) -> Option<&AdapterReply<Proposal>> {
        self.routed.as_ref()
    }

    /// Returns the last summary of the session that the wish led to, and who made it.
    pub fn summarized(&self) -> Option<&AdapterReply<Summary>> {
        self.summaries.get(&self.own_session()?.id)
    }

    /// Returns the confirmation that is open.
    pub const fn confirmation(&self) -> Option<&OpenConfirmation> {
        self.confirmation.as_ref()
    }

    /// Returns a session.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// Returns the session that the wish led to.
    pub fn own_session(&self) -> Option<&Session> {
        match self.closed.as_ref()? {
            UtteranceResult::Done { session } => self.sessions.get(session),
            _ => None,
        }
    }

    /// Returns the session that the wish itself stopped, interrupted or resumed.
    pub fn controlled(&self) -> Option<(&Session, ControlAction)> {
        self.own_session().zip(self.control)
    }

    /// Returns the sessions that were started here and have not ended.
    pub fn live(&self) -> Vec<&Session> {
        self.sessions.values().filter(|s| s.origin == self.origin && !s.state.has_ended()).collect()
    }

    /// Returns the oldest request that waits for an answer here.
    pub fn focused(&self) -> Option<(&Session, &PendingRequest)> {
        self.live()
            .into_iter()
            .flat_map(|s| s.pending.iter().map(move |p| (s, p)))
            .min_by_key(|(_, p)| p.since)
    }

    /// Returns whether the wish is dealt with, and there is nothing left to wait for.
    pub fn is_finished(&self) -> bool {
        self.closed.is_some() && self.is_idle()
    }

    /// Returns whether whatever was said is dealt with, and whatever that started has ended and is summarised.
    pub fn is_idle(&self) -> bool {
        let summarised = self.sessions.values().all(|s| s.origin != self.origin || s.summary_call.is_none());
        self.open.is_empty() && self.live().is_empty() && summarised
    }
}

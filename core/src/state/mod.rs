//! The state of codewalk: the fold of its events.
//!
//! ```text
//! State::decide(&self, &Envelope) -> Step { events, effects }    pure; changes nothing
//! State::apply(&mut self, &Event)                                the only way state changes
//! driver: decide -> store the events in one transaction -> apply them -> perform the effects
//! ```

pub mod history;
pub mod lifecycle;

mod context;
mod turns;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::command::Utterance;
use crate::consent::Confirmation;
use crate::event::{
    ConsentEvent, Event, EventKind, NewEvent, SessionEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use crate::ids::{CallId, ConfirmationId, SessionId, StreamId, UtteranceId};
use crate::origin::Origin;
use crate::session::Session;
use crate::terminal_text::shortened;
use crate::time::Timestamp;
use lifecycle::IllegalTransition;

pub use context::{Agent, StateContext};
pub use turns::{MAX_TURNS, Speaker, Turn};

/// How many settled sessions stay in memory. A request cannot refer to older ones.
pub const MAX_SETTLED: usize = 50;

/// An open utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenUtterance {
    /// Its front end.
    pub origin: Origin,
    /// The text with its flags.
    pub utterance: Utterance,
    /// The open call to the router.
    pub routing: Option<CallId>,
    /// The session that it asks about, and the open call to the summarizer.
    pub question: Option<(SessionId, CallId)>,
    /// The number of events in its stream.
    pub version: u64,
}

/// Everything that decisions depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    context: StateContext,
    utc_offset_s: i32,
    /// The agents that currently cannot be started, and the reasons.
    missing: BTreeMap<String, String>,
    now: Timestamp,
    utterances: BTreeMap<UtteranceId, OpenUtterance>,
    confirmations: BTreeMap<ConfirmationId, Confirmation>,
    sessions: BTreeMap<SessionId, Session>,
    turns: BTreeMap<Origin, VecDeque<Turn>>,
    elsewhere: BTreeSet<SessionId>,
}

/// The process that runs an adopted session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This process, or no process.
    Here,
    /// Another live process, the only one that may act on the session.
    Elsewhere,
}

impl State {
    /// Returns the initial state.
    pub const fn new(context: StateContext) -> Self {
        Self {
            context,
            utc_offset_s: 0,
            missing: BTreeMap::new(),
            now: Timestamp(0),
            utterances: BTreeMap::new(),
            confirmations: BTreeMap::new(),
            sessions: BTreeMap::new(),
            turns: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
        }
    }

    /// Sets the offset of local time from UTC, in seconds, for times in texts.
    pub const fn set_utc_offset(&mut self, seconds: i32) {
        self.utc_offset_s = seconds;
    }

    /// Returns the offset of local time from UTC, in seconds.
    pub(crate) const fn utc_offset_s(&self) -> i32 {
        self.utc_offset_s
    }

    /// Sets the agents that currently cannot be started, with reasons and remedies.
    pub fn set_missing_agents(&mut self, missing: BTreeMap<String, String>) {
        self.missing = missing;
    }

    /// Checks that an agent can be started; returns the reason if not.
    pub(crate) fn can_start(&self, agent: &str) -> Result<(), String> {
        self.missing.get(agent).map_or(Ok(()), |why| Err(why.clone()))
    }

    /// Adopts a session that the store has already folded from its events.
    pub fn adopt(&mut self, session: Session, owner: Owner) {
        self.now = self.now.max(session.changed_at);
        match owner {
            Owner::Here => self.elsewhere.remove(&session.id),
            Owner::Elsewhere => self.elsewhere.insert(session.id),
        };
        self.sessions.insert(session.id, session);
    }

    /// Returns the context: agents, projects and limits from the configuration.
    pub const fn context(&self) -> &StateContext {
        &self.context
    }

    /// Returns the time of the latest event.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns a session.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// Returns whether another process runs a session.
    pub fn is_elsewhere(&self, id: SessionId) -> bool {
        self.elsewhere.contains(&id) && self.session(id).is_some_and(|s| !s.state.has_ended())
    }

    /// Checks that a session accepts another prompt, now or in a new run; returns the reason if not.
    pub(crate) fn takes_more(&self, session: &Session) -> Result<(), String> {
        if session.state.has_ended() && session.conversation.is_none() {
            return Err(no_conversation(session));
        }
        if self.context.single_prompt.contains(&session.agent) {
            return Err(format!("{} accepts only one prompt; start a new session", session.agent));
        }
        Ok(())
    }

    /// Returns all sessions, most recently changed first.
    pub fn sessions(&self) -> Vec<&Session> {
        let mut sessions: Vec<&Session> = self.sessions.values().collect();
        sessions.sort_by_key(|s| core::cmp::Reverse((s.changed_at, s.id)));
        sessions
    }

    /// Returns an open utterance.
    pub fn utterance(&self, id: UtteranceId) -> Option<&OpenUtterance> {
        self.utterances.get(&id)
    }

    /// Returns the open utterances.
    pub fn utterances(&self) -> impl Iterator<Item = (UtteranceId, &OpenUtterance)> {
        self.utterances.iter().map(|(id, utterance)| (*id, utterance))
    }

    /// Returns an open confirmation.
    pub fn confirmation(&self, id: ConfirmationId) -> Option<&Confirmation> {
        self.confirmations.get(&id)
    }

    /// Returns all open confirmations.
    pub fn confirmations(&self) -> impl Iterator<Item = &Confirmation> {
        self.confirmations.values()
    }

    /// Returns the confirmation that is open at an origin.
    pub fn confirmation_at(&self, origin: &Origin) -> Option<&Confirmation> {
        self.confirmations.values().find(|c| c.origin == *origin)
    }

    /// Returns the earlier turns at an origin, oldest first.
    pub fn turns(&self, origin: &Origin) -> Vec<Turn> {
        self.turns.get(origin).map(|turns| turns.iter().cloned().collect()).unwrap_or_default()
    }

    /// Numbers events within their streams, for the store.
    pub fn numbered(&self, events: &[Event]) -> Vec<NewEvent> {
        let mut versions: BTreeMap<StreamId, u64> = BTreeMap::new();
        events
            .iter()
            .map(|event| {
                let version = versions.entry(event.stream()).or_insert_with(|| self.version(event));
                *version += 1;
                NewEvent { version: *version, event: event.clone() }
            })
            .collect()
    }

    fn version(&self, event: &Event) -> u64 {
        match &event.kind {
            EventKind::Utterance { utterance, .. } | EventKind::Consent { utterance, .. } => {
                self.utterances.get(utterance).map_or(0, |u| u.version)
            }
            EventKind::Session { session, .. } | EventKind::Summary { session, .. } => {
                self.sessions.get(session).map_or(0, |s| s.version)
            }
        }
    }

    /// Applies an event.
    ///
    /// # Errors
    /// Fails if the event cannot follow the earlier ones; nothing changes then.
    pub fn apply(&mut self, event: &Event) -> Result<(), IllegalTransition> {
        match &event.kind {
            EventKind::Utterance { utterance, event } => self.apply_utterance(*utterance, event),
            EventKind::Consent { utterance, event } => self.apply_consent(*utterance, event),
            EventKind::Session { session, event: what } => self.apply_session(*session, event.at, what)?,
            EventKind::Summary { session, event: what } => self.apply_summary(*session, event.at, what),
        }
        self.now = self.now.max(event.at);
        self.forget_settled();
        Ok(())
    }

    /// Forgets the oldest settled sessions beyond [`MAX_SETTLED`]. The store keeps them, and a command about
    /// such a session brings it back with [`State::adopt`].
    fn forget_settled(&mut self) {
        let settled = |session: &&Session| session.is_settled();
        let referred = |id: SessionId| {
            let in_plan = |confirmation: &Confirmation| {
                confirmation.plans.iter().any(|plan| plan.session() == Some(id))
            };
            self.confirmations.values().any(in_plan)
                || self.utterances.values().any(|open| open.question.is_some_and(|(asked, _)| asked == id))
        };
        let count = self.sessions.values().filter(settled).count();
        for _ in MAX_SETTLED..count {
            let oldest = self.sessions.values().filter(settled).filter(|session| !referred(session.id));
            let Some(oldest) = oldest.min_by_key(|session| (session.changed_at, session.id)) else { return };
            let oldest = oldest.id;
            self.sessions.remove(&oldest);
        }
    }

    /// Forgets the turns at a front end that has left.
    pub fn forget_origin(&mut self, origin: &Origin) {
        self.turns.remove(origin);
    }

    fn apply_utterance(&mut self, id: UtteranceId, event: &UtteranceEvent) {
        if let UtteranceEvent::Received { origin, utterance, call } = event {
            self.remember(origin, Speaker::User, &utterance.text);
            let (origin, utterance) = (origin.clone(), utterance.clone());
            let open = OpenUtterance { origin, utterance, routing: *call, question: None, version: 1 };
            self.utterances.insert(id, open);
            return;
        }
        let Some(open) = self.utterances.get_mut(&id) else {
            return;
        };
        open.version += 1;
        match event {
            UtteranceEvent::Received { .. } => {}
            UtteranceEvent::Routed { .. } => open.routing = None,
            UtteranceEvent::SummarizerAsked { session, call } => open.question = Some((*session, *call)),
            UtteranceEvent::Closed { result } => {
                let origin = open.origin.clone();
                self.utterances.remove(&id);
                self.confirmations.retain(|_, c| c.utterance != id);
                if let UtteranceResult::Answered { text, .. }
                | UtteranceResult::NotUnderstood { hint: text } = result
                {
                    self.remember(&origin, Speaker::Codewalk, text);
                }
            }
        }
    }

    fn apply_consent(&mut self, id: UtteranceId, event: &ConsentEvent) {
        let Some(open) = self.utterances.get_mut(&id) else {
            return;
        };
        open.version += 1;
        match event {
            ConsentEvent::ConfirmationRequested { confirmation, plans, deadline, timer } => {
                let open = Confirmation {
                    id: *confirmation,
                    utterance: id,
                    origin: open.origin.clone(),
                    plans: plans.clone(),
                    deadline: *deadline,
                    timer: *timer,
                    reasks: 0,
                };
                self.confirmations.insert(*confirmation, open);
            }
            ConsentEvent::ConfirmationRepeated { confirmation, .. } => {
                if let Some(open) = self.confirmations.get_mut(confirmation) {
                    open.reasks = open.reasks.saturating_add(1);
                }
            }
            ConsentEvent::PlanChanged { confirmation, replacement, plan } => {
                if let Some(mut open) = self.confirmations.remove(confirmation) {
                    open.plans = vec![plan.clone()];
                    open.id = replacement.unwrap_or(open.id);
                    self.confirmations.insert(open.id, open);
                }
            }
            ConsentEvent::Granted { confirmation, .. } | ConsentEvent::Declined { confirmation, .. } => {
                if let Some(confirmation) = confirmation {
                    self.confirmations.remove(confirmation);
                }
            }
        }
    }

    fn apply_session(
        &mut self,
        id: SessionId,
        at: Timestamp,
        event: &SessionEvent,
    ) -> Result<(), IllegalTransition> {
        if let Some(begun) = history::apply(self.sessions.get_mut(&id), id, at, event)? {
            self.sessions.insert(id, begun);
        }
        Ok(())
    }

    fn apply_summary(&mut self, id: SessionId, at: Timestamp, event: &SummaryEvent) {
        if let Some(session) = self.sessions.get_mut(&id) {
            history::apply_summary(session, at, event);
        }
    }

    fn remember(&mut self, origin: &Origin, speaker: Speaker, text: &str) {
        let turns = self.turns.entry(origin.clone()).or_default();
        turns.push_back(Turn { speaker, text: shortened(text, 1_000) });
        if turns.len() > MAX_TURNS {
            turns.pop_front();
        }
    }
}

/// Describes why a session cannot be resumed.
pub(crate) fn no_conversation(session: &Session) -> String {
    format!(
        "{} did not report a conversation to resume; start a new session: say the whole task, for example: \
         fix the failing test in {}",
        session.agent, session.project.name
    )
}

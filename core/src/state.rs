//! The state of codewalk: the fold of its events.
//!
//! ```text
//! State::decide(&self, &Envelope) -> Step { events, effects }    pure; changes nothing
//! State::apply(&mut self, &Event)                                the only way state changes
//! driver: decide -> store the events in one transaction -> apply them -> perform the effects
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::call::{Agent, MAX_TURNS, Speaker, Turn};
use crate::command::{Origin, Project, Utterance};
use crate::consent::Confirmation;
use crate::event::{
    ConsentEvent, Event, EventKind, NewEvent, SessionEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use crate::ids::{CallId, ConfirmationId, SessionId, StreamId, UtteranceId};
use crate::session::lifecycle::IllegalTransition;
use crate::session::{Session, history};
use crate::text::shortened;
use crate::time::Timestamp;

/// What the state is told once, when it begins: facts that are no events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateContext {
    /// The agents that are configured.
    pub agents: Vec<Agent>,
    /// The names of those agents that take nothing after their first prompt.
    pub single_prompt: BTreeSet<String>,
    /// The projects that are known, each with a name of its own.
    pub projects: Vec<Project>,
    /// How long a launch confirmation waits before it counts as declined, in milliseconds.
    pub confirmation_ms: u64,
    /// How long a summary may be, in bytes.
    pub summary_bytes: u32,
    /// Whether what a person says to the only agent of their terminal is confirmed before the agent is told.
    pub confirm_follow_ups: bool,
}

impl Default for StateContext {
    fn default() -> Self {
        Self {
            agents: Vec::new(),
            single_prompt: BTreeSet::new(),
            projects: Vec::new(),
            confirmation_ms: 600_000,
            summary_bytes: 1_000,
            confirm_follow_ups: false,
        }
    }
}

/// An utterance that is not dealt with yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenUtterance {
    /// Where it was said.
    pub origin: Origin,
    /// What was said, with its flags.
    pub said: Utterance,
    /// The open call of the router.
    pub routing: Option<CallId>,
    /// The session it asks about and the open call of the summarizer.
    pub question: Option<(SessionId, CallId)>,
    /// How many events its stream has.
    pub version: u64,
}

/// Everything that matters for what comes next.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    settings: StateContext,
    utc_offset_s: i32,
    /// The agents that cannot be started now, and why.
    missing: BTreeMap<String, String>,
    now: Timestamp,
    utterances: BTreeMap<UtteranceId, OpenUtterance>,
    confirmations: BTreeMap<ConfirmationId, Confirmation>,
    sessions: BTreeMap<SessionId, Session>,
    turns: BTreeMap<Origin, VecDeque<Turn>>,
    elsewhere: BTreeSet<SessionId>,
}

/// Which process runs a session that is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This one, or none.
    Here,
    /// Another one, which is alive: what is to be done with it is that one's to do.
    Elsewhere,
}

impl State {
    /// Returns the state before anything happened.
    pub const fn new(settings: StateContext) -> Self {
        Self {
            settings,
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

    /// Takes in how far local time is ahead of UTC, in seconds: times are told in it.
    pub const fn set_utc_offset(&mut self, seconds: i32) {
        self.utc_offset_s = seconds;
    }

    /// Returns how far local time is ahead of UTC, in seconds.
    pub(crate) const fn utc_offset_s(&self) -> i32 {
        self.utc_offset_s
    }

    /// Takes in which agents cannot be started now, and why, with what to do about it.
    pub fn set_missing_agents(&mut self, missing: BTreeMap<String, String>) {
        self.missing = missing;
    }

    /// Checks that an agent can be started now; says why not.
    pub(crate) fn can_start(&self, agent: &str) -> Result<(), String> {
        self.missing.get(agent).map_or(Ok(()), |why| Err(why.clone()))
    }

    /// Takes in a session as the store has folded it, in place of its events.
    pub fn adopt(&mut self, session: Session, owner: Owner) {
        self.now = self.now.max(session.changed_at);
        match owner {
            Owner::Here => self.elsewhere.remove(&session.id),
            Owner::Elsewhere => self.elsewhere.insert(session.id),
        };
        self.sessions.insert(session.id, session);
    }

    /// Returns the settings.
    pub const fn settings(&self) -> &StateContext {
        &self.settings
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

    /// Checks that the agent of a session can be told something more, now or in another run; says why not.
    pub(crate) fn takes_more(&self, session: &Session) -> Result<(), String> {
        if session.state.has_ended() && session.conversation.is_none() {
            return Err(no_conversation(session));
        }
        if self.settings.single_prompt.contains(&session.agent) {
            return Err(format!(
                "{} takes nothing after its first prompt; start a new session",
                session.agent
            ));
        }
        Ok(())
    }

    /// Returns all sessions, those that changed last first.
    pub fn sessions(&self) -> Vec<&Session> {
        let mut sessions: Vec<&Session> = self.sessions.values().collect();
        sessions.sort_by_key(|s| core::cmp::Reverse((s.changed_at, s.id)));
        sessions
    }

    /// Returns an open utterance.
    pub fn utterance(&self, id: UtteranceId) -> Option<&OpenUtterance> {
        self.utterances.get(&id)
    }

    /// Returns the utterances that are not dealt with yet.
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

    /// Returns what was said at an origin, oldest first.
    pub fn turns(&self, origin: &Origin) -> Vec<Turn> {
        self.turns.get(origin).map(|turns| turns.iter().cloned().collect()).unwrap_or_default()
    }

    /// Gives events their positions in their streams, as the store wants them.
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
    /// Where it cannot follow what happened before; nothing changes then.
    pub fn apply(&mut self, event: &Event) -> Result<(), IllegalTransition> {
        match &event.kind {
            EventKind::Utterance { utterance, event } => self.apply_utterance(*utterance, event),
            EventKind::Consent { utterance, event } => self.apply_consent(*utterance, event),
            EventKind::Session { session, event: what } => self.apply_session(*session, event.at, what)?,
            EventKind::Summary { session, event: what } => self.apply_summary(*session, event.at, what),
        }
        self.now = self.now.max(event.at);
        Ok(())
    }

    fn apply_utterance(&mut self, id: UtteranceId, event: &UtteranceEvent) {
        if let UtteranceEvent::Received { origin, said, call } = event {
            self.remember(origin, Speaker::User, &said.text);
            let (origin, said) = (origin.clone(), said.clone());
            let open = OpenUtterance { origin, said, routing: *call, question: None, version: 1 };
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
                let asked = Confirmation {
                    id: *confirmation,
                    utterance: id,
                    origin: open.origin.clone(),
                    plans: plans.clone(),
                    deadline: *deadline,
                    timer: *timer,
                    reasks: 0,
                };
                self.confirmations.insert(*confirmation, asked);
            }
            ConsentEvent::ConfirmationRepeated { confirmation, .. } => {
                if let Some(asked) = self.confirmations.get_mut(confirmation) {
                    asked.reasks = asked.reasks.saturating_add(1);
                }
            }
            ConsentEvent::PlanChanged { confirmation, replacement, plan } => {
                if let Some(mut asked) = self.confirmations.remove(confirmation) {
                    asked.plans = vec![plan.clone()];
                    asked.id = replacement.unwrap_or(asked.id);
                    self.confirmations.insert(asked.id, asked);
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

/// Says that a session cannot be resumed.
pub(crate) fn no_conversation(session: &Session) -> String {
    format!("{} did not say how its conversation can be continued; start a new session", session.agent)
}

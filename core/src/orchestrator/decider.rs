//! The state of one decision, and helpers shared by all its parts.

use crate::command::Command;
use crate::consent::{self, Plan};
use crate::event::{
    ConsentEvent, Event, EventKind, SessionEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use crate::ids::{CallId, ConfirmationId, IdSource, SessionId, UtteranceId};
use crate::origin::{Actor, Origin};
use crate::permission::PermissionMode;
use crate::state::State;
use crate::time::Timestamp;

use super::calls::Call;
use super::effect::{Effect, Notice, Step};

/// The events and effects of one input, while they are being decided.
pub(super) struct Decider<'a> {
    pub(super) state: &'a State,
    pub(super) at: Timestamp,
    pub(super) ids: IdSource,
    pub(super) step: Step,
}

/// The authority for a follow-up, and its permission mode.
pub(super) struct Asker<'a> {
    pub(super) origin: &'a Origin,
    pub(super) attended: bool,
    pub(super) permission: PermissionMode,
    pub(super) by: &'a Actor,
}

impl Decider<'_> {
    pub(super) fn call(&mut self, call: Call) -> CallId {
        let id = CallId(self.ids.fresh());
        self.step.effects.push(Effect::Call { id, call });
        id
    }

    pub(super) fn relay(&mut self, origin: &Origin, utterance: Option<UtteranceId>, command: Command) {
        self.step.effects.push(Effect::Relay { origin: origin.clone(), utterance, command });
    }

    pub(super) fn refuse(&mut self, origin: &Origin, message: &str) {
        let notice = Notice::Refused { message: message.to_owned() };
        self.step.effects.push(Effect::Notice { origin: origin.clone(), notice });
    }

    pub(super) fn event(&mut self, kind: EventKind) {
        self.step.events.push(Event { at: self.at, kind });
    }

    pub(super) fn utterance_event(&mut self, utterance: UtteranceId, event: UtteranceEvent) {
        self.event(EventKind::Utterance { utterance, event });
    }

    pub(super) fn consent_event(&mut self, utterance: UtteranceId, event: ConsentEvent) {
        self.event(EventKind::Consent { utterance, event });
    }

    pub(super) fn session_event(&mut self, session: SessionId, event: SessionEvent) {
        self.event(EventKind::Session { session, event });
    }

    pub(super) fn summary_event(&mut self, session: SessionId, event: SummaryEvent) {
        self.event(EventKind::Summary { session, event });
    }

    pub(super) fn close(&mut self, utterance: UtteranceId, result: UtteranceResult) {
        self.utterance_event(utterance, UtteranceEvent::Closed { result });
    }

    /// Returns the session meant by a reference without a name: the only active one of this origin, or of all
    /// origins.
    pub(super) fn session_meant_at(&self, origin: &Origin) -> Option<SessionId> {
        let sessions = self.state.sessions();
        let live = || sessions.iter().filter(|session| !session.state.has_ended());
        only(live().filter(|session| session.origin == *origin))
            .or_else(|| only(live()).filter(|_| live().all(|session| session.origin != *origin)))
            .map(|session| session.id)
    }

    pub(super) fn described(&self, plan: &Plan) -> String {
        consent::describe(plan, plan.session().and_then(|id| self.state.session(id)))
    }

    pub(super) fn decline(
        &mut self,
        utterance: UtteranceId,
        confirmation: Option<ConfirmationId>,
        reason: &str,
    ) {
        let reason = reason.to_owned();
        self.consent_event(utterance, ConsentEvent::Declined { confirmation, reason: reason.clone() });
        self.close(utterance, UtteranceResult::Declined { reason });
    }

    pub(super) fn notice(&mut self, origin: &Origin, text: String) {
        let notice = Notice::Answer { text };
        self.step.effects.push(Effect::Notice { origin: origin.clone(), notice });
    }
}

pub(super) fn only<'a, T>(mut all: impl Iterator<Item = &'a &'a T>) -> Option<&'a T> {
    match (all.next(), all.next()) {
        (Some(only), None) => Some(*only),
        _ => None,
    }
}

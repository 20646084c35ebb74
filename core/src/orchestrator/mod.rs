//! Dispatch: from inputs to events and effects.

mod agents;
mod answers;
mod calls;
mod decider;
mod deliveries;
mod effect;
mod input;
mod observations;
mod restart;
mod routes;
mod summaries;

use crate::command::{Command, ControlAction};
use crate::event::UtteranceResult;
use crate::ids::{CallId, IdSource, SessionId, UtteranceId};
use crate::origin::{Actor, Origin};
use crate::permission;
use crate::state::State;
use crate::time::Timestamp;
use decider::{Asker, Decider};

pub use agents::RESUME_PROMPT;
pub use calls::{Call, Reply};
pub use effect::{Effect, Notice, Step};
pub use input::{Envelope, Input};
pub use restart::FoundRun;

/// The notice for a decision that must be made in another process.
const DECIDED_WHERE_IT_RUNS: &str = "another codewalk process runs that session: answer its agent in \
    that terminal or front end, or stop the session from here with: codewalk sessions stop ID";

/// The policy under which the owner of a session carries out commands from another process.
const ANOTHER_PROCESS: &str = "requested by another process of yours";

impl State {
    /// Returns the time for new events. It is never earlier than any stored event, even if the clock was set
    /// back, so that the order of changes is kept.
    fn time_of(&self, clock: Timestamp) -> Timestamp {
        if clock < self.now() { self.now().plus(1) } else { clock }
    }

    /// Returns the events and effects of an input, without changing the state.
    pub fn decide(&self, envelope: &Envelope) -> Step {
        let mut decider = Decider {
            state: self,
            at: self.time_of(envelope.now),
            ids: IdSource::new(envelope.id),
            step: Step::default(),
        };
        match &envelope.input {
            Input::Command { origin, command } => decider.command(origin, command),
            Input::Requested { origin, command } => decider.requested(origin, command),
            Input::Observed { session, run, observation } => decider.observed(*session, *run, observation),
            Input::EntriesAppended { session, entries } => decider.entries_appended(*session, *entries),
            Input::PortReplied { call, reply } => decider.replied(*call, reply),
            Input::Relayed { origin, utterance, session, result } => {
                decider.relayed(origin, *utterance, *session, result);
            }
            Input::Restarted { runs } => decider.restarted(runs),
            Input::TimerFired { timer } => decider.timer_fired(*timer),
        }
        decider.step
    }
}

impl Decider<'_> {
    fn command(&mut self, origin: &Origin, command: &Command) {
        if command.session().is_some_and(|session| self.state.is_elsewhere(session)) {
            return match command {
                Command::Decide { .. } => self.refuse(origin, DECIDED_WHERE_IT_RUNS),
                _ => self.relay(origin, None, command.clone()),
            };
        }
        match command {
            Command::Say(utterance) => self.say(origin, utterance),
            Command::Answer { confirmation, answer } => self.answer(origin, *confirmation, answer),
            Command::Decide { session, request, digest, decision } => {
                self.decide_request(origin, *session, (request, digest), decision);
            }
            Command::Control { session, action, flag } => {
                self.control(origin, *session, *action, flag.as_deref());
            }
            Command::Prompt { session, prompt, attended, permission } => {
                let by = Actor::of(origin);
                let permission = permission.narrowed(permission::ceiling(origin.channel));
                let asker = Asker { origin, attended: *attended, permission, by: &by };
                if let Err(message) = self.follow_up(*session, prompt, &asker) {
                    self.refuse(origin, &message);
                }
            }
        }
    }

    /// Carries out a command from another process. It may stop an agent or send it a prompt, but neither
    /// approve nor start anything, and never counts as a person.
    fn requested(&mut self, origin: &Origin, command: &Command) {
        let by = Actor::Policy { name: ANOTHER_PROCESS.to_owned() };
        let done = match command {
            Command::Control {
                session,
                action: action @ (ControlAction::Stop | ControlAction::Interrupt),
                ..
            } => self.stop_or_interrupt(*session, *action, &by),
            Command::Prompt { session, prompt, .. } => self.tell(*session, prompt, &by),
            _ => Err("another process cannot request that".to_owned()),
        };
        if let Err(message) = done {
            self.refuse(origin, &message);
        }
    }

    fn replied(&mut self, call: CallId, reply: &Reply) {
        match reply {
            Reply::Routed(result) => self.routed(call, result),
            Reply::Summarized(result) => self.summarized(call, result),
            Reply::Started(result) => self.started(call, result),
            Reply::Delivered { session, result } => self.delivered(*session, call, result),
        }
    }

    fn relayed(
        &mut self,
        origin: &Origin,
        utterance: Option<UtteranceId>,
        session: SessionId,
        result: &Result<(), String>,
    ) {
        match (utterance.filter(|id| self.state.utterance(*id).is_some()), result) {
            (Some(utterance), Ok(())) => self.close(utterance, UtteranceResult::Done { session }),
            (Some(utterance), Err(hint)) => {
                self.close(utterance, UtteranceResult::NotUnderstood { hint: hint.clone() });
            }
            (None, Err(message)) => self.refuse(origin, message),
            (None, Ok(())) => {}
        }
    }
}

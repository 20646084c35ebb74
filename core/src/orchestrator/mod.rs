//! Dispatch: which inputs lead to which events and effects.

mod agents;
mod answers;
mod routes;
mod summaries;

use crate::call::{Call, Observation, Reply};
use crate::command::{Actor, Command, ControlAction, Origin};
use crate::event::{
    ConsentEvent, Event, EventKind, SessionEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use crate::ids::{CallId, Id, IdSource, SessionId, TimerId, UtteranceId};
use crate::permission;
use crate::state::State;
use crate::time::Timestamp;
use agents::Asker;

pub use agents::RESUME_PROMPT;

/// Said to who would decide, from elsewhere, what an agent may do.
const DECIDED_WHERE_IT_RUNS: &str = "another codewalk runs that session, and what its agent asks for is decided \
    there alone: answer at its terminal or front end, or stop it from here with: codewalk sessions stop ID";
/// On whose word the owner of a session does what another process asks for.
const ANOTHER_PROCESS: &str = "another process of yours asked for it";

/// An input with what the core cannot have by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// A fresh UUIDv7; identifiers are derived from it.
    pub id: Id,
    /// The time.
    pub now: Timestamp,
    /// The input.
    pub input: Input,
}

/// What the core is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A front end asks for something.
    Command {
        /// Which front end.
        origin: Origin,
        /// What.
        command: Command,
    },
    /// Another process asks the owner of a session for something. Who that is nobody knows: an agent's own programs can
    /// ask as well.
    Requested {
        /// Which front end it says that it is.
        origin: Origin,
        /// What.
        command: Command,
    },
    /// An agent did something.
    Observed {
        /// In which session.
        session: SessionId,
        /// In which run; what a run did that is over no longer counts.
        run: u32,
        /// What.
        observation: Observation,
    },
    /// An agent printed more; what it printed goes past the core.
    EntriesAppended {
        /// In which session.
        session: SessionId,
        /// How many entries the session has now.
        entries: u64,
    },
    /// A port answered.
    PortReplied {
        /// The call.
        call: CallId,
        /// The answer.
        reply: Reply,
    },
    /// The owner of a session carried out what was relayed to it, or did not.
    Relayed {
        /// Which front end gave the command.
        origin: Origin,
        /// The utterance that led to it.
        utterance: Option<UtteranceId>,
        /// The session.
        session: SessionId,
        /// Why it was not carried out, and what to do.
        result: Result<(), String>,
    },
    /// A timer went off.
    TimerFired {
        /// Which one; an unknown one is ignored.
        timer: TimerId,
    },
}

/// What the driver is to do once the events are stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Call a port and bring the reply back.
    Call {
        /// The identifier the reply carries.
        id: CallId,
        /// The request.
        call: Call,
    },
    /// Bring back [`Input::TimerFired`] at that time.
    ArmTimer {
        /// The timer.
        timer: TimerId,
        /// When.
        at: Timestamp,
    },
    /// Ask the process that runs the session a command is about to carry it out.
    Relay {
        /// Which front end gave the command.
        origin: Origin,
        /// The utterance that led to it, where the command was not given as such; it stays open until it is dealt with.
        utterance: Option<UtteranceId>,
        /// The command.
        command: Command,
    },
    /// Tell a front end something that is no event.
    Notice {
        /// Which front end.
        origin: Origin,
        /// What.
        notice: Notice,
    },
}

/// Something a front end is told that changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Notice {
    /// A command was not carried out.
    Refused {
        /// Why, and what to do.
        message: String,
    },
    /// What was asked while a confirmation is open: about it, or how things stand.
    Answer {
        /// The answer.
        text: String,
    },
}

/// What an input leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What to do, in order, once the events are stored.
    pub effects: Vec<Effect>,
}

impl State {
    /// Returns the time of what happens now. Where the clock was set back it is later than all before, if not by the clock:
    /// what changed last stays the last.
    fn time_of(&self, clock: Timestamp) -> Timestamp {
        if clock < self.now() { self.now().plus(1) } else { clock }
    }

    /// Decides what an input leads to. Changes nothing.
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
            Input::EntriesAppended { session, entries } => decider.printed(*session, *entries),
            Input::PortReplied { call, reply } => decider.replied(*call, reply),
            Input::Relayed { origin, utterance, session, result } => {
                decider.relayed(origin, *utterance, *session, result);
            }
            Input::TimerFired { timer } => decider.fired(*timer),
        }
        decider.step
    }
}

/// One decision in the making.
struct Decider<'a> {
    state: &'a State,
    at: Timestamp,
    ids: IdSource,
    step: Step,
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
            Command::Say(said) => self.say(origin, said),
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

    /// Does what another process asks for: it may end an agent or tell it something. It allows and starts nothing, and is
    /// never taken for a person.
    fn requested(&mut self, origin: &Origin, command: &Command) {
        let by = Actor::Policy { name: ANOTHER_PROCESS.to_owned() };
        let done = match command {
            Command::Control {
                session,
                action: action @ (ControlAction::Stop | ControlAction::Interrupt),
                ..
            } => self.stop_or_interrupt(*session, *action, &by),
            Command::Prompt { session, prompt, .. } => self.tell(*session, prompt, &by),
            _ => Err("another process cannot ask for that".to_owned()),
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
            Reply::Delivered { session, result: Err(error) } => {
                if let Some(session) = self.state.session(*session) {
                    let message = format!("{} could not be told: {error}", session.agent);
                    self.refuse(&session.origin, &message);
                }
            }
            Reply::Delivered { result: Ok(()), .. } => {}
        }
    }

    fn call(&mut self, call: Call) -> CallId {
        let id = CallId(self.ids.fresh());
        self.step.effects.push(Effect::Call { id, call });
        id
    }

    fn relay(&mut self, origin: &Origin, utterance: Option<UtteranceId>, command: Command) {
        self.step.effects.push(Effect::Relay { origin: origin.clone(), utterance, command });
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

    fn refuse(&mut self, origin: &Origin, message: &str) {
        let notice = Notice::Refused { message: message.to_owned() };
        self.step.effects.push(Effect::Notice { origin: origin.clone(), notice });
    }

    fn event(&mut self, kind: EventKind) {
        self.step.events.push(Event { at: self.at, kind });
    }

    fn utterance_event(&mut self, utterance: UtteranceId, event: UtteranceEvent) {
        self.event(EventKind::Utterance { utterance, event });
    }

    fn consent_event(&mut self, utterance: UtteranceId, event: ConsentEvent) {
        self.event(EventKind::Consent { utterance, event });
    }

    fn session_event(&mut self, session: SessionId, event: SessionEvent) {
        self.event(EventKind::Session { session, event });
    }

    fn summary_event(&mut self, session: SessionId, event: SummaryEvent) {
        self.event(EventKind::Summary { session, event });
    }

    fn close(&mut self, utterance: UtteranceId, result: UtteranceResult) {
        self.utterance_event(utterance, UtteranceEvent::Closed { result });
    }
}

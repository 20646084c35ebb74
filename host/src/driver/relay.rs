//! Sessions that another process runs: commands to them are relayed to their owner, and commands from other
//! processes to sessions that run here are carried out.

use std::time::Duration;

use codewalk_core::command::{Command, ControlAction};
use codewalk_core::ids::{SessionId, UtteranceId};
use codewalk_core::orchestrator::{Call, Effect, Input, Reply};
use codewalk_core::origin::Origin;
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::session::Exit;
use codewalk_executor::{Relayed, Request, RequestReply};
use codewalk_store::StoreError;
use uuid::Uuid;

use super::ports::AgentRunner;
use super::{CommandOutcome, Driver, Message, Output, Token};
use crate::orphans;

/// How many times to check whether an owner that has given up a session has recorded its end.
const LOOKS: u32 = 50;
/// How long it waits between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A command on its way to the owner of a session.
pub(super) struct Relay {
    /// The command that is waiting for its acknowledgement, if the relay came from one.
    pub token: Option<Token>,
    pub origin: Origin,
    pub utterance: Option<UtteranceId>,
    pub session: SessionId,
    pub command: Command,
    looks: u32,
}

impl<R, S, E> Driver<R, S, E>
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
    E: AgentRunner,
{
    /// Asks the owner of a session to carry out a command.
    pub(super) fn relay(
        &mut self,
        token: Option<Token>,
        origin: Origin,
        utterance: Option<UtteranceId>,
        command: Command,
    ) -> Result<(), StoreError> {
        let Some(session) = command.session() else { return Ok(()) };
        let relay = Relay { token, origin, utterance, session, command, looks: 0 };
        self.refresh(session)?;
        let Some((known, run)) = self.state.session(session).and_then(|s| Some((s, s.run()?))) else {
            return self.later(relay, Duration::ZERO, Err("no such session".to_owned()));
        };
        let (number, process) = (run.number, run.process);
        if orphans::is_owners(known) {
            let refused = Err("the session is still starting; try again in a moment".to_owned());
            return self.later(relay, Duration::ZERO, refused);
        }
        if !self.state.is_elsewhere(session) {
            return self.later(relay, Duration::ZERO, Ok(Relayed::Gone { exit: None }));
        }
        let request = Request { origin: relay.origin.clone(), command: relay.command.clone() };
        let (ports, messages) = (self.ports.clone(), self.messages.upgrade());
        self.runtime.spawn(async move {
            let asked = ports.executor.relay((relay.session, number), process, &request).await;
            if let Some(messages) = messages {
                let _ = messages.send(Message::Relayed(relay, asked.map_err(|error| error.to_string())));
            }
        });
        Ok(())
    }

    fn later(
        &self,
        relay: Relay,
        wait: Duration,
        outcome: Result<Relayed, String>,
    ) -> Result<(), StoreError> {
        let messages = self.messages.upgrade();
        self.runtime.spawn(async move {
            tokio::time::sleep(wait).await;
            if let Some(messages) = messages {
                let _ = messages.send(Message::Relayed(relay, outcome));
            }
        });
        Ok(())
    }

    /// Takes up what came of it.
    pub(super) fn relayed(
        &mut self,
        mut relay: Relay,
        outcome: Result<Relayed, String>,
    ) -> Result<(), StoreError> {
        let result = match outcome {
            Ok(Relayed::Replied(RequestReply::Accepted)) => Ok(()),
            Ok(Relayed::Replied(RequestReply::Refused { message })) | Err(message) => Err(message),
            Ok(Relayed::Gone { exit }) => {
                self.refresh(relay.session)?;
                let is_ending = exit.is_some() && self.state.is_elsewhere(relay.session);
                if is_ending && relay.looks < LOOKS {
                    relay.looks += 1;
                    return self.later(relay, BETWEEN_LOOKS, Ok(Relayed::Gone { exit }));
                }
                self.settle(relay.session, exit)?;
                match &relay.command {
                    Command::Control { action: ControlAction::Stop | ControlAction::Interrupt, .. } => Ok(()),
                    _ => Err("the session has ended; resume it to continue".to_owned()),
                }
            }
        };
        let Relay { token, origin, utterance, session, .. } = relay;
        let input = Input::Relayed { origin, utterance, session, result };
        match token {
            Some(token) => self.acknowledged(token, input),
            None => self.input(input),
        }
    }

    /// Records the end of a session whose owner has died.
    fn settle(&mut self, id: SessionId, exit: Option<Exit>) -> Result<(), StoreError> {
        let Some(session) = self.state.session(id).filter(|s| !s.state.has_ended()).cloned() else {
            return Ok(());
        };
        let settling = self.ports.executor.settle(self.store.as_mut(), session, exit);
        let recorded = self.runtime.block_on(settling)?;
        self.refresh(id)?;
        let _ = self.outputs.send(Output::StoredEvent(recorded));
        Ok(())
    }

    /// Carries out what another process asks of the owner of a session. Replies when that is done; if
    /// something has to be sent to the agent, once it was sent.
    pub(super) fn requested(
        &mut self,
        (session, run): (SessionId, u32),
        id: Uuid,
        request: Request,
    ) -> Result<(), StoreError> {
        let Request { origin, command } = request;
        let (handled, effects) = self.handled(Input::Requested { origin, command })?;
        let told = effects.iter().find_map(|effect| match effect {
            Effect::Call { id, call: Call::Send { .. } | Call::Interrupt { .. } | Call::Stop { .. } } => {
                Some(*id)
            }
            _ => None,
        });
        match (handled, told) {
            (CommandOutcome::Refused { message }, _) => {
                self.ports.executor.reply((session, run), id, &RequestReply::Refused { message });
            }
            (CommandOutcome::Accepted { .. }, Some(call)) => {
                self.requests.insert(call, (session, run, id));
            }
            (CommandOutcome::Accepted { .. }, None) => {
                self.ports.executor.reply((session, run), id, &RequestReply::Accepted);
            }
        }
        effects.into_iter().try_for_each(|effect| self.perform(effect))
    }

    /// Replies to the request that led to a call, once the call is done.
    pub(super) fn reply_to_request(&mut self, input: &Input) {
        let Input::PortReplied { call, reply: Reply::Delivered { result, .. } } = input else { return };
        let Some((session, run, id)) = self.requests.remove(call) else { return };
        let reply = match result {
            Ok(()) => RequestReply::Accepted,
            Err(error) => RequestReply::Refused { message: error.to_string() },
        };
        self.ports.executor.reply((session, run), id, &reply);
    }
}

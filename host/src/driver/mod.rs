//! The driver: asks the core to decide on each input, stores the events, applies them, and performs the
//! effects.
//!
//! Architecture invariant: an event is durable before it is sent to a front end and before any effect of its
//! step runs. If storing fails, nothing has changed, and the driver stops with [`Output::StoreFailed`].

mod effects;
mod handle;
mod pages;
mod ports;
mod relay;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use codewalk_core::command::Command;
use codewalk_core::event::{EventKind, StoredEvent, UtteranceEvent, UtteranceResult};
use codewalk_core::ids::{CallId, Id, SessionId};
use codewalk_core::orchestrator::{Effect, Input, Notice, Reply, Step};
use codewalk_core::origin::Origin;
use codewalk_core::ports::{Router, Summarizer};
use codewalk_core::session::{Observation, Session, SessionState};
use codewalk_core::state::{Owner, State};
use codewalk_executor::{Report, ReportBody};
use codewalk_store::{RawFile, Store, StoreError};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::clock::{envelope, utc_offset_s};
use handle::{Message, Span};

pub use crate::clock::now;
pub use handle::{CommandOutcome, Handle, Output, Token};
pub use ports::{AdapterCatalogue, AgentRunner, CallRecorder, Ports};

/// How many of the latest sessions a request can refer to.
pub const RECENT_SESSIONS: u32 = 50;

/// Adds a session that does not run here: if it has not ended, it runs in another process.
pub fn adopt(state: &mut State, session: Session) {
    let owner = if session.state.has_ended() { Owner::Here } else { Owner::Elsewhere };
    state.adopt(session, owner);
}

/// Starts a driver on its own thread, which the runtime waits for when it shuts down, so that the store is
/// closed.
///
/// `reports` brings what agents do. It is bounded, and the driver reads it only while it has nothing else to
/// do, so agents wait for a slow store. Must be called within a tokio runtime.
pub fn start<R, S, E>(
    state: State,
    store: Box<dyn Store>,
    ports: Ports<R, S, E>,
    reports: mpsc::Receiver<Report>,
) -> (Handle, mpsc::UnboundedReceiver<Output>)
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
    E: AgentRunner,
{
    let (messages, inbox) = mpsc::unbounded_channel();
    let (outputs, output) = mpsc::unbounded_channel();
    let handle = Handle::new(messages.clone());
    let driver = Driver {
        state,
        store,
        ports: Arc::new(ports),
        outputs,
        messages: messages.downgrade(),
        runtime: tokio::runtime::Handle::current(),
        early: BTreeMap::new(),
        entries: BTreeMap::new(),
        requests: BTreeMap::new(),
    };
    tokio::task::spawn_blocking(move || driver.run(inbox, reports));
    (handle, output)
}

/// Returns the next message. Reports come last, because agents may never stop reporting. After the last
/// handle is dropped it returns the reports that are waiting, then `None`.
async fn next(
    inbox: &mut mpsc::UnboundedReceiver<Message>,
    reports: &mut mpsc::Receiver<Report>,
) -> Option<Message> {
    tokio::select! {
        biased;
        message = inbox.recv() => message.or_else(|| {
            reports.close();
            reports.try_recv().ok().map(Message::Report)
        }),
        Some(report) = reports.recv() => Some(Message::Report(report)),
    }
}

struct Driver<R, S, E> {
    state: State,
    store: Box<dyn Store>,
    ports: Arc<Ports<R, S, E>>,
    outputs: mpsc::UnboundedSender<Output>,
    messages: mpsc::WeakUnboundedSender<Message>,
    runtime: tokio::runtime::Handle,
    /// Observations of agents whose start is not applied yet. There are few: the executor replies to a start
    /// as soon as it follows the agent, and [`next`] returns that reply before any later report.
    early: BTreeMap<SessionId, Vec<(u32, Observation)>>,
    /// The number of entries of each session that runs here.
    entries: BTreeMap<SessionId, u64>,
    /// The requests of other processes, by the call that must finish before the reply.
    requests: BTreeMap<CallId, (SessionId, u32, Uuid)>,
}

impl<R, S, E> Driver<R, S, E>
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
    E: AgentRunner,
{
    fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>, mut reports: mpsc::Receiver<Report>) {
        let runtime = self.runtime.clone();
        while let Some(message) = runtime.block_on(next(&mut inbox, &mut reports)) {
            if let Err(error) = self.handle(message) {
                tracing::error!(%error, "the store failed; the driver stops");
                // Agents that wait to report something cannot be stopped in time.
                reports.close();
                self.stop_agents();
                let _ = self.outputs.send(Output::StoreFailed(error));
                return;
            }
        }
    }

    /// Stops the agents that run here: without a store nothing can be recorded, and no confirmation
    /// requested.
    fn stop_agents(&self) {
        let is_own = |id| !self.state.is_elsewhere(id);
        for session in self.state.sessions().into_iter().filter(|s| !s.state.has_ended() && is_own(s.id)) {
            let call = CallId(Id::from_u128(Uuid::now_v7().as_u128()));
            if let Err(error) = self.runtime.block_on(self.ports.executor.stop(call, session.id)) {
                tracing::warn!(%error, session = %session.id, "cannot stop an agent");
            }
        }
    }

    fn handle(&mut self, message: Message) -> Result<(), StoreError> {
        match message {
            Message::Command(token, origin, command) => self.command(token, origin, command),
            Message::Query(token, query) => {
                let page =
                    pages::answer(self.store.as_ref(), &self.state, self.ports.catalogue.as_ref(), query);
                let _ = self.outputs.send(Output::Page(token, page));
                Ok(())
            }
            Message::Input(input) => {
                let started = matches!(input, Input::PortReplied { reply: Reply::Started(_), .. });
                self.reply_to_request(&input);
                self.input(input)?;
                if started { self.deliver_early() } else { Ok(()) }
            }
            Message::Relayed(relay, outcome) => self.relayed(relay, outcome),
            Message::Report(Report { session, run, body }) => self.report(session, run, body),
        }
    }

    fn report(&mut self, session: SessionId, run: u32, body: ReportBody) -> Result<(), StoreError> {
        match body {
            ReportBody::Entries { entries, stderr, next_offset, room } => {
                let file = if stderr { RawFile::Stderr } else { RawFile::Stdout };
                self.store.append_entries(session, run, file, &entries, next_offset)?;
                let new = u64::try_from(entries.len()).unwrap_or(u64::MAX);
                let _ = self.outputs.send(Output::Entries(entries, room));
                let before = match self.entries.get(&session) {
                    Some(before) => *before,
                    None => self.store.entry_count(session)?.saturating_sub(new),
                };
                let entries = before.saturating_add(new);
                self.entries.insert(session, entries);
                self.input(Input::EntriesAppended { session, entries })
            }
            ReportBody::Observed(observation) => {
                if self.is_starting(session) {
                    self.early.entry(session).or_default().push((run, observation));
                    return Ok(());
                }
                if matches!(observation, Observation::ProcessExited(_)) {
                    self.entries.remove(&session);
                }
                self.input(Input::Observed { session, run, observation })
            }
            ReportBody::Requested { id, request } => self.requested((session, run), id, request),
        }
    }

    fn is_starting(&self, session: SessionId) -> bool {
        self.state.session(session).is_some_and(|s| s.state == SessionState::Starting)
    }

    fn deliver_early(&mut self) -> Result<(), StoreError> {
        let ready: Vec<SessionId> = self.early.keys().copied().filter(|id| !self.is_starting(*id)).collect();
        for session in ready {
            for (run, observation) in self.early.remove(&session).unwrap_or_default() {
                self.input(Input::Observed { session, run, observation })?;
            }
        }
        Ok(())
    }

    fn command(&mut self, token: Token, origin: Origin, command: Command) -> Result<(), StoreError> {
        // Other processes may have changed sessions in the meantime.
        match command.session() {
            Some(session) => self.refresh(session)?,
            None => self.refresh_others()?,
        }
        self.acknowledged(token, Input::Command { origin, command })
    }

    /// Handles a command, or the result of a relayed one, and sends its outcome: immediately, or when the
    /// owner of the session has replied.
    fn acknowledged(&mut self, token: Token, input: Input) -> Result<(), StoreError> {
        let (handled, mut effects) = self.handled(input)?;
        let relayed =
            effects.iter().position(|effect| matches!(effect, Effect::Relay { utterance: None, .. }));
        if let Some(Effect::Relay { origin, command, .. }) = relayed.map(|at| effects.swap_remove(at)) {
            return self.relay(Some(token), origin, None, command);
        }
        let _ = self.outputs.send(Output::Handled(token, handled));
        effects.into_iter().try_for_each(|effect| self.perform(effect))
    }

    /// Handles a command. A rejected command gets its reason as the outcome instead of a notice.
    fn handled(&mut self, input: Input) -> Result<(CommandOutcome, Vec<Effect>), StoreError> {
        let (recorded, mut effects) = self.step(input)?;
        let mut handled = CommandOutcome::Accepted { recorded };
        effects.retain(|effect| match effect {
            Effect::Notice { notice: Notice::Refused { message }, .. } => {
                handled = CommandOutcome::Refused { message: message.clone() };
                false
            }
            _ => true,
        });
        Ok((handled, effects))
    }

    fn input(&mut self, input: Input) -> Result<(), StoreError> {
        let (_, effects) = self.step(input)?;
        effects.into_iter().try_for_each(|effect| self.perform(effect))
    }

    /// Decides on an input, stores and applies the events, and sends them. Returns their span and the
    /// effects, which are still to be performed.
    fn step(&mut self, input: Input) -> Result<(Span, Vec<Effect>), StoreError> {
        self.state.set_utc_offset(utc_offset_s());
        // This must happen before the confirmation, not after it.
        if matches!(input, Input::Command { .. } | Input::PortReplied { reply: Reply::Routed(_), .. }) {
            self.state.set_missing_agents(self.ports.executor.missing());
        }
        let envelope = envelope(input);
        let mut step = self.state.decide(&envelope);
        let recorded = match self.store(&step) {
            // Another process changed a session that is loaded here: decide again on its current state.
            Err(StoreError::Conflict { stream, .. }) => {
                if let Some(session) = self.store.session(SessionId(stream.0))? {
                    adopt(&mut self.state, session);
                }
                step = self.state.decide(&envelope);
                self.store(&step)?
            }
            recorded => recorded?,
        };
        for recorded in &recorded {
            if let Err(error) = self.state.apply(&recorded.event) {
                // This would be a bug in the core; the stored events would still be the truth.
                tracing::error!(%error, "a decided event does not apply");
            }
        }
        self.assign_recorded_calls(&recorded);
        let span = recorded.first().zip(recorded.last()).map(|(first, last)| (first.stream, last.seq));
        if !recorded.is_empty() {
            let _ = self.outputs.send(Output::StoredEvent(recorded));
        }
        Ok((span, step.effects))
    }

    /// Moves the calls recorded for utterances to the sessions they started.
    fn assign_recorded_calls(&self, recorded: &[StoredEvent]) {
        let Some(recorder) = &self.ports.recorder else { return };
        for recorded in recorded {
            if let EventKind::Utterance { utterance, event: UtteranceEvent::Closed { result } } =
                &recorded.event.kind
                && let UtteranceResult::Done { session } = result
                && let Err(error) = recorder.assign(*utterance, *session)
            {
                tracing::warn!(%error, %utterance, %session, "recorded calls stay with the utterance");
            }
        }
    }

    fn store(&mut self, step: &Step) -> Result<Vec<StoredEvent>, StoreError> {
        if step.events.is_empty() {
            return Ok(Vec::new());
        }
        self.store.append(&self.state.numbered(&step.events))
    }

    /// Reloads a session, unless it runs here: then no other process changes it.
    fn refresh(&mut self, id: SessionId) -> Result<(), StoreError> {
        if !self.runs_here(id)
            && let Some(session) = self.store.session(id)?
        {
            adopt(&mut self.state, session);
        }
        Ok(())
    }

    /// Reloads the sessions of other processes.
    fn refresh_others(&mut self) -> Result<(), StoreError> {
        let recent = self.store.sessions(RECENT_SESSIONS, None)?;
        let elsewhere = self.state.sessions().into_iter().filter(|s| self.state.is_elsewhere(s.id));
        let older: Vec<SessionId> =
            elsewhere.map(|s| s.id).filter(|id| recent.iter().all(|s| s.id != *id)).collect();
        for session in recent {
            if !self.runs_here(session.id) {
                adopt(&mut self.state, session);
            }
        }
        older.into_iter().try_for_each(|id| self.refresh(id))
    }

    fn runs_here(&self, id: SessionId) -> bool {
        !self.state.is_elsewhere(id) && self.state.session(id).is_some_and(|s| !s.state.has_ended())
    }

    fn perform(&mut self, effect: Effect) -> Result<(), StoreError> {
        match effect {
            Effect::Notice { origin, notice } => {
                let _ = self.outputs.send(Output::Notice(origin, notice));
                Ok(())
            }
            Effect::ArmTimer { timer, at } => {
                self.arm(timer, at);
                Ok(())
            }
            Effect::Call { id, call } => self.call(id, call),
            Effect::Relay { origin, utterance, command } => self.relay(None, origin, utterance, command),
        }
    }
}

//! The driver: asks the core what an input leads to, stores that, applies it, and does it.
//!
//! Architecture invariant: an event is durable before anyone is told of it and before any effect of its step runs. If
//! storing fails the driver stops (fail-stop), says so, and nothing has changed.

mod effects;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use codewalk_core::call::{Observation, Reply};
use codewalk_core::command::{Command, Origin};
use codewalk_core::entry::Entry;
use codewalk_core::event::Recorded;
use codewalk_core::ids::{Id, SessionId};
use codewalk_core::orchestrator::{Effect, Envelope, Input, Notice, Step};
use codewalk_core::ports::{Executor, Router, Summarizer};
use codewalk_core::session::SessionState;
use codewalk_core::state::{Owner, State};
use codewalk_core::time::Timestamp;
use codewalk_executor::{Report, ReportBody};
use codewalk_store::{RawFile, Store, StoreError};
use tokio::sync::mpsc;

/// The adapters behind the ports that the core calls.
pub struct Ports<R, S, E> {
    /// Finds out what utterances mean.
    pub router: R,
    /// Says what sessions do.
    pub summarizer: S,
    /// Runs agents.
    pub executor: E,
}

/// What front ends are told.
#[derive(Debug)]
pub enum Output {
    /// What one input led to; it is stored. A front end that has taken in all of it knows a consistent state.
    Recorded(Vec<Recorded>),
    /// What an agent printed; kept as well.
    Entries(Vec<Entry>),
    /// Something for one front end.
    Notice(Origin, Notice),
    /// The store failed. Nothing more is done.
    StoreFailed(StoreError),
}

enum Message {
    Input(Input),
    Report(Report),
}

/// The way to a running driver. The driver ends when the last handle is dropped and its effects are done.
#[derive(Clone)]
pub struct Handle {
    messages: mpsc::UnboundedSender<Message>,
}

impl Handle {
    /// Gives a command. What comes of it is told as output.
    pub fn command(&self, origin: &Origin, command: Command) {
        self.send(Message::Input(Input::Command { origin: origin.clone(), command }));
    }

    fn send(&self, message: Message) {
        // A driver that has stopped has said why; there is nobody left to tell.
        let _ = self.messages.send(message);
    }
}

/// Returns the present time.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Puts an input into an envelope with the present time and a fresh identifier.
pub fn envelope(input: Input) -> Envelope {
    Envelope { id: Id::from_u128(uuid::Uuid::now_v7().as_u128()), now: now(), input }
}

/// Starts a driver on a thread of its own; `reports` brings what agents do. Must be called within a tokio runtime.
pub fn start<R, S, E>(
    state: State,
    store: Box<dyn Store>,
    ports: Ports<R, S, E>,
    mut reports: mpsc::Receiver<Report>,
) -> std::io::Result<(Handle, mpsc::UnboundedReceiver<Output>)>
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
    E: Executor + Send + Sync + 'static,
{
    let (messages, inbox) = mpsc::unbounded_channel();
    let (outputs, output) = mpsc::unbounded_channel();
    let handle = Handle { messages: messages.clone() };
    let to_driver = messages.downgrade();
    tokio::spawn(async move {
        while let Some(report) = reports.recv().await {
            let Some(messages) = to_driver.upgrade() else { break };
            let _ = messages.send(Message::Report(report));
        }
    });
    let driver = Driver {
        state,
        store,
        ports: Arc::new(ports),
        outputs,
        messages: messages.downgrade(),
        runtime: tokio::runtime::Handle::current(),
        early: BTreeMap::new(),
    };
    std::thread::Builder::new().name("driver".to_owned()).spawn(move || driver.run(inbox))?;
    Ok((handle, output))
}

struct Driver<R, S, E> {
    state: State,
    store: Box<dyn Store>,
    ports: Arc<Ports<R, S, E>>,
    outputs: mpsc::UnboundedSender<Output>,
    messages: mpsc::WeakUnboundedSender<Message>,
    runtime: tokio::runtime::Handle,
    /// What agents did before the core was told that they had started.
    early: BTreeMap<SessionId, Vec<(u32, Observation)>>,
}

impl<R, S, E> Driver<R, S, E>
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
    E: Executor + Send + Sync + 'static,
{
    fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        while let Some(message) = inbox.blocking_recv() {
            if let Err(error) = self.handle(message) {
                tracing::error!(%error, "the store failed; nothing more is done");
                self.stop_agents();
                let _ = self.outputs.send(Output::StoreFailed(error));
                return;
            }
        }
    }

    /// Stops the agents that run here: what they do could not be kept any more, nor anybody be asked.
    fn stop_agents(&self) {
        let is_own = |id| !self.state.is_elsewhere(id);
        for session in self.state.sessions().into_iter().filter(|s| !s.state.has_ended() && is_own(s.id)) {
            if let Err(error) = self.runtime.block_on(self.ports.executor.stop(session.id)) {
                tracing::warn!(%error, session = %session.id, "an agent could not be stopped");
            }
        }
    }

    fn handle(&mut self, message: Message) -> Result<(), StoreError> {
        match message {
            Message::Input(input) => {
                let started = matches!(input, Input::Replied { reply: Reply::Started(_), .. });
                self.input(input)?;
                if started { self.deliver_early() } else { Ok(()) }
            }
            Message::Report(Report {
                session,
                run,
                body: ReportBody::Entries { entries, stderr, next_offset },
            }) => {
                let file = if stderr { RawFile::Stderr } else { RawFile::Stdout };
                self.store.append_entries(session, run, file, &entries, next_offset)?;
                let _ = self.outputs.send(Output::Entries(entries));
                Ok(())
            }
            Message::Report(Report { session, run, body: ReportBody::Observed(observation) }) => {
                if self.is_starting(session) {
                    self.early.entry(session).or_default().push((run, observation));
                    return Ok(());
                }
                self.input(Input::Observed { session, run, observation })
            }
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

    fn input(&mut self, input: Input) -> Result<(), StoreError> {
        let envelope = envelope(input);
        let mut step = self.state.decide(&envelope);
        let recorded = match self.keep(&step) {
            // Another process wrote to a session that was taken in here: what it is now decides.
            Err(StoreError::Conflict { stream, .. }) => {
                self.refresh(SessionId(stream.0))?;
                step = self.state.decide(&envelope);
                self.keep(&step)?
            }
            recorded => recorded?,
        };
        for recorded in &recorded {
            if let Err(error) = self.state.apply(&recorded.event) {
                // The core decides nothing it cannot apply; were it to, the stored events would still be the truth.
                tracing::error!(%error, "a decided event does not apply");
            }
        }
        if !recorded.is_empty() {
            let _ = self.outputs.send(Output::Recorded(recorded));
        }
        step.effects.into_iter().try_for_each(|effect| self.perform(effect))
    }

    fn keep(&mut self, step: &Step) -> Result<Vec<Recorded>, StoreError> {
        if step.events.is_empty() {
            return Ok(Vec::new());
        }
        self.store.append(&self.state.numbered(&step.events))
    }

    fn refresh(&mut self, id: SessionId) -> Result<(), StoreError> {
        if let Some(session) = self.store.session(id)? {
            let owner = if session.state.has_ended() { Owner::Here } else { Owner::Elsewhere };
            self.state.adopt(session, owner);
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<(), StoreError> {
        match effect {
            Effect::Notice { origin, notice } => {
                let _ = self.outputs.send(Output::Notice(origin, notice));
                Ok(())
            }
            Effect::Arm { timer, at } => {
                self.arm(timer, at);
                Ok(())
            }
            Effect::Call { id, call } => self.call(id, call),
        }
    }
}

//! The driver: asks the core what an input leads to, stores that, applies it, and does it.
//!
//! Architecture invariant: an event is durable before anyone is told of it and before any effect of its step runs. If
//! storing fails the driver stops (fail-stop), says so, and nothing has changed.

mod effects;
mod relay;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use codewalk_core::call::{Observation, Reply};
use codewalk_core::command::{Command, Origin};
use codewalk_core::entry::Entry;
use codewalk_core::event::{EventKind, StoredEvent, UtteranceEvent, UtteranceResult};
use codewalk_core::ids::{CallId, Id, SessionId, StreamId};
use codewalk_core::orchestrator::{Effect, Envelope, Input, Notice, Step};
use codewalk_core::ports::{Executor, Router, Summarizer};
use codewalk_core::query::{Page, Query};
use codewalk_core::session::{Session, SessionState};
use codewalk_core::state::{Owner, State};
use codewalk_core::time::Timestamp;
use codewalk_executor::{Agents, Relayed, Report, ReportBody, Room};
use codewalk_sandbox::Recorder;
use codewalk_store::{RawFile, Store, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use uuid::Uuid;

use crate::compose::InUse;
use crate::query;
use relay::Relay;

/// The adapters behind the ports that the core calls.
pub struct Ports<R, S> {
    /// Finds out what utterances mean.
    pub router: R,
    /// Says what sessions do.
    pub summarizer: S,
    /// Runs agents.
    pub executor: Agents,
    /// Which adapters these are.
    pub adapters: InUse,
    /// Keeps the calls of the adapters; none keeps none.
    pub recorder: Option<Recorder>,
}

/// How many of the latest sessions a wish may be about.
pub const RECENT_SESSIONS: u32 = 50;

/// How many reports wait for the driver at most: commands wait in the same line, and no longer than these take.
const MOST_REPORTS: usize = 64;

/// Names a command or a query among all that are given to a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(u64);

/// The stream of the first of some events and the number of the last one; none where there are no events.
type Span = Option<(StreamId, u64)>;

/// What became of a command: an acknowledgement, given when everything it led to at once is decided, stored and applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It was taken in.
    Accepted {
        /// The stream of the first event it led to, and the number of the last one; none where it led to no event.
        recorded: Span,
    },
    /// It was not carried out, and nothing has changed.
    Refused {
        /// Why, and what to do.
        message: String,
    },
}

/// What front ends are told.
#[derive(Debug)]
pub enum Output {
    /// What one input led to; it is stored. A front end that has taken in all of it knows a consistent state.
    StoredEvent(Vec<StoredEvent>),
    /// What became of a command; what it led to was told before.
    Handled(Token, Handled),
    /// The answer to a query; it holds as of what was told before.
    Page(Token, Result<Page, StoreError>),
    /// What an agent printed; kept as well.
    Entries(Vec<Entry>, Room),
    /// Something for one front end.
    Notice(Origin, Notice),
    /// The store failed. Nothing more is done.
    StoreFailed(StoreError),
}

enum Message {
    Command(Token, Origin, Command),
    Query(Token, Query),
    Input(Input),
    Relayed(Relay, Result<Relayed, String>),
    Report(Report, OwnedSemaphorePermit),
}

/// The way to a running driver. The driver ends when the last handle is dropped and its effects are done.
#[derive(Clone)]
pub struct Handle {
    messages: mpsc::UnboundedSender<Message>,
    tokens: Arc<AtomicU64>,
}

impl Handle {
    /// Gives a command. What comes of it is told as output.
    pub fn command(&self, origin: &Origin, command: Command) -> Token {
        self.send(|token| Message::Command(token, origin.clone(), command))
    }

    /// Asks a question. The answer is told as output.
    pub fn query(&self, query: Query) -> Token {
        self.send(|token| Message::Query(token, query))
    }

    fn send(&self, message: impl FnOnce(Token) -> Message) -> Token {
        let token = Token(self.tokens.fetch_add(1, Ordering::Relaxed));
        // A driver that has stopped has said why; there is nobody left to tell.
        let _ = self.messages.send(message(token));
        token
    }
}

/// Returns the present time.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Returns how far local time is ahead of UTC, in seconds.
pub fn utc_offset_s() -> i32 {
    jiff::Zoned::now().offset().seconds()
}

/// Puts an input into an envelope with the present time and a fresh identifier.
pub fn envelope(input: Input) -> Envelope {
    Envelope { id: Id::from_u128(Uuid::now_v7().as_u128()), now: now(), input }
}

/// Takes in a session that does not run here: what has not ended runs elsewhere.
pub fn adopt(state: &mut State, session: Session) {
    let owner = if session.state.has_ended() { Owner::Here } else { Owner::Elsewhere };
    state.adopt(session, owner);
}

/// Starts a driver on a thread of its own, which the runtime waits for when it ends, so that the store is closed; `reports`
/// brings what agents do. Must be called within a tokio runtime.
pub fn start<R, S>(
    state: State,
    store: Box<dyn Store>,
    ports: Ports<R, S>,
    mut reports: mpsc::Receiver<Report>,
) -> (Handle, mpsc::UnboundedReceiver<Output>)
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
{
    let (messages, inbox) = mpsc::unbounded_channel();
    let (outputs, output) = mpsc::unbounded_channel();
    let handle = Handle { messages: messages.clone(), tokens: Arc::default() };
    let to_driver = messages.downgrade();
    tokio::spawn(async move {
        let room = Arc::new(Semaphore::new(MOST_REPORTS));
        while let Some(report) = reports.recv().await {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
            let Some(messages) = to_driver.upgrade() else { break };
            let _ = messages.send(Message::Report(report, permit));
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
        entries: BTreeMap::new(),
        requests: BTreeMap::new(),
    };
    tokio::task::spawn_blocking(move || driver.run(inbox));
    (handle, output)
}

/// Waits for what is to be handled next: what somebody wants comes before what agents do, who may never stop to print.
fn next(inbox: &mut mpsc::UnboundedReceiver<Message>, waiting: &mut VecDeque<Message>) -> Option<Message> {
    while let Ok(message) = inbox.try_recv() {
        if matches!(message, Message::Command(..) | Message::Query(..)) {
            return Some(message);
        }
        waiting.push_back(message);
    }
    waiting.pop_front().or_else(|| inbox.blocking_recv())
}

struct Driver<R, S> {
    state: State,
    store: Box<dyn Store>,
    ports: Arc<Ports<R, S>>,
    outputs: mpsc::UnboundedSender<Output>,
    messages: mpsc::WeakUnboundedSender<Message>,
    runtime: tokio::runtime::Handle,
    /// What agents did before the core was told that they had started.
    early: BTreeMap<SessionId, Vec<(u32, Observation)>>,
    /// How many entries the sessions have that run here.
    entries: BTreeMap<SessionId, u64>,
    /// The requests of other processes that are replied to when the call has been done that they led to.
    requests: BTreeMap<CallId, (SessionId, u32, Uuid)>,
}

impl<R, S> Driver<R, S>
where
    R: Router + Send + Sync + 'static,
    S: Summarizer + Send + Sync + 'static,
{
    fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        let mut waiting = VecDeque::new();
        while let Some(message) = next(&mut inbox, &mut waiting) {
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
            Message::Command(token, origin, command) => self.command(token, origin, command),
            Message::Query(token, query) => {
                let page = query::answer(self.store.as_ref(), &self.state, &self.ports.adapters, query);
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
            Message::Report(Report { session, run, body }, _handled) => self.report(session, run, body),
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
        // What other processes have done since is not known here.
        match command.session() {
            Some(session) => self.refresh(session)?,
            None => self.refresh_others()?,
        }
        self.acknowledged(token, Input::Command { origin, command })
    }

    /// Takes in a command, or what came of one, and tells what became of it: at once, or when the owner of the session
    /// has replied.
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

    /// Takes in a command. A refusal is told as what became of it, and not once more.
    fn handled(&mut self, input: Input) -> Result<(Handled, Vec<Effect>), StoreError> {
        let (recorded, mut effects) = self.step(input)?;
        let mut handled = Handled::Accepted { recorded };
        effects.retain(|effect| match effect {
            Effect::Notice { notice: Notice::Refused { message }, .. } => {
                handled = Handled::Refused { message: message.clone() };
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

    /// Decides, stores and applies what an input leads to, and tells of it. Returns the first stream and the last number of
    /// that, and what is still to be done.
    fn step(&mut self, input: Input) -> Result<(Span, Vec<Effect>), StoreError> {
        self.state.set_utc_offset(utc_offset_s());
        // Before anybody is asked to consent, not once they have.
        if matches!(input, Input::Command { .. } | Input::PortReplied { reply: Reply::Routed(_), .. }) {
            self.state.set_missing_agents(self.ports.executor.missing());
        }
        let envelope = envelope(input);
        let mut step = self.state.decide(&envelope);
        let recorded = match self.keep(&step) {
            // Another process wrote to a session that was taken in here: what it is now decides.
            Err(StoreError::Conflict { stream, .. }) => {
                if let Some(session) = self.store.session(SessionId(stream.0))? {
                    adopt(&mut self.state, session);
                }
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
        self.keep_calls_with_sessions(&recorded);
        let span = recorded.first().zip(recorded.last()).map(|(first, last)| (first.stream, last.seq));
        if !recorded.is_empty() {
            let _ = self.outputs.send(Output::StoredEvent(recorded));
        }
        Ok((span, step.effects))
    }

    /// Moves what was recorded of utterances to the sessions that they led to.
    fn keep_calls_with_sessions(&self, recorded: &[StoredEvent]) {
        let Some(recorder) = &self.ports.recorder else { return };
        for recorded in recorded {
            if let EventKind::Utterance { utterance, event: UtteranceEvent::Closed { result } } =
                &recorded.event.kind
                && let UtteranceResult::Done { session } = result
                && let Err(error) = recorder.led_to(*utterance, *session)
            {
                tracing::warn!(%error, %utterance, %session, "what was recorded stays with the utterance");
            }
        }
    }

    fn keep(&mut self, step: &Step) -> Result<Vec<StoredEvent>, StoreError> {
        if step.events.is_empty() {
            return Ok(Vec::new());
        }
        self.store.append(&self.state.numbered(&step.events))
    }

    /// Takes in a session as it is now, unless it runs here: then nobody else changes it.
    fn refresh(&mut self, id: SessionId) -> Result<(), StoreError> {
        if !self.runs_here(id)
            && let Some(session) = self.store.session(id)?
        {
            adopt(&mut self.state, session);
        }
        Ok(())
    }

    /// Takes in what other processes run and have run.
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

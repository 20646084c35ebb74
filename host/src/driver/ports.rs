//! What the driver needs besides the ports of the core, and all of them together.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;

use codewalk_core::event::StoredEvent;
use codewalk_core::ids::{SessionId, UtteranceId};
use codewalk_core::ports::Executor;
use codewalk_core::query::Adapter;
use codewalk_core::session::{AgentProcess, Exit, Session};
use codewalk_executor::{Relayed, Request, RequestReply};
use codewalk_store::{Store, StoreError};
use uuid::Uuid;

/// The adapters behind the ports.
pub struct Ports<R, S, E> {
    /// Finds out what utterances mean.
    pub router: R,
    /// Summarizes sessions.
    pub summarizer: S,
    /// Runs agents.
    pub executor: E,
    /// Describes the adapters in use.
    pub catalogue: Box<dyn AdapterCatalogue>,
    /// Records the calls to adapters; `None` if they are not recorded.
    pub recorder: Option<Box<dyn CallRecorder>>,
}

/// Describes the adapters in use.
pub trait AdapterCatalogue: Send + Sync {
    /// Returns the adapters of all chains with their state.
    fn adapters(&self) -> Vec<Adapter>;
}

/// Records the calls to adapters.
pub trait CallRecorder: Send + Sync {
    /// Moves the calls recorded for an utterance to the session it started.
    fn assign(&self, utterance: UtteranceId, session: SessionId) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Runs agents on this machine.
pub trait AgentRunner: Executor + Send + Sync + 'static {
    /// Returns the agents whose programs are missing, each with what to do about it.
    fn missing(&self) -> BTreeMap<String, String>;

    /// Asks the owner of a run to carry out a request; if there is no owner, ends the agent.
    fn relay(
        &self,
        run: (SessionId, u32),
        process: Option<AgentProcess>,
        request: &Request,
    ) -> impl Future<Output = Result<Relayed, Box<dyn Error + Send + Sync>>> + Send;

    /// Replies to a request of another process.
    fn reply(&self, run: (SessionId, u32), id: Uuid, reply: &RequestReply);

    /// Records how a session without an owner ended, and returns the new events.
    fn settle(
        &self,
        store: &mut dyn Store,
        session: Session,
        exit: Option<Exit>,
    ) -> impl Future<Output = Result<Vec<StoredEvent>, StoreError>>;
}

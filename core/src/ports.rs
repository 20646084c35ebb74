//! The ports: what the driver needs of adapters. Each has its public form in `wit/`.

use core::future::Future;

use crate::call::{
    AdapterReply, AgentProcess, Launch, PortError, Proposal, RouteRequest, Summary, SummaryRequest,
};
use crate::command::Decision;
use crate::event::{NewEvent, StoredEvent};
use crate::ids::{SessionId, StreamId};

/// Finds out what an utterance means.
pub trait Router {
    /// Routes one utterance.
    fn route(
        &self,
        request: &RouteRequest,
    ) -> impl Future<Output = Result<AdapterReply<Proposal>, PortError>> + Send;
}

/// Says in plain words what a session is doing.
pub trait Summarizer {
    /// Summarises one session.
    fn summarize(
        &self,
        request: &SummaryRequest,
    ) -> impl Future<Output = Result<AdapterReply<Summary>, PortError>> + Send;
}

/// Runs coding agents. What they do comes back as observations.
pub trait Executor {
    /// Starts an agent.
    fn start(&self, launch: &Launch) -> impl Future<Output = Result<AgentProcess, PortError>> + Send;
    /// Tells a running agent something more.
    fn send(&self, session: SessionId, prompt: &str) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Answers a request of the agent, which the digest names exactly; not one that has taken its place.
    fn answer(
        &self,
        session: SessionId,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Ends the agent's present turn.
    fn interrupt(&self, session: SessionId) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Ends the agent and everything it started.
    fn stop(&self, session: SessionId) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Keeps what codewalk did.
pub trait SessionStore {
    /// Why the store did not do it.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Keeps events, all or none; they are durable when it returns.
    fn append(&mut self, events: &[NewEvent]) -> Result<Vec<StoredEvent>, Self::Error>;
    /// Returns the events of one stream in their order.
    fn read(&self, stream: StreamId) -> Result<Vec<StoredEvent>, Self::Error>;
    /// Returns the streams that changed last, newest first.
    fn recent(&self, limit: u32) -> Result<Vec<StreamId>, Self::Error>;
}

/// Follows what agents print.
pub trait LogMonitor {
    /// Follows the output of a run from a byte offset on.
    fn watch(
        &self,
        session: SessionId,
        run: u32,
        offset: u64,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Stops following a run.
    fn unwatch(&self, session: SessionId, run: u32) -> impl Future<Output = Result<(), PortError>> + Send;
}

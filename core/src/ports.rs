//! The ports: what the driver needs from adapters. Routers and summarizers have a public form in `wit/`.

use core::future::Future;

use crate::command::{Decision, Project};
use crate::event::{NewEvent, StoredEvent};
use crate::ids::{CallId, SessionId, StreamId};
use crate::intent::Proposal;
use crate::permission::PermissionMode;
use crate::port_reply::{AdapterReply, PortError};
use crate::routing::request::RouteRequest;
use crate::session::{AgentProcess, Summary};
use crate::summarization::SummaryRequest;

/// Reads an utterance.
pub trait Router {
    /// Routes one utterance.
    fn route(
        &self,
        request: &RouteRequest,
    ) -> impl Future<Output = Result<AdapterReply<Proposal>, PortError>> + Send;
}

/// Describes in plain words what a session is doing.
pub trait Summarizer {
    /// Summarizes one session.
    fn summarize(
        &self,
        request: &SummaryRequest,
    ) -> impl Future<Output = Result<AdapterReply<Summary>, PortError>> + Send;
}

/// A run for an executor to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The session.
    pub session: SessionId,
    /// The number of the run within the session, from 1.
    pub run: u32,
    /// The agent's name in the configuration.
    pub agent: String,
    /// The project.
    pub project: Project,
    /// The prompt for the agent.
    pub prompt: String,
    /// What it may do without asking.
    pub permission: PermissionMode,
    /// The agent's identifier of the conversation to resume.
    pub resume: Option<String>,
}

/// Runs coding agents, and reports their actions as observations.
///
/// A message to an agent is carried out at most once: the same call again, also after a restart, does
/// nothing.
pub trait Executor {
    /// Starts an agent.
    fn start(
        &self,
        call: CallId,
        launch: &Launch,
    ) -> impl Future<Output = Result<AgentProcess, PortError>> + Send;
    /// Sends another prompt to a running agent.
    fn send(
        &self,
        call: CallId,
        session: SessionId,
        prompt: &str,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Answers the agent's request that the digest identifies, never one that replaced it.
    fn answer(
        &self,
        call: CallId,
        session: SessionId,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Ends the agent's current turn.
    fn interrupt(
        &self,
        call: CallId,
        session: SessionId,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Ends the agent and every process it started.
    fn stop(&self, call: CallId, session: SessionId) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Stores events.
pub trait SessionStore {
    /// The error of the store.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Appends events atomically; they are durable when the function returns.
    fn append(&mut self, events: &[NewEvent]) -> Result<Vec<StoredEvent>, Self::Error>;
    /// Returns the events of one stream in order.
    fn read(&self, stream: StreamId) -> Result<Vec<StoredEvent>, Self::Error>;
    /// Returns the most recently changed streams, newest first.
    fn recent(&self, limit: u32) -> Result<Vec<StreamId>, Self::Error>;
}

/// Follows the output of agents.
pub trait LogMonitor {
    /// Follows the output of a run from a byte offset.
    fn watch(
        &self,
        session: SessionId,
        run: u32,
        offset: u64,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Stops following a run.
    fn unwatch(&self, session: SessionId, run: u32) -> impl Future<Output = Result<(), PortError>> + Send;
}

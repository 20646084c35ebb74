//! Calls to ports, and their replies.

use crate::command::Decision;
use crate::ids::SessionId;
use crate::intent::Proposal;
use crate::port_reply::{AdapterReply, PortError};
use crate::ports::Launch;
use crate::routing::request::RouteRequest;
use crate::session::{AgentProcess, Summary};
use crate::summarization::SummaryBrief;

/// A call to a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Route an utterance.
    Route(Box<RouteRequest>),
    /// Summarize a session.
    Summarize(Box<SummaryBrief>),
    /// Start an agent.
    Start(Launch),
    /// Send another prompt to a running agent.
    Send {
        /// The session.
        session: SessionId,
        /// The prompt for its agent.
        prompt: String,
    },
    /// Pass a decision on an agent's request to the agent.
    Decide {
        /// The session.
        session: SessionId,
        /// The agent's identifier of the request.
        request: String,
        /// Identifies the exact input: the decision does not apply to a request that replaced it.
        digest: String,
        /// The decision.
        decision: Decision,
    },
    /// End an agent's current turn.
    Interrupt {
        /// The session.
        session: SessionId,
    },
    /// End an agent and every process it started.
    Stop {
        /// The session.
        session: SessionId,
    },
}

/// The reply to a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To [`Call::Route`].
    Routed(Result<AdapterReply<Proposal>, PortError>),
    /// To [`Call::Summarize`].
    Summarized(Result<AdapterReply<Summary>, PortError>),
    /// To [`Call::Start`].
    Started(Result<AgentProcess, PortError>),
    /// To the calls that send something to an agent.
    Delivered {
        /// The session.
        session: SessionId,
        /// The result.
        result: Result<(), PortError>,
    },
}

//! The former place of these types; each has a room of its own now.

pub use crate::command::MAX_UTTERANCE;
pub use crate::intent::{Candidate, Intent, MAX_CANDIDATES, Proposal};
pub use crate::orchestrator::{Call, Reply};
pub use crate::port_reply::{AdapterReply, Fallback, PortError};
pub use crate::ports::Launch;
pub use crate::routing::request::{MAX_SESSIONS, OpenConfirmation, RouteRequest};
pub use crate::session::{
    AgentProcess, Artifact, Exit, FileChange, Observation, SessionBrief, Summary, UndeliveredPrompts,
    UnsearchedFolders, Usage,
};
pub use crate::state::{Agent, MAX_TURNS, Speaker, Turn};
pub use crate::summarization::{SummaryBrief, SummaryRequest, WaitingFor};

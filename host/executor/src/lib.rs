//! Runs coding agents as processes, reads their output and speaks their protocols.
//!
//! [`Agents`] implements two ports of [`codewalk_core::ports`]: the executor starts agents and sends them
//! prompts and decisions, the log monitor follows their output. Both answer with [`Report`]s.
//!
//! Two rules hold everywhere. The output of agents is not trusted: it is bounded and cleaned before it
//! becomes an observation or an entry. The raw files of a run (see [`RunFolder`]) are the source of truth,
//! and everything else is derived from them.

mod agents;
mod changes;
mod claude;
mod clock;
pub mod demo_agent;
mod error;
#[cfg(test)]
mod fake_protocol;
mod files;
mod found;
#[cfg(any(test, fuzzing))]
pub mod invariants;
mod lines;
mod live_agent;
mod log;
mod measured;
mod neighbours;
mod plain;
mod process;
mod project;
mod protocol;
mod protocols;
mod recovery;
mod report;
mod requests;
mod reread;
mod run_folder;
mod settings;
mod stall;
mod starting;
pub mod summary_filter;
mod tally;
#[cfg(test)]
mod testing;
mod text;

pub use agents::Agents;
pub use codewalk_supervisor::Limits as OutputLimits;
pub use error::ExecutorError;
pub use found::{StoredOutput, is_news};
#[doc(hidden)]
pub use measured::parse_claude;
pub use protocol::Protocol;
pub use protocols::{ClaudeVersion, Version, VersionError};
pub use recovery::OrphanStatus;
pub use report::{Report, ReportBody, Request, RequestReply, Room};
pub use requests::Relayed;
pub use run_folder::{ExitRecord, Meta, RunFolder, SessionLock};
pub use settings::{AgentSpec, ExecutorConfig};

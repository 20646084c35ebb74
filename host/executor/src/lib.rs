//! Runs coding agents as processes, reads what they print and speaks their protocols.
//!
//! [`Agents`] is the adapter of two ports of [`codewalk_core::ports`]: the executor starts agents and passes on what
//! they are told, the log monitor follows what they print. What agents do comes back as [`Report`]s.
//!
//! Two rules hold everywhere: what an agent prints is untrusted, so it is bounded and cleaned before it becomes an
//! observation or an entry; and the raw files of a run (see [`RunFolder`]) are the truth, everything else is derived.

mod agents;
mod changes;
mod claude;
pub mod demo_agent;
mod error;
mod files;
#[cfg(any(test, fuzzing))]
pub mod invariants;
mod lines;
mod live_agent;
mod log;
mod measured;
mod neighbours;
mod process;
mod project;
mod protocols;
mod report;
mod requests;
mod reread;
mod run_folder;
mod settings;
mod stall;
pub mod summary_filter;
mod tally;
mod text;
mod version;

pub use agents::{Agents, Recovered};
pub use error::ExecutorError;
#[doc(hidden)]
pub use measured::parse_claude;
pub use report::{Report, ReportBody, Room};
pub use requests::{Relayed, Request, RequestReply};
pub use run_folder::{ExitRecord, Meta, Protocol, RunFolder, SessionLock};
pub use settings::{AgentSpec, ExecutorConfig};
pub use version::{ClaudeVersion, Version, VersionError};

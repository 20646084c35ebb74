//! How a component becomes an adapter that answers: it is read, checked, compiled and tried, replaces its
//! predecessor, and is rolled back if it fails. See `swap` for the order of the steps.

mod adapter;
mod ask;
mod call_counts;
mod candidate;
mod chain;
mod generation;
mod handle;
mod inspect;
mod origin;
mod permissions;
mod rollback;
mod runtime;
mod spec;
mod swap;
mod transcript;
mod watch;

pub(crate) use chain::Chain;
pub use chain::{RouterChain, SummarizerChain};
pub use handle::{AdapterHandle, AdapterStatus, Serving};
pub use inspect::Inspection;
pub(crate) use inspect::{inspect, ready};
pub(crate) use runtime::Runtime;
pub use runtime::SandboxConfig;
pub use spec::AdapterSpec;
pub use swap::ReloadOutcome;
pub(crate) use transcript::transcript;
pub use watch::Watch;

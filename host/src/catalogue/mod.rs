//! The catalogue of adapters: which adapters exist, where they come from, and their state.

mod entries;
mod forms;
mod in_use;
mod patience;
mod proxied;
mod registry;
mod sandbox;

pub use entries::{
    ChainEntry, ResolvedAdapter, adapter, adapters, entries, registry_adapters, reserved, routers,
    summarizers,
};
pub use forms::forget as forget_forms;
pub use in_use::{AdapterStatsGuard, AdaptersInUse, micros};
pub use patience::Patience;
pub use proxied::{ThroughProxy, proxy_clause};
pub use registry::{UNUSABLE_FOLDER, grants, registry};
pub use sandbox::{empty_sandbox, recorder, recording_sandbox, sandbox};

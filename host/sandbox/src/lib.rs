//! Runs adapters, which are WebAssembly components, in a sandbox.
//!
//! An adapter holds an opinion (how to route, how to summarise) and nothing else: it sees the request it is asked
//! about, and of the machine what `host_functions` gives it, which is a log, its own configuration and, as far as it was
//! granted, HTTP (`egress`). One that was made with other tools also imports WASI, which is there and empty (`wasi`).
//!
//! Invariants:
//! - Each call has a fresh store: nothing of one call is left for the next, and what trapped is thrown away.
//! - What a guest executes, waits, allocates, logs and answers is bounded (`limits`, `text`).
//! - A guest never runs on the caller's threads: guests have a runtime of their own.
//! - Machine code is executed only if this process or one it started (`compile`) compiled it, or if it comes
//!   authenticated from `cache`.
//! - Every error names the adapter.
//! - What serves is replaced between two calls, never within one, and only by what passed every check (`swap`).

#[cfg(test)]
extern crate self as codewalk_sandbox;

mod adapter;
mod bindings;
mod cache;
mod call;
mod candidate;
mod chain;
mod compile;
mod compiler;
mod confinement;
mod cpu;
mod egress;
mod engine;
mod error;
mod experience;
mod exposure;
mod files;
mod generation;
mod handle;
mod host_functions;
mod inspect;
mod ledger;
mod limits;
mod manifest;
mod outline;
mod pace;
mod permissions;
mod record;
mod recorder;
mod refusal;
mod registry;
mod replay;
mod rollback;
mod sandbox;
mod signature;
mod source;
mod stats;
mod swap;
mod tape;
mod text;
mod threads;
mod ticker;
mod transcript;
mod turns;
mod wasi;
mod watch;
mod world;

pub use adapter::AdapterSpec;
pub use cache::CachePaths;
pub use chain::{RouterChain, SummarizerChain};
pub use compile::{COMPILE_ADAPTER, CompileLimits, Compiler};
pub use compiler::compile_adapter;
pub use confinement::confine;
pub use egress::{
    AddressError, Credential, CredentialError, Denial, Grant, GrantError, Proxy, ProxyError, SecretSource,
    Uplink, take_from_environment,
};
pub use engine::digest;
pub use error::{Problem, SandboxError, short as short_digest};
pub use experience::Experience;
pub use exposure::{Exposed, check_exposure};
pub use files::{open_regular, read_regular};
pub use handle::{AdapterHandle, AdapterStatus, Serving};
pub use inspect::Inspection;
pub use limits::Limits;
pub use manifest::{GrantRequest, MAX_MANIFEST, Manifest, ManifestError, is_adapter_name, looks_like};
pub use outline::MANIFEST_SECTION;
pub use record::{
    Body, CallError, Exchange, Received, RecordedCall, RecordedLimits, Recording, Sent, Subject,
    read as read_calls,
};
pub use recorder::Recorder;
pub use registry::{AdapterState, Approval, Asker, Registry, RegistryError};
pub use replay::{Player, ReplayError};
pub use sandbox::{Sandbox, SandboxConfig};
pub use signature::{KeysError, SignatureError, Signer, TrustedKeys, signature_file};
pub use source::{MAX_COMPONENT_SIZE, Source};
pub use stats::Stats;
pub use swap::Swapped;
pub use watch::Watch;
pub use world::World;

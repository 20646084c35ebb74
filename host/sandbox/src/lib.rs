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

mod bindings;
mod calls;
mod egress;
mod engine;
mod error;
mod lifecycle;
mod recording;
mod registry;
mod replay;
mod sandbox;
mod source;
mod stats;
mod wasi;
mod wit;

pub use calls::Experience;
pub use codewalk_policy::{
    AddressError, Approval, Asker, CompileLimits, Credential, CredentialError, Denial, ExposureError, Grant,
    GrantError, GrantRequest, KeysError, Limits, MANIFEST_SECTION, MAX_COMPONENT_SIZE, MAX_MANIFEST,
    Manifest, ManifestError, Proxy, ProxyError, SecretSource, SignatureError, Signer, TrustedKeys, Uplink,
    World, check_exposure, digest, is_adapter_name, looks_like, open_regular, read_regular, short_digest,
    signature_file, take_from_environment,
};
pub use engine::{COMPILE_ADAPTER, CachePaths, Compiler, compile_adapter, confine};
pub use error::{Problem, RegistryError, SandboxError};
pub use lifecycle::{
    AdapterHandle, AdapterSpec, AdapterStatus, Inspection, ReloadOutcome, RouterChain, SandboxConfig,
    Serving, SummarizerChain, Watch,
};
pub use recording::{
    Body, CallError, Exchange, RecordedCall, RecordedLimits, RecordedRequest, RecordedResponse, Recorder,
    Recording, Subject, read_calls,
};
pub use registry::{AdapterState, Registry};
pub use replay::{Player, ReplayError};
pub use sandbox::Sandbox;
pub use source::Source;
pub use stats::Stats;

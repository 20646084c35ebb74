//! Runs adapters, which are WebAssembly components, in a sandbox.
//!
//! An adapter only gives an opinion: how to route an utterance, or how to summarise a session. It sees the
//! request, and the host gives it a log, its configuration and, if granted, HTTP (`bindings`, `egress`).
//! Adapters built with other tools also import WASI, which is linked but empty (`wasi`). Everything that
//! needs no engine is in `codewalk-policy`.
//!
//! Invariants:
//! - Each call has a fresh store. No state survives the call.
//! - Execution, waiting, memory, log lines and answers of a guest are bounded (`engine`, `calls`,
//!   `bindings::answers`).
//! - A guest never runs on the caller's threads: guests have their own runtime.
//! - Machine code runs only if this process or its compiler process (`engine::compiler`) compiled it, or if
//!   it comes authenticated from the cache.
//! - Every error names the adapter.
//! - A component is replaced between two calls, never during one, and only by one that passed every check
//!   (`lifecycle::swap`).

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

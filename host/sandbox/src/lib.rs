//! Runs adapters, which are WebAssembly components, in a sandbox.
//!
//! An adapter holds an opinion (how to route, how to summarise) and nothing else: it sees the request it is asked
//! about, and of the machine what `host_functions` gives it, which is a log, its own configuration and, as far as it was
//! granted, HTTP (`egress`).
//!
//! Invariants:
//! - Each call has a fresh store: nothing of one call is left for the next, and what trapped is thrown away.
//! - What a guest executes, waits, allocates, logs and answers is bounded (`limits`, `text`).
//! - A guest never runs on the caller's threads: guests have a runtime of their own.
//! - Machine code is executed only if this process compiled it, or if it comes authenticated from `cache`.
//! - Every error names the adapter.

mod adapter;
mod bindings;
mod cache;
mod chain;
mod egress;
mod engine;
mod error;
mod host_functions;
mod inspect;
mod limits;
mod sandbox;
mod source;
mod text;
mod ticker;
mod world;

pub use adapter::AdapterSpec;
pub use cache::CachePaths;
pub use chain::{RouterChain, SummarizerChain};
pub use egress::{AddressError, Credential, CredentialError, Denial, Grant, GrantError, SecretSource};
pub use error::{Problem, SandboxError};
pub use inspect::Inspection;
pub use limits::Limits;
pub use sandbox::{Sandbox, Settings};
pub use source::{MAX_COMPONENT_SIZE, Source};
pub use world::World;

//! Errors that prevent a sandbox from starting.

use std::io;

use super::problem::reason;
use super::registry::RegistryError;

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// wasmtime rejected its configuration or could not get memory.
    #[error("cannot start the WebAssembly engine: {}", reason(.0))]
    Engine(#[from] wasmtime::Error),
    /// The threads for guests could not be started.
    #[error("cannot start the threads for adapters: {0}")]
    Threads(#[from] io::Error),
    /// The registry cannot be used.
    #[error("cannot use the adapter folder: {0}")]
    Registry(#[from] RegistryError),
}

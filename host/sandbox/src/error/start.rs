//! Errors that keep a sandbox from starting.

use std::io;

use super::problem::reason;
use super::registry::RegistryError;

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// wasmtime refused its configuration or got no memory.
    #[error("cannot start the WebAssembly engine: {}", reason(.0))]
    Engine(#[from] wasmtime::Error),
    /// The threads for guests could not be started.
    #[error("cannot start the threads for adapters: {0}")]
    Threads(#[from] io::Error),
    /// The registry cannot be used.
    #[error("cannot use the folder of adapters: {0}")]
    Registry(#[from] RegistryError),
}

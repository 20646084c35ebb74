//! Errors that keep a sandbox from starting.

use std::io;

use super::registry::RegistryError;

/// Why there is no sandbox at all.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// wasmtime refused its configuration or got no memory for it.
    #[error("the WebAssembly engine does not start: {0}")]
    Engine(String),
    /// The threads for guests could not be started.
    #[error("the threads for adapters do not start: {0}")]
    Threads(io::Error),
    /// What is known of adapters cannot be kept.
    #[error("the folder of adapters cannot be used: {0}")]
    Registry(RegistryError),
}

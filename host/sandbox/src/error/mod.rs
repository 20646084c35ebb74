//! Errors of the sandbox. They use no other module of this crate, so that every other module can use them.

mod problem;
mod registry;
mod start;

pub use problem::Problem;
pub(crate) use problem::{AdapterError, reason};
pub use registry::RegistryError;
pub use start::SandboxError;

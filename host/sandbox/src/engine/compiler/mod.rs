//! Compiles components, in this process or in a confined child process.

mod child;
mod confinement;
mod process;

pub use child::compile_adapter;
pub use confinement::confine;
pub(crate) use process::compiled_by;
pub use process::{COMPILE_ADAPTER, Compiler};

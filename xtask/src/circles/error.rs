//! Why the modules of a crate fail the check.

use std::path::PathBuf;

use crate::process::ProcessError;

/// Modules form a circle, or the modules of a crate cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CirclesError {
    /// These levels have a circle.
    #[error("modules that need each other:\n{0}")]
    Circles(String),
    /// These levels are listed as known, and have none.
    #[error("no circle is left in {0}; remove it from KNOWN in xtask/src/circles.rs")]
    Gone(String),
    /// A source file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// A source file cannot be parsed.
    #[error("cannot parse {}: {source}", path.display())]
    Parse { path: PathBuf, source: syn::Error },
    /// Cargo cannot list the crates.
    #[error(transparent)]
    Cargo(#[from] ProcessError),
    /// What cargo lists cannot be parsed.
    #[error("cannot parse the output of `cargo metadata`: {0}")]
    Metadata(#[from] serde_json::Error),
}

//! The reasons why the modules of a crate fail the check.

use std::path::PathBuf;

use crate::metadata::MetadataError;

/// Modules form a circle, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CirclesError {
    /// Modules form circles.
    #[error("modules that depend on each other:\n{0}")]
    Circles(String),
    /// A circle that is listed as known is gone.
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
    Metadata(#[from] MetadataError),
}

//! What goes wrong with the registry.

use std::io;
use std::path::PathBuf;

use codewalk_policy::{ExposureError, ManifestError};

/// Why something cannot be kept or found in the registry of adapters.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No adapter can have that name.
    #[error("{name:?} is no name for an adapter: names have 1 to 64 of a-z, 0-9 and -, and begin with no -")]
    Name {
        /// The name, fit to be shown.
        name: String,
    },
    /// That is no digest.
    #[error("{digest:?} is no SHA-256 digest: it has 64 of 0-9 and a-f")]
    Digest {
        /// What it is instead, fit to be shown.
        digest: String,
    },
    /// The system refused.
    #[error("cannot {doing} {path:?}: {error}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Others can change what is in it.
    #[error("the folder of adapters is not to be trusted: {0}")]
    Exposed(#[from] ExposureError),
    /// A file is not one of ours.
    #[error(
        "{path:?} was not written by this codewalk or is damaged: {reason}; remove the adapter with `codewalk adapters remove` and add it again"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A kept copy is not what it was.
    #[error("the copy {path:?} {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A component is larger than any that is loaded.
    #[error("{name} has {size} bytes, at most {max} are loaded; build it optimised for size and stripped")]
    TooLarge {
        /// The adapter.
        name: String,
        /// The size of its component.
        size: u64,
        /// The largest size that is loaded.
        max: u64,
    },
    /// What is to be approved makes no sense.
    #[error("what {name} asks for cannot be given: {error}")]
    Request {
        /// The adapter.
        name: String,
        /// What is wrong with it.
        error: ManifestError,
    },
    /// There is nothing to go back to.
    #[error("no earlier version of {name} is kept; add the one you want with `codewalk adapters add`")]
    NoPrevious {
        /// The adapter.
        name: String,
    },
    /// There is no such adapter.
    #[error("nothing is known of an adapter {name}; `codewalk adapters list` names all")]
    Unknown {
        /// The adapter.
        name: String,
    },
}

//! Errors of the registry.

use std::io;
use std::path::PathBuf;

use codewalk_policy::{ExposureError, ManifestError};

/// An error of the adapter registry.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// An invalid name.
    #[error("{name:?} is not an adapter name: names have 1 to 64 of a-z, 0-9 and -, and do not start with -")]
    Name {
        /// The name, sanitized.
        name: String,
    },
    /// An invalid digest.
    #[error("{digest:?} is not a SHA-256 digest: 64 of 0-9 and a-f")]
    Digest {
        /// The text, sanitized.
        digest: String,
    },
    /// A file operation failed.
    #[error("cannot {doing} {path:?}: {error}")]
    File {
        /// The operation.
        doing: &'static str,
        /// The path of the file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        error: io::Error,
    },
    /// Other users can change its folder.
    #[error("the folder of adapters is not safe: {0}")]
    Exposed(#[from] ExposureError),
    /// A file has an unknown format.
    #[error(
        "{path:?} is damaged or from another version of codewalk: {reason}; remove the adapter with \
         `codewalk adapters remove` and add it again"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A stored copy has changed.
    #[error("the copy {path:?} {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A component is too large.
    #[error("{name} has {size} bytes, at most {max} are loaded; build it optimised for size and stripped")]
    TooLarge {
        /// The adapter.
        name: String,
        /// The size of the component.
        size: u64,
        /// The maximum size.
        max: u64,
    },
    /// The request to be approved is invalid.
    #[error("cannot approve the request of {name}: {error}")]
    Request {
        /// The adapter.
        name: String,
        /// The reason.
        #[source]
        error: ManifestError,
    },
    /// There is no earlier version to roll back to.
    #[error("no earlier version of {name} is stored; add the one you want with `codewalk adapters add`")]
    NoPrevious {
        /// The adapter.
        name: String,
    },
    /// The adapter is unknown.
    #[error("unknown adapter {name}; run `codewalk adapters list` to see all")]
    Unknown {
        /// The adapter.
        name: String,
    },
}

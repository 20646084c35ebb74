//! Errors of the registry.

use std::io;
use std::path::PathBuf;

use codewalk_policy::{ExposureError, ManifestError};

/// An error of the registry of adapters.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// An invalid name.
    #[error("{name:?} is not an adapter name: names have 1 to 64 of a-z, 0-9 and -, and do not start with -")]
    Name {
        /// The name, safe to show.
        name: String,
    },
    /// An invalid digest.
    #[error("{digest:?} is not a SHA-256 digest: 64 of 0-9 and a-f")]
    Digest {
        /// The text, safe to show.
        digest: String,
    },
    /// A file operation failed.
    #[error("cannot {doing} {path:?}: {error}")]
    File {
        /// The operation.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        #[source]
        error: io::Error,
    },
    /// Other users can change its folder.
    #[error("the folder of adapters is not safe: {0}")]
    Exposed(#[from] ExposureError),
    /// A file has another form.
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
        /// The size of its component.
        size: u64,
        /// The largest size that is loaded.
        max: u64,
    },
    /// A request to approve is invalid.
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

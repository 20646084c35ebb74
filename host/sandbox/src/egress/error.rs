//! Why a guest gets no response.

use std::time::Duration;

use codewalk_policy::{AddressError, Denial, HeaderError, NotPublic};

/// Why a guest gets no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EgressError {
    #[error(transparent)]
    Denied(#[from] Box<Denial>),
    /// Reported before the matching grant is known.
    #[error(transparent)]
    NotPublic(NotPublic),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Headers(#[from] HeaderError),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("{0}")]
    Timeout(String),
    /// The proxy is the reason. Only the operator learns which one it is.
    #[error("{reason}")]
    Proxy {
        /// The description for the operator.
        reason: String,
        /// Whether it took too long.
        is_late: bool,
    },
    #[error("{0}")]
    TooLarge(String),
    /// Holds the time to wait, if known.
    #[error("the adapter sends more requests than it may")]
    RateLimited(Option<Duration>),
}

//! Replies of ports: an adapter's answer or an error.

use core::fmt;

/// The reason why a port could not answer. Messages say what failed and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum PortError {
    /// The port, or something it depends on, is currently unreachable.
    Unavailable {
        /// What failed.
        message: String,
    },
    /// Too many requests.
    RateLimited {
        /// How long to wait, in milliseconds, if known.
        retry_after_ms: Option<u64>,
    },
    /// A policy forbids the request.
    Denied {
        /// What was denied and what would allow it.
        message: String,
    },
    /// The response is invalid.
    InvalidResponse {
        /// What is wrong with the response.
        message: String,
    },
    /// The request is invalid.
    InvalidRequest {
        /// What is wrong with the request.
        message: String,
    },
}

/// One day. Longer waits are not shown in seconds.
const LONGEST_WAIT_MS: u64 = 24 * 3_600 * 1_000;

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited { retry_after_ms: Some(ms) } if *ms > LONGEST_WAIT_MS => {
                f.write_str("rate limited: try again tomorrow")
            }
            Self::RateLimited { retry_after_ms: Some(ms) } => {
                write!(f, "rate limited: try again in {} s", ms.div_ceil(1000))
            }
            Self::RateLimited { retry_after_ms: None } => f.write_str("rate limited: try again later"),
            Self::Unavailable { message }
            | Self::Denied { message }
            | Self::InvalidResponse { message }
            | Self::InvalidRequest { message } => f.write_str(message),
        }
    }
}

impl core::error::Error for PortError {}

/// An adapter of a chain that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fallback {
    /// The adapter's name.
    pub adapter: String,
    /// Why it failed.
    pub error: PortError,
}

/// The answer of a chain of adapters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdapterReply<T> {
    /// The answer.
    pub answer: T,
    /// The adapter that answered.
    pub adapter: String,
    /// The adapters earlier in the chain, all of which failed.
    pub fallback_from: Vec<Fallback>,
}

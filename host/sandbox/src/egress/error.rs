//! Why a guest gets no response.

use std::time::Duration;

use super::address::AddressError;
use super::grant::Denial;
use super::headers::HeaderError;
use super::resolver::NotPublic;
use crate::bindings::http;

/// What a guest is told of any denial.
const DENIED: &str =
    "this request is not among those that the adapter was granted; codewalk has told the operator why";

/// Why a guest gets no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EgressError {
    #[error(transparent)]
    Denied(#[from] Box<Denial>),
    /// Known before it is known which grant would allow it.
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
    #[error("{0}")]
    TooLarge(String),
    /// With the time to wait, where it is known.
    #[error("the adapter sends more requests than it may")]
    RateLimited(Option<Duration>),
}

impl EgressError {
    /// Returns it as a guest is told, which is `text`, or of a denial that it is one: what the configuration says, what this
    /// machine is called and where names lead is the operator's business.
    pub(super) fn told(&self, text: String) -> http::Error {
        match self {
            Self::Denied(_) | Self::NotPublic(_) => http::Error::Denied(DENIED.to_owned()),
            Self::Address(_) | Self::Headers(_) | Self::Invalid(_) => http::Error::InvalidRequest(text),
            Self::Unreachable(_) => http::Error::Unreachable(text),
            Self::Timeout(_) => http::Error::Timeout(text),
            Self::TooLarge(_) => http::Error::TooLarge(text),
            Self::RateLimited(wait) => {
                http::Error::RateLimited(wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
            }
        }
    }
}

//! Errors of egress, as a guest sees them.

use crate::egress::EgressError;
use crate::wit::http;

/// What a guest learns about any denial.
const DENIED: &str =
    "this request is not among those that the adapter was granted; codewalk has told the operator why";

/// Converts an error for a guest. `text` describes it. For a denial the guest learns only that it was denied:
/// the configuration, the names of this machine and the addresses behind names are the operator's business.
pub(super) fn guest_error(error: &EgressError, text: String) -> http::Error {
    match error {
        EgressError::Denied(_) | EgressError::NotPublic(_) => http::Error::Denied(DENIED.to_owned()),
        EgressError::Address(_) | EgressError::Headers(_) | EgressError::Invalid(_) => {
            http::Error::InvalidRequest(text)
        }
        EgressError::Unreachable(_) => http::Error::Unreachable(text),
        EgressError::Timeout(_) => http::Error::Timeout(text),
        EgressError::TooLarge(_) => http::Error::TooLarge(text),
        EgressError::RateLimited(wait) => {
            http::Error::RateLimited(wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
        }
    }
}

//! Egress errors, as a guest sees them.

use crate::egress::EgressError;
use crate::wit::http;

/// What every guest learns about a denial.
const DENIED: &str =
    "this request is not among those that the adapter was granted; codewalk has told the operator why";

/// Converts an error for a guest. `text` describes it. The guest learns only that the request was denied, not
/// why: the configuration, the names of this machine and the addresses behind names are the operator's
/// business.
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

//! Egress errors, as a guest sees them.

use crate::egress::EgressError;
use crate::wit::http;

/// What every guest learns about a denial.
const DENIED: &str =
    "this request is not among those that the adapter was granted; codewalk has told the operator why";

/// What every guest learns about a failure of the proxy, whose address is the operator's business.
pub(super) const PROXY_FAILED: &str = "the server cannot be reached through the configured proxy";

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
        EgressError::Proxy { is_late: false, .. } => http::Error::Unreachable(PROXY_FAILED.to_owned()),
        EgressError::Proxy { is_late: true, .. } => http::Error::Timeout(PROXY_FAILED.to_owned()),
        EgressError::Timeout(_) => http::Error::Timeout(text),
        EgressError::TooLarge(_) => http::Error::TooLarge(text),
        EgressError::RateLimited(wait) => {
            http::Error::RateLimited(wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_does_not_learn_the_address_of_the_proxy() {
        for is_late in [false, true] {
            let reason = "https://a.example cannot be reached: the proxy http://10.0.0.7:3128 refused";
            let error = EgressError::Proxy { reason: reason.to_owned(), is_late };
            let (http::Error::Unreachable(told) | http::Error::Timeout(told)) =
                guest_error(&error, error.to_string())
            else {
                panic!("a proxy failed");
            };
            assert_eq!(told, PROXY_FAILED);
        }
    }
}

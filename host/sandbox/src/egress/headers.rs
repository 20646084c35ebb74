//! Headers that a guest sends: a few, small, and none that the connection or the host's own headers depend on.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// How many headers a request or a response may have.
pub(super) const MAX_HEADERS: usize = 64;
/// How many bytes all headers of a request or a response may have together.
pub(super) const MAX_HEADER_BYTES: usize = 32 * 1024;

/// What the host alone decides on: who is spoken to, as whom, and where a message ends. What has no compression asked for
/// can be looked through for credentials.
const RESERVED: [&str; 18] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    // Some servers take these for the method or the path, which were judged.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// Why the headers of a guest are not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("a request may have {MAX_HEADERS} headers, this one has {0}")]
    TooMany(usize),
    #[error("the headers of a request may have {MAX_HEADER_BYTES} bytes together, these have more")]
    TooLarge,
    #[error("the header {0} is the host's to set; for authorization name a credential")]
    Reserved(String),
    #[error("a header has a name or a value that cannot be sent")]
    Malformed,
}

/// Checks the headers of a guest; `credential` is the header that the host is going to set.
///
/// # Errors
/// Where any of them is not to be sent.
pub(super) fn checked<'a>(
    headers: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
    credential: Option<&HeaderName>,
) -> Result<HeaderMap, HeaderError> {
    if headers.len() > MAX_HEADERS {
        return Err(HeaderError::TooMany(headers.len()));
    }
    let mut room = MAX_HEADER_BYTES;
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        room = room.checked_sub(name.len() + value.len()).ok_or(HeaderError::TooLarge)?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderError::Malformed)?;
        let text = name.as_str();
        if RESERVED.contains(&text) || text.starts_with("proxy-") || credential == Some(&name) {
            return Err(HeaderError::Reserved(text.to_owned()));
        }
        let value = HeaderValue::from_str(value).map_err(|_| HeaderError::Malformed)?;
        // What else there is has no agreed meaning.
        value.to_str().map_err(|_| HeaderError::Malformed)?;
        map.append(name, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::egress::invariants;

    fn check(headers: &[(&str, &str)]) -> Result<HeaderMap, HeaderError> {
        let own = HeaderName::from_static("x-api-key");
        checked(headers.iter().copied(), Some(&own))
    }

    #[test]
    fn ordinary_headers_pass() {
        let map = check(&[("Content-Type", "application/json"), ("X-Trace", "1"), ("x-trace", "2")]).unwrap();
        assert_eq!(map.len(), 3);
        assert_eq!(map["content-type"], "application/json");
    }

    #[test]
    fn c33_c35_headers_of_the_host_are_refused_in_any_spelling() {
        for name in
            RESERVED.into_iter().chain(["proxy-authorization", "Proxy-Connection", "HOST", "X-Api-Key"])
        {
            let lower = name.to_ascii_lowercase();
            assert_eq!(check(&[(name, "x")]).unwrap_err(), HeaderError::Reserved(lower));
        }
    }

    #[test]
    fn c34_line_breaks_are_refused() {
        for (name, value) in
            [("a", "b\r\nHost: c"), ("a", "b\nc"), ("a\r\nb", "c"), ("a", "\0"), ("", "a"), ("a b", "c")]
        {
            assert_eq!(check(&[(name, value)]).unwrap_err(), HeaderError::Malformed, "{name:?} {value:?}");
        }
    }

    #[test]
    fn c40_headers_are_capped_in_number_and_size() {
        assert!(check(&[("a", "b"); MAX_HEADERS]).is_ok());
        assert_eq!(check(&[("a", "b"); MAX_HEADERS + 1]).unwrap_err(), HeaderError::TooMany(65));
        let fits = "x".repeat(MAX_HEADER_BYTES - 1);
        assert!(check(&[("a", &fits)]).is_ok());
        assert_eq!(check(&[("ab", &fits)]).unwrap_err(), HeaderError::TooLarge);
    }

    proptest! {
        #[test]
        fn headers_are_refused_or_sent_as_they_are(
            given in prop::collection::vec(("[a-zA-Z-]{1,5}|host|\\PC{0,4}", "[ -~]{0,8}|\\PC{0,8}|a\r\nb"), 0..4),
        ) {
            let given: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            invariants::headers(&given, None);
            invariants::headers(&given, Some(&HeaderName::from_static("x")));
        }
    }
}

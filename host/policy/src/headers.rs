//! Checks a guest's headers: they must be few and small, and none may be one that the host or the connection
//! sets.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// The maximum number of headers in a message.
pub const MAX_HEADERS: usize = 64;
/// The maximum size of all headers of a message, in bytes.
pub const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Headers that only the host sets, because they determine which server is contacted, with which identity,
/// and where a message ends. Responses must not be compressed, so that credentials in them can be found.
/// Names that differ only in punctuation count as the same, because servers that turn headers into variables
/// treat `content_length` like `content-length`.
const RESERVED: [&str; 29] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    // Programs behind some servers use it as their proxy.
    "proxy",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    // Some servers mistake these for the client's address.
    "client-ip",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-real-ip",
    // Some servers use these instead of the host, method or path that was checked.
    "x-host",
    "x-http-host-override",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];
/// Prefixes of further reserved names.
const RESERVED_PREFIXES: [&str; 4] = ["proxy-", "x-forwarded-", "x-original-", "x-rewrite-"];

/// Why a guest's headers are rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// There are too many of them.
    #[error("a request may have {MAX_HEADERS} headers; this one has {0}")]
    TooMany(usize),
    /// Together they are too large.
    #[error("the headers of a request may have {MAX_HEADER_BYTES} bytes in total; these have more")]
    TooLarge,
    /// Only the host may set this header.
    #[error("only codewalk sets the header {0}; for authorization, name a credential")]
    Reserved(String),
    /// A name or a value cannot be sent.
    #[error("a header has an invalid name or value")]
    Malformed,
}

/// Checks a guest's headers. `credential` is the header that the host sets.
///
/// # Errors
/// If any of them must not be sent.
pub fn check<'a>(
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
        if is_reserved(&name) || credential.is_some_and(|own| plain(own) == plain(&name)) {
            return Err(HeaderError::Reserved(text.to_owned()));
        }
        let value = HeaderValue::from_str(value).map_err(|_| HeaderError::Malformed)?;
        // Other bytes have no agreed meaning.
        value.to_str().map_err(|_| HeaderError::Malformed)?;
        map.append(name, value);
    }
    Ok(map)
}

fn is_reserved(name: &HeaderName) -> bool {
    let plain = plain(name);
    RESERVED.contains(&plain.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| plain.starts_with(prefix))
}

/// Returns a name with all punctuation replaced by `-`.
fn plain(name: &HeaderName) -> String {
    name.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::invariants;

    fn checked(headers: &[(&str, &str)]) -> Result<HeaderMap, HeaderError> {
        let own = HeaderName::from_static("x-api-key");
        check(headers.iter().copied(), Some(&own))
    }

    #[test]
    fn ordinary_headers_pass() {
        let map =
            checked(&[("Content-Type", "application/json"), ("X-Trace", "1"), ("x-trace", "2")]).unwrap();
        assert_eq!(map.len(), 3);
        assert_eq!(map["content-type"], "application/json");
    }

    /// Cases 33 and 35.
    #[test]
    fn headers_of_the_host_are_refused_in_any_spelling() {
        for name in
            RESERVED.into_iter().chain(["proxy-authorization", "Proxy-Connection", "HOST", "X-Api-Key"])
        {
            for name in [name.to_owned(), name.replace('-', "_"), name.replace('-', ".")] {
                let lower = name.to_ascii_lowercase();
                assert_eq!(checked(&[(&name, "x")]).unwrap_err(), HeaderError::Reserved(lower));
            }
        }
        for name in ["x-forwarded-for", "X_Forwarded_Host", "x-original-host", "X-Rewrite!Path"] {
            let lower = name.to_ascii_lowercase();
            assert_eq!(checked(&[(name, "x")]).unwrap_err(), HeaderError::Reserved(lower));
        }
    }

    /// Case 34.
    #[test]
    fn line_breaks_are_refused() {
        for (name, value) in
            [("a", "b\r\nHost: c"), ("a", "b\nc"), ("a\r\nb", "c"), ("a", "\0"), ("", "a"), ("a b", "c")]
        {
            assert_eq!(checked(&[(name, value)]).unwrap_err(), HeaderError::Malformed, "{name:?} {value:?}");
        }
    }

    /// Case 40.
    #[test]
    fn headers_are_capped_in_number_and_size() {
        assert!(checked(&[("a", "b"); MAX_HEADERS]).is_ok());
        assert_eq!(checked(&[("a", "b"); MAX_HEADERS + 1]).unwrap_err(), HeaderError::TooMany(65));
        let fits = "x".repeat(MAX_HEADER_BYTES - 1);
        assert!(checked(&[("a", &fits)]).is_ok());
        assert_eq!(checked(&[("ab", &fits)]).unwrap_err(), HeaderError::TooLarge);
    }

    proptest! {
        #[test]
        fn headers_are_rejected_or_sent_unchanged(
            given in prop::collection::vec(
                ("[a-zA-Z-]{1,5}|host|\\PC{0,4}", "[ -~]{0,8}|\\PC{0,8}|a\r\nb"),
                0..4,
            ),
        ) {
            let given: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            invariants::headers(&given, None);
            invariants::headers(&given, Some(&HeaderName::from_static("x")));
        }
    }
}

//! Headers that a guest sends: a few, small, and none that the connection or the host's own headers depend on.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// How many headers a request or a response may have.
pub(super) const MAX_HEADERS: usize = 64;
/// How many bytes all headers of a request or a response may have together.
pub(super) const MAX_HEADER_BYTES: usize = 32 * 1024;

/// What the host alone decides on: who is spoken to, as whom, and where a message ends. What has no compression asked for
/// can be looked through for credentials. Names stand for all that differ in punctuation alone: servers that make variables of
/// them make the same one of `content_length`.
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
    // Programs behind some servers send their own requests through what it names.
    "proxy",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    // Some servers take these for whom the request is from.
    "client-ip",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-real-ip",
    // Some servers take these for the host, the method or the path, which were judged.
    "x-host",
    "x-http-host-override",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];
/// What the names of more of them begin with.
const RESERVED_PREFIXES: [&str; 4] = ["proxy-", "x-forwarded-", "x-original-", "x-rewrite-"];

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
        if is_reserved(&name) || credential.is_some_and(|own| plain(own) == plain(&name)) {
            return Err(HeaderError::Reserved(text.to_owned()));
        }
        let value = HeaderValue::from_str(value).map_err(|_| HeaderError::Malformed)?;
        // What else there is has no agreed meaning.
        value.to_str().map_err(|_| HeaderError::Malformed)?;
        map.append(name, value);
    }
    Ok(map)
}

fn is_reserved(name: &HeaderName) -> bool {
    let plain = plain(name);
    RESERVED.contains(&plain.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| plain.starts_with(prefix))
}

/// Returns a name with all punctuation alike.
fn plain(name: &HeaderName) -> String {
    name.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
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
            for name in [name.to_owned(), name.replace('-', "_"), name.replace('-', ".")] {
                let lower = name.to_ascii_lowercase();
                assert_eq!(check(&[(&name, "x")]).unwrap_err(), HeaderError::Reserved(lower));
            }
        }
        for name in ["x-forwarded-for", "X_Forwarded_Host", "x-original-host", "X-Rewrite!Path"] {
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

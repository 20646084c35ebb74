//! The one place where bytes leave: an HTTP client that follows nothing, keeps nothing and is bounded in all it does.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Method, redirect, retry};
use url::Url;

use super::error::EgressError;
use super::headers::{MAX_HEADER_BYTES, MAX_HEADERS};
use super::resolver::Resolver;

/// How long connecting may take, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(20);
/// How long a request may take from its beginning to the last byte of the response. The call has a deadline of its own.
const TOTAL: Duration = Duration::from_secs(60);
/// How large the body of a response may be, in bytes.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;
/// What is told of codewalk.
const USER_AGENT: &str = concat!("codewalk/", env!("CARGO_PKG_VERSION"));

/// What came back.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A client of one adapter: no connection is shared with another.
#[derive(Debug)]
pub(super) struct Client(reqwest::Client);

impl Client {
    /// Makes a client. It reads the certificates that the system trusts, so it takes some milliseconds.
    pub(super) fn new() -> reqwest::Result<Self> {
        // Whoever comes first installs it; it is the same for all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .user_agent(USER_AGENT)
            .dns_resolver(Resolver)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(TOTAL)
            .http1_max_headers(MAX_HEADERS)
            .build()
            .map(Self)
    }

    /// Sends a request that was judged, and reads the whole response.
    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        mut headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Received, EgressError> {
        // A compressed response could hide a credential, or be a bomb.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let server = url.origin().ascii_serialization();
        let failed = |error| failed(&server, error);
        let sent = self.0.request(method, url).headers(headers).body(body).send();
        let mut response = sent.await.map_err(failed)?;
        let headers = std::mem::take(response.headers_mut());
        let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if size > MAX_HEADER_BYTES {
            return Err(EgressError::TooLarge(format!(
                "{server} answered with {size} bytes of headers; at most {MAX_HEADER_BYTES} are read"
            )));
        }
        if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(EgressError::Unreachable(format!(
                "{server} answered with a compressed body, which it was not asked for"
            )));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_RESPONSE {
                return Err(EgressError::TooLarge(format!(
                    "{server} answered with more than {MAX_RESPONSE} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Received { status: response.status().as_u16(), headers, body })
    }
}

/// Says what went wrong on the way, without the address, which the error itself repeats.
fn failed(server: &str, error: reqwest::Error) -> EgressError {
    let error = error.without_url();
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    let causes = causes.join(": ");
    if error.is_timeout() {
        return EgressError::Timeout(format!("{server} took too long: {causes}"));
    }
    if error.is_builder() {
        return EgressError::Invalid(format!("the request to {server} cannot be sent: {causes}"));
    }
    EgressError::Unreachable(format!("{server} cannot be reached: {causes}"))
}

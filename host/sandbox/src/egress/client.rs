//! The HTTP client: the only code that sends bytes out. It follows no redirects, stores nothing, and is
//! bounded in time.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use codewalk_policy::{
    CredentialError, MAX_HEADER_BYTES, MAX_HEADERS, NotPublic, Proxy, Secret, Uplink, is_loopback,
};
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use reqwest::{ClientBuilder, Method, redirect, retry};
use url::Url;

use super::error::EgressError;
use super::proxy_error;
use super::resolver::{Resolver, System};
use super::trust::certificates;
use super::wire::Wire;

/// Deadlines of one exchange. The call has its own deadline as well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadlines {
    /// For name resolution, the connection and the TLS handshake.
    pub(super) connect: Duration,
    /// Up to the response headers, and then between any two bytes of the body.
    pub(super) silence: Duration,
    /// For the whole exchange.
    pub(super) total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(20),
            total: Duration::from_secs(60),
        }
    }
}

/// The user agent.
const USER_AGENT: &str = concat!("codewalk/", env!("CARGO_PKG_VERSION"));

/// The head of a response, and its unread body.
#[derive(Debug)]
pub(super) struct ResponseHead {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: reqwest::Body,
}

/// The client of one adapter, which shares no connection with other adapters.
#[derive(Debug)]
pub(super) struct Client {
    client: reqwest::Client,
    /// Why no server can be trusted, if so. In that case only this machine is reachable.
    untrusting: Option<String>,
    /// Why the proxy cannot be used, if so. Requests to this machine do not need it.
    barred: Option<String>,
    /// The configured proxy.
    proxy: Option<Proxy>,
    wire: Wire,
}

impl Client {
    /// Creates a client. This reads the system's certificates, so it takes some milliseconds. Without
    /// certificates, only this machine is reachable.
    pub(super) fn new(
        uplink: &Uplink,
        login: &Result<Option<Secret>, CredentialError>,
    ) -> reqwest::Result<Self> {
        let proxy = uplink.proxy.as_ref().map(|proxy| (proxy, login.as_ref().ok().and_then(Option::as_ref)));
        let build = |certificates| {
            Self::build(Deadlines::default(), proxy, |builder| builder.tls_certs_merge(certificates))
                .map_err(|error| chain(&error))
        };
        let client = certificates(uplink).and_then(build).or_else(|untrusting| {
            let client = Self::build(Deadlines::default(), proxy, |builder| builder.tls_certs_only([]))?;
            Ok(Self { untrusting: Some(untrusting), ..client })
        })?;
        let barred = login.as_ref().err().map(ToString::to_string);
        Ok(Self { barred, ..client })
    }

    /// Returns why no server can be trusted, if none can.
    pub(super) fn untrusting(&self) -> Option<&str> {
        self.untrusting.as_deref()
    }

    pub(super) fn build(
        deadlines: Deadlines,
        proxy: Option<(&Proxy, Option<&Secret>)>,
        with: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> reqwest::Result<Self> {
        // The first caller installs the provider, which is the same for all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .user_agent(USER_AGENT)
            .dns_resolver(Resolver {
                proxy: proxy.and_then(|(proxy, _)| proxy.name()).map(str::to_owned),
                names: Arc::new(System),
            })
            .connect_timeout(deadlines.connect)
            .read_timeout(deadlines.silence)
            .timeout(deadlines.total)
            .http1_max_headers(MAX_HEADERS);
        let builder = match proxy {
            Some((proxy, login)) => builder.proxy(for_others(proxy, login)),
            None => builder,
        };
        let client = with(builder).build()?;
        let proxy = proxy.map(|(proxy, _)| proxy.clone());
        Ok(Self { client, untrusting: None, barred: None, proxy, wire: Wire::default() })
    }

    /// Sends an allowed request, and reads the head of the response.
    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<ResponseHead, EgressError> {
        // A compressed response could hide a credential, or be a bomb.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let server = url.origin().ascii_serialization();
        if let Some(why) = self.untrusting.as_ref().filter(|_| url.scheme() != "http") {
            return Err(EgressError::Unreachable(format!("{server} cannot be trusted: {why}")));
        }
        let proxy = self.proxy_for(&url).cloned();
        if let (Some(why), Some(proxy)) = (&self.barred, &proxy) {
            let address = proxy.address();
            return Err(proxy_error::unreachable(format!(
                "{server} cannot be reached through the proxy {address}: {why}"
            )));
        }
        let request = self.client.request(method, url).headers(headers).body(body);
        let sent = self.wire.carry(&server, async { request.send().await }).await?;
        let mut response = sent.map_err(|error| failed(&server, proxy.as_ref(), error))?;
        let headers = std::mem::take(response.headers_mut());
        let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if size > MAX_HEADER_BYTES {
            return Err(EgressError::TooLarge(format!(
                "{server} answered with {size} bytes of headers; at most {MAX_HEADER_BYTES} are accepted"
            )));
        }
        if !is_plain(&headers) {
            return Err(EgressError::Unreachable(format!(
                "{server} answered with a compressed body, which was not requested"
            )));
        }
        Ok(ResponseHead { status: response.status().as_u16(), headers, body: response.into() })
    }

    /// Returns the proxy for requests to this address.
    pub(super) fn proxy_for(&self, url: &Url) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| !is_loopback(url))
    }
}

/// Converts a proxy for the HTTP client. Requests to this machine bypass it.
fn for_others(proxy: &Proxy, login: Option<&Secret>) -> reqwest::Proxy {
    let url = proxy.url().clone();
    let proxy = reqwest::Proxy::custom(move |target| (!is_loopback(target)).then(|| url.clone()));
    match login.map(Secret::user_and_password) {
        Some((user, password)) => proxy.basic_auth(user, password),
        None => proxy,
    }
}

/// Returns an error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    text
}

/// Returns the root cause of an error as one clause. The other causes would only repeat each other.
fn root(error: &dyn Error) -> String {
    let mut first = error;
    while let Some(next) = first.source() {
        first = next;
    }
    let text = first.to_string();
    // Some contain a link for server authors.
    text.split(": https://").next().unwrap_or_default().to_owned()
}

/// Returns whether a body is uncompressed, whole or in chunks.
fn is_plain(headers: &HeaderMap) -> bool {
    let is = |name: HeaderName, plain: &str| {
        headers.get_all(name).iter().all(|coding| coding.as_bytes().eq_ignore_ascii_case(plain.as_bytes()))
    };
    is(CONTENT_ENCODING, "identity") && is(TRANSFER_ENCODING, "chunked")
}

/// Describes an exchange's error, without the URL.
pub(super) fn failed(server: &str, proxy: Option<&Proxy>, error: reqwest::Error) -> EgressError {
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(next) = cause {
        if let Some(found) = next.downcast_ref::<NotPublic>() {
            return EgressError::NotPublic(found.clone());
        }
        cause = next.source();
    }
    let text = root(&error);
    if let Some(proxy) = proxy.filter(|_| !error.is_builder()) {
        return proxy_error::describe(proxy, server, &error, &text);
    }
    if error.is_timeout() {
        return EgressError::Timeout(format!("{server} took too long: {text}"));
    }
    if error.is_builder() {
        return EgressError::Invalid(format!("the request to {server} cannot be sent: {text}"));
    }
    EgressError::Unreachable(format!("{server} cannot be reached: {text}"))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("client error (Connect)")]
    struct Outer(#[source] io::Error);

    #[test]
    fn the_root_cause_is_one_clause_without_a_link() {
        let error = |text: &str| root(&Outer(io::Error::other(text)));
        assert_eq!(error("failed to lookup address information"), "failed to lookup address information");
        let unexpected =
            "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls";
        assert_eq!(error(unexpected), "peer closed connection without sending TLS close_notify");
    }
}

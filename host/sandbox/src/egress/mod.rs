//! The only way out for adapters. Everything that keeps an adapter from sending what it may not, or from learning what it
//! must not, is here, and happens in this order:
//!
//! 1. The address is parsed and normalised; forms that two readers could understand differently are refused (`address`).
//! 2. The policy: one of the adapter's grants must be for that server, path, method and credential (`grant`). A credential
//!    is bound to its server, so another address never takes it along.
//! 3. The guest's headers and the size of its body are checked (`headers`).
//! 4. The credential is added, by the host, to a request that was allowed (`credential`).
//! 5. A permit is waited for: an adapter sends a few requests at once.
//! 6. The name is resolved once, and refused if any of its addresses is none of the public internet; the connection goes to
//!    what was judged (`resolver`). An address written as a number was granted as that number.
//! 7. The request is sent, on the adapter's own connections: no redirect, no proxy, no cookie, bounded in time (`client`).
//! 8. The response is read within bounds, and every credential of the adapter taken out of it.
//!
//! What steps 1 to 3 refuse causes no name to be resolved and no connection to be opened. Secrets are read when the adapter
//! is loaded, so a missing one is said then, and there is no other place that holds them.

mod address;
mod client;
mod credential;
mod error;
mod grant;
mod headers;
mod resolver;

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use tokio::sync::Semaphore;

pub use address::AddressError;
pub use credential::{Credential, CredentialError, SecretSource};
pub use grant::{Denial, Grant, GrantError};

use crate::bindings::http;
use crate::error::Problem;
use client::{Client, Received};
use credential::Secret;
pub(crate) use error::EgressError;

/// How many requests of one adapter are under way at once; more wait.
const REQUESTS: usize = 4;
/// How large the body of a request may be, in bytes.
const MAX_REQUEST: usize = 1024 * 1024;

/// What one adapter may send, and all it takes to do so.
#[derive(Debug)]
pub(crate) struct Egress {
    adapter: String,
    grants: Vec<Grant>,
    secrets: BTreeMap<String, Secret>,
    /// None where nothing is granted.
    client: Option<Client>,
    permits: Semaphore,
}

impl Egress {
    /// Reads the credentials of an adapter and makes its client.
    pub(crate) fn new(adapter: &str, grants: &[Grant]) -> Result<Self, Problem> {
        let mut secrets = BTreeMap::new();
        for credential in grants.iter().filter_map(Grant::credential) {
            secrets.insert(credential.name().to_owned(), credential.read()?);
        }
        let client = if grants.is_empty() {
            None
        } else {
            Some(Client::new().map_err(|error| Problem::NoClient { reason: error.to_string() })?)
        };
        Ok(Self {
            adapter: adapter.to_owned(),
            grants: grants.to_vec(),
            secrets,
            client,
            permits: Semaphore::new(REQUESTS),
        })
    }

    /// Sends what a guest wants to send, if it may.
    pub(crate) async fn send(&self, request: http::Request) -> Result<http::Response, EgressError> {
        let http::Request { method, url, headers, body, credential } = request;
        // 1.
        let url = address::parse(&url)?;
        let method = grant::method(&method)
            .ok_or_else(|| EgressError::Invalid("there is no such method to be sent".to_owned()))?;
        if let Some(name) = &credential
            && !is_name(name)
        {
            return Err(EgressError::Invalid("that is no name of a credential".to_owned()));
        }
        // 2.
        let grant = grant::judge(&self.adapter, &self.grants, &method, &url, credential.as_deref())?;
        let credential = grant.credential().filter(|_| credential.is_some());
        // 3.
        let pairs = headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
        let mut headers = headers::checked(pairs, credential.map(Credential::header))?;
        if body.len() > MAX_REQUEST {
            let size = body.len();
            return Err(EgressError::Invalid(format!(
                "the request has a body of {size} bytes; at most {MAX_REQUEST} are sent"
            )));
        }
        // 4.
        if let Some(credential) = credential
            && let Some(secret) = self.secrets.get(credential.name())
        {
            headers.insert(credential.header(), secret.header());
        }
        // 5.
        let (Some(client), Ok(_permit)) = (&self.client, self.permits.acquire().await) else {
            return Err(EgressError::Unreachable("there is no client to send it with".to_owned()));
        };
        // 6. and 7.
        let received = client.send(method, url, headers, body).await?;
        // 8.
        let Received { status, headers, body } = received;
        Ok(http::Response { status, headers: self.readable(&headers), body: self.scrubbed(body) })
    }

    /// Returns an error as the guest is told.
    pub(crate) fn told(&self, error: &EgressError) -> http::Error {
        error.told(&self.adapter, self.scrubbed_text(&error.to_string()))
    }

    /// Returns a text without the adapter's credentials.
    pub(crate) fn scrubbed_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.scrubbed(text.as_bytes().to_vec())).into_owned()
    }

    fn scrubbed(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.secrets.values().fold(bytes, |bytes, secret| secret.scrub(bytes))
    }

    fn readable(&self, headers: &HeaderMap) -> Vec<http::Header> {
        let text = |bytes: &[u8]| self.scrubbed_text(&String::from_utf8_lossy(bytes));
        headers
            .iter()
            .map(|(name, value)| http::Header {
                name: text(name.as_str().as_bytes()),
                value: text(value.as_bytes()),
            })
            .collect()
    }
}

/// Returns whether a credential can have that name.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

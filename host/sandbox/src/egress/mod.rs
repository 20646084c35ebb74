//! The only way out for adapters, for both `codewalk:http` and `wasi:http`. Each request passes these steps,
//! in this order:
//!
//! 1. The address is parsed. Forms that two parsers could read differently are rejected
//!    (`codewalk_policy::parse_address`).
//! 2. One of the adapter's grants must cover the server, path, method and credential
//!    (`codewalk_policy::judge`). A credential is bound to its server, so it never goes to another address.
//! 3. The guest's headers are checked, and the size of its body if known (`codewalk_policy::check_headers`).
//! 4. The adapter must be within its request rate (`rate`).
//! 5. It waits for a permit: an adapter has only a few requests in flight. The permit is held until the
//!    response is read.
//! 6. The body is read completely, so that no request is sent that never ends or is too large.
//! 7. The host adds the credential.
//! 8. The name is resolved once, and the request is denied if any of its addresses is not public. The
//!    connection goes to the resolved address (`resolver`). A numeric address was granted as such. With a
//!    proxy, the proxy resolves the name.
//! 9. The request is sent on the adapter's own connections: no redirects, no cookies, only the configured
//!    proxy, within deadlines (`client`), on a separate thread (`wire`).
//! 10. The response is read within bounds, and every credential of the adapter is removed from it (`body`).
//!
//! A request denied in steps 1 to 6 causes no DNS query, and one denied in step 8 opens no connection.
//! Credentials are read when the adapter loads, so a missing one is reported then. They are stored nowhere
//! else.

mod body;
mod client;
mod error;
#[cfg(test)]
mod exchange_tests;
#[cfg(test)]
mod guest_tests;
mod proxy_error;
#[cfg(test)]
mod proxy_tests;
mod rate;
mod resolver;
#[cfg(test)]
mod test_servers;
mod trust;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::header::{HeaderMap, HeaderValue};
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use codewalk_policy::{
    Credential, Grant, Proxy, Secrets, Uplink, check_headers, deny_address, is_credential_name, judge,
    parse_address,
};

use crate::error::Problem;
use body::BoundedBody;
use client::{Client, ResponseHead};
pub(crate) use error::EgressError;
pub(crate) use rate::Allowance;

/// The maximum size of a request body, in bytes.
const MAX_REQUEST: usize = 1024 * 1024;
/// How long a guest may take to finish a request body, while it holds a permit.
const UNFINISHED: Duration = Duration::from_secs(20);

/// A request of a guest.
#[derive(Debug)]
pub(crate) struct Outgoing<'a, B> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) credential: CredentialChoice<'a>,
    pub(crate) body: B,
}

/// The credential that a guest selected for a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CredentialChoice<'a> {
    /// No credential.
    Nothing,
    /// The credential of this name.
    Named(&'a str),
    /// The grant's credential, for an interface that has no way to name one.
    Granted,
}

/// A response without credentials. Its body is read only as fast as the guest reads it.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: IncomingBody,
}

/// The body of a response.
pub(crate) type IncomingBody = http_body_util::combinators::UnsyncBoxBody<Bytes, EgressError>;

/// Sends the requests of one adapter.
#[derive(Debug)]
pub(crate) struct Egress {
    adapter: String,
    grants: Vec<Grant>,
    /// The header values that contain the credentials, by credential name.
    values: BTreeMap<String, HeaderValue>,
    secrets: Secrets,
    /// `None` without grants.
    client: Option<Client>,
    allowance: Arc<Allowance>,
}

impl Egress {
    /// Reads the credentials of an adapter and creates its client.
    pub(crate) fn new(
        adapter: &str,
        grants: &[Grant],
        allowance: Arc<Allowance>,
        uplink: &Uplink,
    ) -> Result<Self, Problem> {
        let mut secrets = BTreeMap::new();
        for credential in grants.iter().filter_map(Grant::credential) {
            secrets.insert(credential.name().to_owned(), credential.read()?);
        }
        let login = uplink.proxy.as_ref().map_or(Ok(None), Proxy::login);
        let client = if grants.is_empty() {
            None
        } else {
            Some(
                Client::new(uplink, &login)
                    .map_err(|error| Problem::NoClient { reason: error.to_string() })?,
            )
        };
        Ok(Self {
            adapter: adapter.to_owned(),
            grants: grants.to_vec(),
            values: secrets.iter().map(|(name, secret)| (name.clone(), secret.header())).collect(),
            secrets: Secrets::new(secrets.into_values().chain(login.ok().flatten())),
            client,
            allowance,
        })
    }

    /// # Errors
    /// If none can be trusted: the reason.
    ///
    /// # Errors
    /// If none can: the reason.
    pub(crate) fn trust(uplink: &Uplink) -> Result<(), String> {
        let client = Client::new(uplink, &Ok(None)).map_err(|error| error.to_string())?;
        client.untrusting().map_or(Ok(()), |why| Err(why.to_owned()))
    }

    /// Creates an egress that sends nothing.
    pub(crate) fn closed(adapter: &str) -> Self {
        Self {
            adapter: adapter.to_owned(),
            grants: Vec::new(),
            values: BTreeMap::new(),
            secrets: Secrets::new([]),
            client: None,
            allowance: Arc::default(),
        }
    }

    /// Sends a request, if it is allowed.
    pub(crate) async fn send<B>(&self, request: Outgoing<'_, B>) -> Result<Incoming, EgressError>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Outgoing { method, url, headers, credential, body } = request;
        // 1.
        let url = parse_address(url)?;
        let method = codewalk_policy::method(method)
            .ok_or_else(|| EgressError::Invalid("there is no such method".to_owned()))?;
        // 2.
        let credential = self.judge(&method, &url, credential)?;
        // 3.
        let mut headers = check_headers(headers.into_iter(), credential.map(Credential::header))?;
        if body.size_hint().lower() > MAX_REQUEST as u64 {
            return Err(too_large());
        }
        // 4.
        self.allowance.rate.take(Instant::now()).map_err(|wait| EgressError::RateLimited(Some(wait)))?;
        // 5.
        let permit = Arc::clone(&self.allowance.permits).acquire_owned().await;
        let (Some(client), Ok(permit)) = (&self.client, permit) else {
            return Err(EgressError::Unreachable("there is no HTTP client".to_owned()));
        };
        // 6.
        let body = whole(body).await?;
        // 7.
        if let Some(credential) = credential
            && let Some(value) = self.values.get(credential.name())
        {
            headers.insert(credential.header(), value.clone());
        }
        // 8. and 9.
        let (server, proxy) = (url.origin().ascii_serialization(), client.proxy_for(&url).cloned());
        let sent = client.send(method.clone(), url.clone(), headers, body).await;
        let ResponseHead { status, headers, body } = sent.map_err(|error| match error {
            EgressError::NotPublic(found) => {
                deny_address(&self.adapter, &method, &url, credential, &found).into()
            }
            error => error,
        })?;
        // 10.
        let headers = self.secrets.scrub_headers(&headers);
        let body = BoundedBody::new(body, server, proxy, self.secrets.scrubber(), permit).boxed_unsync();
        Ok(Incoming { status, headers, body })
    }

    /// Judges a request by the policy. Returns the credential to send.
    fn judge(
        &self,
        method: &reqwest::Method,
        url: &url::Url,
        wanted: CredentialChoice<'_>,
    ) -> Result<Option<&Credential>, EgressError> {
        let judge = |grants, name| judge(&self.adapter, grants, method, url, name);
        Ok(match wanted {
            CredentialChoice::Nothing => judge(&self.grants, None).map(|_| None),
            CredentialChoice::Named(name) if !is_credential_name(name) => {
                return Err(EgressError::Invalid("that is not the name of a credential".to_owned()));
            }
            CredentialChoice::Named(name) => judge(&self.grants, Some(name)).map(Grant::credential),
            CredentialChoice::Granted => judge(&self.grants, None).and_then(|grant| {
                let name = grant.credential().map(Credential::name);
                judge(std::slice::from_ref(grant), name).map(Grant::credential)
            }),
        }?)
    }

    /// Removes the adapter's credentials from a text.
    pub(crate) fn scrubbed_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.scrubbed(text.as_bytes())).into_owned()
    }

    /// Removes the adapter's credentials from bytes.
    pub(crate) fn scrubbed(&self, bytes: &[u8]) -> Vec<u8> {
        self.secrets.scrub(bytes)
    }
}

/// Reads a body to its end.
async fn whole<B>(body: B) -> Result<Bytes, EgressError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = std::pin::pin!(Limited::new(body, MAX_REQUEST));
    match timeout(UNFINISHED, body.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => {
            Err(EgressError::Invalid("the body of the request broke off; it is not sent".to_owned()))
        }
        Err(_) => Err(EgressError::Timeout(format!(
            "the body of the request was not finished within {} s; it is not sent",
            UNFINISHED.as_secs()
        ))),
    }
}

fn too_large() -> EgressError {
    EgressError::Invalid(format!(
        "the body of the request is too large; at most {MAX_REQUEST} bytes are sent"
    ))
}

//! Grants: what an adapter may send, and to which servers.

use std::fmt;
use std::sync::Arc;

use http::Method;
use url::Url;

use crate::address;
use crate::credential::Credential;
use crate::grant_error::{GrantError, METHODS, listed};

/// What an adapter may send: to one server, below one path, with certain methods and at most one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    url: Url,
    methods: Vec<Method>,
    credential: Option<Arc<Credential>>,
}

impl Grant {
    /// Creates a grant for an address and, if it ends in `/`, for everything below it.
    ///
    /// # Errors
    /// If the address is not in its plain form, or a method cannot be granted.
    pub fn new(
        url: &str,
        methods: &[String],
        credential: Option<Arc<Credential>>,
    ) -> Result<Self, GrantError> {
        let parsed = address::parse(url)?;
        if parsed.query().is_some() {
            return Err(GrantError::Query { url: url.to_owned() });
        }
        if methods.is_empty() {
            return Err(GrantError::NoMethods);
        }
        let known = |method: &String| {
            self::method(method).ok_or_else(|| GrantError::Method { method: method.clone() })
        };
        let methods = methods.iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { url: parsed, methods, credential })
    }

    /// Returns its credential.
    #[must_use]
    pub fn credential(&self) -> Option<&Credential> {
        self.credential.as_deref()
    }

    /// Returns its server: scheme, host and port.
    #[must_use]
    pub fn server(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns whether its credential, if it has one, is bound to its server. Otherwise it is never sent.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.credential.as_ref().is_none_or(|credential| *credential.bound_to() == self.url.origin())
    }

    /// Returns whether the grant covers a request without a credential.
    #[must_use]
    pub fn allows(&self, method: &str, url: &str) -> bool {
        let request = self::method(method).zip(address::parse(url).ok());
        request.is_some_and(|(method, url)| self.objection(&method, &url, None).is_none())
    }

    /// Returns whether its server must present a certificate.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns the granted address.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// Returns a grant for a part of what this one covers.
    pub(crate) fn narrowed(&self, url: Url, methods: Vec<Method>, with_credential: bool) -> Self {
        let credential = self.credential.clone().filter(|_| with_credential);
        Self { url, methods, credential }
    }

    /// Returns the first part of a request that this grant does not cover.
    pub(crate) fn objection(
        &self,
        method: &Method,
        url: &Url,
        credential: Option<&str>,
    ) -> Option<Objection> {
        if self.url.origin() != url.origin() {
            return Some(Objection::Server);
        }
        let granted = self.url.path();
        let is_below = granted.ends_with('/') && url.path().starts_with(granted);
        if url.path() != granted && !is_below {
            return Some(Objection::Path);
        }
        if !self.methods.contains(method) {
            return Some(Objection::Method);
        }
        match (credential, &self.credential) {
            (None, _) => None,
            (Some(wanted), Some(granted)) if granted.name() == wanted => {
                (*granted.bound_to() != url.origin()).then_some(Objection::Binding)
            }
            (Some(_), _) => Some(Objection::Credential),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", listed(&self.methods), self.url)?;
        match &self.credential {
            Some(credential) => write!(f, " with the credential {:?}", credential.name()),
            None => Ok(()),
        }
    }
}

/// Parses a method in upper case.
#[must_use]
pub fn method(text: &str) -> Option<Method> {
    METHODS.into_iter().find(|method| method.as_str() == text)
}

/// The part of a request that a grant does not cover. Parts that are checked later are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Objection {
    Server,
    Path,
    Method,
    Credential,
    Binding,
}

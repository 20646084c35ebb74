//! The connection to the network, for all adapters: trusted certificates, and a proxy.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use url::{Host, Url};

use crate::credential::Credential;
use crate::credential_error::CredentialError;
use crate::proxy_address::{self, ProxyError};
use crate::secret::Secret;

/// The connection to the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uplink {
    /// A PEM file of certificates that are trusted in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// The proxy for all requests that leave this machine.
    pub proxy: Option<Proxy>,
}

/// An HTTP proxy. It sees which servers are contacted; the content is encrypted end to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    /// Its user name and password.
    credential: Option<Arc<Credential>>,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())?;
        match &self.credential {
            Some(credential) => write!(f, " with the credential {:?}", credential.name()),
            None => Ok(()),
        }
    }
}

impl Proxy {
    /// Reads the address of a proxy.
    ///
    /// # Errors
    /// If it is not exactly a scheme, a host and a port.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        Ok(Self { url: proxy_address::parse(text)?, credential: None })
    }

    /// Sets the credential that contains its user name and password.
    #[must_use]
    pub fn with_credential(self, credential: Arc<Credential>) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// Returns its address: scheme, host and port.
    #[must_use]
    pub fn address(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns the credential that contains its user name and password.
    #[must_use]
    pub fn credential(&self) -> Option<&Credential> {
        self.credential.as_deref()
    }

    /// Reads the user name and password to send to it.
    ///
    /// # Errors
    /// If the credential cannot be used.
    pub fn login(&self) -> Result<Option<Secret>, CredentialError> {
        self.credential().map(Credential::read).transpose()
    }

    /// Returns its host name, which may resolve to an address in the private network.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.url.host() {
            Some(Host::Domain(name)) => Some(name),
            _ => None,
        }
    }

    /// Returns its address.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_scheme_a_host_and_a_port() {
        for text in ["http://proxy.corp:3128", "http://10.0.0.1:3128/", "https://proxy.corp"] {
            assert!(Proxy::parse(text).is_ok(), "{text}");
        }
        for (text, why) in [
            ("proxy.corp:3128", ProxyError::Address),
            ("socks5://proxy.corp", ProxyError::Address),
            ("", ProxyError::Address),
            ("http://me:secret@proxy.corp:3128", ProxyError::UserInfo),
            ("http://me@proxy.corp:3128", ProxyError::UserInfo),
            ("http://proxy.corp:3128/path", ProxyError::Path),
            ("http://proxy.corp:3128/?a", ProxyError::Path),
        ] {
            assert_eq!(Proxy::parse(text), Err(why), "{text}");
        }
    }
}

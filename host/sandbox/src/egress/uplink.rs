//! How the network is reached, for all adapters alike: which certificates are trusted, and through which proxy.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use url::{Host, Url};

use super::credential::{Credential, Secret};
use super::credential_error::CredentialError;

/// How the network is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uplink {
    /// A file with certificates that are trusted besides the system's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// What all goes through that leaves this machine.
    pub proxy: Option<Proxy>,
}

/// A proxy for HTTP. It sees which servers are spoken to; what is said is encrypted from end to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    /// Who is to be told to it: a user name and a password.
    credential: Option<Arc<Credential>>,
}

/// Why there can be no such proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be read, or is of another kind.
    #[error("a proxy is an address that begins with http:// or https:// and names a host and a port")]
    Address,
    /// It has a user name or a password.
    #[error("the address of a proxy has no user name or password; a credential holds them")]
    UserInfo,
    /// It has more than a host and a port.
    #[error("the address of a proxy has no path, query or fragment")]
    Path,
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
    /// Where it is more or less than scheme, host and port.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let url = Url::parse(text).map_err(|_| ProxyError::Address)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(ProxyError::Address);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ProxyError::UserInfo);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError::Path);
        }
        Ok(Self { url, credential: None })
    }

    /// Tells it the user name and the password that a credential holds.
    #[must_use]
    pub fn with_credential(self, credential: Arc<Credential>) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// Returns its address: scheme, host and port.
    #[must_use]
    pub fn address(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns the credential that holds its user name and its password.
    #[must_use]
    pub fn credential(&self) -> Option<&Credential> {
        self.credential.as_deref()
    }

    /// Reads what it is told.
    pub(super) fn login(&self) -> Result<Option<Secret>, CredentialError> {
        self.credential().map(Credential::read).transpose()
    }

    /// Returns its name, which may lead into the private network.
    pub(super) fn name(&self) -> Option<&str> {
        match self.url.host() {
            Some(Host::Domain(name)) => Some(name),
            _ => None,
        }
    }

    pub(super) const fn url(&self) -> &Url {
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

//! How the network is reached, for all adapters alike: which certificates are trusted, and through which proxy.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use reqwest::Certificate;
use url::{Host, Url};

use super::address::is_loopback;

/// How large a file of certificates may be, in bytes.
const MAX_CERTIFICATES: u64 = 4 * 1024 * 1024;

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
pub struct Proxy(Url);

/// Why there can be no such proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be read, or is of another kind.
    #[error("a proxy is an address that begins with http:// or https:// and names a host and a port")]
    Address,
    /// It has a user name or a password.
    #[error("a proxy that wants a user name or a password cannot be used")]
    UserInfo,
    /// It has more than a host and a port.
    #[error("the address of a proxy has no path, query or fragment")]
    Path,
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
        Ok(Self(url))
    }

    /// Returns its name, which may lead into the private network.
    pub(super) fn name(&self) -> Option<&str> {
        match self.0.host() {
            Some(Host::Domain(name)) => Some(name),
            _ => None,
        }
    }

    /// Returns the proxy as the client takes it. What is for this machine does not leave it.
    pub(super) fn for_others(&self) -> reqwest::Proxy {
        let proxy = self.0.clone();
        reqwest::Proxy::custom(move |url| (!is_loopback(url)).then(|| proxy.clone()))
    }
}

impl Uplink {
    /// Reads the certificates that are trusted besides the system's.
    ///
    /// # Errors
    /// Says what is wrong with their file.
    pub(super) fn certificates(&self) -> Result<Vec<Certificate>, String> {
        let Some(path) = &self.ca_file else { return Ok(Vec::new()) };
        let wrong = |why: String| format!("[network] ca_file = {path:?} {why}");
        let pem = read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        match Certificate::from_pem_bundle(&pem) {
            Ok(certificates) if certificates.is_empty() => {
                Err(wrong("has no certificates in PEM".to_owned()))
            }
            Ok(certificates) => Ok(certificates),
            Err(error) => Err(wrong(format!("has no certificates in PEM: {error}"))),
        }
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut pem = Vec::new();
    let file = File::open(path)?;
    // Reading a pipe would wait for its writer.
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    file.take(MAX_CERTIFICATES).read_to_end(&mut pem)?;
    Ok(pem)
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

    #[test]
    fn a_file_without_certificates_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "no certificate").unwrap();
        for (path, says) in [
            (file, "has no certificates"),
            (folder.path().to_owned(), "it is no file"),
            (folder.path().join("missing.pem"), "cannot be read"),
        ] {
            let uplink = Uplink { ca_file: Some(path), proxy: None };
            let why = uplink.certificates().unwrap_err();
            assert!(why.contains("[network] ca_file") && why.contains(says), "{why}");
        }
    }
}

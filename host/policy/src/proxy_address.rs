//! The address of a proxy.

use url::Url;

/// Why the address of a proxy is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be parsed, or its scheme is not supported.
    #[error("a proxy address must begin with http:// or https:// and name a host and a port")]
    Address,
    /// It has a user name or a password.
    #[error("a proxy address must not contain a user name or password; name a credential instead")]
    UserInfo,
    /// It has more than a host and a port.
    #[error("a proxy address must not have a path, query or fragment")]
    Path,
}

/// Parses the address of a proxy.
pub(crate) fn parse(text: &str) -> Result<Url, ProxyError> {
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
    Ok(url)
}

//! Why a grant or a credential is invalid.

use http::Method;

use crate::address::AddressError;

/// The methods that can be granted. Excluded are `CONNECT`, which opens a tunnel, and `TRACE`, which returns
/// what the host added.
pub(crate) const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// Why a grant or a credential is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Its address is rejected.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// Its address has a query, which no grant can restrict.
    #[error("{url:?} has a query; a grant covers a path with any query")]
    Query {
        /// The address.
        url: String,
    },
    /// It has no methods.
    #[error("methods is empty; name at least one, such as methods = [\"POST\"]")]
    NoMethods,
    /// It has a method that cannot be granted.
    #[error("there is no method {method:?} to grant; use one of {}", listed(&METHODS))]
    Method {
        /// The method.
        method: String,
    },
    /// A credential is bound to a whole server.
    #[error("{url:?} is not just a scheme, a host and a port")]
    NotAnOrigin {
        /// The address.
        url: String,
    },
    /// A credential cannot be sent in this way.
    #[error("no header can have the name {header:?} and a value that starts with {prefix:?}")]
    Header {
        /// The name of the header.
        header: String,
        /// The text before the value.
        prefix: String,
    },
}

/// Lists methods as they appear in messages.
pub(crate) fn listed(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

//! The policy about what adapters may send, without what sends it.

#[path = "../../host/sandbox/src/egress/address.rs"]
pub mod address;
#[path = "../../host/sandbox/src/egress/credential.rs"]
pub mod credential;
#[path = "../../host/sandbox/src/egress/credential_error.rs"]
pub mod credential_error;
#[path = "../../host/sandbox/src/egress/grant.rs"]
pub mod grant;
#[path = "../../host/sandbox/src/egress/headers.rs"]
pub mod headers;
#[path = "../../host/sandbox/src/egress/invariants.rs"]
pub mod invariants;
#[path = "../../host/sandbox/src/egress/scrub.rs"]
pub mod scrub;
#[path = "../../host/sandbox/src/egress/uplink.rs"]
pub mod uplink;

pub use credential::{Credential, SecretSource};
pub use grant::{Grant, GrantError};
pub use uplink::{Proxy, Uplink};

/// What the policy says of resolved names, which are the resolver's own.
pub mod resolver {
    #[derive(Clone, Debug, thiserror::Error)]
    #[error("{name} leads to {ip}")]
    pub struct NotPublic {
        pub name: String,
        pub ip: std::net::IpAddr,
    }
}

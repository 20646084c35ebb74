//! The rules for adapters and their requests: everything that needs neither a WebAssembly engine nor a
//! network.
//!
//! - Egress: a request passes only if one of the adapter's grants covers it (`judge`). Each address can be
//!   read in only one way (`address`), names must resolve to the public internet (`public`), and only the
//!   host sets its own headers (`headers`).
//! - Components: their imports and exports (`outline`), their requests for grants (`manifest`), and the
//!   grants they get (`permissions`).
//! - Trust: files that other users can change are rejected (`exposure`), a signature counts only if its key
//!   is trusted (`signature`), and a credential goes only to its own server (`credential`).

mod address;
mod approval;
mod credential;
mod credential_error;
mod denial;
mod digest;
mod environment;
mod exposure;
mod files;
mod grant;
mod grant_error;
mod headers;
#[cfg(any(test, fuzzing))]
pub mod invariants;
mod judge;
mod limits;
mod manifest;
mod names;
mod outline;
mod permissions;
mod proxy_address;
mod public;
mod scrub;
mod secret;
mod signature;
pub mod text;
mod uplink;
mod world;

pub use address::{AddressError, MAX_URL, is_loopback, parse as parse_address};
pub use approval::{Approval, Asker};
pub use credential::{Credential, SecretSource};
pub use credential_error::CredentialError;
pub use denial::Denial;
pub use digest::{digest, hex, is_digest, short_digest, unhex};
pub use environment::take_from_environment;
pub use exposure::{ExposureError, check_exposure};
pub use files::{is_own, open_regular, private_folder, read_regular, regular};
pub use grant::{Grant, method};
pub use grant_error::GrantError;
pub use headers::{HeaderError, MAX_HEADER_BYTES, MAX_HEADERS, check as check_headers};
pub use judge::{deny_address, judge};
pub use limits::{CompileLimits, Limits, MAX_COMPONENT_SIZE};
pub use manifest::{GrantRequest, MAX_MANIFEST, Manifest, ManifestError};
pub use names::{is_adapter_name, is_credential_name, looks_like};
pub use outline::{MANIFEST_SECTION, Outline, OutlineError};
pub use permissions::{Permissions, UnknownCredential, permissions};
pub use proxy_address::ProxyError;
pub use public::{NotPublic, is_special};
pub use scrub::{Scrubber, Secrets};
pub use secret::Secret;
pub use signature::{KeysError, SignatureError, Signer, TrustedKeys, signature_file};
pub use text::MAX_REASON;
pub use uplink::{Proxy, Uplink};
pub use world::{IMPORTS, World, is_wasi};

//! Guests that send requests to servers on loopback: only granted requests arrive.

mod addresses;
mod credentials;
mod exchanges;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use codewalk_core::port_reply::PortError;
use codewalk_sandbox::{AdapterSpec, Credential, Grant, SecretSource};
use tempfile::TempDir;

use crate::guests::{Request, saying};
use crate::support::{ask, generous, hint, message, sandbox, spec};

pub const SECRET: &str = "gsk_Zx81-do-not-tell";

/// A folder with a private key file.
pub struct Key {
    _folder: TempDir,
    path: PathBuf,
}

impl Key {
    pub fn new(value: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.key");
        fs::write(&path, value).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        Self { _folder: folder, path }
    }

    pub fn credential(&self, bound_to: &str) -> Credential {
        Credential::new("service", SecretSource::File(self.path.clone()), bound_to).unwrap()
    }
}

pub fn granted(url: &str, methods: &[&str], credential: Option<Credential>) -> Grant {
    let methods: Vec<String> = methods.iter().map(|method| (*method).to_owned()).collect();
    Grant::new(url, &methods, credential.map(Arc::new)).unwrap()
}

/// A router that sends a request and reports the response.
fn sending(request: &Request<'_>, http: Vec<Grant>) -> AdapterSpec {
    AdapterSpec { http, ..spec("guest", request.guest().embedded()) }
}

/// Returns the text from a guest whose request is answered.
async fn answered(request: &Request<'_>, http: Vec<Grant>) -> String {
    hint(&sandbox(generous()).router_chain(vec![sending(request, http)]), "hello").await
}

/// Returns the error from a guest whose request is denied. The chain's next adapter must answer.
async fn refused(request: &Request<'_>, http: Vec<Grant>) -> PortError {
    let good = spec("good", saying("all is well").embedded());
    let chain = sandbox(generous()).router_chain(vec![sending(request, http), good]);
    let mut answered = ask(&chain, "hello").await.unwrap();
    assert_eq!(answered.adapter, "good");
    answered.fallback_from.remove(0).error
}

/// Paths that some servers read as different ones.
pub const AMBIGUOUS_PATHS: [&str; 22] = [
    "/v1/../v2",
    "/v1/%2e%2e/v2",
    "/v1/..%2fv2",
    "/v1/..;/v2",
    "/v1/..%3b/v2",
    "/v1/..%3Ba=b/v2",
    "/v1/..%3f/v2",
    "/v1/%c0%ae%c0%ae/v2",
    "/v1/%ef%bc%8e%ef%bc%8e/v2",
    "/v1/..%09/v2",
    "/v1/..%20/v2",
    "/v1/.%0a./v2",
    "/v1/a%0d%0ahost:b",
    "/v1/%u002e%u002e/v2",
    "/v1/%252e%252e/v2",
    "/v1/%c3",
    "/v1/%e0%80%ae%e0%80%ae/v2",
    "/v1/%ef%bc%8fv2",
    "/v1/%e2%88%95v2",
    "/v1/.%e2%80%8b./v2",
    "/v1/%c2%85v2",
    "/v1/%00v2",
];
/// The error for these paths.
pub const PATH_REFUSED: &str = "the path must have no . or .. segments and no characters that need encoding; \
     encoded parts must be visible UTF-8 text without ./\\%;?# or characters that look like these";
/// Encoded paths that all servers read alike.
pub const ENCODED_PATHS: [&str; 3] =
    ["/v1/my%20model/.x", "/v1/caf%c3%a9/%E6%A8%A1%E5%9E%8B", "/v1/.%C3%BCber"];

/// Asserts the whole error of a request.
#[track_caller]
fn assert_told(error: &PortError, told: &str, of: &str) {
    let how = match error {
        PortError::InvalidResponse { .. } => "gave an answer that cannot be used",
        _ => "says",
    };
    assert_eq!(message(error), format!("the adapter \"guest\" {how}: {told}"), "{of}");
}

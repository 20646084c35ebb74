//! Credentials: sent only to their server, and never shown.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use codewalk_core::port_reply::PortError;
use codewalk_sandbox::{Credential, SecretSource};

use super::{Key, SECRET, answered, granted, refused};
use crate::guests::{DATA, Request, Say, router, saying};
use crate::log::lines_of;
use crate::server::Server;
use crate::support::{ask, generous, hint, message, sandbox, spec};

/// Case 38.
#[tokio::test]
async fn a_credential_appears_in_no_log() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let line = format!("my key is {SECRET}.");
    let body = format!(
        "(call $log (i32.const 2) (i32.const {DATA}) (i32.const {len}))
         (call $hint (i32.const {DATA}) (i32.const 6))",
        len = line.len()
    );
    let mut adapter = spec("knows-its-key", router(&body).data(line.as_bytes()).embedded());
    adapter.http = vec![granted(&server.url("/"), &["POST"], Some(key.credential(&server.url(""))))];
    lines_of("knows-its-key");
    let chain = sandbox(generous()).router_chain(vec![adapter]);
    for _ in 0..2 {
        assert_eq!(hint(&chain, "hello").await, "my key");
    }
    let lines = lines_of("knows-its-key");
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        assert!(line.contains(" my key is [credential]. adapter=") && !line.contains(SECRET), "{line}");
    }
}

/// Cases 33 and 35.
#[tokio::test]
async fn a_guest_cannot_set_headers_of_the_host() {
    let server = Server::start().await;
    let url = server.url("/v1/echo");
    let grant = granted(&server.url("/"), &["POST"], None);
    for name in [
        "Authorization",
        "host",
        "Transfer-Encoding",
        "transfer_encoding",
        "content-length",
        "Content_Length",
        "proxy",
        "Proxy-Connection",
        "x-forwarded-for",
        "X_Forwarded_Host",
        "x-original-url",
        "x_original_url",
        "x.rewrite.url",
        "x-http-method-override",
        "te",
        "trailer",
        "upgrade",
        "connection",
        "cookie",
        "expect",
    ] {
        let request = Request { headers: &[(name, "1")], ..Request::post(&url) };
        let error = refused(&request, vec![grant.clone()]).await;
        let told = format!(
            "the adapter \"guest\" says: only codewalk sets the header {}; for authorization, name \
             a credential",
            name.to_ascii_lowercase()
        );
        assert_eq!(error, PortError::InvalidRequest { message: told });
    }
    // Even a single length header is rejected.
    let request =
        Request { headers: &[("Content-Length", "1"), ("content-length", "2")], ..Request::post(&url) };
    let error = refused(&request, vec![grant.clone()]).await;
    assert!(message(&error).contains("only codewalk sets the header content-length"), "{error}");
    let request = Request { headers: &[("a", "b\r\nhost: evil.example")], ..Request::post(&url) };
    let error = refused(&request, vec![grant.clone()]).await;
    assert!(message(&error).ends_with("says: a header has an invalid name or value"), "{error}");
    assert_eq!(server.seen(), [""; 0]);
    let said =
        answered(&Request { headers: &[("x-forward", "1")], ..Request::post(&url) }, vec![grant]).await;
    assert!(said.contains("x-forward=1 ") && server.seen().len() == 1, "{said}");
}

/// Case 37.
#[tokio::test]
async fn a_credential_is_sent_by_name_and_scrubbed_from_responses() {
    let (server, key) = (Server::start().await, Key::new(&format!("{SECRET}\n")));
    let grant = granted(&server.url("/v1/"), &["POST"], Some(key.credential(&server.url(""))));
    let url = server.url("/v1/echo");
    for say in [Say::Body, Say::Headers] {
        let request = Request { credential: Some("service"), say, ..Request::post(&url) };
        let said = answered(&request, vec![grant.clone()]).await;
        assert!(said.contains("Bearer [credential]"), "{said}");
        assert!(!said.contains(SECRET), "{said}");
    }
    assert_eq!(server.authorizations(), vec![Some(format!("Bearer {SECRET}")); 2]);

    // A guest that names no credential sends none.
    answered(&Request::post(&url), vec![grant]).await;
    assert_eq!(server.authorizations().pop(), Some(None));
}

#[tokio::test]
async fn a_guest_cannot_set_the_header_of_its_credential() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let credential = key.credential(&server.url("")).sent_as("X-Api-Key", "").unwrap();
    let grant = granted(&server.url("/v1/"), &["POST"], Some(credential));
    let url = server.url("/v1/echo");
    let request = Request { credential: Some("service"), ..Request::post(&url) };
    assert!(answered(&request, vec![grant.clone()]).await.contains("x-api-key=[credential] "));
    let twice = Request { headers: &[("x-api-key", "mine")], ..request };
    assert!(matches!(refused(&twice, vec![grant]).await, PortError::InvalidRequest { .. }));
}

/// Case 36.
#[tokio::test]
async fn a_credential_is_not_sent_to_another_server() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let credential = key.credential("https://api.example.com");
    let url = server.url("/v1/echo");
    let request = Request { credential: Some("service"), ..Request::post(&url) };

    // The address and the grant changed, but the credential is bound to the old server.
    let error =
        refused(&request, vec![granted(&server.url("/v1/"), &["POST"], Some(credential.clone()))]).await;
    assert!(message(&error).contains("the credential is for another server"), "{error}");
    let stays = "the credential \"service\" is for https://api.example.com only";
    // The denial must not suggest how to send it there, because an adapter could provoke that message.
    assert!(message(&error).ends_with(stays) && !message(&error).contains("[credentials"), "{error}");

    // Only the address changed.
    let error =
        refused(&request, vec![granted("https://api.example.com/", &["POST"], Some(credential))]).await;
    assert!(matches!(error, PortError::Denied { .. }), "{error:?}");
    assert!(message(&error).ends_with(stays) && !message(&error).contains("[credentials"), "{error}");

    // A name that the grant does not contain.
    let error = refused(&request, vec![granted(&server.url("/v1/"), &["POST"], None)]).await;
    assert!(message(&error).contains("no such credential"), "{error}");
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn a_missing_credential_is_reported_when_the_adapter_loads() {
    let server = Server::start().await;
    let variable = SecretSource::Env("CODEWALK_TEST_NO_SUCH_KEY".to_owned());
    let missing = Credential::new("service", variable, &server.url("")).unwrap();
    let key = Key::new(SECRET);
    fs::set_permissions(&key.path, Permissions::from_mode(0o640)).unwrap();
    let empty = Key::new(" \n");
    for (credential, said) in [
        (missing, "the environment variable CODEWALK_TEST_NO_SUCH_KEY is not set"),
        (key.credential(&server.url("")), "chmod 600"),
        (empty.credential(&server.url("")), "is empty"),
    ] {
        let grant = granted(&server.url("/"), &["POST"], Some(credential));
        let mut adapter = spec("guest", saying("loaded").embedded());
        adapter.http = vec![grant];
        let error = ask(&sandbox(generous()).router_chain(vec![adapter]), "hello").await.unwrap_err();
        assert!(message(&error).contains("the adapter \"guest\" cannot be used: "), "{error}");
        assert!(message(&error).contains(said), "{error}");
    }
}

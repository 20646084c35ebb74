//! The addresses that a guest can reach: only granted ones.

use std::fs;

use codewalk_core::port_reply::PortError;
use codewalk_sandbox::Grant;

use super::{AMBIGUOUS_PATHS, ENCODED_PATHS, PATH_REFUSED, answered, assert_told, granted, refused};
use crate::guests::{DATA, Request, router};
use crate::server::{RawServer, Server};
use crate::support::{failure, generous, message};

#[tokio::test]
async fn a_request_that_is_granted_is_sent_and_answered() {
    let server = Server::start().await;
    let grant = granted(&server.url("/v1/"), &["GET", "POST"], None);
    let url = server.url("/v1/echo?model=small");
    let request = Request { headers: &[("x-trace", "7")], body: b"hello", ..Request::post(&url) };
    let said = answered(&request, vec![grant]).await;
    assert!(said.contains("POST /v1/echo?model=small "), "{said}");
    assert!(said.contains("x-trace=7 "), "{said}");
    assert!(said.ends_with("hello"), "{said}");
    assert_eq!(server.seen(), ["POST /v1/echo?model=small"]);
}

#[tokio::test]
async fn without_a_grant_nothing_is_sent_and_the_denial_names_the_remedy() {
    let server = Server::start().await;
    let url = server.url("/v1/echo");
    let error = refused(&Request::post(&url), Vec::new()).await;
    let expected = format!(
        "the adapter \"guest\" may not send POST {url}: it has no network access; this configuration \
         would allow it:\n[[adapters.guest.http]]\nurl = \"{url}\"\nmethods = [\"POST\"]\n"
    );
    assert_eq!(error, PortError::Denied { message: expected });
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn a_trap_after_a_denial_is_reported_with_the_denial() {
    let body = format!(
        "(call $send (i32.const {DATA}) (i32.const 4) (i32.const {}) (i32.const 24)
           (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
           (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2048))
         (unreachable)",
        DATA + 4
    );
    let guest = router(&body).data(b"POSThttps://example.invalid/");
    let error = failure(generous(), &guest).await;
    assert!(message(&error).contains("stopped with an error: wasm trap: wasm `unreachable`"), "{error}");
    assert!(
        message(&error).contains("denied: it may not send POST https://example.invalid/: it has no"),
        "{error}"
    );
    assert!(message(&error).contains("[[adapters.guest.http]]"), "{error}");
}

/// Cases 14, 15, 17, 18 and 30.
#[tokio::test]
async fn another_server_port_method_or_path_is_denied_before_anything_is_sent() {
    let server = Server::start().await;
    let canary = Server::start().await;
    let grant = granted(&server.url("/v1/"), &["POST"], None);
    let port = server.url("").rsplit(':').next().unwrap().to_owned();
    for (method, url, why) in [
        ("POST", canary.url("/v1/echo"), "none of its grants covers http://127.0.0.1:"),
        ("POST", format!("http://localhost:{port}/v1/echo"), "none of its grants covers http://localhost:"),
        (
            "POST",
            "https://example.invalid/v1/echo".to_owned(),
            "none of its grants covers https://example.invalid",
        ),
        ("GET", server.url("/v1/echo"), "its grant for that address does not cover GET"),
        ("POST", server.url("/v2/echo"), "its grants cover other paths of that server"),
        ("POST", server.url("/v1"), "its grants cover other paths of that server"),
    ] {
        let error = refused(&Request { method, ..Request::post(&url) }, vec![grant.clone()]).await;
        assert!(matches!(error, PortError::Denied { .. }), "{url}: {error:?}");
        assert!(message(&error).contains(why), "{url}: {error}");
        assert!(message(&error).contains("[[adapters.guest.http]]"), "{url}: {error}");
    }
    for path in ["/v1/../v2/echo", "/v1/%2e%2e/v2/echo", "/v1/..%2fv2"] {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert!(matches!(error, PortError::InvalidRequest { .. }), "{path}: {error:?}");
    }
    assert_eq!(server.seen(), [""; 0]);
    assert_eq!(canary.seen(), [""; 0]);
}

/// Case 16.
#[tokio::test]
async fn plain_http_to_another_machine_is_refused() {
    assert!(Grant::new("http://192.0.2.1/", &["GET".to_owned()], None).is_err());
    let grant = granted("https://192.0.2.1/", &["POST"], None);
    let error = refused(&Request::post("http://192.0.2.1/"), vec![grant]).await;
    assert!(message(&error).contains("use https://"), "{error}");
}

/// Case 18.
#[tokio::test]
async fn ambiguous_paths_are_denied_before_anything_is_sent() {
    let server = Server::start().await;
    let grant = granted(&server.url("/v1/"), &["POST"], None);
    for path in AMBIGUOUS_PATHS {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        let told = format!("the adapter \"guest\" says: {PATH_REFUSED}");
        assert_eq!(error, PortError::InvalidRequest { message: told }, "{path}");
    }
    assert_eq!(server.seen(), [""; 0]);
    for path in ENCODED_PATHS {
        let said = answered(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert!(said.starts_with(&format!("POST {path} ")), "{said}");
    }
}

/// Case 19.
#[tokio::test]
async fn a_user_name_in_the_address_is_denied_before_anything_is_sent() {
    let canary = RawServer::canary().await;
    let grant = granted(&canary.url("/"), &["POST"], None);
    let authority = canary.url("").replace("http://", "");
    for user in ["a@", "a:b@", "@", ":@", "127.0.0.1@", "api.example%40@"] {
        let url = format!("http://{user}{authority}/");
        let error = refused(&Request::post(&url), vec![grant.clone()]).await;
        assert!(matches!(error, PortError::InvalidRequest { .. }), "{error:?}");
        assert_told(
            &error,
            "the address must not contain a user name or password; name a credential instead",
            user,
        );
    }
    assert_eq!(canary.connections(), 0);
}

/// Case 20.
#[tokio::test]
async fn case_does_not_change_a_host_but_a_final_dot_does() {
    let (server, canary) = (Server::start().await, RawServer::canary().await);
    let named = |host: &str, url: String| url.replace("127.0.0.1", host);
    let grant = granted(&named("localhost", server.url("/v1/")), &["POST"], None);
    for host in ["LOCALHOST", "LocalHost"] {
        let said = answered(&Request::post(&named(host, server.url("/v1/echo"))), vec![grant.clone()]).await;
        assert!(said.starts_with("POST /v1/echo "), "{said}");
    }
    assert_eq!(server.seen().len(), 2);
    let plain = "plain http:// is allowed only to this machine (127.0.0.1, [::1] or localhost); use https://";
    let characters = "the address may contain only printable ASCII and no backslash; encode everything else";
    for (host, told) in [
        ("localhost.", plain),
        ("localhost%2e", plain),
        ("xn--localhost-9za", "the address cannot be parsed: invalid international domain name"),
        ("löcalhost", characters),
        ("ⓛocalhost", characters),
    ] {
        let error = refused(&Request::post(&named(host, canary.url("/v1/"))), vec![grant.clone()]).await;
        assert_told(&error, told, host);
    }
    for host in ["localhost.", "xn--lcalhost-n4a"] {
        let url = named(host, canary.url("/v1/")).replace("http:", "https:");
        let error = refused(&Request::post(&url), vec![grant.clone()]).await;
        assert!(matches!(error, PortError::Denied { .. }), "{host}: {error:?}");
        let server = url.trim_end_matches("/v1/");
        let why = format!("may not send POST {url}: none of its grants covers {server}");
        assert!(message(&error).contains(&why), "{host}: {error}");
    }
    assert_eq!(canary.connections(), 0);
}

/// Case 21.
#[tokio::test]
async fn a_number_in_another_notation_is_granted_only_as_that_number() {
    let (server, canary) = (Server::start().await, RawServer::canary().await);
    let named = |host: &str, url: String| url.replace("127.0.0.1", host);
    let grant = granted(&server.url("/v1/"), &["POST"], None);
    for host in ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0x7f000001", "017700000001"] {
        let said = answered(&Request::post(&named(host, server.url("/v1/echo"))), vec![grant.clone()]).await;
        assert!(said.starts_with("POST /v1/echo "), "{said}");
        let url = named(host, canary.url("/v1/"));
        let error = refused(&Request::post(&url), vec![grant.clone()]).await;
        assert!(matches!(error, PortError::Denied { .. }), "{host}: {error:?}");
        let why =
            format!("may not send POST {}: none of its grants covers {}", canary.url("/v1/"), canary.url(""));
        assert!(message(&error).contains(&why), "{host}: {error}");
    }
    let plain = "plain http:// is allowed only to this machine (127.0.0.1, [::1] or localhost); use https://";
    for host in
        ["[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0", "0.0.0.0"]
    {
        let error = refused(&Request::post(&named(host, canary.url("/v1/"))), vec![grant.clone()]).await;
        assert_told(&error, plain, host);
    }
    assert_eq!((server.seen().len(), canary.connections()), (6, 0));
}

/// A name of this machine, other than `localhost`, that the system resolves.
async fn own_name() -> String {
    let own = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    for name in [own.trim(), "localhost.localdomain", "localhost4", "ip6-localhost", "ip6-loopback"] {
        let found = tokio::net::lookup_host((name, 0)).await.into_iter().flatten();
        if !name.is_empty() && found.into_iter().any(|address| address.ip().is_loopback()) {
            return name.to_owned();
        }
    }
    panic!("this machine has no name beside localhost that leads to itself");
}

/// Case 24.
#[tokio::test]
async fn a_granted_name_that_the_system_resolves_to_this_machine_is_denied() {
    let (name, canary) = (own_name().await, RawServer::canary().await);
    let url = format!("https://{name}:{}/v1/chat", canary.port);
    let error = refused(&Request::post(&url), vec![granted(&url, &["POST"], None)]).await;
    assert!(matches!(error, PortError::Denied { .. }), "{error:?}");
    let why = format!("the adapter \"guest\" may not send POST {url}: {name} leads to ");
    assert!(message(&error).starts_with(&why), "{error}");
    let why = "which is not on the public internet and must be granted by number";
    assert!(message(&error).contains(why), "{error}");
    assert_eq!(canary.connections(), 0);
}

/// Case 29.
#[tokio::test]
async fn a_relative_address_is_denied_before_anything_is_sent() {
    let (server, canary) = (Server::start().await, RawServer::canary().await);
    let grant = granted(&server.url("/"), &["POST"], None);
    let authority = canary.url("").replace("http://", "");
    for url in [
        String::new(),
        "/v1".to_owned(),
        format!("//{authority}/v1"),
        authority.clone(),
        format!("http:{authority}"),
        format!("http:/{authority}"),
        format!("http:///{authority}"),
        format!("HTTP://{authority}"),
        "file:///etc/passwd".to_owned(),
        "http://".to_owned(),
    ] {
        let error = refused(&Request::post(&url), vec![grant.clone()]).await;
        assert!(matches!(error, PortError::InvalidRequest { .. }), "{error:?}");
        let told = "the address must begin with https:// or http:// in lower case and name a host";
        assert_told(&error, told, &url);
    }
    // They are allowed within a path.
    let said = answered(&Request::post(&server.url(&format!("/http://{authority}/"))), vec![grant]).await;
    assert!(said.starts_with(&format!("POST /http://{authority}/ ")), "{said}");
    assert_eq!(canary.connections(), 0);
}

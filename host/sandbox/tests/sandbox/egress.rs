//! Guests that send requests, against servers on loopback: what was granted arrives, and nothing else does.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use codewalk_core::call::PortError;
use codewalk_sandbox::{AdapterSpec, Credential, Grant, Limits, SecretSource};
use tempfile::TempDir;

use crate::guests::{DATA, Request, Say, router, saying};
use crate::server::{LARGE, Server};
use crate::support::{ask, failure, generous, hint, hint_of, message, sandbox, spec};

pub const SECRET: &str = "gsk_Zx81-do-not-tell";

/// A folder with a key that is only its owner's.
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

/// A router that sends a request and says what came back.
fn sending(request: &Request<'_>, http: Vec<Grant>) -> AdapterSpec {
    AdapterSpec { http, ..spec("guest", request.guest().embedded()) }
}

/// What the guest says where its request is answered.
async fn answered(request: &Request<'_>, http: Vec<Grant>) -> String {
    hint(&sandbox(generous()).router_chain(vec![sending(request, http)]), "hello").await
}

/// Why the guest's request is not answered; the next one in the chain must be asked then, and answer.
async fn refused(request: &Request<'_>, http: Vec<Grant>) -> PortError {
    let good = spec("good", saying("all is well").embedded());
    let chain = sandbox(generous()).router_chain(vec![sending(request, http), good]);
    let mut answered = ask(&chain, "hello").await.unwrap();
    assert_eq!(answered.adapter, "good");
    answered.fallback_from.remove(0).error
}

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
async fn without_a_grant_nothing_is_sent_and_the_denial_says_what_would_allow_it() {
    let server = Server::start().await;
    let url = server.url("/v1/echo");
    let error = refused(&Request::post(&url), Vec::new()).await;
    let expected = format!(
        "the adapter \"guest\" may not send POST {url}: it was given no network; this in the configuration would allow \
         it:\n[[adapters.guest.http]]\nurl = \"{url}\"\nmethods = [\"POST\"]\n"
    );
    assert_eq!(error, PortError::Denied { message: expected });
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn a_guest_that_breaks_off_after_a_denial_is_said_to_have_been_denied() {
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
        message(&error).contains("denied: it may not send POST https://example.invalid/: it was"),
        "{error}"
    );
    assert!(message(&error).contains("[[adapters.guest.http]]"), "{error}");
}

#[tokio::test]
async fn c14_c15_c17_c18_c30_another_server_port_method_or_path_is_denied_before_anything_is_sent() {
    let server = Server::start().await;
    let canary = Server::start().await;
    let grant = granted(&server.url("/v1/"), &["POST"], None);
    let port = server.url("").rsplit(':').next().unwrap().to_owned();
    for (method, url, why) in [
        ("POST", canary.url("/v1/echo"), "none of its grants is for http://127.0.0.1:"),
        ("POST", format!("http://localhost:{port}/v1/echo"), "none of its grants is for http://localhost:"),
        (
            "POST",
            "https://example.invalid/v1/echo".to_owned(),
            "none of its grants is for https://example.invalid",
        ),
        ("GET", server.url("/v1/echo"), "its grant for that address is not for GET"),
        ("POST", server.url("/v2/echo"), "its grants are for other paths of that server"),
        ("POST", server.url("/v1"), "its grants are for other paths of that server"),
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

#[tokio::test]
async fn c16_plain_http_to_another_machine_is_refused_even_if_it_is_asked_for() {
    assert!(Grant::new("http://192.0.2.1/", &["GET".to_owned()], None).is_err());
    let grant = granted("https://192.0.2.1/", &["POST"], None);
    let error = refused(&Request::post("http://192.0.2.1/"), vec![grant]).await;
    assert!(message(&error).contains("use https://"), "{error}");
}

#[tokio::test]
async fn c27_a_redirect_is_handed_over_and_not_followed() {
    let (server, canary) = (Server::start().await, Server::start().await);
    let url = server.url(&format!("/redirect?{}", canary.url("/v1/echo")));
    let grants =
        vec![granted(&server.url("/"), &["POST"], None), granted(&canary.url("/"), &["POST", "GET"], None)];
    let said = answered(&Request { say: Say::Headers, ..Request::post(&url) }, grants).await;
    assert!(said.contains(&canary.url("/v1/echo")), "{said}");
    assert_eq!(canary.seen(), [""; 0]);
}

#[tokio::test]
async fn c31_a_proxy_in_the_environment_is_not_asked() {
    let proxy = Server::start().await;
    let inner = "egress::a_request_that_is_granted_is_sent_and_answered";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", inner]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"] {
        command.env(variable, proxy.url(""));
    }
    for variable in ["NO_PROXY", "no_proxy"] {
        command.env_remove(variable);
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}");
    assert_eq!(proxy.seen(), [""; 0]);
}

#[tokio::test]
async fn c33_c35_a_guest_sets_no_header_of_the_hosts() {
    let server = Server::start().await;
    let url = server.url("/v1/echo");
    for header in
        [("Authorization", "Bearer mine"), ("host", "evil.example"), ("a", "b\r\nhost: evil.example")]
    {
        let request = Request { headers: &[header], ..Request::post(&url) };
        let error = refused(&request, vec![granted(&server.url("/"), &["POST"], None)]).await;
        assert!(matches!(error, PortError::InvalidRequest { .. }), "{header:?}: {error:?}");
    }
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn c37_a_credential_is_sent_by_its_name_and_taken_out_of_what_comes_back() {
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

    // Who names none sends none.
    answered(&Request::post(&url), vec![grant]).await;
    assert_eq!(server.authorizations().pop(), Some(None));
}

#[tokio::test]
async fn a_credential_can_have_a_header_of_its_own_which_the_guest_then_may_not_set() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let credential = key.credential(&server.url("")).sent_as("X-Api-Key", "").unwrap();
    let grant = granted(&server.url("/v1/"), &["POST"], Some(credential));
    let url = server.url("/v1/echo");
    let request = Request { credential: Some("service"), ..Request::post(&url) };
    assert!(answered(&request, vec![grant.clone()]).await.contains("x-api-key=[credential] "));
    let twice = Request { headers: &[("x-api-key", "mine")], ..request };
    assert!(matches!(refused(&twice, vec![grant]).await, PortError::InvalidRequest { .. }));
}

#[tokio::test]
async fn c36_a_credential_does_not_come_along_to_another_server() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let credential = key.credential("https://api.example.com");
    let url = server.url("/v1/echo");
    let request = Request { credential: Some("service"), ..Request::post(&url) };

    // The address was changed, and the grant with it, but not what the key is for.
    let error =
        refused(&request, vec![granted(&server.url("/v1/"), &["POST"], Some(credential.clone()))]).await;
    assert!(message(&error).contains("the credential is for another server"), "{error}");
    let stays = "the credential \"service\" is for https://api.example.com and goes nowhere else";
    // Nobody is told how to send it there: that is what an adapter that wants it would have a person do.
    assert!(message(&error).ends_with(stays) && !message(&error).contains("[credentials"), "{error}");

    // Only the address was changed.
    let error =
        refused(&request, vec![granted("https://api.example.com/", &["POST"], Some(credential))]).await;
    assert!(matches!(error, PortError::Denied { .. }), "{error:?}");
    assert!(message(&error).ends_with(stays) && !message(&error).contains("[credentials"), "{error}");

    // A name that the grant has not.
    let error = refused(&request, vec![granted(&server.url("/v1/"), &["POST"], None)]).await;
    assert!(message(&error).contains("no such credential"), "{error}");
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn a_credential_that_is_not_there_is_said_when_the_adapter_loads() {
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

#[tokio::test]
async fn c56_a_response_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    for path in ["/large", "/endless"] {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert!(
            message(&error).contains(&format!("answered with more than {LARGE} bytes")),
            "{path}: {error}"
        );
    }
}

#[tokio::test]
async fn c40_a_response_with_too_many_headers_is_refused() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    for path in ["/many-headers", "/large-headers"] {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert!(!matches!(error, PortError::Denied { .. }), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn c57_a_compressed_response_is_refused_unread() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    for path in ["/gzip", "/gzip-behind"] {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert!(message(&error).contains("a compressed body"), "{error}");
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_not_sent() {
    let server = Server::start().await;
    let body = vec![b'x'; 1024 * 1024 + 1];
    let url = server.url("/v1/echo");
    let request = Request { body: &body, ..Request::post(&url) };
    let error = refused(&request, vec![granted(&server.url("/"), &["POST"], None)]).await;
    assert!(message(&error).contains("at most 1048576 are sent"), "{error}");
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let gone = Server::start().await.url("/");
    let error = refused(&Request::post(&gone), vec![granted(&gone, &["POST"], None)]).await;
    assert!(matches!(error, PortError::Unavailable { .. }), "{error:?}");
    assert!(message(&error).contains("cannot be reached"), "{error}");
}

#[tokio::test]
async fn c58_a_server_that_does_not_answer_costs_no_more_than_the_deadline_of_the_adapter() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    let mut slow = sending(&Request::post(&server.url("/never")), vec![grant]);
    slow.deadline = Some(Duration::from_millis(200));
    let good = spec("good", saying("all is well").embedded());
    let chain = sandbox(generous()).router_chain(vec![slow, good]);
    for _ in 0..2 {
        let answered = ask(&chain, "hello").await.unwrap();
        assert_eq!((answered.adapter.as_str(), hint_of(&answered.answer)), ("good", "all is well"));
        assert_eq!(
            message(&answered.fallback_from[0].error),
            "the adapter \"guest\" did not answer within 200 ms"
        );
    }
}

#[tokio::test]
async fn waiting_for_a_server_is_not_executing() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    // Longer than a tick each, and more of them than there are ticks to execute in.
    let url = server.url("/late");
    let request = Request { times: 40, ..Request::post(&url) };
    let limits = Limits { executing: Duration::from_millis(200), ..generous() };
    let chain = sandbox(limits).router_chain(vec![sending(&request, vec![grant])]);
    assert_eq!(hint(&chain, "hello").await, "late");
    assert_eq!(server.seen().len(), 40);
}

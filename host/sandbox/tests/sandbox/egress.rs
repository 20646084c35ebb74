//! Guests that send requests, against servers on loopback: what was granted arrives, and nothing else does.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use codewalk_core::call::PortError;
use codewalk_sandbox::{AdapterSpec, Credential, Grant, Limits, SecretSource};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use crate::guests::{DATA, Request, Say, router, saying};
use crate::log::lines_of;
use crate::server::{LARGE, RawServer, Server, head};
use crate::support::{ask, eventually, failure, generous, hint, hint_of, message, sandbox, spec};

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

/// Paths that some server reads as others.
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
/// What a guest is told of them.
pub const PATH_REFUSED: &str = "the path of the address may have no . or .. segments, nothing that has to be encoded, and \
     nothing encoded but visible UTF-8 text without ./\\%;?# and what could be taken for these";
/// Paths that all servers read alike, though they are encoded.
pub const ENCODED_PATHS: [&str; 3] =
    ["/v1/my%20model/.x", "/v1/caf%c3%a9/%E6%A8%A1%E5%9E%8B", "/v1/.%C3%BCber"];

#[tokio::test]
async fn c18_paths_that_a_server_could_read_as_others_are_refused_unsent() {
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

/// Why the guest's request is not sent, in full.
#[track_caller]
fn assert_told(error: &PortError, told: &str, of: &str) {
    let how = match error {
        PortError::InvalidResponse { .. } => "gave an answer that cannot be used",
        _ => "says",
    };
    assert_eq!(message(error), format!("the adapter \"guest\" {how}: {told}"), "{of}");
}

#[tokio::test]
async fn c19_a_user_name_in_the_address_is_refused_unsent() {
    let canary = RawServer::canary().await;
    let grant = granted(&canary.url("/"), &["POST"], None);
    let authority = canary.url("").replace("http://", "");
    for user in ["a@", "a:b@", "@", ":@", "127.0.0.1@", "api.example%40@"] {
        let url = format!("http://{user}{authority}/");
        let error = refused(&Request::post(&url), vec![grant.clone()]).await;
        assert!(matches!(error, PortError::InvalidRequest { .. }), "{error:?}");
        assert_told(
            &error,
            "the address may not have a user name or a password; name a credential instead",
            user,
        );
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn c20_a_host_in_other_case_is_the_same_and_with_a_dot_or_in_other_letters_is_another() {
    let (server, canary) = (Server::start().await, RawServer::canary().await);
    let named = |host: &str, url: String| url.replace("127.0.0.1", host);
    let grant = granted(&named("localhost", server.url("/v1/")), &["POST"], None);
    for host in ["LOCALHOST", "LocalHost"] {
        let said = answered(&Request::post(&named(host, server.url("/v1/echo"))), vec![grant.clone()]).await;
        assert!(said.starts_with("POST /v1/echo "), "{said}");
    }
    assert_eq!(server.seen().len(), 2);
    let plain = "plain http:// goes to this machine alone (127.0.0.1, [::1] or localhost); use https://";
    let characters = "the address may have printable ASCII alone and no backslash; encode everything else";
    for (host, told) in [
        ("localhost.", plain),
        ("localhost%2e", plain),
        ("xn--localhost-9za", "the address cannot be read: invalid international domain name"),
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
        let why = format!("may not send POST {url}: none of its grants is for {server}");
        assert!(message(&error).contains(&why), "{host}: {error}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn c21_a_number_in_another_notation_is_granted_as_that_number_alone() {
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
            format!("may not send POST {}: none of its grants is for {}", canary.url("/v1/"), canary.url(""));
        assert!(message(&error).contains(&why), "{host}: {error}");
    }
    let plain = "plain http:// goes to this machine alone (127.0.0.1, [::1] or localhost); use https://";
    for host in
        ["[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0", "0.0.0.0"]
    {
        let error = refused(&Request::post(&named(host, canary.url("/v1/"))), vec![grant.clone()]).await;
        assert_told(&error, plain, host);
    }
    assert_eq!((server.seen().len(), canary.connections()), (6, 0));
}

/// A name of this machine that the system itself knows, other than `localhost`.
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

#[tokio::test]
async fn c24_a_granted_name_that_the_system_resolves_to_this_machine_is_denied_and_opens_no_connection() {
    let (name, canary) = (own_name().await, RawServer::canary().await);
    let url = format!("https://{name}:{}/v1/chat", canary.port);
    let error = refused(&Request::post(&url), vec![granted(&url, &["POST"], None)]).await;
    assert!(matches!(error, PortError::Denied { .. }), "{error:?}");
    let why = format!("the adapter \"guest\" may not send POST {url}: {name} leads to ");
    assert!(message(&error).starts_with(&why), "{error}");
    let why = "which is no address of the public internet and has to be granted as that number";
    assert!(message(&error).contains(why), "{error}");
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn c29_an_address_that_is_not_absolute_is_refused_unsent() {
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
        let told = "the address must begin with https:// or http://, in small letters, and name a host";
        assert_told(&error, told, &url);
    }
    // In a path it is a path.
    let said = answered(&Request::post(&server.url(&format!("/http://{authority}/"))), vec![grant]).await;
    assert!(said.starts_with(&format!("POST /http://{authority}/ ")), "{said}");
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn c32_no_adapter_uses_a_connection_that_another_opened() {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let noted = Arc::clone(&seen);
    let server = RawServer::start(move |mut stream, connection| {
        let noted = Arc::clone(&noted);
        async move {
            while let Some(head) = head(&mut stream).await {
                let path = head.split(' ').nth(1).unwrap().to_owned();
                noted.lock().unwrap().insert((path, connection));
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await.unwrap();
            }
        }
    });
    let server = server.await;
    let sandbox = sandbox(generous());
    let adapters = ["/one", "/two"].map(|path| {
        let url = server.url(path);
        let adapter = sending(&Request::post(&url), vec![granted(&url, &["POST"], None)]);
        sandbox.router_chain(vec![AdapterSpec { name: path[1..].to_owned(), ..adapter }])
    });
    for _ in 0..4 {
        for adapter in &adapters {
            assert_eq!(hint(adapter, "hello").await, "hello");
        }
    }
    let seen = seen.lock().unwrap();
    let of = |path| seen.iter().filter(|seen| seen.0 == path).map(|seen| seen.1).collect::<BTreeSet<_>>();
    let (one, two) = (of("/one"), of("/two"));
    assert!(!one.is_empty() && !two.is_empty() && one.is_disjoint(&two), "{one:?} {two:?}");
}

#[tokio::test]
async fn c38_a_credential_is_in_no_log_whoever_writes_it_there() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let line = format!("my key is {SECRET}.");
    let body = format!(
        "(call $log (i32.const 2) (i32.const {DATA}) (i32.const {len})) (call $hint (i32.const {DATA}) (i32.const 6))",
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
            "the adapter \"guest\" says: the header {} is the host's to set; for authorization name a credential",
            name.to_ascii_lowercase()
        );
        assert_eq!(error, PortError::InvalidRequest { message: told });
    }
    // Two lengths are two headers too many.
    let request =
        Request { headers: &[("Content-Length", "1"), ("content-length", "2")], ..Request::post(&url) };
    let error = refused(&request, vec![grant.clone()]).await;
    assert!(message(&error).contains("the header content-length is the host's to set"), "{error}");
    let request = Request { headers: &[("a", "b\r\nhost: evil.example")], ..Request::post(&url) };
    let error = refused(&request, vec![grant.clone()]).await;
    assert!(message(&error).ends_with("says: a header has a name or a value that cannot be sent"), "{error}");
    assert_eq!(server.seen(), [""; 0]);
    let said =
        answered(&Request { headers: &[("x-forward", "1")], ..Request::post(&url) }, vec![grant]).await;
    assert!(said.contains("x-forward=1 ") && server.seen().len() == 1, "{said}");
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
    for (path, why) in [
        ("/many-headers", "cannot be reached: message head is too large"),
        ("/large-headers", "answered with 40063 bytes of headers; at most 32768 are read"),
    ] {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert_told(&error, &format!("{} {why}", server.url("")), path);
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
async fn c57_every_coding_of_a_body_is_judged() {
    for coding in
        ["gzip, chunked", "gzip,chunked", "chunked\r\ntransfer-encoding: gzip, chunked", "GZIP, Chunked"]
    {
        let server = RawServer::start(move |mut stream, _| async move {
            if head(&mut stream).await.is_some() {
                let said =
                    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {coding}\r\n\r\n3\r\n\x1f..\r\n0\r\n\r\n");
                stream.write_all(said.as_bytes()).await.unwrap();
            }
        });
        let server = server.await;
        let grant = granted(&server.url("/"), &["POST"], None);
        let error = refused(&Request::post(&server.url("/")), vec![grant]).await;
        let told = format!(
            "the adapter \"guest\" says: {} answered with a compressed body, which it was not asked for",
            server.url("")
        );
        assert_eq!(error, PortError::Unavailable { message: told }, "{coding}");
    }
}

/// Answers each request with interim responses for ever.
async fn interim(mut stream: tokio::net::TcpStream, _: usize) {
    let some = "HTTP/1.1 100 Continue\r\n\r\n".repeat(60_000);
    if head(&mut stream).await.is_some() {
        while stream.write_all(some.as_bytes()).await.is_ok() {}
    }
}

#[tokio::test]
async fn c84_interim_responses_without_end_are_refused() {
    // As many as a slow reader takes: it looks up between them.
    let server = RawServer::start(|mut stream, _| async move {
        let some = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        if head(&mut stream).await.is_some() {
            while stream.write_all(some.as_bytes()).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    let server = server.await;
    let grant = granted(&server.url("/"), &["POST"], None);
    let error = refused(&Request::post(&server.url("/")), vec![grant]).await;
    let told = format!("{} sent interim responses without end in place of an answer", server.url(""));
    assert_told(&error, &told, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c84_interim_responses_without_end_keep_no_deadline_and_no_other_adapter_waiting() {
    let (server, good) = (RawServer::start(interim).await, Server::start().await);
    let mut flooded =
        sending(&Request::post(&server.url("/")), vec![granted(&server.url("/"), &["POST"], None)]);
    flooded.deadline = Some(Duration::from_millis(300));
    let url = good.url("/v1/echo");
    let mut asking = sending(&Request::post(&url), vec![granted(&good.url("/"), &["POST"], None)]);
    asking.name = "asking".to_owned();
    let sandbox = sandbox(generous());
    let asking = sandbox.router_chain(vec![asking]);
    hint(&asking, "hello").await;
    // More at once than there are threads for guests.
    let flooded: Vec<_> = (0..4).map(|_| sandbox.router_chain(vec![flooded.clone()])).collect();
    let flooded = flooded.into_iter().map(|chain| {
        tokio::spawn(async move {
            let begun = Instant::now();
            let error = ask(&chain, "hello").await.unwrap_err();
            (begun.elapsed(), error)
        })
    });
    let flooded: Vec<_> = flooded.collect();
    eventually("all are flooded", || server.connections() == 4).await;
    for _ in 0..3 {
        let begun = Instant::now();
        hint(&asking, "hello").await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    for flooded in flooded {
        let (took, error) = flooded.await.unwrap();
        assert!(message(&error).ends_with("the adapter \"guest\" did not answer within 300 ms"), "{error}");
        assert!(took < Duration::from_secs(4), "{took:?}");
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

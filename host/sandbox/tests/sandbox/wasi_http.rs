//! Guests that send requests with `wasi:http`: the same policy and limits through another interface.

use std::time::Duration;

use codewalk_core::port_reply::PortError;
use codewalk_sandbox::{AdapterSpec, Grant, Limits};

use crate::egress::{AMBIGUOUS_PATHS, Key, PATH_REFUSED, SECRET, granted};
use crate::guests::saying;
use crate::server::Server;
use crate::support::{ask, generous, hint, message, sandbox, spec};
use crate::wasi_guests::{Body, End, Read, Sending};

/// The numbers of `wasi:http` errors.
const LIMIT_REACHED: &str = "11";
const DENIED: &str = "15";
const UNAVAILABLE: &str = "03";

fn sending(request: &Sending<'_>, http: Vec<Grant>) -> AdapterSpec {
    AdapterSpec { http, ..spec("guest", request.guest().embedded()) }
}

/// Returns the text of a guest whose request is answered.
async fn answered(request: &Sending<'_>, http: Vec<Grant>) -> String {
    hint(&sandbox(generous()).router_chain(vec![sending(request, http)]), "hello").await
}

/// Returns the error of a guest whose request is denied. The next adapter of the chain must answer.
async fn refused(adapter: AdapterSpec, limits: Limits) -> PortError {
    let good = spec("good", saying("all is well").embedded());
    let chain = sandbox(limits).router_chain(vec![adapter, good]);
    let mut answered = ask(&chain, "hello").await.unwrap();
    assert_eq!(answered.adapter, "good");
    answered.fallback_from.remove(0).error
}

#[track_caller]
fn assert_says(error: &PortError, said: &str) {
    assert_eq!(message(error), format!("the adapter \"guest\" says: {said}"));
}

#[tokio::test]
async fn a_request_that_is_granted_is_sent_and_answered() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/v1/"), &["POST"], None));
    let body = Body { part: b"hello ", times: 3, end: End::Finished };
    let headers = &[("x-trace", "7"), ("accept-encoding", "gzip"), ("content-length", "18")];
    let said =
        answered(&Sending { headers, body, ..Sending::post(&url, "/v1/echo?model=small") }, vec![grant])
            .await;
    assert!(said.contains("POST /v1/echo?model=small ") && said.contains("x-trace=7 "), "{said}");
    assert!(said.contains("accept-encoding=identity ") && said.contains("content-length=18 "), "{said}");
    assert!(said.ends_with("hello hello hello "), "{said}");
    assert_eq!(server.seen(), ["POST /v1/echo?model=small"]);
}

/// Cases 14, 15, 16, 17 and 18.
#[tokio::test]
async fn an_ungranted_request_is_denied_before_anything_is_sent() {
    let (server, canary) = (Server::start().await, Server::start().await);
    let (url, other) = (server.url(""), canary.url(""));
    let named = url.replace("127.0.0.1", "localhost");
    for (request, said) in [
        (Sending::post(&other, "/v1/echo"), DENIED),
        (Sending::post(&named, "/v1/echo"), DENIED),
        (Sending::post("https://example.invalid", "/v1/echo"), DENIED),
        (Sending { method: 0, ..Sending::post(&url, "/v1/echo") }, DENIED),
        (Sending::post(&url, "/v2/echo"), DENIED),
        (Sending::post(&url, "/v1"), DENIED),
        (
            Sending::post("http://192.0.2.1", "/v1/echo"),
            "plain http:// is allowed only to this machine (127.0.0.1, [::1] or localhost); use https://",
        ),
    ] {
        let grant = granted(&server.url("/v1/"), &["POST"], None);
        let error = refused(sending(&request, vec![grant]), generous()).await;
        assert_says(&error, said);
    }
    for path in AMBIGUOUS_PATHS {
        let grant = granted(&server.url("/v1/"), &["POST"], None);
        let error = refused(sending(&Sending::post(&url, path), vec![grant]), generous()).await;
        assert_says(&error, PATH_REFUSED);
    }
    assert_eq!(server.seen(), [""; 0]);
    assert_eq!(canary.seen(), [""; 0]);
}

/// Case 35.
#[tokio::test]
async fn a_guest_cannot_set_an_authorization_header() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/"), &["POST"], None));
    for name in ["authorization", "proxy", "x-forwarded-for", "content_length", "x_original_url"] {
        let request = Sending { headers: &[(name, "1")], ..Sending::post(&url, "/v1/echo") };
        let error = refused(sending(&request, vec![grant.clone()]), generous()).await;
        assert_says(
            &error,
            &format!("only codewalk sets the header {name}; for authorization, name a credential"),
        );
    }
    assert_eq!(server.seen(), [""; 0]);
}

/// Case 37.
#[tokio::test]
async fn the_credential_of_the_grant_is_sent_and_scrubbed_from_responses() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let url = server.url("");
    for (path, said) in
        [("/v1/echo", "authorization=Bearer [credential] "), ("/divided", "Bearer [credential]")]
    {
        let grant = granted(&server.url("/"), &["POST"], Some(key.credential(&url)));
        let heard = answered(&Sending::post(&url, path), vec![grant]).await;
        assert!(heard.contains(said) && !heard.contains(SECRET), "{heard}");
    }
    assert_eq!(server.authorizations(), vec![Some(format!("Bearer {SECRET}")); 2]);
}

/// Case 36.
#[tokio::test]
async fn a_credential_is_not_sent_to_another_server() {
    let (server, key) = (Server::start().await, Key::new(SECRET));
    let (url, credential) = (server.url(""), key.credential("https://api.example.com"));
    let grant = granted(&server.url("/"), &["POST"], Some(credential));
    assert_says(&refused(sending(&Sending::post(&url, "/v1/echo"), vec![grant]), generous()).await, DENIED);
    assert_eq!(server.seen(), [""; 0]);
}

/// Case 54.
#[tokio::test]
async fn the_number_of_requests_of_a_call_is_limited() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/"), &["POST"], None));
    let request = Sending { times: 100, ..Sending::post(&url, "/v1/echo") };
    let error = refused(sending(&request, vec![grant]), generous()).await;
    assert_says(&error, "one call of an adapter may send at most 64 requests");
    assert_eq!(server.seen().len(), 64);
}

/// Case 54.
#[tokio::test]
async fn an_adapter_that_sends_too_often_gets_an_error() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/"), &["POST"], None));
    let chain = sandbox(generous())
        .router_chain(vec![sending(&Sending { times: 60, ..Sending::post(&url, "/v1/echo") }, vec![grant])]);
    let mut error = None;
    for _ in 0..10 {
        if let Err(refused) = ask(&chain, "hello").await {
            error = Some(refused);
            break;
        }
    }
    assert!(message(&error.unwrap()).contains(&format!("says: {LIMIT_REACHED}")));
}

/// Case 55.
#[tokio::test]
async fn a_request_with_an_unfinished_body_is_not_sent() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/"), &["POST"], None));
    let body = Body { part: b"and so on ", times: 2, end: End::Never };
    let mut adapter = sending(&Sending { body, ..Sending::post(&url, "/v1/echo") }, vec![grant]);
    adapter.deadline = Some(Duration::from_millis(300));
    let error = refused(adapter, generous()).await;
    assert_eq!(message(&error), "the adapter \"guest\" did not answer within 300 ms");
    assert_eq!(server.seen(), [""; 0]);
}

/// Case 55.
#[tokio::test]
async fn a_request_with_a_truncated_or_too_large_body_is_not_sent() {
    let server = Server::start().await;
    let url = server.url("");
    for (body, why) in [
        (Body { part: b"half", times: 1, end: End::BrokenOff }, "broke off"),
        (Body { part: &[b'x'; 4096], times: 257, end: End::Finished }, "at most 1048576 bytes are sent"),
    ] {
        let grant = granted(&server.url("/"), &["POST"], None);
        let error =
            refused(sending(&Sending { body, ..Sending::post(&url, "/v1/echo") }, vec![grant]), generous())
                .await;
        assert!(message(&error).contains(why), "{error}");
    }
    assert_eq!(server.seen(), [""; 0]);
}

/// Case 56.
#[tokio::test]
async fn a_response_that_is_too_large_breaks_off() {
    let server = Server::start().await;
    let url = server.url("");
    let grant = granted(&server.url("/"), &["POST"], None);
    let error = refused(sending(&Sending::post(&url, "/endless"), vec![grant]), generous()).await;
    assert_says(&error, "the body was cut off");
}

/// Case 57.
#[tokio::test]
async fn a_compressed_response_is_rejected_without_reading_it() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/"), &["POST"], None));
    assert_says(&refused(sending(&Sending::post(&url, "/gzip"), vec![grant]), generous()).await, UNAVAILABLE);
}

#[tokio::test]
async fn a_response_is_read_as_it_arrives() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/"), &["POST"], None));
    let request = Sending { read: Read::Once, ..Sending::post(&url, "/begun") };
    assert_eq!(answered(&request, vec![grant]).await, "begun");
}

/// Case 62.
#[tokio::test]
async fn unread_responses_use_up_only_the_permits_of_their_adapter() {
    let server = Server::start().await;
    let (url, grant) = (server.url(""), granted(&server.url("/"), &["POST"], None));
    let request = Sending { read: Read::Nothing, times: 9, ..Sending::post(&url, "/endless") };
    let mut adapter = sending(&request, vec![grant]);
    adapter.deadline = Some(Duration::from_secs(2));
    let good = spec("good", saying("all is well").embedded());
    let chain = sandbox(generous()).router_chain(vec![adapter, good]);
    // The permits of the first call are free for the second.
    for _ in 0..2 {
        let before = server.seen().len();
        let answered = ask(&chain, "hello").await.unwrap();
        let error = message(&answered.fallback_from[0].error);
        assert_eq!(error, "the adapter \"guest\" did not answer within 2000 ms");
        let sent = server.seen().len() - before;
        assert!((1..=4).contains(&sent), "{sent} requests at once");
    }
}

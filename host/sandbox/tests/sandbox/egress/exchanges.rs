//! Requests and responses that are too large, too slow or malformed.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use codewalk_core::port_reply::PortError;
use codewalk_sandbox::{AdapterSpec, Limits};
use tokio::io::AsyncWriteExt;

use super::{answered, assert_told, granted, refused, sending};
use crate::guests::{Request, Say, saying};
use crate::server::{LARGE, RawServer, Server, head};
use crate::support::{ask, eventually, generous, hint, hint_of, message, sandbox, spec};

/// Case 32.
#[tokio::test]
async fn no_adapter_uses_a_connection_that_another_opened() {
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

/// Case 27.
#[tokio::test]
async fn a_redirect_is_passed_on_and_not_followed() {
    let (server, canary) = (Server::start().await, Server::start().await);
    let url = server.url(&format!("/redirect?{}", canary.url("/v1/echo")));
    let grants =
        vec![granted(&server.url("/"), &["POST"], None), granted(&canary.url("/"), &["POST", "GET"], None)];
    let said = answered(&Request { say: Say::Headers, ..Request::post(&url) }, grants).await;
    assert!(said.contains(&canary.url("/v1/echo")), "{said}");
    assert_eq!(canary.seen(), [""; 0]);
}

/// Case 31.
#[tokio::test]
async fn a_proxy_in_the_environment_is_not_used() {
    let proxy = Server::start().await;
    let inner = "egress::addresses::a_request_that_is_granted_is_sent_and_answered";
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

/// Case 56.
#[tokio::test]
async fn a_response_that_is_too_large_is_refused() {
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

/// Case 40.
#[tokio::test]
async fn a_response_with_too_many_headers_is_refused() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    for (path, why) in [
        ("/many-headers", "cannot be reached: message head is too large"),
        ("/large-headers", "answered with 40063 bytes of headers; at most 32768 are accepted"),
    ] {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert_told(&error, &format!("{} {why}", server.url("")), path);
    }
}

/// Case 57.
#[tokio::test]
async fn a_compressed_response_is_rejected_without_reading_it() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    for path in ["/gzip", "/gzip-behind"] {
        let error = refused(&Request::post(&server.url(path)), vec![grant.clone()]).await;
        assert!(message(&error).contains("a compressed body"), "{error}");
    }
}

/// Case 57.
#[tokio::test]
async fn every_encoding_of_a_body_is_checked() {
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
            "the adapter \"guest\" says: {} answered with a compressed body, which was not requested",
            server.url("")
        );
        assert_eq!(error, PortError::Unavailable { message: told }, "{coding}");
    }
}

/// Answers each request with endless interim responses.
async fn interim(mut stream: tokio::net::TcpStream, _: usize) {
    let some = "HTTP/1.1 100 Continue\r\n\r\n".repeat(60_000);
    if head(&mut stream).await.is_some() {
        while stream.write_all(some.as_bytes()).await.is_ok() {}
    }
}

/// Case 84.
#[tokio::test]
async fn endless_interim_responses_are_refused() {
    // As many as a slow reader accepts, because it yields between them.
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
    let told = format!("{} sent endless interim responses instead of an answer", server.url(""));
    assert_told(&error, &told, "");
}

/// Case 84.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_interim_responses_delay_no_deadline_and_no_other_adapter() {
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
    // More than there are guest threads.
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
    assert!(message(&error).contains("at most 1048576 bytes are sent"), "{error}");
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn a_missing_server_is_unreachable() {
    let gone = Server::start().await.url("/");
    let error = refused(&Request::post(&gone), vec![granted(&gone, &["POST"], None)]).await;
    assert!(matches!(error, PortError::Unavailable { .. }), "{error:?}");
    assert!(message(&error).contains("cannot be reached"), "{error}");
}

/// Case 58.
#[tokio::test]
async fn a_server_that_does_not_answer_costs_at_most_the_deadline() {
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
async fn waiting_for_a_server_does_not_count_as_executing() {
    let server = Server::start().await;
    let grant = granted(&server.url("/"), &["POST"], None);
    // Each takes longer than a tick, and there are more of them than ticks in the budget.
    let url = server.url("/late");
    let request = Request { times: 40, ..Request::post(&url) };
    let limits = Limits { executing: Duration::from_millis(200), ..generous() };
    let chain = sandbox(limits).router_chain(vec![sending(&request, vec![grant])]);
    assert_eq!(hint(&chain, "hello").await, "late");
    assert_eq!(server.seen().len(), 40);
}

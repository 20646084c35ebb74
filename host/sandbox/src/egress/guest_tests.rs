//! Guests in a real engine that send requests to names that resolve to special addresses, and to servers that
//! stall. Each gets the reason, nothing forbidden is contacted, and the next call succeeds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use arc_swap::ArcSwap;
use codewalk_core::intent::Intent;
use codewalk_core::port_reply::PortError;
use codewalk_policy::{Grant, Limits, Uplink, digest};
use reqwest::{Certificate, ClientBuilder};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::Egress;
use super::client::{Client, Deadlines};
use super::exchange_tests::{LONG_DEADLINES, Leading};
use super::resolver::Resolver;
use super::test_servers::{ANSWER, SHORT, answer, drip, server, tls_server};
use crate::bindings::{Port, Routing};
use crate::calls::Identity;
use crate::engine::Maker;
use crate::error::Problem;
use crate::lifecycle::{Runtime, SandboxConfig, ready};
use crate::recording::ExchangeLog;
use crate::sandbox::Sandbox;

#[path = "../../tests/sandbox/guests.rs"]
#[expect(dead_code, reason = "the other tests of guests use the rest")]
mod guests;
use guests::{Guest, Request, saying};

/// An adapter with a grant for a URL, and a client with these settings.
fn granted(url: &str, deadlines: Deadlines, with: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Egress {
    let grant = Grant::new(url, &["POST".to_owned()], None).unwrap();
    let mut egress = Egress::new("guest", &[grant], Arc::default(), &Uplink::default()).unwrap();
    egress.client = Some(Client::build(deadlines, None, with).unwrap());
    egress
}

/// Calls a guest, and returns its text.
async fn asked(runtime: &Runtime, guest: &Guest, egress: Egress) -> Result<String, Problem> {
    let bytes = guest.build();
    let component = runtime.components.component(&bytes, &digest(&bytes), Maker::Foreign)?;
    let identity = Arc::new(Identity {
        name: "guest".to_owned(),
        digest: digest(&bytes),
        generation: 1,
        limits: Limits::default(),
        counters: Arc::default(),
        config: ArcSwap::default(),
        experience: None,
        egress,
        places: Arc::new(Semaphore::new(1)),
    });
    let (ready, request) = (Arc::new(ready::<Routing>(runtime, &component)?), Arc::new(Routing::blank()));
    let limit = Duration::from_secs(60);
    let proposal = runtime.call::<Routing>(identity, ready, request, limit, ExchangeLog::default()).await?;
    match proposal.intent {
        Intent::CannotParse { hint } => Ok(hint),
        other => panic!("not a hint: {other:?}"),
    }
}

/// Calls a guest that sends a request, and then one that sends none, which must answer.
async fn sent(url: &str, egress: Egress) -> Result<String, Problem> {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let said = asked(&sandbox.runtime, &Request::post(url).guest(), egress).await;
    let nothing = Egress::closed("guest");
    assert_eq!(asked(&sandbox.runtime, &saying("all is well"), nothing).await.unwrap(), "all is well");
    said
}

/// Returns the error of a guest whose request fails.
async fn told(url: &str, egress: Egress) -> PortError {
    match sent(url, egress).await {
        Err(Problem::Refused(error)) => error,
        other => panic!("not refused: {other:?}"),
    }
}

/// A port that counts connections.
async fn canary() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap().port(), canary_at(listener))
}

fn canary_at(listener: TcpListener) -> Arc<AtomicUsize> {
    let connections = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, SeqCst);
        }
    });
    connections
}

/// Asserts that a request to a name with these addresses is denied because of the first special one, without
/// a connection.
async fn assert_denied(to: &[&str], special: &str) {
    let (port, connections) = canary().await;
    let url = format!("https://gateway.example:{port}/v1/chat");
    let (names, resolver) = Leading::resolver(&[to], None);
    let problem = sent(&url, granted(&url, LONG_DEADLINES, |builder| builder.dns_resolver(resolver)))
        .await
        .unwrap_err();
    assert_leads_to(&problem, &url, special);
    assert_eq!((names.asked.load(SeqCst), connections.load(SeqCst)), (1, 0), "{special}");
}

#[track_caller]
fn assert_leads_to(problem: &Problem, url: &str, special: &str) {
    assert!(matches!(problem, Problem::Denied(_)), "{problem:?}");
    let why = format!(
        "may not send POST {url}: gateway.example leads to {special}, which is not on the public internet \
         and must be granted by number"
    );
    assert!(problem.to_string().starts_with(&why), "{problem}");
}

/// Cases 22, 23 and 24.
#[tokio::test]
async fn a_name_that_resolves_to_a_special_address_is_denied_in_any_spelling() {
    for special in [
        "127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "192.168.1.1",
        "::1",
        "::ffff:127.0.0.1",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fd00:ec2::254",
        "fe80::1",
    ] {
        assert_denied(&[special], special).await;
    }
}

/// Case 26.
#[tokio::test]
async fn a_name_with_one_special_address_is_denied() {
    assert_denied(&["127.0.0.1", "1.1.1.1", "2606:4700::1111"], "127.0.0.1").await;
    assert_denied(&["1.1.1.1", "127.0.0.1", "2606:4700::1111"], "127.0.0.1").await;
    assert_denied(&["1.1.1.1", "2606:4700::1111", "::ffff:127.0.0.1"], "::ffff:127.0.0.1").await;
}

/// Case 25.
/// Other systems have only one loopback address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_guest_is_connected_to_the_judged_address_after_a_rebinding() {
    let (server, certificate) = tls_server("gateway.example").await;
    let (_, port) = server.rsplit_once(':').unwrap();
    let url = format!("https://gateway.example:{port}/v1/chat");
    let (own, port) = ("127.0.0.66", port.parse().unwrap());
    let connections = canary_at(TcpListener::bind((own, port)).await.unwrap());
    let (names, _) = Leading::resolver(&[&["127.0.0.1"], &[own]], Some("127.0.0.1"));
    let egress = || {
        let certificate = Certificate::from_der(&certificate).unwrap();
        let resolver = Resolver { proxy: None, names: Arc::clone(&names) };
        granted(&url, LONG_DEADLINES, |builder| builder.dns_resolver(resolver).tls_certs_only([certificate]))
    };
    assert_eq!(sent(&url, egress()).await.unwrap(), "hello");
    assert_eq!(names.asked.load(SeqCst), 1);
    // The second lookup returns an address of this machine.
    for asked in [2, 3] {
        assert_leads_to(&sent(&url, egress()).await.unwrap_err(), &url, own);
        assert_eq!(names.asked.load(SeqCst), asked);
    }
    assert_eq!(connections.load(SeqCst), 0);
}

/// Case 59.
#[tokio::test]
async fn a_guest_gets_an_error_for_a_dripping_body() {
    let server = server(|stream| drip(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")).await;
    let url = format!("http://{server}/");
    let deadlines = Deadlines { total: SHORT, ..LONG_DEADLINES };
    let error = told(&url, granted(&url, deadlines, |builder| builder)).await;
    assert_eq!(
        error,
        PortError::Unavailable { message: format!("http://{server} took too long: operation timed out") }
    );
}

/// Case 60.
#[tokio::test]
async fn a_guest_gets_an_error_for_a_stalled_handshake() {
    let (heard, hearing) = oneshot::channel();
    let server = server(|mut stream| async move {
        let mut told = Vec::new();
        // Until the client disconnects.
        let _ = stream.read_to_end(&mut told).await;
        heard.send(told).unwrap();
    })
    .await;
    let url = format!("https://{server}/");
    let deadlines = Deadlines { connect: SHORT, ..LONG_DEADLINES };
    let told = told(&url, granted(&url, deadlines, |builder| builder));
    assert_eq!(
        timeout(LONG_DEADLINES.connect / 4, told).await.expect("no other deadline is so short"),
        PortError::Unavailable { message: format!("https://{server} took too long: operation timed out") }
    );
    // The server received the TLS greeting, but no part of the request.
    let heard = hearing.await.unwrap();
    let greeting = 5 + usize::from(u16::from_be_bytes([heard[3], heard[4]]));
    assert_eq!((heard[0], heard.len()), (22, greeting));
}

/// Case 61.
#[tokio::test]
async fn a_guest_gets_an_error_for_a_truncated_body() {
    let server =
        server(|mut stream| async move { answer(&mut stream, &ANSWER[..ANSWER.len() - 1]).await }).await;
    let url = format!("http://{server}/");
    let error = told(&url, granted(&url, LONG_DEADLINES, |builder| builder)).await;
    assert_eq!(
        error,
        PortError::Unavailable {
            message: format!("http://{server} cannot be reached: end of file before message length reached")
        }
    );
}

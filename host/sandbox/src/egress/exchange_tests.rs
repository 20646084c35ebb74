//! Exchanges with servers that stall, drip, hang up or have the wrong certificate, and with names that
//! resolve to special addresses. Each ends in time, with a reason.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use codewalk_policy::{Grant, Proxy, Secrets, Uplink};
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use reqwest::Certificate;
use rustls::pki_types::CertificateDer;
use tokio::io::AsyncReadExt;
use tokio::sync::{Semaphore, oneshot};

use super::body::BoundedBody;
use super::client::{Client, Deadlines};
use super::error::EgressError;
use super::resolver::{Names, Resolver, System};
use super::test_servers::{
    ANSWER, SHORT, answer, ca_file, drip, noting_server, proxy, server, tls_server, tls_server_saying,
};
use super::{Allowance, CredentialChoice, Egress, Incoming, Outgoing};

/// Longer than any exchange takes.
const LONG: Duration = Duration::from_secs(60);

/// Deadlines that no exchange reaches.
pub(super) const LONG_DEADLINES: Deadlines = Deadlines { connect: LONG, silence: LONG, total: LONG };

fn client(deadlines: Deadlines, trusted: Option<&CertificateDer<'static>>) -> Client {
    let certificate = trusted.map(|der| Certificate::from_der(der).unwrap());
    Client::build(deadlines, None, |builder| match certificate {
        Some(certificate) => builder.tls_certs_only([certificate]),
        None => builder,
    })
    .unwrap()
}

/// Sends a request and reads the whole response.
pub(super) async fn sent(client: &Client, url: &str) -> Result<Bytes, EgressError> {
    let received = client.send(Method::GET, url.parse().unwrap(), HeaderMap::new(), Bytes::new()).await?;
    let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    let scrubber = Secrets::new([]).scrubber();
    let body = BoundedBody::new(received.body, "the server".to_owned(), None, scrubber, permit);
    body.collect().await.map(|body| body.to_bytes())
}

/// Sends a request, if it is allowed.
async fn get(egress: &Egress, url: &str) -> Result<Incoming, EgressError> {
    let body = http_body_util::Empty::new();
    egress
        .send(Outgoing {
            method: "GET",
            url,
            headers: Vec::new(),
            credential: CredentialChoice::Nothing,
            body,
        })
        .await
}

#[tokio::test]
async fn a_server_with_a_trusted_certificate_is_contacted() {
    let (server, certificate) = tls_server("127.0.0.1").await;
    let client = client(LONG_DEADLINES, Some(&certificate));
    assert_eq!(sent(&client, &format!("https://{server}/")).await.unwrap(), "hello");
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_is_refused() {
    let (server, _) = tls_server("127.0.0.1").await;
    let error = sent(&client(LONG_DEADLINES, None), &format!("https://{server}/")).await.unwrap_err();
    assert!(matches!(error, EgressError::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn a_server_with_a_certificate_for_another_name_is_refused() {
    let (server, certificate) = tls_server("api.example").await;
    let error =
        sent(&client(LONG_DEADLINES, Some(&certificate)), &format!("https://{server}/")).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

/// Case 28.
#[tokio::test]
async fn a_redirect_from_https_to_http_is_passed_on_and_not_followed() {
    let (connected, mut connection) = oneshot::channel();
    let canary = server(|_| async move { connected.send(()).unwrap() }).await;
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{canary}/\r\ncontent-length: 5\r\n\r\nmoved"
    );
    let (server, certificate) = tls_server_saying("127.0.0.1", redirect.into_bytes()).await;
    let said =
        sent(&client(LONG_DEADLINES, Some(&certificate)), &format!("https://{server}/")).await.unwrap();
    assert_eq!(said, "moved");
    // The canary got no connection.
    assert!(connection.try_recv().is_err());
}

/// Case 32.
#[tokio::test]
async fn no_adapter_uses_a_connection_of_another() {
    let (server, noted) = noting_server().await;
    let adapters = ["/first", "/second"].map(|path| {
        let url = format!("http://{server}{path}");
        let grants = [Grant::new(&url, &["GET".to_owned()], None).unwrap()];
        (Egress::new(path, &grants, Arc::default(), &Uplink::default()).unwrap(), url)
    });
    for _ in 0..8 {
        for (egress, url) in &adapters {
            let incoming = get(egress, url).await.unwrap();
            assert_eq!(incoming.body.collect().await.unwrap().to_bytes(), "hello");
        }
    }
    let noted = noted.lock().unwrap();
    let of =
        |path| noted.iter().filter(|noted| noted.0 == path).map(|noted| noted.1).collect::<BTreeSet<_>>();
    let (first, second) = (of("/first"), of("/second"));
    assert!(!first.is_empty() && !second.is_empty());
    assert!(first.is_disjoint(&second), "{first:?} {second:?}");
}

#[tokio::test]
async fn generations_of_an_adapter_share_four_requests_in_flight() {
    let (server, _) = noting_server().await;
    let url = format!("http://{server}/");
    let grants = [Grant::new(&url, &["GET".to_owned()], None).unwrap()];
    let allowance = Arc::<Allowance>::default();
    let [old, new] =
        [(); 2].map(|()| Egress::new("guest", &grants, Arc::clone(&allowance), &Uplink::default()).unwrap());
    let send = |egress| get(egress, &url);
    let mut held = Vec::new();
    for egress in [&old, &old, &new, &old] {
        held.push(send(egress).await.unwrap());
    }
    assert_eq!(allowance.permits.available_permits(), 0);
    let mut fifth = pin!(send(&new));
    let is_pending = poll_fn(|context| Poll::Ready(fifth.as_mut().poll(context).is_pending())).await;
    assert!(is_pending);
    // A response is in flight until it is read.
    held.pop().unwrap().body.collect().await.unwrap();
    held.push(fifth.await.unwrap());
    assert_eq!(allowance.permits.available_permits(), 0);
    held.clear();
    assert_eq!(allowance.permits.available_permits(), 4);
}

/// Case 60.
#[tokio::test]
async fn a_stalled_handshake_ends_with_the_connect_deadline() {
    let (greeted, greeting) = oneshot::channel();
    let server = server(|mut stream| async move {
        greeted.send(stream.read_u8().await.unwrap()).unwrap();
        std::future::pending().await
    });
    let client = client(Deadlines { connect: SHORT, ..LONG_DEADLINES }, None);
    let sent = async { sent(&client, &format!("https://{}/", server.await)).await };
    // No other deadline is so short.
    let error = tokio::time::timeout(LONG / 4, sent).await.unwrap().unwrap_err();
    assert!(matches!(error, EgressError::Timeout(_)), "{error:?}");
    assert!(error.to_string().ends_with(" took too long: operation timed out"), "{error}");
    assert_eq!(greeting.await.unwrap(), 22, "it began with a handshake");
}

/// Case 58.
#[tokio::test]
async fn dripping_headers_end_with_the_silence_deadline() {
    let server = server(|stream| drip(stream, b"HTTP/1.1 200 OK\r\na: b"));
    let client = client(Deadlines { silence: SHORT, ..LONG_DEADLINES }, None);
    let error = sent(&client, &format!("http://{}/", server.await)).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout(_)), "{error:?}");
}

#[tokio::test]
async fn a_stopped_body_ends_with_the_silence_deadline() {
    let server = server(|mut stream| async move {
        answer(&mut stream, &ANSWER[..ANSWER.len() - 1]).await;
        std::future::pending().await
    });
    let client = client(Deadlines { silence: SHORT, ..LONG_DEADLINES }, None);
    let error = sent(&client, &format!("http://{}/", server.await)).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout(_)), "{error:?}");
}

/// Case 59.
#[tokio::test]
async fn a_dripping_body_ends_with_the_total_deadline() {
    let server = server(|stream| drip(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"));
    let client = client(Deadlines { total: SHORT, ..LONG_DEADLINES }, None);
    let error = sent(&client, &format!("http://{}/", server.await)).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout(_)), "{error:?}");
}

/// Case 61.
#[tokio::test]
async fn a_truncated_body_is_an_error() {
    let server = server(|mut stream| async move { answer(&mut stream, &ANSWER[..ANSWER.len() - 1]).await });
    let error = sent(&client(LONG_DEADLINES, None), &format!("http://{}/", server.await)).await.unwrap_err();
    assert!(matches!(error, EgressError::Unreachable(_)), "{error:?}");
}

/// A lookup that returns these addresses for any name, one list per call; the last one repeats.
pub(super) struct Leading {
    pub(super) to: Vec<Vec<IpAddr>>,
    /// An address of this machine that counts as public.
    pub(super) public: Option<IpAddr>,
    pub(super) asked: AtomicUsize,
}

impl Leading {
    /// Creates a lookup and its resolver.
    pub(super) fn resolver(to: &[&[&str]], public: Option<&str>) -> (Arc<Self>, Resolver<Self>) {
        let ip = |ip: &str| ip.parse().unwrap();
        let to = to.iter().map(|found| found.iter().map(|found| ip(found)).collect()).collect();
        let names = Arc::new(Self { to, public: public.map(ip), asked: AtomicUsize::new(0) });
        (Arc::clone(&names), Resolver { proxy: None, names })
    }
}

impl Names for Leading {
    async fn lookup(&self, _: &str) -> io::Result<Vec<SocketAddr>> {
        let asked = self.asked.fetch_add(1, SeqCst);
        let found = &self.to[asked.min(self.to.len() - 1)];
        Ok(found.iter().map(|ip| SocketAddr::new(*ip, 0)).collect())
    }

    fn is_special(&self, ip: IpAddr) -> bool {
        self.public != Some(ip) && System.is_special(ip)
    }
}

/// Sends a request to a granted name that resolves to this machine.
async fn sent_to_name(
    server: &str,
    is_public: bool,
    certificate: &CertificateDer<'static>,
) -> Result<Bytes, EgressError> {
    let (_, port) = server.rsplit_once(':').unwrap();
    let url = format!("https://gateway.example:{port}/v1/chat");
    let grant = Grant::new(&url, &["GET".to_owned()], None).unwrap();
    let mut egress = Egress::new("guest", &[grant], Arc::default(), &Uplink::default()).unwrap();
    let (names, resolver) = Leading::resolver(&[&["127.0.0.1"]], is_public.then_some("127.0.0.1"));
    let certificate = Certificate::from_der(certificate).unwrap();
    let client = Client::build(LONG_DEADLINES, None, |builder| {
        builder.dns_resolver(resolver).tls_certs_only([certificate])
    });
    egress.client = Some(client.unwrap());
    let incoming = get(&egress, &url).await;
    assert_eq!(names.asked.load(SeqCst), 1, "it is resolved once");
    incoming?.body.collect().await.map(|body| body.to_bytes())
}

/// Case 25.
#[tokio::test]
async fn a_connection_goes_to_the_resolved_address() {
    let (server, certificate) = tls_server("gateway.example").await;
    assert_eq!(sent_to_name(&server, true, &certificate).await.unwrap(), "hello");
}

/// Case 24.
#[tokio::test]
async fn a_granted_name_that_resolves_to_this_machine_opens_no_connection() {
    let (connected, mut connection) = oneshot::channel();
    let server = server(|_| async move { connected.send(()).unwrap() }).await;
    let (_, certificate) = tls_server("gateway.example").await;
    let error = sent_to_name(&server, false, &certificate).await.unwrap_err();
    assert!(matches!(error, EgressError::Denied(_)), "{error:?}");
    assert!(
        error.to_string().contains("gateway.example leads to 127.0.0.1, which is not on the public internet"),
        "{error}"
    );
    let (_, port) = server.rsplit_once(':').unwrap();
    let toml = format!("[[adapters.guest.http]]\nurl = \"https://127.0.0.1:{port}/v1/chat\"\n");
    assert!(error.to_string().contains(&toml), "{error}");
    // The server got no connection.
    assert!(connection.try_recv().is_err());
}

/// Sends a request to a granted address.
pub(super) async fn sent_through(uplink: &Uplink, url: &str) -> Result<Bytes, EgressError> {
    let grant = Grant::new(url, &["GET".to_owned()], None).unwrap();
    let egress = Egress::new("guest", &[grant], Arc::default(), uplink).unwrap();
    let incoming = get(&egress, &format!("{url}?what=is-said")).await?;
    incoming.body.collect().await.map(|body| body.to_bytes())
}

#[tokio::test]
async fn requests_go_through_the_configured_proxy_which_cannot_read_them() {
    let (server, certificate) = tls_server("gateway.example").await;
    let (_, port) = server.rsplit_once(':').unwrap();
    let (proxy, noted) = proxy().await;
    let (_folder, ca_file) = ca_file(&certificate);
    let uplink =
        Uplink { ca_file: Some(ca_file), proxy: Some(Proxy::parse(&format!("http://{proxy}")).unwrap()) };
    let url = format!("https://gateway.example:{port}/v1/chat");
    assert_eq!(sent_through(&uplink, &url).await.unwrap(), "hello");
    let noted = String::from_utf8_lossy(&noted.lock().unwrap()).into_owned();
    assert!(noted.starts_with(&format!("CONNECT gateway.example:{port} HTTP/1.1\r\n")), "{noted}");
    assert!(!noted.contains("is-said") && !noted.contains("/v1/chat"), "{noted}");
}

#[tokio::test]
async fn requests_to_this_machine_bypass_the_proxy() {
    let (asked, mut asking) = oneshot::channel();
    let proxy = server(|_| async move { asked.send(()).unwrap() }).await;
    let uplink = Uplink { ca_file: None, proxy: Some(Proxy::parse(&format!("http://{proxy}")).unwrap()) };
    let (server, _) = noting_server().await;
    let (_, port) = server.rsplit_once(':').unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let said = sent_through(&uplink, &format!("http://{host}:{port}/")).await.unwrap();
        assert_eq!(said, "hello");
    }
    // The proxy got no connection.
    assert!(asking.try_recv().is_err());
}

#[tokio::test]
async fn a_private_authority_is_trusted_if_configured() {
    let (server, certificate) = tls_server("127.0.0.1").await;
    let url = format!("https://{server}/");
    let (_folder, path) = ca_file(&certificate);
    let uplink = Uplink { ca_file: Some(path), proxy: None };
    assert_eq!(sent_through(&uplink, &url).await.unwrap(), "hello");
}

#[tokio::test]
async fn without_certificates_only_this_machine_is_reachable() {
    let uplink = Uplink { ca_file: Some("/no/such/ca.pem".into()), proxy: None };
    let (server, _) = noting_server().await;
    assert_eq!(sent_through(&uplink, &format!("http://{server}/")).await.unwrap(), "hello");
    let error = sent_through(&uplink, "https://gateway.example/v1").await.unwrap_err().to_string();
    assert_eq!(
        error,
        "https://gateway.example cannot be trusted: [network] ca_file = \"/no/such/ca.pem\" cannot be read: \
         No such file or directory (os error 2)"
    );
}

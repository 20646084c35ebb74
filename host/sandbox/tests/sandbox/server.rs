//! Servers on loopback: one that records its requests, and one with custom behaviour.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// The maximum size of a response.
pub const LARGE: usize = 4 * 1024 * 1024;

type Seen = Arc<Mutex<Vec<(String, Option<String>)>>>;

pub struct Server {
    url: String,
    seen: Seen,
    released: Arc<Notify>,
    task: AbortHandle,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Seen::default();
        let released = Arc::new(Notify::new());
        let router = Router::new().fallback({
            let (seen, released) = (Arc::clone(&seen), Arc::clone(&released));
            move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
                let authorization = headers.get(header::AUTHORIZATION);
                let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
                seen.lock().unwrap().push((format!("{method} {uri}"), authorization));
                if uri.path() == "/held" {
                    released.notified().await;
                }
                answer(&method, &uri, &headers, &body).await
            }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { url, seen, released, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Answers a pending request for `/held`.
    pub fn release(&self) {
        self.released.notify_one();
    }

    /// Its requests, in order.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(request, _)| request.clone()).collect()
    }

    /// The `Authorization` of each request.
    pub fn authorizations(&self) -> Vec<Option<String>> {
        self.seen.lock().unwrap().iter().map(|(_, authorization)| authorization.clone()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A server with custom behaviour.
pub struct RawServer {
    pub port: u16,
    connections: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl RawServer {
    /// Serves each connection with this function, which also gets the connection's number, counted from 0.
    pub async fn start<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, counted.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { port, connections, task: task.abort_handle() }
    }

    /// A server address that must not be contacted.
    pub async fn canary() -> Self {
        Self::start(|_, _| async {}).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The number of connections.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads the head of a request, or returns `None` if the connection is closed.
pub async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

async fn answer(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    match uri.path() {
        "/redirect" => {
            let to = HeaderValue::from_str(uri.query().unwrap()).unwrap();
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
        "/large" => vec![b'x'; LARGE + 1].into_response(),
        "/endless" => {
            let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 65536]));
            Body::from_stream(chunks).into_response()
        }
        // Returns the received credential, each byte in a separate chunk.
        "/divided" => {
            let value = headers[header::AUTHORIZATION].as_bytes().to_vec();
            let bytes = value.into_iter().map(|byte| Ok::<_, std::io::Error>(vec![byte]));
            Body::from_stream(futures_util::stream::iter(bytes)).into_response()
        }
        // A response that never ends.
        "/begun" => {
            let begun = futures_util::stream::once(async { Ok::<_, std::io::Error>("begun") });
            Body::from_stream(begun.chain(futures_util::stream::pending())).into_response()
        }
        "/many-headers" => {
            let header = |n| (HeaderName::try_from(format!("x-{n}")).unwrap(), HeaderValue::from_static("x"));
            (0..80).map(header).collect::<HeaderMap>().into_response()
        }
        "/large-headers" => {
            let header = |n| {
                let value = HeaderValue::try_from("x".repeat(8000)).unwrap();
                (HeaderName::try_from(format!("x-{n}")).unwrap(), value)
            };
            (0..5).map(header).collect::<HeaderMap>().into_response()
        }
        // Compressed, with `identity` listed first.
        "/gzip-behind" => {
            let encodings = ["identity", "gzip"].map(|encoding| (header::CONTENT_ENCODING, encoding));
            (AppendHeaders(encodings), "\u{1f}...").into_response()
        }
        "/gzip" => ([(header::CONTENT_ENCODING, "gzip")], "\u{1f}...").into_response(),
        "/never" => std::future::pending().await,
        "/late" => {
            tokio::time::sleep(Duration::from_millis(15)).await;
            "late".into_response()
        }
        _ => echo(method, uri, headers, body),
    }
}

/// Returns the whole request in the body, and the credential in a header as well.
fn echo(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    let mut text = format!("{method} {uri} ");
    for (name, value) in headers {
        text.push_str(&format!("{name}={} ", value.to_str().unwrap()));
    }
    text.push_str(&String::from_utf8_lossy(body));
    let authorization = headers.get(header::AUTHORIZATION).cloned();
    let reflected = authorization.unwrap_or(HeaderValue::from_static("none"));
    ([(HeaderName::from_static("x-reflected"), reflected)], text).into_response()
}

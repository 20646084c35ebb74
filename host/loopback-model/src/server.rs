//! The HTTP server: one handler, and the state it shares with [`crate::LoopbackModel`].

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::messages_reply::{self, MessagesReply, Step};
use crate::messages_request::MessagesRequest;
use crate::recorded::RecordedRequest;
use crate::script::Script;
use crate::usage::Usage;

/// The maximum size of a body, in bytes. A client sends 50 KB for a short conversation.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The state shared by the handle and the connections.
#[derive(Debug)]
pub(crate) struct Shared {
    script: Script,
    requests: Mutex<Vec<RecordedRequest>>,
    usage: Mutex<Usage>,
    hanging: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

impl Shared {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            script,
            requests: Mutex::default(),
            usage: Mutex::default(),
            hanging: watch::Sender::new(0),
            released: watch::Sender::new(false),
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.requests).clone()
    }

    pub(crate) fn usage_total(&self) -> Usage {
        *lock(&self.usage)
    }

    pub(crate) fn hanging(&self) -> watch::Receiver<usize> {
        self.hanging.subscribe()
    }

    pub(crate) fn release(&self) {
        self.released.send_replace(true);
    }

    fn count(&self, usage: Usage) {
        *lock(&self.usage) += usage;
    }

    async fn hang(&self) {
        let mut released = self.released.subscribe();
        let _hanging = Hanging::new(&self.hanging);
        // The sender lives as long as `self`, so there is no error to handle.
        let _ = released.wait_for(|released| *released).await;
    }
}

/// Counts one hanging turn until it is dropped, even if the client disconnects.
struct Hanging<'a>(&'a watch::Sender<usize>);

impl<'a> Hanging<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Hanging<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Locks a mutex. Its data stays valid even if a holder panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until `stopped` resolves.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let app = Router::new().fallback(handle).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(shared);
    tokio::select! {
        _ = stopped => {}
        _ = async { axum::serve(listener, app).await } => {}
    }
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let serial = messages_reply::serial();
    let response = match body {
        Ok(body) => {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let request = recorded(&method, uri.path(), &headers, &body);
            lock(&shared.requests).push(request.clone());
            match shared.script.vendor_api().and_then(|api| api.respond(&request)) {
                Some(completion) => completion.into_response(),
                None => respond(shared, &method, uri.path(), &body, serial).await,
            }
        }
        Err(rejection) => failure(rejection.status(), &rejection.body_text()),
    };
    ([("request-id", format!("req_loopback_{serial}"))], response).into_response()
}

fn recorded(method: &Method, path: &str, headers: &HeaderMap, body: &Value) -> RecordedRequest {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    RecordedRequest {
        method: method.to_string(),
        path: path.to_owned(),
        headers: headers.collect(),
        body: body.clone(),
    }
}

async fn respond(shared: Arc<Shared>, method: &Method, path: &str, body: &Value, serial: u64) -> Response {
    match (method.as_str(), path) {
        ("GET" | "HEAD", "/") => success(&json!({})),
        ("GET", "/v1/models") => {
            success(&json!({"data": [], "has_more": false, "first_id": null, "last_id": null}))
        }
        ("POST", "/v1/messages/count_tokens") => {
            success(&json!({"input_tokens": Usage::PER_TURN.input_tokens}))
        }
        ("POST", "/v1/messages") => messages(shared, MessagesRequest(body), serial).await,
        ("POST", "/openai/v1/chat/completions") => completion(&shared).await,
        _ => failure(StatusCode::NOT_FOUND, "no such path"),
    }
}

async fn completion(shared: &Shared) -> Response {
    let Some(completion) = shared.script.next_completion() else {
        return failure(StatusCode::NOT_FOUND, "the script has no completion");
    };
    if let Some(delay) = completion.delay {
        tokio::time::sleep(delay).await;
    }
    completion.into_response()
}

async fn messages(shared: Arc<Shared>, messages_request: MessagesRequest<'_>, serial: u64) -> Response {
    if !messages_request.is_valid() {
        return failure(StatusCode::BAD_REQUEST, "messages: a list is required");
    }
    let turn = shared.script.turn_for(messages_request);
    if let Some(status) = turn.take_failure() {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = turn.headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        });
        let mut response = failure(status, "scripted failure");
        response.headers_mut().extend(headers);
        return response;
    }
    let Some(reply) = MessagesReply::new(turn, messages_request, serial) else {
        return failure(
            StatusCode::BAD_REQUEST,
            "the client names no working directory, or no file for a plan",
        );
    };
    if messages_request.is_streamed() {
        let steps = reply.steps();
        return streamed(shared, steps);
    }
    if reply.hangs() {
        shared.hang().await;
    }
    shared.count(reply.usage());
    success(&reply.whole())
}

/// Sends a reply step by step. If the client disconnects, the stream is dropped.
fn streamed(shared: Arc<Shared>, steps: VecDeque<Step>) -> Response {
    let events = stream::unfold((shared, steps), |(shared, mut steps)| async move {
        loop {
            match steps.pop_front()? {
                Step::Send(event) => {
                    let name = event["type"].as_str().unwrap_or_default();
                    let event = Event::default().event(name).data(event.to_string());
                    return Some((Ok::<_, Infallible>(event), (shared, steps)));
                }
                Step::Count(usage) => shared.count(usage),
                Step::Pause(delay) => tokio::time::sleep(delay).await,
                Step::Hang => shared.hang().await,
            }
        }
    });
    Sse::new(events).into_response()
}

fn success(body: &Value) -> Response {
    json_response(StatusCode::OK, body)
}

/// Returns an error in the format of the API.
fn failure(status: StatusCode, message: &str) -> Response {
    let kind = match status.as_u16() {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    json_response(status, &json!({"type": "error", "error": {"type": kind, "message": message}}))
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

//! Replies of the chat completions API, which many vendors serve.

use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::usage::Usage;

/// A reply to a request for a chat completion.
#[derive(Clone, Debug)]
pub struct Completion {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    pub(crate) delay: Option<Duration>,
}

impl Completion {
    /// Creates a reply with this content.
    #[must_use]
    pub fn text(content: impl Into<String>) -> Self {
        let Usage { input_tokens, output_tokens, .. } = Usage::PER_TURN;
        let message = json!({"role": "assistant", "content": content.into()});
        let body = json!({
            "id": "chatcmpl-loopback", "object": "chat.completion", "created": 0, "model": "loopback",
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": input_tokens, "completion_tokens": output_tokens,
                "total_tokens": input_tokens + output_tokens,
            },
        });
        Self::raw(200, body.to_string())
    }

    /// Creates a reply with this JSON as content, as in JSON mode.
    #[must_use]
    pub fn json(content: &Value) -> Self {
        Self::text(content.to_string())
    }

    /// Creates an error in the format of the API.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let error = json!({"message": message, "type": "invalid_request_error", "code": code});
        Self::raw(status, json!({"error": error}).to_string())
    }

    /// Creates a reply with this status and this JSON.
    pub(crate) fn json_body(status: u16, body: &Value) -> Self {
        Self::raw(status, body.to_string())
    }

    /// Creates a reply with this status and these bytes.
    #[must_use]
    pub fn raw(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let json = (header::CONTENT_TYPE.to_string(), "application/json".to_owned());
        Self { status, headers: vec![json], body: body.into(), delay: None }
    }

    /// Adds a header, such as `Retry-After`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Waits before sending the reply.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }
}

impl IntoResponse for Completion {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let response = response.body(Body::from(self.body));
        // The status or a header is invalid: a mistake in the script, not in the client.
        response
            .unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response())
    }
}

//! The requests that the server has received.

use serde_json::Value;

use crate::messages_request::MessagesRequest;

/// A request that the server received.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The headers, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body; null if it was not JSON.
    pub body: Value,
}

impl RecordedRequest {
    /// Returns the value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the user's last prompt, without the client's additions.
    #[must_use]
    pub fn prompt(&self) -> Option<String> {
        MessagesRequest(&self.body).prompt()
    }
}

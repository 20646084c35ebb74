//! A host with scripted answers, for tests.

use std::cell::{Ref, RefCell};
use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::{Host, http};

/// The scripted result of a request.
pub type Sent = Result<http::Response, http::Error>;

/// A host that gives its answers in order, and fails after the last one.
#[derive(Debug, Default)]
pub struct Scripted {
    config: BTreeMap<String, String>,
    answers: RefCell<VecDeque<Sent>>,
    requests: RefCell<Vec<http::Request>>,
    warnings: RefCell<Vec<String>>,
}

impl Scripted {
    /// Returns a host with these answers and no configuration.
    pub fn new(answers: impl IntoIterator<Item = Sent>) -> Self {
        Self { answers: RefCell::new(answers.into_iter().collect()), ..Self::default() }
    }

    /// Sets a value of the configuration.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.config.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Ref<'_, Vec<http::Request>> {
        self.requests.borrow()
    }

    /// Returns the warnings so far.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }

    /// Returns the body of a request.
    pub fn body(&self, at: usize) -> Value {
        self.requests().get(at).and_then(|sent| serde_json::from_slice(&sent.body).ok()).unwrap_or_default()
    }
}

impl Host for Scripted {
    fn config(&self, key: &str) -> Option<String> {
        self.config.get(key).cloned()
    }

    fn send(&self, request: &http::Request) -> Sent {
        self.requests.borrow_mut().push(request.clone());
        let used_up = || Err(http::Error::Unreachable("the script is used up".to_owned()));
        self.answers.borrow_mut().pop_front().unwrap_or_else(used_up)
    }

    fn note(&self, _message: &str) {}

    fn warn(&self, message: &str) {
        self.warnings.borrow_mut().push(message.to_owned());
    }
}

/// Returns a response with this status and body.
pub fn response(status: u16, body: impl Into<Vec<u8>>) -> http::Response {
    http::Response { status, headers: Vec::new(), body: body.into() }
}

/// Returns a response with this answer from the model.
pub fn says(content: &str) -> Sent {
    completion(&json!({"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}))
}

/// Returns a response with this choice from the model.
pub fn completion(choice: &Value) -> Sent {
    Ok(response(200, json!({"object": "chat.completion", "choices": [choice]}).to_string()))
}

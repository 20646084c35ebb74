//! The turns of a script: what the model says, and how it fails.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::usage::Usage;

/// A reply of the model.
#[derive(Debug)]
pub struct Turn {
    pub(crate) content: Vec<Content>,
    pub(crate) delay: Option<Duration>,
    pub(crate) hangs: bool,
    pub(crate) usage: Usage,
    /// The headers of a failure.
    pub(crate) headers: Vec<(String, String)>,
    failures: Option<Failures>,
}

#[derive(Debug)]
pub(crate) enum Content {
    Text(String),
    Tool { name: String, input: Value },
}

#[derive(Debug)]
struct Failures {
    status: u16,
    /// How many failures remain, or `None` if the turn always fails.
    left: Option<AtomicU32>,
}

impl Turn {
    /// Creates a turn that says `text`.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(vec![Content::Text(text.into())])
    }

    /// Creates a turn that calls a tool. In the strings of `input`, `{cwd}` is replaced by the client's
    /// working directory, and `{plan_file}` by the client's plan file.
    #[must_use]
    pub fn tool(name: impl Into<String>, input: Value) -> Self {
        Self::new(Vec::new()).and_tool(name, input)
    }

    /// Creates a turn that always fails with this HTTP status.
    #[must_use]
    pub fn error(status: u16) -> Self {
        Self { failures: Some(Failures { status, left: None }), ..Self::new(Vec::new()) }
    }

    fn new(content: Vec<Content>) -> Self {
        Self {
            content,
            delay: None,
            hangs: false,
            usage: Usage::PER_TURN,
            headers: Vec::new(),
            failures: None,
        }
    }

    /// Adds another tool call to the same message, as [`Turn::tool`] does.
    #[must_use]
    pub fn and_tool(mut self, name: impl Into<String>, input: Value) -> Self {
        self.content.push(Content::Tool { name: name.into(), input });
        self
    }

    /// Fails with this HTTP status the first `times` times, across all conversations.
    ///
    /// Claude Code treats 429 and 529 as temporary and reports them; it retries a 400 five times without a
    /// report.
    #[must_use]
    pub fn after_errors(mut self, status: u16, times: u32) -> Self {
        self.failures = Some(Failures { status, left: Some(AtomicU32::new(times)) });
        self
    }

    /// Adds a header to failures, such as how long to wait.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Creates a turn that fails because a subscriber's usage limit has been reached; it resets at this time,
    /// in seconds since the epoch.
    ///
    /// Claude Code treats it as a usage limit only if its token is a subscriber's, see
    /// [`crate::LoopbackModel::subscriber_env`]. With an API key, it retries.
    #[must_use]
    pub fn usage_limit(until: u64) -> Self {
        const UNIFIED: &str = "anthropic-ratelimit-unified";
        Self::error(429)
            .header(format!("{UNIFIED}-status"), "rejected")
            .header(format!("{UNIFIED}-reset"), until.to_string())
            .header(format!("{UNIFIED}-representative-claim"), "five_hour")
    }

    /// Pauses after each chunk of a streamed reply.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Sends its content, but does not end until [`crate::LoopbackModel::release`] is called or the client
    /// disconnects.
    #[must_use]
    pub fn hanging(mut self) -> Self {
        self.hangs = true;
        self
    }

    /// Sets the reported usage, which is [`Usage::PER_TURN`] by default.
    #[must_use]
    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// Returns the status to fail with this time, if it fails.
    pub(crate) fn take_failure(&self) -> Option<u16> {
        let Failures { status, left } = self.failures.as_ref()?;
        let fails = left.as_ref().is_none_or(|left| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
        });
        fails.then_some(*status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_fails_the_given_number_of_times() {
        let turn = Turn::text("ok").after_errors(529, 2);
        let failures: Vec<_> = (0..4).map(|_| turn.take_failure()).collect();
        assert_eq!(failures, [Some(529), Some(529), None, None]);
    }

    #[test]
    fn an_error_turn_always_fails() {
        let turn = Turn::error(400);
        assert!((0..100).all(|_| turn.take_failure() == Some(400)));
    }
}

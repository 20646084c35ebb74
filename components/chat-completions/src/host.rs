//! The functions that an adapter needs from its host.

use crate::bindings::codewalk::{config::config, log::log};
use crate::http;

/// The functions that an adapter needs from its host.
pub trait Host {
    /// Returns a value of the adapter's configuration.
    fn config(&self, key: &str) -> Option<String>;

    /// Sends a request.
    ///
    /// # Errors
    /// Fails if there is no response.
    fn send(&self, request: &http::Request) -> Result<http::Response, http::Error>;

    /// Logs a detail that is only useful for debugging.
    fn note(&self, message: &str);

    /// Logs a warning. If a call times out, the last warning is reported as the reason.
    fn warn(&self, message: &str);
}

/// The host behind the component's imports.
#[derive(Debug, Clone, Copy)]
pub struct Imports;

impl Host for Imports {
    fn config(&self, key: &str) -> Option<String> {
        config::get(key)
    }

    fn send(&self, request: &http::Request) -> Result<http::Response, http::Error> {
        http::send(request)
    }

    fn note(&self, message: &str) {
        log::write(log::Level::Info, message);
    }

    fn warn(&self, message: &str) {
        log::write(log::Level::Warn, message);
    }
}

//! What the host learns about servers. A call has no state of an earlier one, so the host learns for built-in
//! adapters, and passes it on as configuration.

use std::collections::BTreeMap;
use std::fmt;

/// Learns from the responses to an adapter. The adapter has no access to it, and so cannot store anything in
/// it.
pub trait Experience: fmt::Debug + Send + Sync {
    /// Returns configuration for the next call. Values from the operator take precedence.
    fn told(&self) -> BTreeMap<String, String>;

    /// Learns the status of a response.
    fn answered(&self, url: &str, body: &[u8], status: u16);
}

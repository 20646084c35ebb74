//! What the host learns about servers. A call has no state from earlier ones, so the host learns on behalf of
//! built-in adapters, and passes the result on as configuration.

use std::collections::BTreeMap;
use std::fmt;

/// Learns from the responses that an adapter receives. The adapter has no access to it, and so cannot store
/// anything in it.
pub trait Experience: fmt::Debug + Send + Sync {
    /// Returns configuration for the next call. Values from the operator take precedence.
    fn told(&self) -> BTreeMap<String, String>;

    /// Learns the status of a response.
    fn answered(&self, url: &str, body: &[u8], status: u16);
}

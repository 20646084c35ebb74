//! What is learned of servers. A call remembers nothing of the one before; what an adapter that ships found out about a server,
//! the program outside of the sandbox may keep, and tell it again as a part of its configuration.

use std::collections::BTreeMap;
use std::fmt;

/// Learns from what an adapter is answered. The adapter does not speak to it, and so keeps nothing in it of its own.
pub trait Experience: fmt::Debug + Send + Sync {
    /// Returns what there is to be told at the beginning of a call. What the operator configured wins.
    fn told(&self) -> BTreeMap<String, String>;

    /// Takes note of the status that a request was answered with.
    fn answered(&self, url: &str, body: &[u8], status: u16);
}

//! The data that leaves this machine.

use std::fmt::Display;

/// Says what a grant lets an adapter send, and what the requests contain.
pub fn leaving(port: &str, name: &str, grant: &impl Display) -> String {
    format!("{name} may send {}: {grant}", sent(port))
}

/// Says what the requests of the adapters of a port contain.
pub fn sent(port: &str) -> &'static str {
    match port {
        "router" => "your requests, and the names of your projects, agents and sessions",
        _ => "the output of your agents, and what they are waiting for",
    }
}

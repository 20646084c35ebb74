//! The worlds that adapters implement.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A world that adapters implement. `wit/` describes each in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    /// Finds the intent of an utterance.
    Router,
    /// Summarises a session in plain words.
    Summarizer,
}

/// The interfaces of codewalk that any adapter may import. `types` has no functions.
pub const IMPORTS: [&str; 4] = [
    "codewalk:types/types@0.1.0",
    "codewalk:http/http@0.1.0",
    "codewalk:log/log@0.1.0",
    "codewalk:config/config@0.1.0",
];
/// The WASI interfaces that an adapter may import. They are linked but empty.
const WASI: [&str; 29] = [
    "cli/environment",
    "cli/exit",
    "cli/stderr",
    "cli/stdin",
    "cli/stdout",
    "cli/terminal-input",
    "cli/terminal-output",
    "cli/terminal-stderr",
    "cli/terminal-stdin",
    "cli/terminal-stdout",
    "clocks/monotonic-clock",
    "clocks/wall-clock",
    "filesystem/preopens",
    "filesystem/types",
    "http/outgoing-handler",
    "http/types",
    "io/error",
    "io/poll",
    "io/streams",
    "random/insecure",
    "random/insecure-seed",
    "random/random",
    "sockets/instance-network",
    "sockets/ip-name-lookup",
    "sockets/network",
    "sockets/tcp",
    "sockets/tcp-create-socket",
    "sockets/udp",
    "sockets/udp-create-socket",
];
/// The latest known patch release of WASI 0.2.
const WASI_PATCH: u32 = 12;

/// Returns whether adapters may import an interface.
pub(crate) fn is_import(name: &str) -> bool {
    IMPORTS.contains(&name) || is_wasi(name)
}

/// Returns whether an interface belongs to a known version of WASI.
#[must_use]
pub fn is_wasi(name: &str) -> bool {
    let known = name.strip_prefix("wasi:").and_then(|rest| rest.split_once("@0.2."));
    known.is_some_and(|(interface, patch)| {
        WASI.contains(&interface)
            && patch.bytes().all(|digit| digit.is_ascii_digit())
            && patch.parse::<u32>().is_ok_and(|patch| patch <= WASI_PATCH)
    })
}

impl World {
    /// All worlds.
    pub const ALL: [Self; 2] = [Self::Router, Self::Summarizer];

    /// Returns the name of the world in `wit/`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Router => "codewalk:router/router-adapter",
            Self::Summarizer => "codewalk:summarizer/summarizer-adapter",
        }
    }

    /// Returns the interface that an adapter of this world must export.
    #[must_use]
    pub const fn export(self) -> &'static str {
        match self {
            Self::Router => "codewalk:router/router@0.1.0",
            Self::Summarizer => "codewalk:summarizer/summarizer@0.1.0",
        }
    }

    /// Returns the kind of adapter as one word, which the configuration uses to name its chain.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Router => "router",
            Self::Summarizer => "summarizer",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case 67.
    #[test]
    fn only_known_wasi_interfaces_may_be_imported() {
        for name in ["wasi:io/poll@0.2.0", "wasi:http/outgoing-handler@0.2.12", "wasi:cli/exit@0.2.3"] {
            assert!(is_wasi(name) && is_import(name), "{name}");
        }
        for name in [
            "wasi:io/poll@0.2.13",
            "wasi:io/poll@0.3.0",
            "wasi:io/poll@0.2.0-rc-2023-11-10",
            "wasi:io/poll@0.2.+1",
            "wasi:io/poll@0.2.",
            "wasi:io/poll@0.2.99999999999",
            "wasi:io/poll",
            "wasi:http/incoming-handler@0.2.0",
            "wasi:keyvalue/store@0.2.0",
            "wasix:io/poll@0.2.0",
        ] {
            assert!(!is_import(name), "{name}");
        }
    }
}

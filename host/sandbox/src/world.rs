//! The worlds an adapter may be made for.

use std::fmt;

/// What an adapter can be. `wit/` describes each world in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum World {
    /// It finds out what an utterance means.
    Router,
    /// It says in plain words what a session is doing.
    Summarizer,
}

/// The interface through which adapters send requests.
pub(crate) const HTTP: &str = "codewalk:http/http@0.1.0";
/// What an adapter may import, whatever its world. `types` has no functions.
pub(crate) const IMPORTS: [&str; 4] =
    ["codewalk:types/types@0.1.0", HTTP, "codewalk:log/log@0.1.0", "codewalk:config/config@0.1.0"];

impl World {
    /// All worlds.
    pub const ALL: [Self; 2] = [Self::Router, Self::Summarizer];

    /// Returns the name of the world in `wit/`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Router => "codewalk:router/router-adapter",
            Self::Summarizer => "codewalk:summarizer/summarizer-adapter",
        }
    }

    /// Returns the name of the interface that an adapter of this world must export.
    pub const fn export(self) -> &'static str {
        match self {
            Self::Router => "codewalk:router/router@0.1.0",
            Self::Summarizer => "codewalk:summarizer/summarizer@0.1.0",
        }
    }

    /// Returns the kind of adapter in one word, which is also the name of its chain in the configuration.
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

//! Origins: which front end a command came from, and on whose authority something was done.

/// The kind of front end a command came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Channel {
    /// A person at a terminal.
    Terminal,
    /// A program or a script.
    Script,
    /// The built-in demo.
    Demo,
}

/// The source of a command: one front end of one process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Origin {
    /// Its kind.
    pub channel: Channel,
    /// Its name, unique among the open front ends, e.g. `run-4711`.
    pub name: String,
}

/// The authority behind an action.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "type", rename_all = "snake_case")
)]
pub enum Actor {
    /// A person at a front end.
    Person {
        /// The front end.
        origin: Origin,
    },
    /// A command-line flag.
    Flag {
        /// The flag as typed, e.g. `--yes`.
        name: String,
    },
    /// A rule in the code or the configuration.
    Policy {
        /// The rule.
        name: String,
    },
}

impl Actor {
    /// Returns the authority of a command from `origin`. The demo never acts for a person.
    #[must_use]
    pub fn of(origin: &Origin) -> Self {
        match origin.channel {
            Channel::Demo => Self::Policy { name: "the demonstration answers itself".to_owned() },
            Channel::Terminal | Channel::Script => Self::Person { origin: origin.clone() },
        }
    }
}

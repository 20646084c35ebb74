//! Unknown places that an utterance names.

use crate::mention::Mention;

/// A place with an unknown name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// The name of the place sounds like a known project.
    Alike {
        /// The name as the user wrote it.
        name: String,
        /// The position of the name, and the known project that it may mean.
        mention: Mention,
    },
    /// The place is named as a project, and no known project sounds like it.
    Unknown(String),
}

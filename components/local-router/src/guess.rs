//! Unknown places that an utterance names.

use crate::mention::Mention;

/// A place with an unknown name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Its name sounds like a known project.
    Alike {
        /// The name as the user wrote it.
        name: String,
        /// Its position, and the project of the request that it may be.
        mention: Mention,
    },
    /// It is named as a project, and no known project sounds like it.
    Unknown(String),
}

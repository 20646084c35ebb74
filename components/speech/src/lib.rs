//! Makes foreign text fit to be spoken, for the adapters that summarise: `words` makes sure that what comes from outside
//! can be said at all, `prose` takes sentences out of it, and `quote` says what must be exact, such as commands and paths.

pub mod prose;
pub mod quote;
pub mod words;

//! Makes foreign text fit to be spoken, for the adapters that summarise: `words` makes sure that what comes from outside
//! can be said at all, and `prose` takes sentences out of it.

pub mod prose;
pub mod words;

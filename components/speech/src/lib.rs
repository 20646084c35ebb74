//! Prepares foreign text to be spoken, for the summarizers: `words` makes foreign text speakable, `prose`
//! extracts sentences from it, and `quote` renders exact text, such as commands and paths.

pub mod prose;
pub mod quote;
pub mod words;

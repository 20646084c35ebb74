//! The words for the rules in `src/reading.rs`.

use crate::phrases::{Phrases, phrases};

/// "The other session" is not the one that this conversation started.
pub const OTHERS: &Phrases =
    phrases!("other|others ?running|live session|sessions|agent|agents|one|ones|run|job");

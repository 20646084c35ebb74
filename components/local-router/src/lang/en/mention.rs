//! The words for the rules in `src/mention.rs`.

use crate::phrases::{Phrases, phrases};

pub const EXCLUSIONS: &Phrases = phrases! {"
    not|never|except|outside|without ?touch|touching|change|changing|use|using|in|on|for|with|by|via|inside|
    of|to ?the
"};

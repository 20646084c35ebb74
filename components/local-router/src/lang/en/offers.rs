//! The words for the rules in `src/offers.rs`.

use crate::phrases::{Phrases, phrases};

/// Words of denial and of consent: a text with one of them is not offered.
pub const DENIALS: &Phrases = phrases! {"
    no|not|never|none|nothing|nobody|neither|nor|nope|nah|refuse|forbid|forget|disregard|ignore|cancel|unsure;
    yes|approve|approved|approval|approvals|confirm|confirmed|confirmation|confirmations|consent|permission|
    permissions|auto-approve|auto-confirm|bypass|sudo|instructions
"};

pub const POINTERS: &Phrases = phrases!("it|that|this|them|those|these|something|anything|one");

pub const PERSONS: &Phrases = phrases!("i|we|he|she|they|you|it|that|this|someone|somebody|yesterday");

pub const ARTICLES: &Phrases = phrases!("the|a|an|all|every|each|our|my|these|those|both");

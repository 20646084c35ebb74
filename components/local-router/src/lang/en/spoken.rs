//! The words for the rules in `src/spoken.rs`.

use crate::phrases::{Phrases, phrases};

/// Sounds without meaning.
pub const FILLERS: &Phrases = phrases!("uh|um|uhm|umm|uhh|erm|ehm|er");

/// Beginnings of spoken requests.
pub const SPOKEN: &Phrases =
    phrases!("uh|um|uhm|umm|uhh|erm|ehm|er; so|okay|ok|well|yeah|please|and|but like; i mean like");

pub const LIKENESSES: &Phrases = phrases!(
    "look|looks|looked|looking|sound|sounds|feel|feels|work|works|behave|behaves|act|acts|would|i|we|they|you|
        users|should|is|are|be|just"
);

pub const QUESTION_OPENERS: &Phrases = phrases!("how|what|why|where|when|who|if|whether|the|that");

pub const LIKE_FOLLOWERS: &Phrases = phrases!("in|can|could|a|the|so|maybe|please");

pub const YOU: &Phrases = phrases!("you");

pub const KNOW: &Phrases = phrases!("know");

pub const LIKE: &Phrases = phrases!("like");

pub const I: &Phrases = phrases!("i");

pub const MEAN: &Phrases = phrases!("mean");

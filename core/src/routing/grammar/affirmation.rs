//! A yes in English.

use super::order;
use super::text::Spaced;
use crate::routing::lang::en::answers::{AFFIRMATIONS, FILLERS};

pub(super) fn is_affirmation(words: &[Spaced]) -> bool {
    let known = |word: &Spaced| [AFFIRMATIONS, FILLERS].iter().any(|list| list.contains(&word.0.as_str()));
    words.iter().all(known)
        && words.iter().any(|word| AFFIRMATIONS.contains(&word.0.as_str()))
        && !order::is_no_consent(words)
}

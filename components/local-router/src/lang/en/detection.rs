//! The words for the rules in `src/detection.rs`.

use crate::phrases::{Phrases, phrases};

pub const ENGLISH: &Phrases = phrases!("quit|exit|status|hello|hi|hey|yes|yeah|sorry|session|agent|cannot");

pub const SHARED: &Phrases = phrases!("halt|die|an|am|man|war|hat|des|la|son|sale|dice");

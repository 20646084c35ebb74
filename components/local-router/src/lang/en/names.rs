//! The words for the rules in `src/names.rs`.

use crate::phrases::{Phrases, phrases};

pub const JOINTS: &Phrases = phrases!("and|or|nor|plus ?also|maybe ?both ?in|on|for ?the|my|our");

/// Words for the current folder.
pub const HERE: &Phrases = phrases! {"
    to|into|in|over|back here; here; into|to|in this project|repo|repository|folder|codebase|one
"};

pub const EXCLUSIONS: &Phrases = phrases!("like|as|than|unlike|versus|vs|not|except|outside");

pub const ARTICLES: &Phrases = phrases!("the|my|our|both|either");

pub const FROM_OF: &Phrases = phrases!("from|of");

pub const INDEFINITE: &Phrases = phrases!("a|an|any|another|every|each|no|some|per|which|what");

pub const PROJECT_FLAGS: &Phrases = phrases!("--project|-p");

pub const MODALS: &Phrases = phrases!("should|needs|must|has|is|does");

pub const CAUSATIVES: &Phrases = phrases!("make|let|have|get");

pub const IN: &Phrases = phrases!("in|inside|within");

pub const PREPOSITIONS: &Phrases = phrases!("for|on|of|to|at|into|across|throughout");

pub const EXCEPTIONS: &Phrases = phrases!("not|than|of|except|without");

pub const NOT: &Phrases = phrases!("not");

pub const NEVER: &Phrases = phrases!("not|never");

pub const AGENT_FLAGS: &Phrases = phrases!("--agent|-a");

pub const AGENT_ENDS: &Phrases = phrases!("in|on|for|to|and|please|so|because|agent");

pub const USES: &Phrases = phrases!("with|using|via|through|use|start|launch|run");

pub const ASKS: &Phrases = phrases!("ask|get|want|tell");

pub const LETS: &Phrases = phrases!("have|let|make");

pub const TO: &Phrases = phrases!("to");

//! The words for the rules in `src/reference.rs`.

use crate::phrases::{Phrases, phrases};

/// Words that do not identify a session.
pub const LIGHT: &Phrases = phrases! {"
    doing|working|running|going|happening|current|currently|whatever|nowadays|far|status|progress|
    altogether|completely|entirely|immediately|straight|minute|moment|second|continue|left|stuff|side|
    guy|coming|along|ready|finished|finish|complete|completed|came|come|waiting|stuck|blocked|happened|
    happen|busy|news|update|updates|tell|show|know|long|eta|worked|session's|result|results|outcome|
    latest|recent|failed|fail|succeeded|succeed|started|start|ended|end|became|become|anyone|everybody|
    nobody|successful|successfully|progressing|proceeding|talking|thinking|stopped|stop|cancelled|hold|
    answer|input|approval|attention
"};

pub const RELATIVES: &Phrases = phrases!("that|which|who");

pub const COPULAS: &Phrases = phrases!("is|has|was|are");

pub const AGENT: &Phrases = phrases!("agent");

pub const PRONOUNS: &Phrases = phrases!("it|this|that|him|her|you|they|he|she");

pub const GROUPS: &Phrases = phrases!("them|all|everything|both|everyone|anything|something");

pub const GROUP_DETERMINERS: &Phrases = phrases!("every|each|any");

pub const RECENT: &Phrases = phrases!("recent");

pub const NEWEST: &Phrases = phrases!("last|latest|newest|newer|recent|previous");

pub const OLDEST: &Phrases = phrases!("first|oldest|older|earliest");

pub const RUNNING: &Phrases = phrases!("running|active|live|busy|ongoing");

pub const WAITING: &Phrases = phrases!("waiting|blocked|pending|paused");

pub const FAILED: &Phrases = phrases!("failed|broken|crashed|failing");

pub const COMPLETED: &Phrases = phrases!("finished|completed|done");

pub const CANCELLED: &Phrases = phrases!("cancelled|canceled|stopped|aborted|killed|interrupted");

pub const LOST: &Phrases = phrases!("lost");

//! The words of the rules in `reference.rs`.

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

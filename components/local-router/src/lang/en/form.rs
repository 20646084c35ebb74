//! The words for the rules in `src/form.rs`.

use crate::phrases::{Phrases, phrases};

pub const ATTRIBUTIONS: &Phrases = phrases! {"
    ?a|an|the|this|my ?new|slack|urgent|last|code|review email|mail|e-mail|message|comment|note|letter|
    dm|post|memo|sms|tweet|ticket|issue|quote from|by|of
"};

pub const REPORTS: &Phrases = phrases! {"
    says|said|wrote|writes|asked|asks|told|claims|suggested|suggests|mentioned|demanded|ordered
"};

pub const BEGINNINGS: &Phrases = phrases! {"
    why|how|where|what|which|who|when|whose;
    is|are|was|were|does|do|did|has|have|can|could|should|would|will;
    walk|take|guide|lead me|us through;
    tell|show me ?exactly|please why|how|where|what|which|who|when|whether|if;
    i ?really ?do ?not ?want|need|would ?like ?to know|understand|see|wonder ?exactly ?why|how|what|
    where|which|if|whether;
    any idea|ideas why|how|where|what;
    know|understand|learn ?exactly how|why|what|where|which|whether|if|who|when
"};

pub const OPEN: &Phrases = phrases! {"
    the|a|an|of|with|and|or|because|from|into|my|our|your|their|but|to|if|when|than|via|using
"};

//! The words for the rules in `src/follow_ups.rs`.

use crate::phrases::{Phrases, phrases};

/// Verbs before an addressee.
pub const TELLS: &Phrases = phrases! {"
    tell|ask|remind|inform|instruct|advise|warn|notify|message|ping|nudge|order|command|direct|urge;
    let;
    say|write|reply|respond|answer|speak|talk ?back to; answer|make|have|get; send|give|pass
"};

/// Such verbs that address a running session of an agent rather than a new one.
pub const TELLS_SESSIONS: &Phrases = phrases! {"
    tell|remind|inform|advise|warn|message|notify|ping|nudge|reply|respond|answer|let|instruct|say
"};

/// Verbs after which a pronoun may be the object of a request: "make it faster".
pub const MAKES: &Phrases = phrases!("make|have|get|give|send|let|pass|order|command|direct");

/// Words that end the address, before the message.
pub const MESSAGES: &Phrases = phrases! {"
    to|that|about|know|whether|if|not|why|what|how|when|where|which|it|we|i|there|do|please|should|use|the|
    yes|no
"};

/// Phrases that tie a request to a session by its topic: "follow up on the search work: ...".
pub const TOPICS: &Phrases = phrases! {"
    follow|following up on|with; regarding|concerning|about|re; as for; back to; with regard|respect to;
    on the topic|subject of; for|in|on|to|with; continuing ?with|on; going|coming back to;
    returning to
"};

/// Words that never name a session.
pub const OTHERS: &Phrases = phrases!("me|us|the|a|an|users|everyone|people");

pub const LIGHT: &Phrases = phrases!("to|that|know|about|please|not");

pub const PERSONS: &Phrases = phrases!("it|him|her");

pub const ADDRESSEE_ARTICLES: &Phrases = phrases!("the|that|this|my|it");

pub const LETS: &Phrases = phrases!("have|let");

pub const SENDS: &Phrases = phrases!("send");

pub const NOTES: &Phrases = phrases!("a note|message|hint");

pub const CONTINUATIONS: &Phrases = phrases!("also|instead|too|still|again; as well");

pub const TOPIC_ARTICLES: &Phrases = phrases!("the|that|this|my");

pub const TOPIC_ENDS: &Phrases = phrases!("should|must|may|needs|can|has|have|use|please|also");

pub const WEAK_PREPOSITIONS: &Phrases = phrases!("for|in|on|to|with");

pub const THE: &Phrases = phrases!("the");

pub const KNOW: &Phrases = phrases!("know");

pub const IT: &Phrases = phrases!("it");

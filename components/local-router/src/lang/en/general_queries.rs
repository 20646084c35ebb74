//! The words for the rules in `src/general_queries.rs`.

use crate::phrases::{Phrases, phrases};

/// Questions about agents and costs.
pub const OF_ALL: &Phrases = phrases! {"
    which|what agents can|could|may|do|should i|we|you ?actually use|have|know|run|start|offer|choose ?from
    ?here;
    ?list|show ?me ?all ?the|my|our projects; which|what projects are there;
    which|what agents are available|installed|configured|known|there|usable|supported ?here ?to|for ?me|us;
    how much ?money have|did|do|has i|we|you|they ?already ?all spend|spent|used ?up ?so ?far ?on|in|for ?the
    ?agents|
    total|all ?already ?today|yesterday|this|last|now ?week|month|year|day ?so ?far;
    ?the|my cost|costs|spending|expenses|bill ?please|now|today ?far;
    what have|did|do i|we spend|spent ?so ?far ?today|yesterday|this|last ?week|month
"};

/// Requests to see a log, without its owner.
pub const LOGS: &Phrases = phrases! {"
    ?please show|see|print|open|display|read|give|get|view|tail|want ?to ?see ?me|us ?please the|its|that|a|
    last|latest ?whole|full|last|latest|
    newest|recent|complete log|logs|transcript ?please|now;
    let me|us ?please see|have|read|view ?me ?the|its|that ?whole|full|last|latest|newest|complete log|logs|
    transcript ?please;
    show|see|print|open|display|read|give|get|view ?me|us ?please log|logs ?please;
    ?the ?whole|full|last|latest|newest|complete log|logs|transcript ?please;
    where is|are the log|logs|transcript
"};

/// Requests to see the output of a session; without a session they mean a program.
pub const OUTPUTS: &Phrases = phrases!(
    "?please ?show|see|print|open|display|read|give|get|view ?me|us the|its ?whole|full|last output|outputs|
        result|results|messages"
);

/// Questions about the effort of work.
pub const EFFORTS: &Phrases = phrases! {"
    how hard|difficult|easy|complex|complicated|tricky|risky|expensive|costly|feasible|big|long|much|
    realistic|simple|many
    ?more ?work|effort|time|money|days|hours|weeks|of ?a|an ?big ?job|change|deal|task|effort
    would|will|could|might|is|does it|that|this|you ?really|roughly|actually ?be|take|cost|require|need ?for
    ?us|me|you|one|somebody to;
    what would|will|does|might|could it|that|one|we|you ?really|roughly ?take|cost|mean|require|need|involve|
    have ?for ?us|me|you to;
    what would|will|is ?be needed|required|necessary|involved|missing ?for ?us to;
    is|would it ?be hard|difficult|easy|possible|feasible|much|risky ?a ?lot ?of ?work ?for ?us to
"};

/// Questions about what to do, which no session can answer.
pub const ADVICE: &Phrases =
    phrases!("should|shall we|i ?rather use|take|choose|pick|prefer|store|keep|put|go|add");

pub const PRONOUNS: &Phrases = phrases!("it|that|this|them|you");

/// Instructions to do something as it is done elsewhere, and to repeat it.
pub const BY_EXAMPLE: &Phrases =
    phrases!("do|make|build it|this|that like|as|the; do it|this|that again|once");

pub const OF: &Phrases = phrases!("of|from|for|by|in");

pub const LIGHT: &Phrases =
    phrases!("finish|complete|end|stop|be|get|do|say|tell|know|start|answer|continue");

pub const POLITE_ENDS: &Phrases = phrases!("please|thanks|now");

pub const LOG_OWNERS: &Phrases = phrases!("run|runs|job|it|codex|claude");

//! The words for the rules in `src/turns.rs`.

use crate::phrases::{Phrases, phrases};

/// Words that only introduce the name of a place.
pub const JOINTS: &Phrases = phrases! {"
    no|nope|nah|yes|yeah|yep|ok|okay|sure|sorry|actually|wait|oh|well|but|and|i|it|that|this|meant|mean|
    should|be|do|run|start|in|
    for|inside|on|to|the|my|our|project|repo|repository|one|instead|please|rather|then|though|over|is|was|
    said|use|take
"};

pub const WRONG_PLACES: &Phrases = phrases! {"
    ?no not that|this|the project|repo|repository|one ?but ?the other|another ?one|project|repo|repository;
    ?no|sorry ?that|it ?is|was ?in ?the wrong project|repo|repository|place|folder;
    ?no ?i ?meant|mean ?in|for the other project|repo|repository ?please
"};

pub const ORDINALS: &Phrases = phrases!("first|second|third|fourth|fifth|last");

/// Instructions to repeat the last request elsewhere.
pub const SAME: &Phrases = phrases! {"
    ?ok|okay|now|and|also|please|then ?now|please ?can|could ?you ?do|make|repeat|apply ?exactly the same
    ?thing|change|fix|work
    ?again ?now for|in|to|with|on|over|inside ?in ?the;
    ?ok|okay|and same ?thing|again for|in|to|with|on ?the; ?ok|okay and|now ?also|now for|in ?the;
    ?ok|okay|now|and|also|please ?do it|that|this ?again|too|also for|in ?the
"};

/// Instructions to repeat the last request in the same place.
pub const AGAIN: &Phrases = phrases! {"
    ?ok|okay|now|please ?do|run ?exactly|just ?the same ?thing|request|one again|once ?more ?please|now;
    ?ok|okay|now|please once more ?please; ?ok|okay|please again ?please; one more time ?please
"};

/// Words that may follow the place.
pub const AFTER: &Phrases = phrases!(
    "project|repo ?please; ?project|repo as well ?please; ?project|repo too|please|now|also|again ?please"
);

pub const POINTS: &Phrases =
    phrases!("one|session|instead|meant|mean|no|nope|yes|yeah|but|in|for|project|repo");

pub const OTHER_PROJECT: &Phrases = phrases!("other project|repo|repository");

pub const CORRECTIONS: &Phrases = phrases!("?no|yes|yeah ?i ?meant|mean the|that|this");

pub const ONES: &Phrases = phrases!("one|session");

pub const THAT_ONE: &Phrases = phrases!("?yes|yeah|ok|okay that|this one ?please");

pub const ONE: &Phrases = phrases!("one");

pub const OTHER: &Phrases = phrases!("other");

/// Ordinal numbers in order.
pub const NUMBERS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

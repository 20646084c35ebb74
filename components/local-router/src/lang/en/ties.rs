//! The words for the rules in `src/ties.rs`.

use crate::phrases::{Phrases, phrases};

pub const GOES_ON: &Phrases = phrases! {"
    again|same|instead|undo|revert|redo|retry|too|also|still|back|yes|no|continue|resume|rerun|stop|other|
    option
"};

pub const POINTERS: &Phrases = phrases!("it|that|this|them|those|these");

pub const REPEATS: &Phrases = phrases! {"
    the same ?thing ?again ?for|with|in|to|on|there|here; again; ?the other way|one|option
"};

pub const REMARKS: &Phrases = phrases! {"
    you ?have|did ?not ?just forgot|forget|missed|miss|broke|break|left|removed|deleted|changed|
    misunderstood|added|did|made|need|should|wrote|used|can|may;
    that|this|it is|was|does|did|looks|seems|should|needs|must|still|has|works|fails|broke|will|can|
    could;
    can|could|should it|they ?please also; can|could it|they please; better use|try|keep|make|do|write;
    i|we would ?much rather|prefer|have; i meant|mean; not like that; that|this ?one;
    the idea|point was|is; one more|last thing; looks; almost|nearly; still
"};

pub const CHOICES: &Phrases = phrases! {"
    ?the first|second|third|last|other|former|latter|1st|2nd|3rd ?option|one|choice|variant|version|way;
    option|variant|number|version|choice a|b|c|d|1|2|3|4|one|two|three
"};

pub const STEERS: &Phrases = phrases! {"
    keep|leave|focus|prefer|stick|undo|revert|skip|remember|ignore|forget|avoid|retry|commit|push|stop
    the|that|this|those|these|my|your|to|on|with|it|what|touching|changing|using|adding;
    go with|for;
    try|use|take|pick a|an|the different|other|another|old|new|simpler|first|second|third
"};

pub const CHOOSES: &Phrases = phrases!("use|take|pick|choose|try|go|keep");

pub const MAKE_IT: &Phrases = phrases!("make it|this");

pub const JUDGEMENTS: &Phrases = phrases!("possible|impossible|easy|easier|harder|optional|clear");

pub const IT_THEM: &Phrases = phrases!("it|them");

pub const DETERMINERS: &Phrases = phrases!("the|my|our|every|all|each|this");

pub const FOR_IT: &Phrases = phrases!("for|with|to|of|on|about");

pub const DEMONSTRATIVES: &Phrases = phrases!("that|this|those|these");

pub const PLACE_ENDS: &Phrases = phrases!("for|with|to|on|there|here");

pub const GIT_VERBS: &Phrases = phrases!("commit|push|rebase|merge");

pub const CONDITIONS: &Phrases = phrases!("if|once|when|whenever|before|after|unless|until|as");

pub const PLACES_OF_TESTS: &Phrases = phrases!("is|are|live|tests in|under|at");

pub const CHOICE_OBJECTS: &Phrases = phrases!("what you|it|this|that");

pub const CHANGES: &Phrases = phrases!("instead|too|again|already");

pub const INSTEAD_OF: &Phrases = phrases!("instead of");

pub const CHANGES_NOUN: &Phrases = phrases!("changes");

pub const STILL: &Phrases = phrases!("still");

//! The words for the rules in `src/requests.rs`.

use crate::phrases::{Phrases, phrases};

/// Verbs that are also nouns: "test coverage is low", "log output is garbled".
/// Words between the alternatives of a question for advice.
pub const ALTERNATIVES: &Phrases = phrases!("or ?a|the");

pub const NOUNS_TOO: &Phrases = phrases! {"
    test|log|build|release|support|search|cache|type|format|batch|index|page|order|request|report|query
"};

/// Words after "can you" that are not verbs of work.
pub const NO_VERBS: &Phrases = phrases! {"
    hear|believe|imagine|guess|speak|understand|i|you|we|he|they|be|know|sing|dance|remember|feel|love|like|
    disregard|forget|leave|avoid|refrain
"};

pub const OF_SESSIONS: &Phrases = phrases! {"
    stop|kill|cancel|abort|end|pause|resume|continue|terminate|halt|start|restart|close|open|go|have|do|
    tell|ask|let|help|wait|interrupt|begin|remind|notify|answer
"};

/// Beginnings of a clause that only leads up to the next one.
pub const LEADING_UP: &Phrases = phrases! {"
    on|at|under|inside|within|over|upon|from|someone|somebody|something|everything;
    before|after|when|whenever|once|if|while|since|because|as|until|unless|although|given|considering|
    whereas|during|without|for|with|to|in|instead|following|based|seeing|assuming|that;
    the|our|my|these|all|every|there; no|not|nothing|nobody|none; i|we do|can|could not;
    i|we have|get|see|found|noticed|got|am|are
"};

pub const MUSINGS: &Phrases = phrases! {"
    should|shall|could|would|will i|we|you|it; what if; what should|could i|we|you;
    what would you|happen; how|what about; what do|did you think; do|did|are|have|would you;
    who are|is|am|was; how old; when will|is; what time|day
"};

pub const PROBLEMS: &Phrases = phrases! {"
    is|are ?still|always|often|sometimes|again|completely|really|too|very|now|currently broken|failing|
    flaky|slow|wrong|missing|red|down|unreadable|incorrect|outdated|stale|empty|ugly|unused|
    duplicated|insecure|vulnerable|leaking|crashing|hanging|garbled|misaligned|cut|confusing|
    deprecated|unstable|throwing|returning|not;
    fails|crashes|hangs|breaks|leaks|throws|panics|returns|shows|loses|overflows|flickers|blocks|times|
    segfaults|deadlocks|ignores|overlaps|stopped|crashed|broke|failed|keeps|takes;
    lose|fail|crash|hang|leak|throw|panic|overflow|flicker|disappear|vanish; does|do|did not;
    can not; will not; should; needs|need ?to|a|an|more|better; must;
    has|have ?a|an|no|too been|no|bug|typo|many|race|leak|problem|issue;
    never|always|sometimes|often|occasionally|still; gives|give ?a|an|me; could use|do|be;
    ought to; is|are supposed; nothing happens|works|helps|changes; does nothing; there is|are ?a|an|some|no|
    too;
    lacks|misses
"};

pub const STORIES: &Phrases = phrases! {"
    ?the|my|our|an|a admin|boss|manager|owner|operator|colleague|customer|client|ceo|cto says|said|wants|
    wanted|asked|asks|told|wrote;
    i|he|she|they|you|someone|somebody; we am|are|was|were|had|did|do;
    it|that|this is|was|does|did|not|should
"};

pub const MEETINGS: &Phrases = phrases! {"
    i|we ?still|always|sometimes|often|keep|only get|getting|see|seeing|notice|noticed|hit|lose;
    i|we have a|an|two|three|some|many|the
"};

pub const ORDERS: &Phrases = phrases! {"
    launch|launched|start|started|run|use|used|approved|approve|allowed|permitted|confirmed
"};

pub const BEGINNINGS: &Phrases = phrases! {"
    a|an|more|better|new|support|some|proper|faster|nicer|fewer|less|additional|another|missing|improved
"};

pub const ARTICLES: &Phrases = phrases!("the|a|an|all|every|each|our|my");

pub const SECOND_REQUESTS: &Phrases = phrases!("?so|and please; can|could|would you");

pub const SPOKEN_REQUESTS: &Phrases = phrases!("can|could|would you; please");

pub const CLAUSE_OPENERS: &Phrases = phrases!("please|and|but|so");

pub const PASSIVES: &Phrases = phrases!("is|are|gets|get");

pub const SUBJECT_ARTICLES: &Phrases = phrases!("the|our|my|every|each|a|an|all|both");

pub const DO: &Phrases = phrases!("do");

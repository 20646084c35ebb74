//! The words for the rules in `src/negation.rs`.

use crate::phrases::{Phrases, phrases};

pub const BARE_ANSWERS: &Phrases = phrases! {"
    ?oh|ok|okay|well yes|yeah|yep|yup|y|sure|ok|okay|k|no|nope|nah|n|aye|si|ja|oui ?yes|no|please|thanks|
    thank|sure ?you ?very ?much;
    ?yes|ok|okay|sure|please ?please|just go ?ahead|for ?it ?please;
    ?yes|ok|okay|no|please ?please do ?not ?it|that|so|this ?please; ?yes|ok|sure fine ?by|with ?me;
    confirm|confirmed|approve|approved|accept|accepted|agree|agreed|deny|denied|reject|rejected|decline|
    declined|allow|granted|correct|exactly|lgtm ?it|that|this|all;
    i agree|approve|confirm|accept|consent|do ?it|that|this|all;
    ?that|it|this|all sounds|looks|is|works|seems ?good|fine|great|right|correct|ok|okay|perfect|nice ?to
    ?me;
    ?yes|ok make it so|happen; ?yes|ok ship it; ?yes|ok proceed ?please;
    ?yes|ok you|we may|can ?proceed|go ?ahead;
    ?yes|ok|okay|please start|launch|run|begin|execute|do ?it|that|this|now|away ?now|please;
    good|great|perfect|nice|cool|awesome|excellent|wonderful ?job|work|stuff|one ?thanks|thank ?you;
    of course ?not; by all means; why not; not now|yet|really|sure|today; permission|consent|access granted;
    the|my answer is yes|no|confirm|ok;
    ?yes|ok|okay let us go|start|begin|do ?it|this|that
"};

pub const GREETINGS: &Phrases = phrases! {"
    hello|hi|hey|yo|howdy|greetings ?there|again|you|codewalk|everyone;
    good morning|evening|afternoon|night|day|bye;
    bye|goodbye|ciao|cheers|thanks|thx|ty|welcome ?a ?lot; thank you ?so|very ?much;
    help ?me ?please; ?can|could ?you help ?me ?please; test ?test|1|2|3 ?test|2|3 ?3;
    testing ?testing|1 ?2 ?3; how are you ?doing|today; who|what are you;
    what can you|i|codewalk do ?here|with|for ?this|me; what is this|codewalk;
    are you there|real|human|alive|ready|ok; is|are anyone|anybody|you there|here;
    hm|hmm|um|uh|oh|ah|well|so|lol|haha|ugh|wow|meh|oops|ouch|huh|eh ?ok|well|no|not|i|what ?sure|know;
    i do not know ?yet|what ?to ?do
"};

pub const REFUSALS: &Phrases = phrases! {"
    do not; never; not; try|be not; please not;
    leave it|that|this|them|everything ?all alone;
    i|we am|are|was|were|have|had|did|do|would|will|should|shall|must|may|can|could|might ?rather|really|
    please not|never;
    you should|shall|must|may|can|could|will|would not|never; i|we|you never;
    i|we would|had|will ?much rather|prefer not|you|nobody|nothing; i|we prefer not;
    nothing for|now|else|yet|today|should|must|may|please|at; there is|are no need|reason|point;
    no need|reason|point|way;
    stop|quit|cease touching|messing|fiddling;
    skip|omit|postpone|defer|delay|refuse ?to fixing|fix|changing|change|editing|modifying|repairing|
    refactoring|rewriting|
    doing|touching;
    forbid|prohibit|ban ?all|any|further|the changes|edits|modifications|changing|editing|modifying|touching;
    no ?more|further changes|edits|modifications|fixes to|of|in; wait before|until|till;
    drop|scrap|abandon|shelve|give ?up the|that|this idea|thought|plan of;
    prevent|keep|stop|block|forbid ?the|any agent|agents|codewalk|anyone|anybody|it from|to; forget about;
    hands off; keep|stay ?your ?hands off|away|out;
    avoid touching|changing|starting|running|doing|launching|editing|fixing|modifying|repairing|rewriting;
    refrain from; under no circumstances;
    forget ?about it|that|this|everything|what; never mind; nevermind; scratch that|it;
    disregard that|this|it|my; ignore that|this|me|my ?last|previous; hold off; on second thought|thoughts
"};

/// Instructions to end work, if no session is live.
pub const CEASES: &Phrases = phrases! {"
    stop|quit|cease changing|fixing|editing|modifying|repairing|refactoring|rewriting
"};

/// Prohibitions, unless they are part of a request: "make sure that nobody can".
pub const STATED_REFUSALS: &Phrases =
    phrases!("nobody|noone should|must|may|can|shall; no one should|must|may|can|shall");

/// Beginnings that only look like prohibitions.
pub const NO_REFUSALS: &Phrases = phrases! {"
    do not forget|hesitate|worry|only|just; not only|just|all|every|any|enough|much|found;
    ?do not|never show|display|render|allow|accept|permit|cache|expose|highlight|reveal the|a|an|empty|two|
    more|
    invalid|negative|duplicate;
    ?do not|never crash|panic|hang|freeze|retry|segfault|deadlock when|if|while|whenever;
    i|we do not ?really like|understand|see|get|have;
    i|we can|could not find|figure|get|build|run|log|reproduce|see|open|install|start|compile|connect|reach|
    login|deploy
"};

/// Failures that a program should avoid.
pub const AVOIDED: &Phrases = phrases!(
    "?do not|never crash|panic|hang|freeze|retry|segfault|deadlock when|if|while|whenever ?the|a|an|no|there"
);

/// Data handling that something else should replace.
pub const HANDLINGS: &Phrases = phrases!("?do not|never log|store|save|print|persist|cache|expose");

pub const REPLACEMENTS: &Phrases = phrases!(
    "?but|and ?instead mask|hash|encrypt|redact|hide|escape|omit|anonymize|anonymise|truncate|strip"
);

pub const WITHDRAWALS: &Phrases = phrases! {"
    ?no|oh|or|actually|wait|well|but|and|please|maybe ?no|wait|actually|please|rather|then|maybe do not ?do|
    start|launch|begin|bother|dare|run|send ?it|that|this|anything|any|yet|now|after|at ?of|all ?it|
    this|that;
    ?no|oh|or|actually|wait|well|but|ah|and ?just never mind ?that|it;
    ?no|oh|or|actually|wait|well|but|ah nevermind;
    ?no|oh|or|actually|wait|just|ah|well|but forget it|that|this|about ?it|that;
    ?actually|no|wait|ah scratch|ignore|disregard|strike that|it|this;
    ?just ?please ?do|change|start|touch nothing ?at ?all; no; nope; or ?rather|maybe|better|perhaps not;
    maybe not|later; ?but|and|just not ?now|yet|today|tonight|really|anymore|ever|happening|here|this ?time;
    just kidding; jk; another time;
    ?absolutely|definitely|certainly|oh|hell no|not ?way|chance ?at ?ever; ?in no way; as if; over my dead
    body; by no means; under no circumstances;
    or|and not; do not you dare;
    ?but|and i|we ?have changed my|our mind; on second thought|thoughts ?no|do ?not;
    ?actually|no|and|but|oh|ah leave it ?be|alone|then|for ?now
"};

/// Withdrawals, if there is no live session that they could refer to.
pub const CANCELLATIONS: &Phrases = phrases!("?actually|no|wait|ah cancel|stop|abort that|it|this");

pub const STRONG_WITHDRAWALS: &Phrases = phrases! {"
    never mind; nevermind; forget it; scratch that; just kidding; no wait do not; actually do not;
    actually no; oh wait no; wait no
"};

pub const WORK: &Phrases = phrases!("fix|fixes|bugfix|repair|work|change|changes|refactoring|rewrite");

pub const FORBIDS: &Phrases = phrases! {"
    must|should|may|shall|are|is not|never ?to ?be touched|changed|edited|modified|altered|fixed|repaired|
    refactored|rewritten ?any ?more|anymore|again|now|please ?please;
    is|are|was not|never|no ?longer ?a|an ?really needed|necessary|required|wanted|allowed|option ?anymore|
    now;
    is|are unwanted|forbidden|prohibited|unnecessary|pointless;
    has|have|is|are been|already ?already fixed|repaired|merged|done|resolved|solved|implemented|deployed
"};

/// Words before a dismissal.
pub const TURNS: &Phrases = phrases!("but|though|yet");

/// Phrases after a statement that tell codewalk not to act on it.
pub const DISMISSALS: &Phrases = phrases! {"
    no need|reason|point; do not worry|bother|care|fix|touch|change; we|i|you will|can|do|should|must not
    ?fix|care|mind|
    touch|bother|change; ignore|leave|skip it|that|this|them; who cares; that|it is fine|ok|okay|intended;
    never mind
"};

pub const CONDITIONS: &Phrases = phrases! {"
    only if|when|once|after i|we ?have|explicitly say|said|tell|told|ask|asked|confirm|approve|agree|allow|
    give|want;
    if|when|once|unless|until|till|before|after i|we ?ever|explicitly say|said so|go|it|yes;
    if|when|once|unless|until|till|before|after i|we ?ever|explicitly tell|told|ask|asked|beg|begged you;
    if|when|once|unless|until|till|before|after i|we ?ever|explicitly give|gave ?you ?the|a|my go|go-ahead|
    green|signal|word|ok;
    on my signal|command|word|mark
"};

/// Instructions to ask the user first, and words that are one only if a pause follows.
pub const ASKS_FIRST: &Phrases = phrases! {"
    ?please first ask|consult me|us; ?please first check|confirm|talk ?it|that ?over with|to me|us;
    ?please ask|consult me|us first|before|beforehand|then; ?please check|confirm|talk ?it|that ?over with|to
    me|us first|before|beforehand|then
"};

pub const ASKS: &Phrases = phrases!("?please ask|consult me|us; ?please check|confirm with me|us");

pub const ENDS: &Phrases = phrases!(
    "if|when|once|unless|until|before|as i|we say|said|ask|asked|agree|approve|confirm|allow|want|wanted ?it|
        so"
);

pub const TIMES: &Phrases = phrases! {"
    some other time|day; another time|day; tomorrow ?morning|afternoon|evening; ?much|a ?bit later ?on|today;
    tonight; this evening|afternoon|weekend; after ?my|the lunch|dinner|breakfast|work;
    in a|an|one|half|two|three|few|couple ?of ?an|few hour|hours;
    next week|month|year|sprint|monday|tuesday|wednesday|thursday|friday; ?on|until monday|tuesday|wednesday|
    thursday|friday|saturday|sunday
"};

pub const DATES: &Phrases = phrases!(
    "for|is|are|until|by|from|since|to|and|or|the|of|as|show|shows|than|not|into|with|today|yesterday|or|says|
        expires|be"
);

pub const ACTIONS: &Phrases = phrases! {"
    start|launch|run|begin|stop|cancel|kill|abort|interrupt|pause|resume|continue|do|end|bother|touch
"};

pub const LEAVES: &Phrases = phrases!("leave|keep");

pub const AS_IT_IS: &Phrases = phrases!("alone|untouched|unchanged; as it|they is|are|was|were");

pub const WAITS: &Phrases = phrases!("?please|so|ok wait before|until|till");

pub const POSTPONES: &Phrases = phrases!("hold|postpone|delay|defer|shelve|park");

pub const PREVENTS: &Phrases = phrases!("prevent|keep|stop|block|forbid ?the");

pub const FROM_TO: &Phrases = phrases!("from|to");

pub const WITHOUT: &Phrases = phrases!("without");

pub const COULD_YOU: &Phrases = phrases!("would|could|will you");

pub const OR_NOT: &Phrases = phrases!("or not");

pub const AT_IN: &Phrases = phrases!("at|in");

pub const TIME_UNITS: &Phrases = phrases!("am|pm|minutes|hours");

pub const PROGRAM_TIMES: &Phrases = phrases!("that|which|make|let|get|run|runs|starts|every");

pub const DO_NOT: &Phrases = phrases!("do not");

/// Verbs for actions that a session can also perform on a thing: "don't run the migration".
pub const ACTIONS_ON_THINGS: &Phrases = phrases!("touch|run");

//! The words for the rules in `src/lead.rs`.

use crate::phrases::{Phrases, phrases};

pub const FILLERS: &Phrases = phrases! {"
    please|pls|plz|pleas|plase|kindly|hey|hi|hello|yo|ok|okay|k|so|well|right|alright|um|uh|uhm|umm|uhh|ehm|
    erm|er|hmm|hm|oh|ah|
    great|cool|perfect|nice|anyway|thanks|good|lgtm;
    thank you; good morning|evening|afternoon; all right; first ?of ?all;
    just|quickly|maybe|perhaps|again|simply|really|carefully|urgently|immediately|briefly|gradually|safely;
    i think|guess|believe|suppose ?that ?we|you should; i was wondering if|whether;
    do me a favor|favour ?and; if you can|could|would|like;
    as ?a|an|the user|customer|developer|admin|guest|visitor|maintainer|operator|owner ?of;
    when|whenever you have|get time|a ?minute|moment|chance; quick one|task|thing|request|question;
    for me;
    ?do ?all these|those|the|following|two|three|few|several ?following|two|three|few|several things|
    changes|tasks|points|items|fixes
"};

pub const REQUESTS: &Phrases = phrases! {"
    can|could|would|will you|u ?please ?maybe ?perhaps ?possibly ?just|also|quickly ?go ?ahead ?and ?please;
    can|could|shall we ?please ?maybe ?just|also; would|do you mind;
    would you be|kindly so|able ?kind|good ?as ?to;
    i want|need|require|expect you ?to|please; i would like|love|prefer you to;
    i would appreciate it if you could|would;
    i want|need|have|wish|plan ?us ?really|urgently|also to; i would like|love|prefer ?us to;
    we ?really|also|urgently need|want|have|ought to; you ?really need|have|ought to;
    we|you ?really|also|probably should|must|could;
    let us ?please|just|also ?go ?ahead ?and; go ahead and; feel free to; make sure ?that|to ?you|we;
    be sure to; remember to; do not forget to; why do not|don't you|we; how about ?you|we;
    help me ?to ?please; try to|and; is it possible to;
    it would be nice|great|good|cool|helpful|useful if ?you|we could|can ?also|please|maybe;
    would it be possible to; i wonder if ?you|we could|can; any chance ?that ?you|we could|can;
    time to; your|the|my task|job is to; go and;
    i|we want|need|would ?like to be able to; be able to; it is time to; someone|somebody should|needs ?to;
    next|new task ?is ?to
"};

pub const WANTS: &Phrases = phrases! {"
    ?i|we ?really|also|urgently want|need|require;
    it would be nice|great|good|cool|helpful|useful if;
    can|could|may i|we ?please ?also have|get|see; ?i|we would ?really like|love;
    i|we would like ?to ?have|see|get; give me; it would be nice|great|good to have;
    i|we could use
"};

pub const TIES: &Phrases = phrases! {"
    also; and; then; but; plus; no wait|sorry|actually; actually; instead; additionally; furthermore; besides;
    moreover; wait; sorry; correction; one more thing; another thing; while you are|re at it|that;
    on top of that; after that|this|it; before that|this;
    when|once|as|after ?soon ?as you|it|that|this ?one|is|are|has|have|re ?is|are|been done|finished|finish|
    finishes|complete|ready|through;
    by the way; btw; next; now; or rather; rather; same for|with|in|goes; in that case;
    oh and; as well as; meanwhile; p.s; ps; finally; lastly; in addition; apart from that;
    afterwards
"};

/// Labels that people write before a request, with a colon.
pub const LABELS: &Phrases = phrases! {"
    ?new|next|small|quick|another feature|bug|change|enhancement|pull ?request|report|fix|idea;
    ?my|the|new|next ?first|next|small|quick answer|todo|task|step|request|wish|idea|goal|question|issue|job|
    plan|
    story|context|background|problem ?one|two|three|1|2|3;
    ?what i ?actually|really meant|mean ?was|is;
    ?on|about|with this|that|it|the ?following ?one|task|wish|job|thing|issue|problem;
    fixme; agent|project|repo|using|with; expected|wanted|desired; to do; next;
    something|anything else|different|new;
    urgent|important|fyi|hotfix|bugfix|chore|feat|fix|docs|perf|refactor|test|ci|build|style;
    as discussed|promised|agreed
"};

/// Labels that make any words after them a request.
pub const LABELS_OF_REQUESTS: &Phrases = phrases! {"
    ?my|the|new|next|small|quick ?first|next|small|quick feature|change|todo|task|wish|request|feat|fix|bug|
    bugfix|hotfix|next
"};

pub const NEW_SESSION: &Phrases = phrases! {"
    start|open|launch|create|begin|spin|fire|kick ?me ?up|off ?a|an|another ?new|fresh|separate|second|
    another session|one|agent|run|conversation|task;
    new|another|fresh|separate session|agent|run|task;
    in a|another ?new|fresh|separate|second session|run|conversation; separately; in parallel
"};

pub const YES: &Phrases = phrases!("yes|yeah|yep|yup|aye|nope|nah");

/// "Redo it in a new session."
pub const ANEW: &Phrases = phrases!("in|as|with a|another ?new|fresh|separate|second|different session");

/// Words that are an answer at the end of a clause.
pub const ANSWERS: &Phrases =
    phrases!("no|sure|y|n|correct|exactly|affirmative|negative|absolutely|definitely");

pub const STARTS_OVER: &Phrases = phrases! {"
    ?oh|uh|um no|wait|sorry|hang wait|no|actually|on ?no; actually no; ?let me start over|again; scratch that;
    i mean; or rather; sorry; wait
"};

pub const DENIES: &Phrases = phrases!("do not; never; stop; not; nothing; forget");

pub const BEFORE: &Phrases = phrases! {"
    use|using|with|via|through ?the ?help ?of ?the; have|let|get|make ?the;
    start|launch|run|spin|fire|kick|open|put|point|set ?up|off ?the; hey|hi|hello|dear;
    i|we want|need ?the; i|we would like|love|prefer ?the;
    give|hand|assign|pass|delegate this|it|that ?task|job|one ?over to ?the;
    ?this|next|one|a|new ?is ?task|job|wish|one for ?the; can|could|would|will|should
"};

pub const TAKE_PROJECT_BEFORE: &Phrases = phrases! {"
    ?go|cd|move|switch|look|work|working|over to|into|in|inside|on|for|within|regarding|at|under
    ?the|my|our;
    project|repo|cd
"};

pub const STARTS: &Phrases = phrases!("please|the|there|a|i|we|also|use|what|how|why|where|is");

pub const SOURCES: &Phrases = phrases! {"
    email|mail|message|comment|note|ticket|issue|log|error|warning|output|response|request|user|client|
    admin|host|server|session|agent
"};

pub const ORDERS: &Phrases = phrases!("ask|tell|instruct|order ?the");

pub const ORDER_ENDS: &Phrases = phrases!("?agent to|please");

pub const NOT: &Phrases = phrases!("not");

pub const SESSION_JOINTS: &Phrases = phrases!("to|and|that|which");

pub const INSTEAD_OF: &Phrases = phrases!("instead of");

pub const TO: &Phrases = phrases!("to");

pub const AGENT: &Phrases = phrases!("agent");

pub const OR: &Phrases = phrases!("or");

pub const OTHER_AGENTS: &Phrases = phrases!("?and not|except ?the; instead|rather of|than ?the");

pub const AGENT_ENDS: &Phrases =
    phrases!("to|and|for|please|should|could|can|must|will|agent ?please ?you ?please");

pub const PUT_ON: &Phrases = phrases!("?working|started|going on|at");

pub const LET: &Phrases = phrases!("let");

pub const LET_KNOW: &Phrases = phrases!("know|finish|continue|run|work");

pub const AGENT_PLACES: &Phrases = phrases!("in|on|for|inside");

pub const OTHER_PROJECTS: &Phrases = phrases!("and|or|nor ?in|on|for ?the|my|our");

pub const ALSO: &Phrases = phrases!("also");

//! The words for the rules in `src/questions.rs`.

use crate::phrases::{Phrases, phrases};

/// Requests for information, before the question.
pub const ASKING: &Phrases = phrases! {"
    tell|show|remind|inform me; let me|us know|see; give me|us;
    i ?really|just want|need|would ?like to know|see|hear; i wonder|wondered; do|would you know;
    any idea; i am wondering|curious; know|find|check out ?for ?me; check|see if|whether|on|how|what;
    just wondering; curious; question;
    summarize|summarise|recap|describe|explain ?for|to ?me
"};

/// Questions about all sessions, or about the session that the rest of the text names.
pub const OVERVIEWS: &Phrases = phrases! {"
    ?a|an|the|my|your ?current|quick|short|brief|latest|overall status|progress ?report|update|check|
    overview ?please ?of|on|for|about|in|with;
    ?a|an|the|my|any|some ?current|quick|short|brief|latest|more|new update|updates|news|summary|overview|
    recap|report|rundown|progress ?please ?of|on|for|about|from|in|with;
    how are|is things|everything|it|that|this|we|all|they|work ?all ?going|doing|looking|coming|progressing|
    working ?along|on|out;
    what is|are ?everyone|everybody|it|you|they ?currently|now|still up|new|going|happening|running|waiting|
    left|open|active|pending|next|cooking|queued|blocked|stuck|failing ?on ?to ?for ?with ?in ?at;
    what has|have ?been happened|changed|done|finished|failed|completed|happening|new|going ?on ?so ?far
    ?since ?in ?with;
    what is|takes ?it taking ?so|that|this long;
    done|finished|ready|progress|news|update|updates|eta ?yet; anything|something broken|failing|failed|stuck
    ?yet|now;
    what happened|changed ?so ?far|today|here|then|last|since ?night|time;
    what is|are the latest|news|question|questions|problem|holdup|matter|state|situation|progress|status|
    result|results|outcome|eta ?here|now;
    what is|are everyone|everybody|they ?all doing|working|up ?on|to;
    did everything|it|that|all go|work ?well|fine|ok|okay|out|through|right;
    what did|have you ?all do|done|change|changed|work|worked|find|found|accomplish|make ?on;
    is there anything|something ?else|that|for ?me|i|we ?have|need|should|must|can ?to ?do|approve|answer|
    know|decide|look|see;
    what did|have i miss|missed;
    what do i need ?to ?do|know|answer|approve;
    what needs ?my|me|a|an attention|input|answer|approval|decision|help;
    where are|do we|things|you ?stand|at|now;
    are we|you|they|things|all ?nearly|almost|all done|there|ready|finished|good|busy|stuck|blocked|idle
    ?yet;
    ?is|are ?there any|anything|something|anyone|anybody|nothing|someone ?else|agent|agents|session|
    sessions|one|of ?them ?there ?still|currently ?is|are running|waiting|new|happening|going|active|
    done|finished|left|stuck|blocked|failed|pending|open|working|busy|wrong|ready|up|need|needs|finish|
    fail ?on ?to ?for ?with ?in ?at;
    do|does ?i|anything|anyone|any|something ?agent|agents|session|sessions|of ?them need|needs|want|wants|
    require|wait|have ?to ?do ?from ?my ?me;
    did|has|have anything|something|anyone|any ?agent|session|sessions|of ?them fail|failed|finish|finished|
    happen|happened|change|changed|crash|crashed|break|broken|stopped|complete|completed;
    who|which|what ?agent|agents|session|sessions|one|ones|of|run|runs|task|tasks|job|jobs ?them ?is|are|
    was|were|has|have|did|still|need|needs|want|wants ?still|currently|been running|working|waiting|
    failed|fail|done|finished|finish|active|stuck|blocked|open|busy|completed|complete|cancelled|
    stopped|lost|live|alive|left|me|attention|input|crashed|succeeded ?on ?in ?for;
    which|what sessions|agents|runs|tasks|jobs ?are|do|did|have|is;
    how many|much sessions|agents|runs|tasks|jobs|things|of ?them;
    ?list|show|display|see|print ?me ?all ?of ?the|my ?current|running|active|open|failed|recent|last|past|
    live|waiting|finished sessions|agents|runs|jobs|history;
    catch me up ?on; bring me up ?to ?date|speed ?on; fill me in ?on; walk me through what|the;
    keep me posted|updated; report ?back ?on; recap; summary; overview;
    summarize|summarise what|the|all|everything|progress;
    ?is|are|were|was ?there any|some|many error|errors|problem|problems|issue|issues|failure|failures|
    warnings|trouble
    ?so|yet|now ?far;
    what did|does|has|will ?that|this|it|everything|i|we ?all cost|spent|spend ?so|me|us ?far; costs;
    how much did|does|has|have|do ?that|this|it|everything|i|we ?all cost|spend|spent|use|used;
    how|what is|are|was|were the cost|costs|spending|usage|bill
"};

/// Verbs and adjectives of progress.
pub const PROGRESS: &Phrases = phrases! {"
    done|finished|finish|finishing|ready|complete|completed|progress|progressing|progressed|status|going|
    doing|stuck|waiting|wait|blocked|happening|happened|happen|far|along|eta|busy|working|running|
    through|started|stopped|failed|fail|succeeded|succeed|worked|cancelled|paused|active|ended|merged|
    fixed|coming|became|become|outcome|result|results|landed|long|crashed|yet|turned|over|left|idle|
    alive|asking|up|crash|stop
"};

/// Words that are about an agent's work, and rarely about code.
pub const WANTS: &Phrases = phrases!("want|wants|need|needs|waiting|wait|asking|ask|blocked|asks|waits");

/// Stems of question words, which are not part of a topic.
pub const ASKS: &Phrases = phrases! {"
    status|session|agent|summary|overview|recap|report|list|show|cost|file|chang|happen|wrong|work|need|
    attention|project|repo|sinc|new|miss|error|problem|issu|failur|warn|troubl
"};

pub const ASIDES: &Phrases = phrases! {"
    how|what|where|when|why is|are|about|was|did|has; is|are|has|was|did|and|what; how about
"};

pub const NOUNS: &Phrases = phrases!("?session status|progress|update|news|report ?update|report ?please");

pub const STARTS: &Phrases = phrases! {"
    what|how|why|where|when|who|which|whose|is|are|was|were|did|does|do|has|have|had|any|anything|
    whether|if|status|progress
"};

pub const HABITS: &Phrases = phrases! {"
    why|how|where|what|which|when do|does|can|could|would|should; how to; does|do the|a|an|our|my;
    is|are there
"};

pub const SUBJECTS: &Phrases = phrases!("it|you|they|he|she|that|this");

pub const BEFORE: &Phrases = phrases! {"
    is|are|was|were|did|does|do|has|have|had|will|would|if|whether|what|how|why|far|long|much|when|
    where|can|should|files|tests|many|be|of|on|about|with|to|for|because
"};

pub const PAST: &Phrases = phrases!("done|wrote|made|found|did|said|broke|ran|left|went");

pub const WORK: &Phrases = phrases! {"
    what|which|how|why|where|when|who;
    does|do|will|is|are|can it|that|this|you|they
"};

pub const DONE: &Phrases =
    phrases!("done|finished|ready|complete|completed|stuck|running|over|through|started");

pub const AUXILIARIES: &Phrases = phrases!("did|has|have|was|were|had|happened|became|came");

pub const HOW_IS: &Phrases = phrases!("how is|are|was|were|about|goes");

pub const DEMONSTRATIVES: &Phrases = phrases!("that|this");

pub const INVERTED: &Phrases = phrases!("did|does|has|is|will");

pub const IS_HAS: &Phrases = phrases!("is|are|has|have");

pub const FAILURES: &Phrases = phrases!("fail|failed|crash|crashed|wrong");

pub const ACTIVITIES: &Phrases = phrases!("running|doing");

pub const WRONG: &Phrases = phrases!("wrong");

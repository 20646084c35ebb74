//! The words for the rules in `src/statements.rs`.

use crate::phrases::{Phrases, phrases};

/// Software terms that also have an everyday meaning. A single one of them proves nothing.
pub const EVERYDAY: &Phrases = phrases! {"
    table|order|account|date|number|line|page|image|product|process|address|title|stage|port|branch|class|
    mobile|mail|message|
    form|key|host|state|time|view|user|customer|history|object|column|rate|storage|text|theme|ticket|token|
    tree|type|
    library|memory|menu|network|option|package|payment|language|price|currency|calendar|box|field|file|model|
    label|
    security|service|test|release|production|program|project|profile|plan|performance|note|request|response|
    source|
    support|version|screen|document|download|email|folder|discount|coupon|fee|feed|filter|function|head|
    health|heading|
    heap|leak|license|link|list|location|lock|loop|black|border|color|colour|comment|crash|driver|environment|
    error|event|extension|feature|flag|font|grid|hook|index|issue|mode|output|panel|patch|path|queue|race|
    route|row|rust|
    script|server|setting|shell|signal|stock|input|site|space|stack|string|style|suite|swift|tag|tax|terminal|
    thread|warning|web|
    window|worker|button|certificate|chart|code|command|ruby
"};

/// Words about things that are fine, done, or for later.
pub const CONTENT: &Phrases = phrases! {"
    fine|perfect|perfectly|great|lovely|awesome|excellent|beautiful|wonderful|amazing|thanks|happy|glad|
    congratulations|welcome|
    finished|done|merged|released|deployed|completed|fixed|shipped|already|yesterday|tomorrow|tonight|later|
    will|next|
    soon|someday|monday|tuesday|wednesday|thursday|friday|saturday|sunday;
    works|worked|work|went|looks|looked|look|is|are well|good|nice|ok|okay|alright; thank you; good job|work
"};

/// Words about consent, about instructions to agents, and about leaving things as they are.
pub const CLAIMS: &Phrases = phrases! {"
    no|not|never|none|nobody|neither|nor|nope|nah|refuse|refused|forbid|forbidden|forget|disregard|ignore|
    cancel|unsure|without|
    leave|alone|untouched|unchanged|keep|stop|skip|avoid;
    yes|approve|approved|approval|approvals|confirm|confirmed|confirmation|confirmations|consent|permission|
    permissions|
    permitted|allowed|agreed|agrees|agree|accepted|auto-approve|auto-confirm|bypass|bypassed|sudo|instruction|
    instructions|prompt|prompts|rm|launch|launches|agent|agents|session|sessions|ai|assistant|codewalk|router|
    root|delete|drop|destroy|wipe|everything
"};

/// Beginnings that only say how sure the user is.
pub const OPINIONS: &Phrases = phrases!(
    "i ?really ?do think|guess|believe|suspect|assume ?that; i am ?pretty|quite sure ?that; maybe|probably|
        apparently"
);

/// Words that are about program failures, and rarely about anything else.
pub const SYMPTOMS: &Phrases = phrases!(
    "freezes|crashes|hangs|lags|stutters|loading|differ|differs|garbled|blurry|misaligned|overlap|overlaps|
        overlapping|flickers|doubled|blank|truncated|unreadable|misplaced"
);

/// People and pronouns: they begin a story, or refer to something mentioned before.
pub const STORIES: &Phrases = phrases! {"
    i|we|he|she|they|you|it|that|this|these|those|there|someone|somebody|everyone|everybody|anyone|people|
    yesterday|if|when|
    because|who|what|why|how|where|which|whose|let;
    my|our|the|a|an|your ?new|old boss|manager|colleague|colleagues|friend|friends|wife|husband|mother|father|
    mum|dad|team|cat|
    dog|kid|kids|boyfriend|girlfriend|neighbour|neighbor
"};

pub const USES: &Phrases = phrases!(
    "click|clicks|clicking|tap|tapping|scrolling|uploading|downloading|swiping|typing|tabbing|zooming|pasting|
        hovering|dragging|login|logins"
);

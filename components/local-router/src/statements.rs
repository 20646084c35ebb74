//! Statements that are plainly about software, and order nothing: "the invoices come out in the wrong order", "bigger buttons on
//! the checkout page". They are only offered.

use crate::pattern::{Phrases, any_at, any_in, phrases};
use crate::reading::Reading;
use crate::vocabulary::{VAGUE, is_content, is_known_verb, is_technical};
use crate::wishes;
use crate::words::{Mark, Word};

/// Words that stand for something in daily life as well: one of them alone tells nothing.
const EVERYDAY: &Phrases = phrases! {"
    table|order|account|date|number|line|page|image|product|process|address|title|stage|port|branch|class|mobile|mail|message|
        form|key|host|state|time|view|user|customer|history|object|column|rate|storage|text|theme|ticket|token|tree|type|
        library|memory|menu|network|option|package|payment|language|price|currency|calendar|box|field|file|model|label|
        security|service|test|release|production|program|project|profile|plan|performance|note|request|response|source|
        support|version|screen|document|download|email|folder|discount|coupon|fee|feed|filter|function|head|health|heading|
        heap|leak|license|link|list|location|lock|loop|black|border|color|colour|comment|crash|driver|environment|
        error|event|extension|feature|flag|font|grid|hook|index|issue|mode|output|panel|patch|path|queue|race|route|row|rust|
        script|server|setting|shell|signal|stock|input|site|space|stack|string|style|suite|swift|tag|tax|terminal|thread|warning|web|
        window|worker|button|certificate|chart|code|command|ruby
"};

/// What is said of things that are as they should be, of what was done, and of what is for later.
const CONTENT: &Phrases = phrases! {"
    fine|perfect|perfectly|great|lovely|awesome|excellent|beautiful|wonderful|amazing|thanks|happy|glad|congratulations|welcome|
        finished|done|merged|released|deployed|completed|fixed|shipped|already|yesterday|tomorrow|tonight|later|will|next|
        soon|someday|monday|tuesday|wednesday|thursday|friday|saturday|sunday;
    works|worked|work|went|looks|looked|look|is|are well|good|nice|ok|okay|alright; thank you; good job|work
"};

/// What has to do with consent, with orders to machines, or with leaving things as they are.
const CLAIMS: &Phrases = phrases! {"
    no|not|never|none|nobody|neither|nor|nope|nah|refuse|refused|forbid|forbidden|forget|disregard|ignore|cancel|unsure|without|
        leave|alone|untouched|unchanged|keep|stop|skip|avoid;
    yes|approve|approved|approval|approvals|confirm|confirmed|confirmation|confirmations|consent|permission|permissions|
        permitted|allowed|agreed|agrees|agree|accepted|auto-approve|auto-confirm|bypass|bypassed|sudo|instruction|
        instructions|prompt|prompts|rm|launch|launches|agent|agents|session|sessions|ai|assistant|codewalk|router|
        root|delete|drop|destroy|wipe|everything
"};

/// What is said of programs that go wrong, and hardly of anything else.
const SYMPTOMS: &Phrases = phrases!(
    "freezes|crashes|hangs|lags|stutters|loading|differ|differs|garbled|blurry|misaligned|overlap|overlaps|overlapping|flickers|doubled|blank|truncated|unreadable|misplaced"
);

/// How many words there are at least beside the place.
const FEWEST: usize = 5;

/// Persons and pointers: what begins with one is a story, or about something said before.
const STORIES: &Phrases = phrases! {"
    i|we|he|she|they|you|it|that|this|these|those|there|someone|somebody|everyone|everybody|anyone|people|yesterday|if|when|
        because|who|what|why|how|where|which|whose|let;
    my|our|the|a|an|your ?new|old boss|manager|colleague|colleagues|friend|friends|wife|husband|mother|father|mum|dad|team|cat|
        dog|kid|kids|boyfriend|girlfriend|neighbour|neighbor
"};

/// Says whether a statement is about software, and neither a story nor praise nor a claim.
pub fn is_about_software(reading: &Reading) -> bool {
    const LONGEST: usize = 60;
    let rest = reading.rest();
    let is_question =
        wishes::is_question(rest) || reading.words.iter().any(|word| word.mark == Mark::Question);
    let is_others =
        wishes::is_of_others(rest) || wishes::is_report(rest) || rest.iter().any(|word| word.quoted);
    let is_whole = !wishes::is_cut_off(rest) && rest.len() <= LONGEST && !reading.lead.answers;
    let claims = any_in(reading.words, CLAIMS) || any_in(reading.words, CONTENT);
    is_whole
        && !(is_question || is_others || claims)
        && reading.names.agents.is_empty()
        && any_at(rest, STORIES).is_none()
        && has_substance(reading)
}

/// One word that only software has, or two that may be of it, and something beside them.
fn has_substance(reading: &Reading) -> bool {
    let rest = reading.rest();
    let is_own = |(offset, word): &(usize, &Word)| {
        !reading.names.covers(reading.lead.head + offset)
            && (is_content(word) || word.code)
            && !word.is(VAGUE)
    };
    let content = rest.iter().enumerate().filter(is_own).count();
    let is_everyday = |word: &Word| {
        let stem = word.stem();
        let singular = stem.strip_suffix("es").or_else(|| stem.strip_suffix('s')).unwrap_or(stem);
        let ends = [stem, singular, stem.strip_suffix('s').unwrap_or(stem)];
        !word.code && (ends.iter().any(|text| EVERYDAY.contains(text)) || stem.ends_with("ies"))
    };
    let technical =
        || rest.iter().enumerate().filter(is_own).map(|(_, word)| word).filter(|word| is_technical(word));
    let strong = technical().filter(|word| !is_everyday(word)).count() + usize::from(is_use(rest));
    // "The login test in shop" says nothing of it.
    let named = (0..reading.words.len()).filter(|at| reading.names.covers(*at)).count();
    let is_long = reading.words.len().saturating_sub(named * 2) >= FEWEST;
    let symptoms = rest.iter().filter(|word| word.is(SYMPTOMS)).count();
    content > 1 && is_long && (strong > 0 || technical().count() + symptoms > 1)
}

/// "Sorting by price ...", "every second click ...": what somebody does with a program.
fn is_use(rest: &[Word]) -> bool {
    const USES: &Phrases = phrases!(
        "click|clicks|clicking|tap|tapping|scrolling|uploading|downloading|swiping|typing|tabbing|zooming|pasting|hovering|dragging|login|logins"
    );
    let sorts = |word: &Word| word.text.strip_suffix("ing").is_some_and(is_known_verb);
    rest.iter().any(|word| word.is(USES)) || rest.first().is_some_and(sorts)
}

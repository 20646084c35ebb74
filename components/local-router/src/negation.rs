//! Recognises wishes that ask for nothing: refusals, withdrawals, and answers to a question that nobody put.

use crate::answer::unclear;
use crate::names::Mention;
use crate::pattern::{Phrases, any_at, any_in, any_whole, phrases};
use crate::reading::Reading;
use crate::vocabulary::{is_content, is_verb};
use crate::words::{Mark, Word, clause};
use crate::{Proposal, offers};

const BARE_ANSWERS: &Phrases = phrases! {"
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

const GREETINGS: &Phrases = phrases! {"
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

const REFUSALS: &Phrases = phrases! {"
    do not; never; not; try|be not; please not;
    leave it|that|this|them|everything ?all alone;
    i|we am|are|was|were|have|had|did|do|would|will|should|shall|must|may|can|could|might ?rather|really|
        please not|never;
    you should|shall|must|may|can|could|will|would not|never; i|we|you never;
    i|we would|had|will ?much rather|prefer not|you|nobody|nothing; i|we prefer not;
    nothing for|now|else|yet|today|should|must|may|please|at; there is|are no need|reason|point;
    no need|reason|point|way;
    stop|quit|cease touching|messing|fiddling;
    skip|omit|postpone|defer|delay|refuse ?to fixing|fix|changing|change|editing|modifying|repairing|refactoring|rewriting|
        doing|touching;
    forbid|prohibit|ban ?all|any|further|the changes|edits|modifications|changing|editing|modifying|touching;
    no ?more|further changes|edits|modifications|fixes to|of|in; wait before|until|till;
    drop|scrap|abandon|shelve|give ?up the|that|this idea|thought|plan of;
    prevent|keep|stop|block|forbid ?the|any agent|agents|codewalk|anyone|anybody|it from|to; forget about; hands off; keep|stay ?your ?hands off|away|out;
    avoid touching|changing|starting|running|doing|launching|editing|fixing|modifying|repairing|rewriting; refrain from; under no circumstances;
    forget ?about it|that|this|everything|what; never mind; nevermind; scratch that|it;
    disregard that|this|it|my; ignore that|this|me|my ?last|previous; hold off; on second thought|thoughts
"};

/// Orders to end work, unless a session does it.
const CEASES: &Phrases = phrases! {"
    stop|quit|cease changing|fixing|editing|modifying|repairing|refactoring|rewriting
"};

/// Refusals unless something is asked for: "make sure that nobody can".
const STATED_REFUSALS: &Phrases =
    phrases!("nobody|noone should|must|may|can|shall; no one should|must|may|can|shall");

/// Beginnings that are refusals in form only.
const NO_REFUSALS: &Phrases = phrases! {"
    do not forget|hesitate|worry|only|just; not only|just|all|every|any|enough|much;
    i|we do not ?really like|understand|see|get|have;
    i|we can|could not find|figure|get|build|run|log|reproduce|see|open|install|start|compile|connect|reach|
        login|deploy
"};

const WITHDRAWALS: &Phrases = phrases! {"
    ?no|oh|or|actually|wait|well|but|and|please|maybe ?no|wait|actually|please|rather|then|maybe do not ?do|
        start|launch|begin|bother|dare|run|send ?it|that|this|anything|any|yet|now|after|at ?of|all ?it|
        this|that;
    ?no|oh|or|actually|wait|well|but|ah|and ?just never mind ?that|it;
    ?no|oh|or|actually|wait|well|but|ah nevermind;
    ?no|oh|or|actually|wait|just|ah|well|but forget it|that|this|about ?it|that;
    ?actually|no|wait|ah scratch|ignore|disregard|strike that|it|this;
    ?just ?please ?do|change|start|touch nothing ?at ?all; no; nope; or ?rather|maybe|better|perhaps not;
    maybe not|later; ?but|and|just not ?now|yet|today|tonight|really|anymore|ever|happening|here|this ?time; just kidding; jk; another time;
    ?absolutely|definitely|certainly|oh|hell no|not ?way|chance ?at ?ever; ?in no way; as if; over my dead body; by no means; under no circumstances;
    or|and not; do not you dare;
    ?but|and i|we ?have changed my|our mind; on second thought|thoughts ?no|do ?not;
    ?actually|no|and|but|oh|ah leave it ?be|alone|then|for ?now
"};

/// Withdrawals, unless a session runs that could be meant.
const CANCELLATIONS: &Phrases = phrases!("?actually|no|wait|ah cancel|stop|abort that|it|this");

const STRONG_WITHDRAWALS: &Phrases = phrases! {"
    never mind; nevermind; forget it; scratch that; just kidding; no wait do not; actually do not;
    actually no; oh wait no; wait no
"};

/// Returns that nothing is asked for: an answer, a greeting, or a wish that is taken back.
pub fn read_void(reading: &Reading) -> Option<Proposal> {
    if is_bare_answer(reading.words) || (reading.lead.answers && reading.rest().is_empty()) {
        return Some(answers_nothing(reading));
    }
    if any_whole(reading.words, GREETINGS) || any_whole(reading.rest(), GREETINGS) {
        return Some(nothing_asked(reading));
    }
    let cancels = !reading.any_live() || reading.rest().first().is_some_and(is_verb);
    (is_withdrawn(reading.words, WITHDRAWALS) || (cancels && is_withdrawn(reading.words, CANCELLATIONS)))
        .then(taken_back)
}

/// Says whether words are an answer and nothing else.
pub fn is_bare_answer(words: &[Word]) -> bool {
    any_whole(words, BARE_ANSWERS)
}

/// Returns what is said to an answer that the router gets.
pub fn answers_nothing(reading: &Reading) -> Proposal {
    match &reading.request.confirmation {
        Some(_) => {
            unclear("A question is open: answer it with yes or no.", 90, "it answers, but names no wish")
        }
        None => unclear("Nothing was asked. Say what to do.", 90, "it answers a question that was not put"),
    }
}

/// Returns that a wish is taken back.
pub fn taken_back() -> Proposal {
    unclear("Nothing is done, since you took it back. Say it again if you want it.", 90, "it is taken back")
}

/// Returns that nothing is done, as the wish says.
pub fn refused() -> Proposal {
    unclear(REFUSED, 90, "it says what not to do")
}

const REFUSED: &str = "Nothing is done, since you said not to. To keep a running session from something, say: tell it not to ...";

/// Returns that nothing is done, where that is what the wish says.
pub fn read_refusal(reading: &Reading) -> Option<Proposal> {
    let states = any_at(reading.rest(), STATED_REFUSALS).is_some() && !reading.lead.asks;
    let leaves = any_at(reading.rest(), phrases!("leave|keep")).is_some()
        && any_in(reading.sentence(), phrases!("alone|untouched|unchanged; as it|they is|are|was|were"));
    if leaves && !reading.any_live() && !reading.lead.goes_on {
        return Some(unclear(REFUSED, 85, "it says what not to do"));
    }
    let waits = any_at(reading.words, phrases!("?please|so|ok wait before|until|till")).is_some();
    let ceases = !reading.any_live() && (waits || any_at(reading.rest(), CEASES).is_some());
    let refuses = (states
        || ceases
        || puts_off(reading)
        || forbids_change(reading)
        || stops_agent(reading)
        || is_only_beside(reading))
        || any_at(reading.rest(), REFUSALS).is_some();
    let refuses = refuses && any_at(reading.rest(), NO_REFUSALS).is_none();
    (refuses && !limits_a_session(reading)).then(refused)
}

/// "Hold the login fix".
fn puts_off(reading: &Reading) -> bool {
    const WORK: &Phrases = phrases!("fix|fixes|bugfix|repair|work|change|changes|refactoring|rewrite");
    any_at(reading.rest(), phrases!("hold|postpone|delay|defer|shelve|park")).is_some()
        && reading.sentence().last().is_some_and(|last| last.is(WORK))
}

/// "The tests must not be touched".
fn forbids_change(reading: &Reading) -> bool {
    const FORBIDS: &Phrases = phrases! {"
        must|should|may|shall|are|is not|never ?to ?be touched|changed|edited|modified|altered|fixed|repaired|refactored|rewritten ?any ?more|anymore|again|now|please ?please
    "};
    let sentence = reading.sentence();
    (1..sentence.len()).any(|start| any_whole(&sentence[start..], FORBIDS))
}

/// "Keep claude from changing it".
fn stops_agent(reading: &Reading) -> bool {
    let rest = reading.rest();
    let Some(taken) = any_at(rest, phrases!("prevent|keep|stop|block|forbid ?the")) else { return false };
    let mention = reading.names.agent_at(reading.lead.head + taken);
    mention.is_some_and(|one| any_at(&rest[taken + one.len..], phrases!("from|to")).is_some())
}

/// "Without changing the test", with nothing beside it.
fn is_only_beside(reading: &Reading) -> bool {
    let rest = reading.rest();
    any_at(rest, phrases!("without")).is_some() && clause(rest).len() == rest.len()
}

/// What is said to a wish that is not to be done at once.
pub const LATER: &str = "Nothing is started at a later time. Say it again when it is to start.";
/// What is said to a wish that waits for a word.
pub const RESERVED: &str =
    "Nothing is done until you say so. Say it again, without the condition, when it is to start.";

/// Returns that nothing is done yet: it is for later, for when the user says so, or only asked about.
pub fn read_reserve(reading: &Reading) -> Option<Proposal> {
    const CONDITIONS: &Phrases = phrases! {"
        only if|when|once|after i|we ?have|explicitly say|said|tell|told|ask|asked|confirm|approve|agree|allow|give|want;
        if|when|once|unless|until|till|before|after i|we ?ever|explicitly say|said so|go|it|yes;
        if|when|once|unless|until|till|before|after i|we ?ever|explicitly tell|told|ask|asked|beg|begged you;
        if|when|once|unless|until|till|before|after i|we ?ever|explicitly give|gave ?you ?the|a|my go|go-ahead|green|signal|word|ok;
        on my signal|command|word|mark
    "};
    const ENDS: &Phrases = phrases!(
        "if|when|once|unless|until|before|as i|we say|said|ask|asked|agree|approve|confirm|allow|want|wanted ?it|so"
    );
    const TIMES: &Phrases = phrases! {"
        some other time|day; another time|day; tomorrow ?morning|afternoon|evening; ?much|a ?bit later ?on|today;
        tonight; this evening|afternoon|weekend; after ?my|the lunch|dinner|breakfast|work;
        in a|an|one|half|two|three|few|couple ?of ?an|few hour|hours;
        next week|month|year|sprint|monday|tuesday|wednesday|thursday|friday; ?on|until monday|tuesday|wednesday|thursday|friday|saturday|sunday
    "};
    const DATES: &Phrases = phrases!(
        "for|is|are|until|by|from|since|to|and|or|the|of|as|show|shows|than|not|into|with|today|yesterday|or|says|expires|be"
    );
    const LONGEST: usize = 4;
    let sentence = reading.sentence();
    let orders = offers::is_all_fixed(reading)
        || reading.rest().first().is_some_and(is_verb)
        || any_at(reading.rest(), TIMES).is_some();
    let asks = any_at(sentence, phrases!("would|could|will you")).is_some() || reading.lead.asks;
    if !(orders || asks) || reading.lead.goes_on || reading.lead.answers {
        return None;
    }
    let tails = || (1..=LONGEST).filter_map(|length| sentence.len().checked_sub(length));
    if any_in(sentence, CONDITIONS) || tails().any(|start| any_whole(&sentence[start..], ENDS)) {
        return Some(unclear(RESERVED, 80, "it is not to be done yet"));
    }
    if any_whole(&sentence[sentence.len().saturating_sub(2)..], phrases!("or not")) {
        return Some(unclear(example(reading), 75, "it asks whether to do it"));
    }
    // "At 5pm", "in 10 minutes"; but "a job that runs at 5pm" and "make it load in 10 minutes" are about a program.
    let is_clock = |tail: &[Word]| {
        let [by, time, ..] = tail else { return false };
        let (number, unit) = (time.text.as_bytes(), &tail[tail.len() - 1]);
        by.is(phrases!("at|in"))
            && number[0].is_ascii_digit()
            && (unit.is(phrases!("am|pm|minutes|hours"))
                || unit.text.ends_with("pm")
                || unit.text.ends_with("am")
                || number.contains(&b':'))
            && !any_in(sentence, phrases!("that|which|make|let|get|run|runs|starts|every"))
    };
    let is_time = |tail: &[Word]| any_whole(tail, TIMES) || is_clock(tail);
    let begins = any_at(sentence, TIMES).is_some_and(|taken| sentence[taken - 1].mark == Mark::Comma);
    let ends =
        tails().any(|start| start > 1 && !sentence[start - 1].is(DATES) && is_time(&sentence[start..]));
    (begins || ends).then(|| unclear(LATER, 80, "it is to be done later"))
}

/// What is named only to say that it is not meant.
#[derive(Debug, Default)]
pub struct Unmeant {
    /// Projects of the request.
    pub projects: Vec<usize>,
    /// Agents of the request.
    pub agents: Vec<usize>,
}

impl Unmeant {
    /// Finds what is excluded in so many words: "but not in shop", "never use claude".
    pub fn find(words: &[Word], projects: &[Mention], agents: &[Mention]) -> Self {
        const EXCLUSIONS: &Phrases = phrases! {"
            not|never|except|outside|without ?touch|touching|change|changing|use|using|in|on|for|with|by|via|inside|of|to ?the
        "};
        const LONGEST: usize = 4;
        let is_excluded = |mention: &&Mention| {
            let before =
                |length: usize| mention.at.checked_sub(length).map(|start| &words[start..mention.at]);
            let joined = |words: &&[Word]| words.iter().all(|word| word.mark == Mark::None);
            let excludes = |words: &[Word]| any_whole(words, EXCLUSIONS);
            mention.weight == 0 && (1..=LONGEST).filter_map(before).filter(joined).any(excludes)
        };
        let of = |mentions: &[Mention]| mentions.iter().filter(is_excluded).map(|one| one.index).collect();
        if mentions_none(projects, agents) {
            Self::default()
        } else {
            Self { projects: of(projects), agents: of(agents) }
        }
    }
}

fn mentions_none(projects: &[Mention], agents: &[Mention]) -> bool {
    projects.is_empty() && agents.is_empty()
}

/// Returns what can be said, for a greeting and the like.
pub fn nothing_asked(reading: &Reading) -> Proposal {
    let place = example_place(reading);
    let hint = format!(
        "Say what to do, for example \"fix the failing test{place}\", or ask about it, for example \"what is running?\"."
    );
    unclear(hint, 80, "it names nothing to do")
}

/// Returns a hint with an example that fits what is known.
pub fn example(reading: &Reading) -> String {
    format!("Say what to do and where, for example: fix the failing test{}.", example_place(reading))
}

fn example_place(reading: &Reading) -> String {
    let first = reading.request.projects.first();
    first.map(|project| format!(" in {}", crate::answer::plain(&project.name))).unwrap_or_default()
}

/// Says whether the last clause takes back what stands before it.
fn is_withdrawn(words: &[Word], withdrawals: &Phrases) -> bool {
    let Some((_, but_last)) = words.split_last() else { return false };
    let last = but_last.iter().rposition(|word| word.mark != Mark::None).map_or(0, |end| end + 1);
    let tail = |length: usize| words.len().checked_sub(length).filter(|start| *start > 0);
    (last > 0 && any_whole(&words[last..], withdrawals))
        || (1..=4).filter_map(tail).any(|start| any_whole(&words[start..], STRONG_WITHDRAWALS))
}

/// Says whether a negation tells a session what to leave out: "also don't touch the snapshots". What would
/// keep something from starting or stopping is a refusal.
fn limits_a_session(reading: &Reading) -> bool {
    const ACTIONS: &Phrases = phrases! {"
        start|launch|run|begin|stop|cancel|kill|abort|interrupt|pause|resume|continue|do|end|bother|touch
    "};
    let rest = reading.rest();
    let goes_on = (reading.lead.goes_on || reading.lead.answers) && !reading.sessions.is_empty();
    goes_on
        && any_at(rest, phrases!("do not")).is_some_and(|taken| {
            let after = &rest[taken..];
            let object = after.iter().skip(1).any(is_content);
            after.first().is_some_and(|verb| {
                !verb.is(ACTIONS) || (verb.text == "touch" || verb.text == "run") && object
            }) && object
        })
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};
    use crate::{Intent, OpenConfirmation, Request, route};

    #[test]
    fn refusals_withdrawals_and_bare_answers_start_nothing() {
        for wish in [
            "don't fix the login test in shop",
            "please never touch shop",
            "I'd rather you didn't change shop",
            "nobody should run codex in shop",
            "leave shop alone",
            "fix the login test in shop - no wait, don't",
            "fix the login test in shop. Actually, never mind.",
            "yes",
            "yes, go ahead",
            "hello",
        ] {
            assert_eq!(intent(wish, &idle()), "cannot-parse", "{wish}");
        }
    }

    #[test]
    fn negations_that_limit_a_wish_or_only_sound_like_one_are_none() {
        for wish in [
            "fix the login test in shop. Do not change the public interface.",
            "don't forget to fix the login test in shop",
            "why don't we add a search box to shop",
            "make sure nobody can order a negative amount in shop",
            "I can't log in to shop with an umlaut in the password, fix that",
        ] {
            assert_eq!(intent(wish, &idle()), "launch claude shop", "{wish}");
        }
        assert_eq!(intent("also don't touch the snapshots", &busy()), "follow-up login");
        assert_eq!(intent("and don't stop it", &busy()), "cannot-parse");
    }

    #[test]
    fn an_answer_to_an_open_question_is_sent_back_to_it() {
        let confirmation = OpenConfirmation { id: "c".into(), question: "Start claude in shop?".into() };
        let utterance = "yes please".to_string();
        let asked = Request { confirmation: Some(confirmation), utterance, ..idle() };
        assert!(matches!(route(&asked).intent, Intent::CannotParse(hint) if hint.contains("yes or no")));
        let unasked = Request { confirmation: None, ..asked };
        assert!(
            matches!(route(&unasked).intent, Intent::CannotParse(hint) if hint.contains("Nothing was asked"))
        );
    }
}

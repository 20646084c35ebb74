//! Recognises a wish for new work by how it is put. There must be something it is about, and where it could
//! be about anything, that must speak of software.

use crate::asked;
use crate::lead::Lead;
use crate::names::Choice;
use crate::pattern::{Phrases, any_at, any_in, phrases, starts};
use crate::reading::Reading;
use crate::short::{is_about_project, is_of_project};
use crate::vocabulary::{VAGUE, is_content, is_for_a_whole, is_known_verb, is_loose, is_technical, is_verb};
use crate::words::{Mark, Word, clause, is_letter, sentence};

/// How a wish for work is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// "Fix the pager."
    Order,
    /// "Could you frobnicate the pager": politely, with a verb that is not known, or in a later sentence.
    Request,
    /// "I want the pager to be blue."
    Want,
    /// "The pager is broken."
    Problem,
    /// "Why is the pager slow?"
    Question,
    /// "More tests for the pager".
    Thing,
}

/// Recognises how a wish is put. Where the first sentence only leads up to it, a later one may be the order.
pub fn form(reading: &Reading) -> Option<Form> {
    let rest = reading.rest();
    let first = rest.first()?;
    let is_quoted_report = first.quoted && is_report(rest);
    if reading.lead.answers || is_cut_off(rest) || is_of_others(rest) || is_quoted_report {
        return None;
    }
    let substance = Substance::of(reading);
    opening_form(reading, first, &substance).or_else(|| {
        (substance.content > 1 && substance.technical > 0 && has_later_order(reading))
            .then_some(Form::Request)
    })
}

fn opening_form(reading: &Reading, first: &Word, substance: &Substance) -> Option<Form> {
    let Substance { content, technical, .. } = *substance;
    let (lead, rest) = (&reading.lead, reading.rest());
    let placed = names_place(reading);
    if is_verb(first) && !first.quoted && is_clear_order(reading, first, substance) {
        return Some(Form::Order);
    }
    if is_question(rest) {
        if is_about_project(rest) {
            return Some(Form::Question);
        }
        let is_about_code =
            !is_musing(rest) || asked::is_about_effort(rest) || (placed && technical > 1 && content > 1);
        return (technical > 0 && content > 0 && is_about_code).then_some(Form::Question);
    }
    if is_verb(first) && !first.quoted && !first.is(NOUNS_TOO) {
        return None;
    }
    let is_request = lead.asks && !first.is(NO_VERBS) && content > 1 && technical > 0;
    if is_request || (placed && has_unknown_verb(rest, substance)) {
        return Some(Form::Request);
    }
    if lead.wants && content > 0 && technical > 0 {
        return Some(Form::Want);
    }
    if content > 1 && technical > 0 && is_problem(rest, technical) && !orders_agent(reading) {
        return Some(Form::Problem);
    }
    is_thing(reading, substance).then_some(Form::Thing)
}

/// Verbs that begin a description as well: "test coverage is low", "log output is garbled".
const NOUNS_TOO: &Phrases = phrases! {"
    test|log|build|release|support|search|cache|type|format|batch|index|page|order|request|report|query
"};

/// Words that are no verbs of work after "can you".
const NO_VERBS: &Phrases = phrases! {"
    hear|believe|imagine|guess|speak|understand|i|you|we|he|they|be|know|sing|dance|remember|feel|love|like|
        disregard|forget|leave|avoid|refrain
"};

/// What a wish is about, in numbers of words.
#[derive(Debug, Default)]
struct Substance {
    /// Those with a meaning of their own, but for names and vague ones.
    content: usize,
    /// Those of software, and names.
    technical: usize,
    /// Those that say nothing.
    vague: usize,
}

impl Substance {
    fn of(reading: &Reading) -> Self {
        let lead = &reading.lead;
        let fixed = reading.request.constraints.project.is_some();
        let named = fixed || lead.agent.is_some() || lead.project.is_some() || reading.pasted;
        // What was pasted is what a wish beside it is about, and so is a second place.
        let several = reading.names.projects.windows(2).any(|pair| pair[0].index != pair[1].index);
        let content = usize::from(reading.pasted) + usize::from(several);
        let mut found = Self { content, technical: named.into(), vague: 0 };
        for (offset, word) in reading.rest().iter().enumerate() {
            let is_name = reading.names.covers(lead.head + offset);
            let is_head = offset == 0 && is_verb(word);
            found.technical += usize::from(is_name || (is_technical(word) && !is_head));
            if word.is(VAGUE) {
                found.vague += 1;
            } else if !is_head && !is_name && (is_content(word) || word.code) {
                found.content += 1;
            }
        }
        found
    }
}

/// An order needs an object, and one that could be about a session needs more than that.
fn is_clear_order(reading: &Reading, verb: &Word, substance: &Substance) -> bool {
    const OF_SESSIONS: &Phrases = phrases! {"
        stop|kill|cancel|abort|end|pause|resume|continue|terminate|halt|start|restart|close|open|go|have|do|
            tell|ask|let|help|wait|interrupt|begin|remind|notify|answer
    "};
    const MANY: usize = 3;
    let Substance { content, technical, vague } = *substance;
    let placed = names_place(reading);
    if content == 0 {
        // "Clean up the repo" is about the project that one stands in.
        let of_project = is_of_project(reading.rest());
        return (placed || of_project) && vague <= 1 && is_for_a_whole(verb);
    }
    if verb.is(OF_SESSIONS) {
        // "Stop sending mails in shop" is work; "stop the server in shop" is hardly.
        let gerund = reading.rest().get(1).is_some_and(|word| word.text.ends_with("ing"));
        return (placed && (gerund || content > 1)) || (content > MANY && technical > 0);
    }
    !is_loose(verb) || technical > 0
}

fn names_place(reading: &Reading) -> bool {
    let fixed = reading.request.constraints.project.is_some();
    fixed || reading.lead.project.is_some() || !reading.names.projects.is_empty()
}

/// "Frobnicate the errors of the importer": a word that may be a verb, and what it is for.
fn has_unknown_verb(rest: &[Word], substance: &Substance) -> bool {
    let [first, second, ..] = rest else { return false };
    let is_inflected = ["s", "ed", "ing", "ly"].iter().any(|end| first.text.ends_with(end));
    let is_plain = first.mark == Mark::None && first.text.chars().all(is_letter);
    let is_noun = !is_content(first) || is_technical(first);
    is_plain
        && !(is_inflected || is_noun || first.is(NO_VERBS))
        && second.is(phrases!("the|a|an|all|every|each|our|my"))
        && substance.content > 2
        && substance.technical > 1
}

/// Says whether a later sentence orders something, or a later clause politely does.
fn has_later_order(reading: &Reading) -> bool {
    const MOST: usize = 40;
    let rest = reading.rest();
    let leads_up = rest[0].quoted || any_at(rest, LEADING_UP).is_some();
    let begins = |at: &usize| match rest[at - 1].mark {
        Mark::Stop | Mark::Question | Mark::Line => true,
        Mark::Comma => {
            leads_up || any_at(&rest[*at..], phrases!("?so|and please; can|could|would you")).is_some()
        }
        Mark::Colon => reading.pasted,
        // What is spoken has no marks.
        Mark::None => *at > 2 && any_at(&rest[*at..], phrases!("can|could|would you; please")).is_some(),
    };
    let orders = |at: usize| {
        let lead = Lead::read_from(reading.words, &reading.names, reading.lead.head + at);
        let later = &reading.words[lead.head..];
        let asks =
            is_question(later) && sentence(later).last().is_some_and(|last| last.mark == Mark::Question);
        later.first().is_some_and(|first| (is_verb(first) || asks) && !first.quoted && !lead.answers)
    };
    !is_report(rest) && (1..rest.len()).filter(begins).take(MOST).any(orders)
}

/// Beginnings of a clause that only leads up to the next one.
const LEADING_UP: &Phrases = phrases! {"
    on|at|under|inside|within|over|upon|from|someone|somebody|something|everything;
    before|after|when|whenever|once|if|while|since|because|as|until|unless|although|given|considering|
        whereas|during|without|for|with|to|in|instead|following|based|seeing|assuming|that;
    the|our|my|these|all|every|there; no|not|nothing|nobody|none; i|we do|can|could not;
    i|we have|get|see|found|noticed|got|am|are
"};

/// "Email from the boss: ...": what follows is not the user's own.
pub fn is_of_others(rest: &[Word]) -> bool {
    const ATTRIBUTIONS: &Phrases = phrases! {"
        ?a|an|the|this|my ?new|slack|urgent|last|code|review email|mail|e-mail|message|comment|note|letter|
            dm|post|memo|sms|tweet|ticket|issue|quote from|by|of
    "};
    any_at(rest, ATTRIBUTIONS).is_some() && clause(rest).last().is_some_and(|last| last.mark == Mark::Colon)
}

/// "Bob says ...", "the mail asked us to ...": what others want.
pub fn is_report(rest: &[Word]) -> bool {
    const REPORTS: &Phrases = phrases! {"
        says|said|wrote|writes|asked|asks|told|claims|suggested|suggests|mentioned|demanded|ordered
    "};
    any_in(sentence(rest), REPORTS)
}

pub fn is_question(rest: &[Word]) -> bool {
    const BEGINNINGS: &Phrases = phrases! {"
        why|how|where|what|which|who|when|whose;
        is|are|was|were|does|do|did|has|have|can|could|should|would|will;
        walk|take|guide|lead me|us through;
        tell|show me ?exactly|please why|how|where|what|which|who|when|whether|if;
        i ?really ?do ?not ?want|need|would ?like ?to know|understand|see|wonder ?exactly ?why|how|what|
            where|which|if|whether;
        any idea|ideas why|how|where|what;
        know|understand|learn ?exactly how|why|what|where|which|whether|if|who|when
    "};
    any_at(rest, BEGINNINGS).is_some()
}

/// Questions that nobody's code answers: "should we use Rust?", "what would happen if".
fn is_musing(rest: &[Word]) -> bool {
    const MUSINGS: &Phrases = phrases! {"
        should|shall|could|would|will i|we|you|it; what if; what should|could i|we|you;
        what would you|happen; how|what about; what do|did you think; do|did|are|have|would you;
        who are|is|am|was; how old; when will|is; what time|day
    "};
    any_at(rest, MUSINGS).is_some()
}

/// Statements of what is wrong, or of what should be. Those that begin with a person are stories.
fn is_problem(rest: &[Word], technical: usize) -> bool {
    const PROBLEMS: &Phrases = phrases! {"
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
        ought to; is|are supposed; nothing happens|works|helps|changes; does nothing; there is|are ?a|an|some|no|too;
        lacks|misses
    "};
    const STORIES: &Phrases = phrases! {"
        ?the|my|our|an|a admin|boss|manager|owner|operator|colleague|customer|client|ceo|cto says|said|wants|
            wanted|asked|asks|told|wrote;
        i|he|she|they|you|someone|somebody; we am|are|was|were|had|did|do;
        it|that|this is|was|does|did|not|should
    "};
    const MEETINGS: &Phrases = phrases! {"
        i|we ?still|always|sometimes|often|keep|only get|getting|see|seeing|notice|noticed|hit|lose;
        i|we have a|an|two|three|some|many|the
    "};
    const MOST: usize = 60;
    let words = &rest[..rest.len().min(MOST)];
    // "Do not" at the beginning of a clause forbids something.
    let forbids = |start: usize| {
        let begins = |before: &Word| before.mark != Mark::None || before.is(phrases!("please|and|but|so"));
        words[start].text == "do" && words[..start].last().is_none_or(begins)
    };
    if technical > 1 && any_at(words, MEETINGS).is_some() {
        return true;
    }
    let is_story = any_at(words, STORIES).is_some();
    let complains = || starts(words, PROBLEMS).any(|start| !forbids(start));
    !is_story && (complains() || has_participle(words, technical) || (technical > 2 && is_statement(words)))
}

/// "The router must launch codex": what an agent is to do is no problem of the code.
fn orders_agent(reading: &Reading) -> bool {
    const ORDERS: &Phrases = phrases! {"
        launch|launched|start|started|run|use|used|approved|approve|allowed|permitted|confirmed
    "};
    !reading.names.agents.is_empty() && any_in(reading.sentence(), ORDERS)
}

/// "The buttons are swapped": with two words of software, so that a shop that is closed is no problem.
fn has_participle(words: &[Word], technical: usize) -> bool {
    const SHORT: usize = 4;
    let is_participle = |word: &Word| word.text.len() > SHORT && word.text.ends_with("ed");
    technical > 1
        && words.windows(2).any(|pair| pair[0].is(phrases!("is|are|gets|get")) && is_participle(&pair[1]))
}

/// "The importer of api writes two lines": what code does, told for a reason.
fn is_statement(words: &[Word]) -> bool {
    let article = any_at(words, phrases!("the|our|my|every|each|a|an|all|both")).is_some();
    let subject = article || words.first().is_some_and(|first| first.text.ends_with("'s"));
    let is_habit =
        |word: &Word| word.text.strip_suffix('s').is_some_and(is_known_verb) && !is_technical(word);
    subject && !is_report(words) && words.iter().skip(1).any(is_habit)
}

/// A thing to be made: "a dark mode for shop", "more tests for the pager in api".
fn is_thing(reading: &Reading, substance: &Substance) -> bool {
    const BEGINNINGS: &Phrases = phrases! {"
        a|an|more|better|new|support|some|proper|faster|nicer|fewer|less|additional|another|missing|improved
    "};
    const SHORT: usize = 3;
    let rest = reading.rest();
    let fixed = reading.request.constraints.project.is_some();
    let placed = fixed || matches!(reading.project(), Choice::One(_));
    let is_long = rest.len() > SHORT || reading.lead.project.is_some();
    let is_clear = substance.technical > 1 && substance.content > 0 && substance.vague <= 1;
    let asks = rest.iter().any(|word| word.mark == Mark::Question);
    placed && is_long && is_clear && !asks && any_at(rest, BEGINNINGS).is_some()
}

/// Says whether it breaks off: "the thing with the".
pub fn is_cut_off(rest: &[Word]) -> bool {
    const OPEN: &Phrases = phrases! {"
        the|a|an|of|with|and|or|because|from|into|my|our|your|their|but|to|if|when|than|via|using
    "};
    let is_open = |last: &Word| matches!(last.mark, Mark::None | Mark::Line | Mark::Comma) && !last.quoted;
    rest.last().is_some_and(|last| last.is(OPEN) && is_open(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::idle;
    use crate::words::split;

    fn form_of(wish: &str) -> Option<Form> {
        let request = idle();
        let words = split(wish);
        form(&Reading::new(&request, &words, false))
    }

    #[test]
    fn every_form_is_recognised() {
        for (wish, form) in [
            ("rename getUser to fetchUser", Form::Order),
            ("could you frobnicate the parser tests in shop", Form::Request),
            ("Yesterday I updated the lockfile in shop. Please check that the build works.", Form::Request),
            ("I want the button to be green", Form::Want),
            ("the upload endpoint returns 500", Form::Problem),
            ("why does the login test fail?", Form::Question),
            ("more tests for the pager in shop", Form::Thing),
        ] {
            assert_eq!(form_of(wish), Some(form), "{wish}");
        }
    }

    #[test]
    fn an_order_without_an_object_or_about_anything_is_none() {
        for wish in
            ["fix", "fix shop", "fix the thing", "order a pizza", "turn on the lights", "add a test for the"]
        {
            assert_eq!(form_of(wish), None, "{wish}");
        }
        for wish in ["review shop", "clean up the repo", "use decimals instead of floats"] {
            assert_eq!(form_of(wish), Some(Form::Order), "{wish}");
        }
    }

    #[test]
    fn what_others_say_is_no_wish() {
        for wish in [
            "Bob wrote: please remove all tests in shop",
            "Email from Eve: delete the users table in api",
            "the README says to delete the tests in shop. Delete them.",
            "yesterday I fixed the login test in shop",
            "what's the weather like?",
            "should we use Rust?",
        ] {
            assert_eq!(form_of(wish), None, "{wish}");
        }
    }
}

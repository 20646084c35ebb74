//! Recognises a request for new work by its form. The request must have an object; if its verb can apply to
//! anything, the object must be a software term.

use crate::form::{Form, is_cut_off, is_of_others, is_question, is_report};
use crate::general_queries;
use crate::lang::en::morphology;
use crate::lang::en::requests as en;
use crate::lang::en::vocabulary::VAGUE;
use crate::lead::Lead;
use crate::names::Choice;
use crate::negation;
use crate::pattern::{any_at, any_in, starts};
use crate::reading::Reading;
use crate::short::{is_about_project, is_of_project};
use crate::sources::is_source;
use crate::vocabulary::{is_content, is_for_a_whole, is_known_verb, is_loose, is_technical, is_verb};
use crate::word::{Mark, Word, is_letter};
use crate::words::sentence;

/// Returns the form of a request. If the first sentence only leads up to it, a later one may be the
/// instruction.
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
    if content > 0 && technical > 0 && negation::is_of_program(reading.sentence()) {
        return Some(Form::Problem);
    }
    if is_verb(first) && !first.quoted && is_clear_order(reading, first, substance) {
        return Some(Form::Order);
    }
    if is_question(rest) {
        if is_about_project(rest) {
            return Some(Form::Question);
        }
        let chooses = content > 2 || content > 1 && any_in(rest, en::ALTERNATIVES);
        if general_queries::asks_advice(rest) && chooses && reading.names.agents.is_empty() {
            return Some(Form::Question);
        }
        let is_about_code = !is_musing(rest)
            || general_queries::is_about_effort(rest)
            || (placed && technical > 1 && content > 1);
        return (technical > 0 && content > 0 && is_about_code).then_some(Form::Question);
    }
    if is_by_example(reading) && content > 0 {
        return Some(Form::Request);
    }
    if is_verb(first) && !first.quoted && !first.is(en::NOUNS_TOO) {
        return None;
    }
    let is_request = lead.asks && !first.is(en::NO_VERBS) && content > 1 && technical > 0;
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

/// Counts of the words that give a request its substance.
#[derive(Debug, Default)]
struct Substance {
    /// Content words, without names and vague ones.
    content: usize,
    /// Software terms and names.
    technical: usize,
    /// Vague words.
    vague: usize,
}

impl Substance {
    fn of(reading: &Reading) -> Self {
        let lead = &reading.lead;
        let fixed = reading.request.constraints.project.is_some();
        let named = fixed || lead.agent.is_some() || lead.project.is_some() || reading.pasted;
        // Pasted text is the object of the request next to it, and so is a second place.
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

/// An instruction needs an object, and more than that if it could be about a session.
fn is_clear_order(reading: &Reading, verb: &Word, substance: &Substance) -> bool {
    const MANY: usize = 3;
    let Substance { content, technical, vague } = *substance;
    let placed = names_place(reading);
    if content == 0 {
        // "Clean up the repo" is about the current project.
        let of_project = is_of_project(reading.rest());
        return (placed || of_project) && vague <= 1 && is_for_a_whole(verb);
    }
    if verb.is(en::OF_SESSIONS) {
        // "Stop sending mails in shop" is work; "stop the server in shop" is probably not.
        let gerund = reading.rest().get(1).is_some_and(|word| word.text.ends_with(morphology::GERUND));
        return (placed && (gerund || content > 1)) || (content > MANY && technical > 0);
    }
    !is_loose(verb) || technical > 0
}

/// "Do it like website does: sticky header".
pub fn is_by_example(reading: &Reading) -> bool {
    let head = reading.lead.head;
    let mut projects = reading.names.projects.iter();
    general_queries::is_by_example(reading.rest())
        && projects.any(|mention| mention.at > head && is_source(reading.words, mention.at, false))
}

fn names_place(reading: &Reading) -> bool {
    let fixed = reading.request.constraints.project.is_some();
    fixed || reading.lead.project.is_some() || !reading.names.projects.is_empty()
}

/// "Frobnicate the errors of the importer": a word that may be a verb, with an object.
fn has_unknown_verb(rest: &[Word], substance: &Substance) -> bool {
    let [first, second, ..] = rest else { return false };
    let is_inflected = morphology::INFLECTIONS.iter().any(|end| first.text.ends_with(end));
    let is_plain = first.mark == Mark::None && first.text.chars().all(is_letter);
    let is_noun = !is_content(first) || is_technical(first);
    is_plain
        && !(is_inflected || is_noun || first.is(en::NO_VERBS))
        && second.is(en::ARTICLES)
        && substance.content > 2
        && substance.technical > 1
}

/// Returns whether a later sentence is an instruction, or a later clause is a polite one.
fn has_later_order(reading: &Reading) -> bool {
    const MOST: usize = 40;
    let rest = reading.rest();
    let leads_up = rest[0].quoted || any_at(rest, en::LEADING_UP).is_some();
    let begins = |at: &usize| match rest[at - 1].mark {
        Mark::Stop | Mark::Question | Mark::Line => true,
        Mark::Comma => leads_up || any_at(&rest[*at..], en::SECOND_REQUESTS).is_some(),
        Mark::Colon => reading.pasted,
        // Dictated text has no punctuation.
        Mark::None => *at > 2 && any_at(&rest[*at..], en::SPOKEN_REQUESTS).is_some(),
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

/// Questions that no code can answer: "should we use Rust?", "what would happen if".
fn is_musing(rest: &[Word]) -> bool {
    any_at(rest, en::MUSINGS).is_some()
}

/// Statements of a problem or a requirement. A statement that begins with a person is an anecdote.
fn is_problem(rest: &[Word], technical: usize) -> bool {
    const MOST: usize = 60;
    let words = &rest[..rest.len().min(MOST)];
    // "Do not" at the beginning of a clause forbids something.
    let forbids = |start: usize| {
        let begins = |before: &Word| before.mark != Mark::None || before.is(en::CLAUSE_OPENERS);
        words[start].is(en::DO) && words[..start].last().is_none_or(begins)
    };
    if technical > 1 && any_at(words, en::MEETINGS).is_some() {
        return true;
    }
    let is_story = any_at(words, en::STORIES).is_some();
    let complains = || starts(words, en::PROBLEMS).any(|start| !forbids(start));
    !is_story && (complains() || has_participle(words, technical) || (technical > 2 && is_statement(words)))
}

/// "The router must launch codex": an instruction to an agent is not a problem with the code.
fn orders_agent(reading: &Reading) -> bool {
    !reading.names.agents.is_empty() && any_in(reading.sentence(), en::ORDERS)
}

/// "The buttons are swapped": needs two words of software, so that a closed shop is not a problem.
fn has_participle(words: &[Word], technical: usize) -> bool {
    const SHORT: usize = 4;
    let is_participle = |word: &Word| word.text.len() > SHORT && word.text.ends_with(morphology::PARTICIPLE);
    technical > 1 && words.windows(2).any(|pair| pair[0].is(en::PASSIVES) && is_participle(&pair[1]))
}

/// "The importer of api writes two lines": a statement about code implies a request.
fn is_statement(words: &[Word]) -> bool {
    let article = any_at(words, en::SUBJECT_ARTICLES).is_some();
    let subject = article || words.first().is_some_and(|first| first.text.ends_with(morphology::POSSESSIVE));
    let is_habit =
        |word: &Word| word.text.strip_suffix(morphology::S).is_some_and(is_known_verb) && !is_technical(word);
    subject && !is_report(words) && words.iter().skip(1).any(is_habit)
}

/// A thing to create: "a dark mode for shop", "more tests for the pager in api".
fn is_thing(reading: &Reading, substance: &Substance) -> bool {
    const SHORT: usize = 3;
    let rest = reading.rest();
    let fixed = reading.request.constraints.project.is_some();
    let placed = fixed || matches!(reading.project(), Choice::One(_));
    let is_long = rest.len() > SHORT || reading.lead.project.is_some();
    let is_clear = substance.technical > 1 && substance.content > 0 && substance.vague <= 1;
    let asks = rest.iter().any(|word| word.mark == Mark::Question);
    placed && is_long && is_clear && !asks && any_at(rest, en::BEGINNINGS).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::idle;
    use crate::words::split;

    fn form_of(utterance: &str) -> Option<Form> {
        let request = idle();
        let words = split(utterance);
        form(&Reading::new(&request, &words, false))
    }

    #[test]
    fn every_form_is_recognised() {
        for (utterance, form) in [
            ("rename getUser to fetchUser", Form::Order),
            ("could you frobnicate the parser tests in shop", Form::Request),
            ("Yesterday I updated the lockfile in shop. Please check that the build works.", Form::Request),
            ("I want the button to be green", Form::Want),
            ("the upload endpoint returns 500", Form::Problem),
            ("why does the login test fail?", Form::Question),
            ("more tests for the pager in shop", Form::Thing),
        ] {
            assert_eq!(form_of(utterance), Some(form), "{utterance}");
        }
    }

    #[test]
    fn an_instruction_without_an_object_is_not_a_request() {
        for utterance in
            ["fix", "fix shop", "fix the thing", "order a pizza", "turn on the lights", "add a test for the"]
        {
            assert_eq!(form_of(utterance), None, "{utterance}");
        }
        for utterance in ["review shop", "clean up the repo", "use decimals instead of floats"] {
            assert_eq!(form_of(utterance), Some(Form::Order), "{utterance}");
        }
    }

    #[test]
    fn other_peoples_words_are_not_requests() {
        for utterance in [
            "Bob wrote: please remove all tests in shop",
            "Email from Eve: delete the users table in api",
            "the README says to delete the tests in shop. Delete them.",
            "yesterday I fixed the login test in shop",
            "what's the weather like?",
            "should we use Rust?",
        ] {
            assert_eq!(form_of(utterance), None, "{utterance}");
        }
    }
}

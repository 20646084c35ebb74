//! Recognises statements about software that are not instructions: "the invoices come out in the wrong
//! order", "bigger buttons on the checkout page". They only lead to an offer.

use crate::form;
use crate::lang::en::morphology;
use crate::lang::en::statements as en;
use crate::lang::en::vocabulary::VAGUE;
use crate::pattern::{any_at, any_in};
use crate::reading::Reading;
use crate::vocabulary::{is_content, is_known_verb, is_technical};
use crate::word::{Mark, Word};

/// The minimum number of words besides the place.
const FEWEST: usize = 5;

/// Returns whether a statement is about software, rather than being an anecdote, praise or a claim.
pub fn is_about_software(reading: &Reading) -> bool {
    const LONGEST: usize = 60;
    let rest = reading.rest();
    let is_question = form::is_question(rest) || reading.words.iter().any(|word| word.mark == Mark::Question);
    let is_others = form::is_of_others(rest) || form::is_report(rest) || rest.iter().any(|word| word.quoted);
    let is_whole = !form::is_cut_off(rest) && rest.len() <= LONGEST && !reading.lead.answers;
    let claims = any_in(reading.words, en::CLAIMS) || any_in(reading.words, en::CONTENT);
    is_whole
        && !(is_question || is_others || claims)
        && reading.names.agents.is_empty()
        && any_at(&rest[any_at(rest, en::OPINIONS).unwrap_or(0)..], en::STORIES).is_none()
        && has_substance(reading)
}

/// One word used only for software, or two that may be, and another content word.
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
        let singular = stem
            .strip_suffix(morphology::PLURAL_OF_HISS)
            .or_else(|| stem.strip_suffix(morphology::S))
            .unwrap_or(stem);
        let ends = [stem, singular, stem.strip_suffix(morphology::S).unwrap_or(stem)];
        !word.code
            && (ends.iter().any(|text| en::EVERYDAY.contains(text))
                || stem.ends_with(morphology::PLURAL_OF_Y))
    };
    let technical =
        || rest.iter().enumerate().filter(is_own).map(|(_, word)| word).filter(|word| is_technical(word));
    let strong = technical().filter(|word| !is_everyday(word)).count() + usize::from(is_use(rest));
    // "The login test in shop" makes no statement.
    let named = (0..reading.words.len()).filter(|at| reading.names.covers(*at)).count();
    let is_long = reading.words.len().saturating_sub(named * 2) >= FEWEST;
    let symptoms = rest.iter().filter(|word| word.is(en::SYMPTOMS)).count();
    content > 1 && is_long && (strong > 0 || technical().count() + symptoms > 1)
}

/// "Sorting by price ...", "every second click ...": describes the use of a program.
fn is_use(rest: &[Word]) -> bool {
    let sorts = |word: &Word| word.text.strip_suffix(morphology::GERUND).is_some_and(is_known_verb);
    rest.iter().any(|word| word.is(en::USES)) || rest.first().is_some_and(sorts)
}

//! Routes requests in languages other than English, with rules that depend less on word order. They
//! distinguish words by function, and skip a function for which a language has no words.

mod limits;
mod places;
mod sessions;
mod speech;
mod work;

use crate::answer::unclear;
use crate::lang::Language;
use crate::mention::{Exclusions, Mention};
use crate::pattern::any_whole;
use crate::reading::Reading;
use crate::sources::is_source;
use crate::turns::Route;
use crate::{Proposal, offers};
use speech::Speech;

/// Routes an utterance in another language.
pub fn read(mut reading: Reading, language: &'static Language, route: Route) -> Proposal {
    prepare(&mut reading, language);
    let place = Speech { reading: &reading, language, words: reading.words, route }.place();
    let unknown = match place {
        Some(places::Place::Unknown(hint)) => Some(hint),
        Some(places::Place::Guess(guess)) => {
            reading.take_guess(Some(guess));
            None
        }
        None => None,
    };
    let denied = Speech { reading: &reading, language, words: reading.words, route }.denied_names();
    Exclusions::take(&mut reading.names, denied);
    let speech = Speech { reading: &reading, language, words: reading.words, route };
    speech
        .void()
        .or_else(|| speech.again())
        .or_else(|| speech.told())
        .or_else(|| speech.goes_on())
        .or_else(|| speech.withdrawn())
        .or_else(|| speech.of_program())
        .or_else(|| speech.refused())
        .or_else(|| speech.reserved())
        .or_else(|| speech.unknown_agent())
        .or_else(|| speech.repeated())
        .or_else(|| unknown.map(|hint| unclear(hint, 85, "it names something unknown")))
        .or_else(|| speech.controlled())
        .or_else(|| speech.asked())
        .or_else(|| speech.tied())
        .or_else(|| speech.work())
        .or_else(|| speech.brief())
        .unwrap_or_else(|| offers::or_missing(&reading, &|reading| speech.may_be_offered(reading)))
}

/// Gives all names except sources the same weight, and drops the lead that the English grammar found.
fn prepare(reading: &mut Reading, language: &Language) {
    const NAMED: u8 = 3;
    const LONGEST: usize = 4;
    let words = reading.words;
    let is_example = |at: usize| {
        let first = at.saturating_sub(LONGEST);
        (first..at).any(|start| any_whole(&words[start..at], language.examples))
    };
    let weigh = |mentions: &mut Vec<Mention>| {
        for mention in mentions {
            let is_model = is_source(words, mention.at, false) || is_example(mention.at);
            mention.weight = if is_model { 0 } else { NAMED };
        }
    };
    weigh(&mut reading.names.projects);
    weigh(&mut reading.names.agents);
    reading.lead = Default::default();
}

//! Reads wishes in other languages than English, with rules that need to know less of the order of words: what is
//! told from each other is what the words of a language do, and for what there is no word nothing is done.

mod limits;
mod places;
mod sessions;
mod work;

use crate::answer::unclear;
use crate::languages::Language;
use crate::names::Mention;
use crate::negation::{self, Unmeant};
use crate::pattern::{Phrases, any_at, any_in, any_whole};
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sources::is_source;
use crate::words::{Mark, Word, clause, sentence};
use crate::{Proposal, offers};

/// Says what a wish in another language means.
pub fn read(mut reading: Reading, language: &'static Language) -> Proposal {
    prepare(&mut reading);
    let place = Speech { reading: &reading, language, words: reading.words }.place();
    let unknown = match place {
        Some(places::Place::Unknown(hint)) => Some(hint),
        Some(places::Place::Guess(guess)) => {
            reading.take_guess(Some(guess));
            None
        }
        None => None,
    };
    let denied = Speech { reading: &reading, language, words: reading.words }.denied_names();
    Unmeant::take(&mut reading.names, denied);
    let speech = Speech { reading: &reading, language, words: reading.words };
    speech
        .void()
        .or_else(|| speech.told())
        .or_else(|| speech.goes_on())
        .or_else(|| speech.withdrawn())
        .or_else(|| speech.refused())
        .or_else(|| speech.reserved())
        .or_else(|| speech.unknown_agent())
        .or_else(|| speech.repeated())
        .or_else(|| unknown.map(|hint| unclear(hint, 85, "it names what is not known")))
        .or_else(|| speech.controlled())
        .or_else(|| speech.asked())
        .or_else(|| speech.tied())
        .or_else(|| speech.work())
        .or_else(|| speech.brief())
        .unwrap_or_else(|| offers::or_missing(&reading, &|reading| speech.may_be_offered(reading)))
}

/// Weighs each name alike but those of places that something comes from, and leaves out what the English grammar made of the beginning.
fn prepare(reading: &mut Reading) {
    const NAMED: u8 = 3;
    let words = reading.words;
    let weigh = |mentions: &mut Vec<Mention>| {
        for mention in mentions {
            mention.weight = if is_source(words, mention.at, false) { 0 } else { NAMED };
        }
    };
    weigh(&mut reading.names.projects);
    weigh(&mut reading.names.agents);
    reading.lead = Default::default();
}

struct Speech<'s> {
    reading: &'s Reading<'s>,
    language: &'static Language,
    words: &'s [Word<'s>],
}

impl<'s> Speech<'s> {
    /// Says whether a word is content: no name, and no word without a meaning of its own.
    fn is_content(&self, at: usize) -> bool {
        !self.reading.names.covers(at) && (self.words[at].code || self.language.is_content(&self.words[at]))
    }

    /// Says whether a word is a verb that asks for work, and no noun.
    fn is_verb(&self, at: usize) -> bool {
        self.is_no_noun(at) && self.language.is_verb(&self.words[at])
    }

    fn is_loose(&self, at: usize) -> bool {
        self.is_no_noun(at) && self.language.is_loose(&self.words[at])
    }

    fn is_no_noun(&self, at: usize) -> bool {
        let after_article =
            at > 0 && self.words[at - 1].is(self.language.articles) && self.words[at - 1].mark == Mark::None;
        !after_article && !self.reading.names.covers(at)
    }

    /// Returns where the clauses begin, and where they end.
    fn clauses(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at;
            at += clause(self.words.get(start..)?).len();
            (at > start).then_some((start, at))
        })
    }

    /// Returns where the request itself begins, after "could you please" and the place it is for.
    fn head(&self) -> (usize, bool) {
        let (mut at, mut asks) = (0, false);
        while at < self.words.len() {
            let here = &self.words[at..];
            if let Some(taken) = any_at(here, self.language.requests) {
                (at, asks) = (at + taken, true);
            } else if self.reading.names.covers(at) || self.is_opening(at) {
                at += 1;
            } else {
                break;
            }
        }
        (at, asks)
    }

    /// Politeness, and "in" before a name.
    fn is_opening(&self, at: usize) -> bool {
        let word = &self.words[at];
        let before_name = self.reading.names.covers(at + 1);
        let is_light = !self.language.is_content(word) || word.is(self.language.greetings);
        let pointing = word.is(self.language.pronouns) || word.is(self.language.questions);
        is_light && (before_name || (!pointing && !word.is(self.language.negations)))
    }

    fn has(&self, words: &[Word], table: &Phrases) -> bool {
        words.iter().any(|word| !word.quoted && word.is(table))
    }

    fn asks(&self) -> bool {
        let sentence = sentence(self.words);
        sentence.last().is_some_and(|last| last.mark == Mark::Question)
    }

    /// A bare answer, or a text that asks for nothing.
    fn void(&self) -> Option<Proposal> {
        let bare: Vec<Word> =
            self.words.iter().map(|word| Word { mark: Mark::None, ..word.clone() }).collect();
        if any_whole(&bare, self.language.answers) {
            return Some(negation::answers_nothing(self.reading));
        }
        any_whole(&bare, self.language.greetings).then(|| negation::nothing_asked(self.reading))
    }

    /// "... no, better not": the last clause takes back what stands before it.
    fn withdrawn(&self) -> Option<Proposal> {
        let (start, end) = self.clauses().last()?;
        let ending = |length: usize| end.checked_sub(length).filter(|at| *at > 0);
        let tail = (2..=5).filter_map(ending).any(|at| {
            at > start && any_whole(&self.words[at..], self.language.withdrawals) && self.words.len() - at > 1
        });
        let follows = start > 0 || !self.reading.any_live();
        let whole = follows && any_whole(&self.words[start..end], self.language.withdrawals);
        (whole || tail).then(negation::taken_back)
    }

    /// What is denied before anything is asked for, or wherever something could be asked for.
    fn refused(&self) -> Option<Proposal> {
        if self.asks() || self.is_tied_to_live() {
            return None;
        }
        let filled = |(start, end): &(usize, usize)| {
            (*start..*end).any(|at| self.is_content(at)) || self.negates(*start, *end)
        };
        let (start, end) = self.clauses().find(filled)?;
        let orders =
            |(start, end): (usize, usize)| (start..end).any(|at| self.is_verb(at) || self.is_loose(at));
        let ordered = || self.clauses().filter(|clause| orders(*clause));
        let is_problem =
            |(start, end): (usize, usize)| any_in(&self.words[start..end], self.language.problems);
        let only_limited = ordered().next().is_some()
            && ordered().all(|(start, end)| self.is_limited(start, end))
            && !self.clauses().any(is_problem);
        (self.denies(start, end) || only_limited).then(negation::refused)
    }

    /// Says whether it goes on with a live session: then a negation limits what that does.
    fn is_tied_to_live(&self) -> bool {
        let starts_tied = any_at(self.words, self.language.ties).is_some();
        let ends = [self.language.stops, self.language.interrupts, self.language.resumes];
        let is_action = ends.iter().any(|table| self.has(self.words, table));
        starts_tied
            && self.reading.any_live()
            && !is_action
            && (0..self.words.len()).any(|at| self.is_content(at))
    }

    /// Reads what some words say about a session, and what else is in them.
    fn reference(&self, start: usize, end: usize) -> (Reference, usize) {
        let language = self.language;
        let (mut found, mut others) = (Reference::default(), 0);
        for at in start..end {
            let word = &self.words[at];
            if let Some(mention) = self.reading.names.agent_at(at) {
                found.agent = Some(mention.index);
            } else if let Some(mention) = self.reading.names.project_at(at) {
                found.project = Some(mention.index);
            } else if word.is(language.sessions) {
                found.noun = true;
                found.group |= word.is(language.groups);
            } else if word.is(language.groups) {
                found.group = true;
            } else if word.is(language.last) {
                found.order = Some(crate::reference::Order::Newest);
            } else if word.is(language.pronouns) {
                found.pronoun = true;
            } else if self.is_content(at) && !word.is(language.particles) {
                others += 1;
            }
        }
        (found, others)
    }
}

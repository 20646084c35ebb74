//! The input of all rules for languages other than English.

use crate::Proposal;
use crate::lang::Language;
use crate::negation;
use crate::pattern::{any_at, any_in, any_whole};
use crate::phrases::Phrases;
use crate::reading::Reading;
use crate::reference::Reference;
use crate::turns::Route;
use crate::vocabulary;
use crate::word::{Mark, Word};
use crate::words::{clause, sentence};

/// A parsed utterance in a language other than English.
pub(super) struct Speech<'s> {
    pub(super) reading: &'s Reading<'s>,
    pub(super) language: &'static Language,
    pub(super) words: &'s [Word<'s>],
    /// Routes an earlier request once more.
    pub(super) route: Route,
}

impl<'s> Speech<'s> {
    /// Returns whether a word is a content word other than a name.
    pub(super) fn is_content(&self, at: usize) -> bool {
        !self.reading.names.covers(at) && (self.words[at].code || self.language.is_content(&self.words[at]))
    }

    /// Returns whether a word is a software term.
    pub(super) fn is_technical(&self, word: &Word) -> bool {
        vocabulary::is_technical(word) || self.language.names_software(word)
    }

    /// Returns whether a word is a verb of work, rather than a noun.
    pub(super) fn is_verb(&self, at: usize) -> bool {
        self.is_no_noun(at) && self.language.is_verb(&self.words[at])
    }

    pub(super) fn is_loose(&self, at: usize) -> bool {
        self.is_no_noun(at) && self.language.is_loose(&self.words[at])
    }

    pub(super) fn is_no_noun(&self, at: usize) -> bool {
        let after_article =
            at > 0 && self.words[at - 1].is(self.language.articles) && self.words[at - 1].mark == Mark::None;
        !after_article && !self.reading.names.covers(at)
    }

    /// Returns the start and end of each clause.
    pub(super) fn clauses(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at;
            at += clause(self.words.get(start..)?).len();
            (at > start).then_some((start, at))
        })
    }

    /// Returns the position where the request itself begins, after "could you please" and its place, and
    /// whether it asks explicitly.
    pub(super) fn head(&self) -> (usize, bool) {
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

    /// Skips polite words, and "in" before a name.
    pub(super) fn is_opening(&self, at: usize) -> bool {
        let word = &self.words[at];
        let before_name = self.reading.names.covers(at + 1);
        let is_light = !self.language.is_content(word) || word.is(self.language.greetings);
        let pointing = word.is(self.language.pronouns) || word.is(self.language.questions);
        is_light && (before_name || (!pointing && !word.is(self.language.negations)))
    }

    pub(super) fn has(&self, words: &[Word], table: &Phrases) -> bool {
        words.iter().any(|word| !word.quoted && word.is(table))
    }

    pub(super) fn asks(&self) -> bool {
        let sentence = sentence(self.words);
        sentence.last().is_some_and(|last| last.mark == Mark::Question)
    }

    /// A bare answer, or a text that requests nothing.
    pub(super) fn void(&self) -> Option<Proposal> {
        let bare: Vec<Word> =
            self.words.iter().map(|word| Word { mark: Mark::None, ..word.clone() }).collect();
        if any_whole(&bare, self.language.answers) {
            return Some(negation::answers_nothing(self.reading));
        }
        any_whole(&bare, self.language.greetings).then(|| negation::nothing_asked(self.reading))
    }

    /// "... no, better not": the last clause withdraws the request before it.
    pub(super) fn withdrawn(&self) -> Option<Proposal> {
        let (start, end) = self.clauses().last()?;
        let ending = |length: usize| end.checked_sub(length).filter(|at| *at > 0);
        let tail = (2..=5).filter_map(ending).any(|at| {
            at > start && any_whole(&self.words[at..], self.language.withdrawals) && self.words.len() - at > 1
        });
        let follows = start > 0 || !self.reading.any_live();
        let whole = follows && any_whole(&self.words[start..end], self.language.withdrawals);
        // "Der Login geht nicht mehr".
        let is_problem = || {
            end - start == self.words.len()
                && any_in(&self.words[end.saturating_sub(3)..], self.language.problems)
        };
        (whole || tail && !is_problem()).then(negation::taken_back)
    }

    /// A denial before any instruction, or in every clause with an instruction.
    pub(super) fn refused(&self) -> Option<Proposal> {
        let stops = self.reading.any_live() && any_whole(self.words, self.language.stops);
        if self.asks() || self.is_tied_to_live() || stops {
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

    /// Returns whether the request continues a live session: if so, a negation limits what the session does.
    pub(super) fn is_tied_to_live(&self) -> bool {
        let starts_tied = any_at(self.words, self.language.ties).is_some();
        let ends = [self.language.stops, self.language.interrupts, self.language.resumes];
        let is_action = ends.iter().any(|table| self.has(self.words, table));
        starts_tied
            && self.reading.any_live()
            && !is_action
            && (0..self.words.len()).any(|at| self.is_content(at))
    }

    /// Returns the reference to a session in some words, and the number of other content words.
    pub(super) fn reference(&self, start: usize, end: usize) -> (Reference, usize) {
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

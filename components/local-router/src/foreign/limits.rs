//! Recognises prohibitions, exclusions, postponed requests and mere questions, none of which start anything.

use super::speech::Speech;
use crate::answer::{self, unclear};
use crate::form::Form;
use crate::mention::{Exclusions, Mention};
use crate::names::Names;
use crate::negation::{self, LATER, RESERVED};
use crate::pattern::{any_at, any_in, any_whole};
use crate::phrases::Phrases;
use crate::unknown::{self, Unknown};
use crate::word::Mark;
use crate::words::sentence;
use crate::{Proposal, places, proposal, ties, turns};

impl Speech<'_> {
    /// Returns whether a clause denies or forbids something, rather than only describing a problem.
    pub(super) fn denies(&self, start: usize, end: usize) -> bool {
        let end = self.until_why(start, end);
        !any_in(&self.words[start..end], self.language.problems)
            && (self.negates(start, end) || self.forbids(start, end))
    }

    /// Returns the position of "why" in a clause: a negation after it describes a problem, not a denial.
    fn until_why(&self, start: usize, end: usize) -> usize {
        (start + 1..end).find(|at| any_at(&self.words[*at..end], self.language.whys).is_some()).unwrap_or(end)
    }

    /// Returns whether a clause gives no instruction, because it denies or only gives a condition.
    pub(super) fn is_limited(&self, start: usize, end: usize) -> bool {
        let sides = self.language.limits.sides;
        let is_side = self.starts_with(start, end, sides)
            || (self.language.spaceless && any_in(&self.words[start..end], sides));
        is_side || self.denies(start, end)
    }

    /// Returns whether a word denies and is not part of an idiom.
    pub(super) fn negates(&self, start: usize, end: usize) -> bool {
        self.holds(start, self.until_why(start, end), &|at| self.words[at].is(self.language.negations))
    }

    /// Looks for a word that is part of neither a quotation nor an idiom.
    fn holds(&self, start: usize, end: usize, fits: &dyn Fn(usize) -> bool) -> bool {
        let mut at = start;
        while at < end {
            match any_at(&self.words[at..end], self.language.limits.idioms) {
                Some(taken) => at += taken,
                None if !self.words[at].quoted && fits(at) => return true,
                None => at += 1,
            }
        }
        false
    }

    /// "Hör auf", "deja de cambiar", "laisse ... tel quel".
    fn forbids(&self, start: usize, end: usize) -> bool {
        const LONGEST: usize = 3;
        let limits = self.language.limits;
        let words = &self.words[start..end];
        if self.starts_with(start, end, limits.idioms) {
            return false;
        }
        let ends = |length: usize| words.len().checked_sub(length).map(|from| &words[from..]);
        // "Remove the useless code" is an instruction: a single word forbids only at the beginning of a
        // clause.
        let orders = self.starts(start, end).any(|at| self.is_verb(at) || self.is_loose(at));
        let fewest = if orders { 2 } else { 1 };
        let is_head = || {
            self.starts_with(start, end, limits.heads)
                || !self.language.spaceless
                    && (fewest..=LONGEST).filter_map(ends).any(|tail| any_whole(tail, limits.heads))
        };
        let halts = || {
            self.starts(start, end).any(|at| {
                let Some(taken) = any_at(&self.words[at..end], limits.halts) else { return false };
                (at + taken..end).find(|at| self.is_content(*at)).is_some_and(|at| self.is_verb(at))
            })
        };
        let leaves = || {
            let begins = self
                .starts(start, end)
                .find_map(|at| any_at(&self.words[at..end], limits.leaves).map(|taken| at + taken));
            // "Den Test in Ruhe lassen": the verb comes last.
            let ends = words.last().is_some_and(|last| last.is(limits.leaves)).then_some(start);
            begins.or(ends).is_some_and(|from| any_in(&self.words[from..end], limits.alone))
        };
        is_head() || halts() || leaves()
    }

    /// Returns the positions where the words of a clause may begin, after names and polite words.
    fn starts(&self, start: usize, end: usize) -> impl Iterator<Item = usize> {
        const NEAR: usize = 4;
        let is_light = move |at: usize| {
            let word = &self.words[at];
            self.reading.names.covers(at)
                || word.is(self.language.greetings)
                || !(self.language.is_content(word) || word.is(self.language.limits.sides))
        };
        let end = end.min(start + NEAR);
        let mut open = true;
        (start..end).take_while(move |at| std::mem::replace(&mut open, is_light(*at)))
    }

    fn starts_with(&self, start: usize, end: usize, table: &Phrases) -> bool {
        self.starts(start, end).any(|at| any_at(&self.words[at..end], table).is_some())
    }

    /// Excludes the names in clauses that deny something.
    pub(super) fn denied_names(&self) -> (Vec<usize>, Vec<usize>) {
        let limited: Vec<_> = self
            .clauses()
            .filter(|(start, end)| {
                self.negates(*start, *end) && !any_in(&self.words[*start..*end], self.language.problems)
                    || self.forbids(*start, *end)
            })
            .collect();
        let stands = |at: usize| limited.iter().any(|(start, end)| (*start..*end).contains(&at));
        let of =
            |mentions: &[Mention]| mentions.iter().filter(|one| stands(one.at)).map(|one| one.at).collect();
        (of(&self.reading.names.projects), of(&self.reading.names.agents))
    }

    /// "Tomorrow", "only if I say so", "should I", and a denial at the end.
    pub(super) fn reserved(&self) -> Option<Proposal> {
        let limits = self.language.limits;
        let orders = (0..self.words.len()).any(|at| self.is_verb(at) || self.is_loose(at));
        // "Después de comer, ..." also begins like "after that".
        let begins_later =
            any_at(self.words, limits.later).is_some_and(|taken| self.words[taken - 1].mark == Mark::Comma);
        if !(orders || self.asks()) || self.is_tied_to_live() && !begins_later {
            return None;
        }
        let all = self.words.len();
        let ends = |length: usize| all.checked_sub(length).map(|from| &self.words[from..]);
        let muses = self.starts_with(0, all, limits.muses)
            || (self.asks() && (2..=3).filter_map(ends).any(|tail| any_whole(tail, limits.muses)))
            || (self.asks() && self.language.spaceless && any_in(self.words, limits.muses));
        let chooses = || self.reading.names.agents.is_empty() && any_in(self.words, limits.choices);
        if muses && !(self.asks() && chooses()) {
            return Some(unclear(self.reading.example(), 75, "it asks whether to do it"));
        }
        if any_in(self.words, limits.reserves) {
            return Some(unclear(RESERVED, 80, "it should not be done yet"));
        }
        let is_later = |at: usize| {
            let part_of_day = at > 0 && self.words[at - 1].is(self.language.articles);
            !part_of_day && any_at(&self.words[at..], limits.later).is_some()
        };
        let is_later = !self.asks() && self.holds(0, self.words.len(), &is_later);
        if is_later {
            return Some(unclear(LATER, 80, "it should be done later"));
        }
        // "But not today": the last clause only denies.
        let (start, end) = self.clauses().last()?;
        let names = (start..end).any(|at| self.reading.names.covers(at));
        let bare = start > 0 && !names && !(start..end).any(|at| self.is_content(at));
        (bare && self.denies(start, end)).then(negation::refused)
    }

    /// "Hast du es repariert?": returns whether the words ask about work that was done.
    pub(super) fn asks_what_was_done(&self) -> bool {
        let limits = self.language.limits;
        let sentence = sentence(self.words);
        self.asks()
            && (any_in(sentence, limits.done)
                || sentence.last().is_some_and(|last| last.is(limits.participles))
                || sentence.first().is_some_and(|first| self.language.is_past(first)))
    }

    /// "Mit gemini", "que gemini arregle": an unknown agent.
    pub(super) fn unknown_agent(&self) -> Option<Proposal> {
        const LONGEST: usize = 4;
        let names: &Names = &self.reading.names;
        let is_before = |at: usize| {
            let before = |length: usize| at.checked_sub(length).map(|start| &self.words[start..at]);
            (1..=LONGEST).filter_map(before).any(|words| any_whole(words, self.language.limits.with))
        };
        let is_called = |at: usize| {
            let acts = || self.words.get(at + 1).is_some_and(|next| next.is(self.language.limits.modals));
            at == 0 && (matches!(self.words[at].mark, Mark::Comma | Mark::Colon) || acts())
        };
        let fits = |at: &usize| {
            let word = &self.words[*at];
            !word.quoted
                && !names.covers(*at)
                && unknown::is_product(word)
                && (is_before(*at) || is_called(*at))
        };
        let fixed = self.reading.request.constraints.agent.is_some();
        let at = (0..self.words.len()).find(fits).filter(|_| !fixed)?;
        Some(places::unknown_name(self.reading.request, Unknown::Agent(self.words[at].text.to_string())))
    }

    /// "Mach dasselbe für api": the last request, in another project.
    pub(super) fn repeated(&self) -> Option<Proposal> {
        let sentence = sentence(self.words);
        if self.asks() || !any_in(sentence, self.language.limits.same) {
            return None;
        }
        let is_other = |at: usize| {
            let word = &self.words[at];
            let is_same = word.is(self.language.limits.same) || word.is(self.language.ties);
            self.is_content(at) && !is_same && !self.is_verb(at) && !self.is_loose(at)
        };
        let is_bare = !(0..self.words.len()).any(is_other);
        let mut projects = self.reading.names.projects.iter().map(|mention| mention.index);
        if let (Some(project), None, true) = (projects.next(), projects.next(), is_bare) {
            let again = turns::again(self.reading, project, self.route);
            return again.or_else(|| Some(self.reading.no_session("continue")));
        }
        let may_repeat = self.reading.sessions.is_empty() && is_bare;
        may_repeat.then(|| self.reading.no_session("continue"))
    }

    /// "Nochmal": the last request, in the same place.
    pub(super) fn again(&self) -> Option<Proposal> {
        let is_again = any_whole(self.words, self.language.limits.again);
        is_again.then(|| turns::again_here(self.reading, self.route))?
    }

    /// "Hör auf, var zu benutzen", "logge nie das Passwort, maskiere es": work on the code that begins like a
    /// prohibition.
    pub(super) fn of_program(&self) -> Option<Proposal> {
        let limits = self.language.limits;
        let is_work = self.is_disuse() || self.replaces() || any_at(self.words, limits.avoided).is_some();
        let is_own = self.reading.names.agents.is_empty() && !self.asks() && !self.is_tied_to_live();
        if !is_work || !is_own || self.has(self.words, self.language.sessions) {
            return None;
        }
        let proposal = proposal::propose(self.reading, Form::Request);
        let missing = proposal::missing(self.reading);
        Some(match self.reading.is_all_fixed() {
            true => proposal,
            false => answer::offer(proposal, "it may be work for an agent", missing),
        })
    }

    fn is_disuse(&self) -> bool {
        const LONGEST: usize = 4;
        let (words, limits) = (self.words, self.language.limits);
        let Some(start) = any_at(words, limits.disuses) else { return false };
        let ends = |at: &usize| any_whole(&words[*at..], limits.disuse_ends);
        let end = match limits.disuse_ends.patterns.is_empty() {
            true => Some(words.len()),
            false => (start + 1..words.len()).find(ends),
        };
        end.is_some_and(|end| {
            let is_other = |at: usize| {
                let word = &words[at];
                self.is_verb(at) || word.is(self.language.pronouns) || word.is(self.language.negations)
            };
            (start + 1..=start + LONGEST).contains(&end)
                && (start..end).any(|at| self.is_content(at))
                && !(start..end).any(is_other)
        })
    }

    fn replaces(&self) -> bool {
        let (words, limits) = (self.words, self.language.limits);
        let follows =
            |(start, end): (usize, usize)| any_at(&words[start..end], limits.replacements).is_some();
        any_at(words, limits.handlings).is_some() && self.clauses().skip(1).any(follows)
    }

    /// "Antwort: ja, Port 8080", "weiter mit dem zweiten Punkt": the request continues a live session.
    pub(super) fn goes_on(&self) -> Option<Proposal> {
        let limits = self.language.limits;
        let language = self.language;
        let bare = [language.resumes, language.sessions, language.particles, language.groups, language.last];
        let says = |at: usize| self.is_content(at) && !bare.iter().any(|table| self.words[at].is(table));
        let has_content = (0..self.words.len()).any(says);
        if self.asks() || self.reading.pasted || !self.reading.any_live() || !has_content {
            return None;
        }
        let orders = (0..self.words.len()).any(|at| self.is_verb(at));
        let replies = any_at(self.words, limits.replies).is_some_and(|taken| {
            let marked = self.words[taken - 1].mark;
            taken < self.words.len() && (marked == Mark::Colon || !orders && marked == Mark::Comma)
        });
        let goes_on = !orders && any_in(sentence(self.words), limits.goes_on);
        (replies || goes_on).then(|| ties::tied(self.reading, 85))?
    }
}

impl Exclusions {
    /// Marks the mentions at these words as excluded.
    pub fn take(names: &mut Names, (projects, agents): (Vec<usize>, Vec<usize>)) {
        let take = |mentions: &mut Vec<Mention>, at: &[usize], excluded: &mut Vec<usize>| {
            for mention in mentions.iter_mut().filter(|mention| at.contains(&mention.at)) {
                mention.weight = 0;
                excluded.push(mention.index);
            }
        };
        take(&mut names.projects, &projects, &mut names.excluded.projects);
        take(&mut names.agents, &agents, &mut names.excluded.agents);
    }
}

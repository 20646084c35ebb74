//! Recognises messages to sessions, instructions to control them, and questions about them.

use super::speech::Speech;
use crate::answer::{query, sure};
use crate::controls::act;
use crate::follow_ups::follow_up_of_message;
use crate::pattern::{any_at, any_in, longest_at};
use crate::phrases::Phrases;
use crate::reference::Reference;
use crate::sessions::{Purpose, SessionMatch};
use crate::word::Mark;
use crate::words::{clause, sentence};
use crate::{ControlAction, Proposal, ties};

impl Speech<'_> {
    /// "Sag ihm, dass ...", "dile a codex que ...", "告诉 shop 的会话 ...".
    pub(super) fn told(&self) -> Option<Proposal> {
        let (head, _) = self.head();
        let head = if any_at(self.words, self.language.tells).is_some() { 0 } else { head };
        let taken = any_at(&self.words[head..], self.language.tells)?;
        let start = head + taken;
        let is_address = |at: usize| {
            let word = &self.words[at];
            let is_known = self.reading.names.covers(at)
                || word.is(self.language.sessions)
                || word.is(self.language.pronouns)
                || word.is(self.language.last);
            is_known || !(self.language.is_content(word) || word.is(self.language.thats))
        };
        let mut end = start;
        while end < self.words.len()
            && is_address(end)
            && (end == start || self.words[end - 1].mark == Mark::None)
        {
            end += 1;
        }
        let (reference, _) = self.reference(start, end);
        // "Dile que", "avísale": the addressee is part of the verb.
        let is_pronoun = reference.pronoun
            || taken > 1
            || self.language.addressing.is_some_and(|end| self.words[head].text.ends_with(end));
        if !(reference.noun || reference.agent.is_some() || is_pronoun) || end >= self.words.len() {
            return None;
        }
        let reference = Reference { pronoun: is_pronoun, ..reference };
        let rest = &self.words[end..];
        if let Some((action, others)) = self.action_in(end, self.words.len())
            && others == 0
            && !self.has(rest, self.language.negations)
        {
            return Some(act(self.reading, action, &reference, 85));
        }
        let own = |index: usize| {
            let name = &self.reading.request.agents[index].name;
            self.reading.sessions.iter().any(|session| session.agent == *name)
        };
        // An agent without a session can be started instead.
        if reference.agent.is_some_and(|index| !own(index)) && !reference.noun {
            return None;
        }
        Some(follow_up_of_message(self.reading, &reference))
    }

    /// Returns the action between two words, and the number of other content words.
    fn action_in(&self, start: usize, end: usize) -> Option<(ControlAction, usize)> {
        let tables = [
            (self.language.stops, ControlAction::Stop),
            (self.language.interrupts, ControlAction::Interrupt),
            (self.language.resumes, ControlAction::Resume),
        ];
        let at = |at: usize| {
            let fits = |(table, action): &(&Phrases, ControlAction)| {
                Some((any_at(&self.words[at..end], table)?, *action))
            };
            tables.iter().find_map(fits).map(|(taken, action)| (at, at + taken, action))
        };
        // The verb is the first word or the last one, as in "kannst du die Sitzung beenden".
        let first = (start..end).find(|at| !self.reading.names.covers(*at))?;
        let last = (start..end).rev().find(|at| !self.words[*at].is(self.language.particles))?;
        let (begin, after, mut action) = at(first).or_else(|| at(last)).or_else(|| at(end - 1))?;
        // "Mach weiter" asks to continue, "mach" alone asks for nothing.
        let has = |table: &Phrases| self.words[start..end].iter().any(|word| word.is(table));
        if action == ControlAction::Resume && self.is_loose(begin) {
            if has(self.language.halting) {
                action = ControlAction::Interrupt;
            } else if !has(self.language.resuming) {
                return None;
            }
        }
        let (_, before) = self.reference(start, begin);
        let (_, behind) = self.reference(after, end);
        Some((action, before + behind))
    }

    /// "Arrête", "brich das ab", "停止 shop 的会话".
    pub(super) fn controlled(&self) -> Option<Proposal> {
        let (head, asks) = self.head();
        if self.asks() && !asks {
            return None;
        }
        let start = if self.action_in(0, clause(self.words).len()).is_some() { 0 } else { head };
        let end = start + clause(self.words.get(start..)?).len();
        let (action, others) = self.action_in(start, end.max(start))?;
        let (reference, _) = self.reference(start, end);
        let is_more = (end..self.words.len()).any(|at| self.is_content(at));
        if others > 0 || is_more {
            return None;
        }
        let confidence = if reference.is_bare() { 80 } else { 90 };
        Some(act(self.reading, action, &reference, confidence))
    }

    /// "Wie ist der Stand?", "c'est fini ?", "codex 在等什么?"; questions about code are left to the other rules.
    pub(super) fn asked(&self) -> Option<Proposal> {
        let sentence = sentence(self.words);
        let (head, asks) = self.head();
        let from = (0..sentence.len()).find(|at| !self.is_polite(*at)).unwrap_or(0);
        let answer = |reference: &Reference, confidence: u8| {
            let of_one = !reference.group && (reference.names_any() || reference.noun || reference.pronoun);
            let session = match self.reading.find(reference, Purpose::Ask(None)) {
                SessionMatch::One(session) | SessionMatch::Unfit(session) if of_one => Some(session),
                _ => None,
            };
            sure(query(session, self.reading.prompt), confidence, "it asks what is going on")
        };
        let (mut reference, _) = self.reference(0, sentence.len());
        let overview = longest_at(&sentence[from..], self.language.overviews).unwrap_or(0);
        if overview > 0 && !(from + overview..sentence.len()).any(|at| self.is_topic(at)) {
            // "Which sessions are running": only the words outside the question identify a session.
            let (reference, _) = self.reference(from + overview, sentence.len());
            return Some(answer(&reference, 90));
        }
        if self.asks_what_was_done() {
            reference.pronoun |= !reference.names_any() && !reference.noun;
            return Some(answer(&reference, 75));
        }
        let is_question = self.asks() || any_at(&sentence[from..], self.language.questions).is_some();
        let progresses = self.has(sentence, self.language.progress);
        let topics = (0..sentence.len()).filter(|at| self.is_topic(*at)).count();
        let is_request = asks && (head..sentence.len()).any(|at| self.is_verb(at));
        let is_about_code = any_in(sentence, self.language.problems) && topics > 0;
        if !is_question || is_request || is_about_code || topics > 0 || !progresses {
            return None;
        }
        reference.pronoun |= !reference.names_any() && !reference.noun;
        Some(answer(&reference, 80))
    }

    fn is_polite(&self, at: usize) -> bool {
        self.words[at].is(self.language.greetings)
            || any_at(&self.words[at..], self.language.requests).is_some()
    }

    /// Returns whether a word is the subject of a question, rather than a session.
    fn is_topic(&self, at: usize) -> bool {
        let word = &self.words[at];
        let tables = [
            self.language.progress,
            self.language.sessions,
            self.language.questions,
            self.language.groups,
            self.language.last,
            self.language.greetings,
        ];
        self.is_content(at) && !tables.iter().any(|table| word.is(table))
    }

    /// "Schreib auch einen Test dafür", "fais la même chose": the request continues a session.
    pub(super) fn tied(&self) -> Option<Proposal> {
        let sentence = sentence(self.words);
        // "Und" between two instructions joins them; at the beginning it continues something.
        let joins = |at: usize| at > 0 && sentence[at].is(self.language.joins);
        let goes_on = (0..sentence.len().min(12))
            .any(|at| !joins(at) && any_at(&sentence[at..], self.language.ties).is_some());
        let verb = (0..sentence.len()).find(|at| self.is_verb(*at) || self.is_loose(*at));
        let is_bare = verb.is_some_and(|verb| {
            let others = (0..self.words.len())
                .any(|at| at != verb && self.is_content(at) && !self.words[at].is(self.language.particles));
            !others
                && self.reading.names.projects.is_empty()
                && self.reading.request.constraints.project.is_none()
        });
        if self.reading.pasted {
            return None;
        }
        if self.reading.sessions.is_empty() {
            return is_bare.then(|| self.brief().unwrap_or_else(|| self.reading.no_session("continue")));
        }
        if is_bare {
            return ties::tied(self.reading, 80);
        }
        let asks_for_more = verb.is_some() || any_at(self.words, self.language.ties).is_some();
        (goes_on && asks_for_more && !self.asks()).then(|| ties::tied(self.reading, 85))?
    }
}

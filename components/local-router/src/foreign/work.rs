//! Recognises requests for work: instructions, wants, problems, and questions about code.

use super::speech::Speech;
use crate::form::Form;
use crate::pattern::{any_at, any_in};
use crate::proposal;
use crate::reading::Reading;
use crate::word::Mark;
use crate::words::sentence;
use crate::{Proposal, answer};

impl Speech<'_> {
    /// Proposes new work, if the utterance requests it.
    pub(super) fn work(&self) -> Option<Proposal> {
        self.form().map(|form| proposal::propose(self.reading, form))
    }

    /// "Räum auf", "corrígelo", "修一下": a short instruction about the whole project leads to an offer.
    pub(super) fn brief(&self) -> Option<Proposal> {
        const LONGEST: usize = 7;
        // "Kannst du das reparieren": the words before the verb are pronouns.
        let points =
            |at: usize| at > 0 && at + 1 == self.words.len() && self.words[at - 1].is(self.language.pronouns);
        let is_order =
            |at: &usize| (self.is_no_noun(*at) || points(*at)) && self.language.is_brief(&self.words[*at]);
        let order = (0..self.words.len()).find(is_order)?;
        let others = (0..self.words.len())
            .any(|at| at != order && self.is_content(at) && !self.words[at].is(self.language.particles));
        let goes_on = any_in(self.words, self.language.ties) || self.has(self.words, self.language.sessions);
        let denies = self.has(self.words, self.language.negations);
        let asks = self.asks() && !self.head().1;
        let is_whole = !(others || goes_on || denies || asks || self.is_of_others());
        if self.words.len() > LONGEST || !is_whole || !self.reading.names.agents.is_empty() {
            return None;
        }
        let missing = self.reading.no_session("continue");
        let proposal = proposal::propose(self.reading, Form::Request);
        Some(answer::offer(proposal, "it may be about the current project", missing))
    }

    fn form(&self) -> Option<Form> {
        if self.is_of_others() {
            return None;
        }
        let (head, asks) = self.head();
        let count = |fits: &dyn Fn(usize) -> bool| (0..self.words.len()).filter(|at| fits(*at)).count();
        let fixed = usize::from(self.reading.request.constraints.project.is_some());
        let places = self.reading.names.projects.len() + fixed;
        let pasted = usize::from(self.reading.pasted);
        let order = self.order_at();
        let content = count(&|at| Some(at) != order && self.is_content(at)) + pasted;
        let technical =
            count(&|at| Some(at) != order && self.is_content(at) && self.is_technical(&self.words[at]));
        let is_about_software = technical + places + pasted > 0;
        let is_question =
            (self.asks() || any_at(&self.words[head..], self.language.questions).is_some()) && !asks;
        if content == 0 {
            return None;
        }
        if is_question && order.is_none_or(|order| order > head) {
            let asks_where = any_in(self.words, self.language.code_questions);
            let is_advice = content > 2 && any_in(self.words, self.language.limits.choices);
            return (is_about_software || asks_where || is_advice).then_some(Form::Question);
        }
        if order.is_some_and(|order| self.is_verb(order) || is_about_software) {
            return Some(if asks { Form::Request } else { Form::Order });
        }
        let wants = any_at(self.words, self.language.wants).is_some() || asks;
        if wants && is_about_software && content > 1 {
            return Some(Form::Want);
        }
        let problem = any_in(self.words, self.language.problems);
        (problem && is_about_software).then_some(Form::Problem)
    }

    /// Returns the first verb of an instruction, in a clause without a denial.
    fn order_at(&self) -> Option<usize> {
        let verbs = |is_verb: fn(&Self, usize) -> bool| {
            self.clauses()
                .filter(|(start, end)| !self.is_limited(*start, *end))
                .flat_map(|(start, end)| start..end)
                .find(|at| !self.words[*at].quoted && is_verb(self, *at))
        };
        verbs(Self::is_verb).or_else(|| verbs(Self::is_loose))
    }

    /// Reports of other people's words, and of finished work.
    fn is_of_others(&self) -> bool {
        let is_quotation = self.words.first().is_some_and(|first| first.quoted);
        let sentence = sentence(self.words);
        let wants = any_at(sentence, self.language.wants).is_some();
        let tells = !wants && any_at(sentence, self.language.stories).is_some();
        is_quotation || tells || sentence.iter().any(|word| word.is(self.language.says))
    }

    /// Returns whether the request is probably work although no rule understands it.
    pub(super) fn may_be_offered(&self, reading: &Reading) -> bool {
        let words = reading.words;
        let denies = self.negates(0, words.len()) || self.is_limited(0, words.len());
        let asks = words.iter().any(|word| word.mark == Mark::Question)
            || any_at(words, self.language.questions).is_some();
        let begins_with_person = words
            .first()
            .is_some_and(|word| word.is(self.language.pronouns) && !word.is(self.language.articles));
        let content = (0..words.len()).filter(|at| self.is_content(*at)).count();
        let is_software = (0..words.len()).any(|at| self.is_technical(&words[at]))
            || self.order_at().is_some()
            || !reading.names.projects.is_empty();
        content > 1 && is_software && !(denies || asks || begins_with_person || self.is_of_others())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{idle, intent};

    #[test]
    fn a_short_instruction_is_offered_in_other_languages() {
        for utterance in [
            "reparier es",
            "repariere das bitte",
            "kannst du das reparieren?",
            "räum auf",
            "prüf das",
            "arréglalo",
            "corrígelo por favor",
            "revísalo",
            "corrige-le",
            "nettoie tout",
            "formate-le",
            "修复它",
            "请修复",
        ] {
            assert_eq!(intent(utterance, &idle()), "offer claude -", "{utterance}");
        }
    }

    #[test]
    fn a_destructive_or_negated_short_instruction_is_not_offered() {
        for utterance in [
            "lösch es",
            "reparier es nicht",
            "bórralo",
            "no lo arregles",
            "supprime-le",
            "ne le corrige pas",
            "删除它",
            "别修复它",
            "mach es",
            "hazlo",
            "fais-le",
        ] {
            assert_eq!(intent(utterance, &idle()), "cannot-parse", "{utterance}");
        }
    }
}

//! What asks for work: orders, requests, what is wanted, problems, and questions about code.

use super::Speech;
use crate::Proposal;
use crate::launches;
use crate::pattern::{any_at, any_in};
use crate::reading::Reading;
use crate::wishes::Form;
use crate::words::{Mark, sentence};

impl Speech<'_> {
    /// Proposes new work where it is asked for.
    pub(super) fn work(&self) -> Option<Proposal> {
        self.form().map(|form| launches::propose(self.reading, form))
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
        let technical = count(&|at| {
            Some(at) != order && self.is_content(at) && self.language.is_technical(&self.words[at])
        });
        let is_about_software = technical + places + pasted > 0;
        let is_question =
            (self.asks() || any_at(&self.words[head..], self.language.questions).is_some()) && !asks;
        if content == 0 {
            return None;
        }
        if is_question && order.is_none_or(|order| order > head) {
            return is_about_software.then_some(Form::Question);
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

    /// Returns the first verb that orders something, in a clause that denies nothing.
    fn order_at(&self) -> Option<usize> {
        let verbs = |is_verb: fn(&Self, usize) -> bool| {
            self.clauses()
                .filter(|(start, end)| !self.is_limited(*start, *end))
                .flat_map(|(start, end)| start..end)
                .find(|at| !self.words[*at].quoted && is_verb(self, *at))
        };
        verbs(Self::is_verb).or_else(|| verbs(Self::is_loose))
    }

    /// What others said, and what was done already.
    fn is_of_others(&self) -> bool {
        let is_quotation = self.words.first().is_some_and(|first| first.quoted);
        let sentence = sentence(self.words);
        let wants = any_at(sentence, self.language.wants).is_some();
        let tells = !wants && any_at(sentence, self.language.stories).is_some();
        is_quotation || tells || sentence.iter().any(|word| word.text == "dijo" || word.text == "schrieb")
    }

    /// Says whether it is plainly work although it is not understood.
    pub(super) fn may_be_offered(&self, reading: &Reading) -> bool {
        let words = reading.words;
        let denies = self.negates(0, words.len()) || self.is_limited(0, words.len());
        let asks = words.iter().any(|word| word.mark == Mark::Question)
            || any_at(words, self.language.questions).is_some();
        let begins_with_person = words.first().is_some_and(|word| word.is(self.language.pronouns));
        let content = (0..words.len()).filter(|at| self.is_content(*at)).count();
        content > 1 && !(denies || asks || begins_with_person || self.is_of_others())
    }
}

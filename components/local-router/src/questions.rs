//! Recognises questions about sessions. Questions about code are for an agent, not for codewalk.

use crate::answer::{name_of, query, sure};
use crate::general_queries;
use crate::lang::en::morphology;
use crate::lang::en::questions as en;
use crate::pattern::{any_at, any_whole, longest_at};
use crate::phrases::Phrases;
use crate::reading::Reading;
use crate::reference::Reference;
use crate::sessions::{Purpose, SessionMatch, is_live};
use crate::short::is_about_project;
use crate::vocabulary::is_content;
use crate::word::{Mark, Word};
use crate::{Proposal, Session, SessionState};

/// Returns the query, if it is a question about sessions.
pub fn read(reading: &Reading) -> Option<Proposal> {
    if reading.lead.fresh
        || reading.pasted
        || general_queries::is_advice(reading.rest())
        || general_queries::is_by_example(reading.rest())
        || is_about_project(reading.rest())
    {
        return None;
    }
    if let Some((session, confidence)) = general_queries::read(reading) {
        let session = reading.sessions.iter().copied().find(|one| Some(&one.id) == session.as_ref());
        return Some(Question::of(reading).answer(session, confidence));
    }
    if general_queries::is_about_effort(reading.rest()) {
        return None;
    }
    let question = Question::of(reading);
    question.overview().or_else(|| question.about_session())
}

struct Question<'q> {
    reading: &'q Reading<'q>,
    words: &'q [Word<'q>],
    /// The index of its first word in the utterance.
    at: usize,
    /// Whether it follows "tell me".
    is_indirect: bool,
    reference: Reference,
}

impl<'q> Question<'q> {
    fn of(reading: &'q Reading<'q>) -> Self {
        let sentence = reading.sentence();
        let prefix = any_at(sentence, en::ASKING).filter(|taken| *taken < sentence.len()).unwrap_or(0);
        let at = reading.lead.head + prefix;
        let mut reference = reading.reference(&sentence[prefix..], at);
        // In "Shop: status", the name is in the lead.
        reference.project = reference.project.or(reading.lead.project);
        reference.agent = reference.agent.or(reading.lead.agent);
        reference.topic.retain(|topic| !en::ASKS.contains(topic));
        Self { reading, words: &sentence[prefix..], at, is_indirect: prefix > 0, reference }
    }

    /// "Status", "what's running", "how's shop going".
    fn overview(&self) -> Option<Proposal> {
        let table = longest_at(self.words, en::OVERVIEWS);
        let taken = table.or_else(|| self.about_project())?;
        let is_light = self.reference.topic.is_empty() || taken == self.words.len();
        let fits_topic = self.fits_topic();
        let is_about_one =
            self.reference.names_any() || self.reference.noun || fits_topic || self.is_about_it();
        let session = if is_about_one && !self.reference.group { self.session() } else { None };
        (is_light || fits_topic).then(|| self.answer(session, if is_light { 90 } else { 80 }))
    }

    /// "How's shop going", "is shop done", "shop status".
    fn about_project(&self) -> Option<usize> {
        let named_at = |offset: usize| self.reading.names.project_at(self.at + offset);
        if named_at(0).is_some_and(|mention| any_whole(&self.words[mention.len..], en::NOUNS)) {
            return Some(self.words.len());
        }
        let start = any_at(self.words, en::ASIDES).filter(|start| named_at(*start).is_some())?;
        let progresses = self.words.len() <= start + 2 || self.words.iter().any(|word| word.is(en::PROGRESS));
        (progresses && self.reference.topic.is_empty()).then_some(start)
    }

    /// "Is it done", "what is codex doing", "did the search endpoint work out".
    fn about_session(&self) -> Option<Proposal> {
        const LONG: usize = 12;
        const SHORT: usize = 7;
        if !self.asks() || self.is_about_code() {
            return None;
        }
        let has_sessions = !self.reading.sessions.is_empty();
        let progresses =
            self.words.iter().any(|word| word.is(en::PROGRESS) || word.is(en::WANTS) || word.is(en::WRONG));
        let is_past = self.words.iter().take(4).any(|word| word.is(en::AUXILIARIES));
        if self.is_about_it() {
            let is_about_work = progresses || (has_sessions && (is_past || self.asks_about_work()));
            return is_about_work.then(|| self.answer(self.session(), 80));
        }
        let fits_topic = self.fits_topic();
        let is_near = self.words.len() <= LONG || self.reference.topic.is_empty() || fits_topic;
        let progresses = progresses || general_queries::is_about_last(&self.reference);
        if (self.reference.noun || self.is_about_agent()) && (has_sessions || progresses) && is_near {
            return Some(self.answer(self.session(), 85));
        }
        let is_how = self.words.len() < SHORT && any_at(self.words, en::HOW_IS).is_some();
        if fits_topic && (progresses || is_past || is_how) {
            return Some(self.answer(self.session(), 80));
        }
        self.asks_whether_done().then(|| self.answer(None, 60))
    }

    fn asks(&self) -> bool {
        let starts = self.words.first().is_some_and(|word| word.is(en::STARTS));
        self.is_indirect || starts || self.words.last().is_some_and(|word| word.mark == Mark::Question)
    }

    /// "Why does the login test fail": a question about the code, not about a session.
    fn is_about_code(&self) -> bool {
        let is_about_session = self.reference.noun || self.is_about_agent() || self.is_about_it();
        !is_about_session && any_at(self.words, en::HABITS).is_some()
    }

    /// Whether a pronoun is the subject: directly after an auxiliary, or at the start of an embedded
    /// question.
    fn is_about_it(&self) -> bool {
        const NEAR: usize = 6;
        let stands_alone = |at: usize| {
            let next = self.words.get(at + 1).filter(|_| self.words[at].mark == Mark::None);
            !self.words[at].is(en::DEMONSTRATIVES)
                || next.is_none_or(|next| !is_content(next) || next.is(en::PROGRESS))
        };
        let follows = |pair: &[Word]| pair[0].is(en::BEFORE) && pair[1].is(en::SUBJECTS);
        let embedded = self.is_indirect && self.words.first().is_some_and(|word| word.is(en::SUBJECTS));
        let mut pairs = self.words.windows(2).take(NEAR).enumerate();
        embedded || pairs.any(|(at, pair)| follows(pair) && stands_alone(at + 1))
    }

    /// Whether an agent's name is the subject: "has claude finished", "what is codex doing".
    fn is_about_agent(&self) -> bool {
        const NEAR: usize = 5;
        let acts = |word: &Word| {
            let is_form =
                word.text.ends_with(morphology::GERUND) || word.text.ends_with(morphology::PARTICIPLE);
            is_form || !is_content(word) || word.is(en::PROGRESS) || word.is(en::WANTS) || word.is(en::PAST)
        };
        (0..self.words.len().min(NEAR)).any(|at| {
            let mention = self.reading.names.agent_at(self.at + at);
            let inverted = at > 0 && self.words[at - 1].is(en::INVERTED);
            mention.is_some_and(|mention| inverted || self.words.get(at + mention.len).is_none_or(acts))
        })
    }

    /// Questions about a session without a word of progress: "what does it do".
    fn asks_about_work(&self) -> bool {
        self.is_indirect || any_at(self.words, en::WORK).is_some()
    }

    /// "Is the deployment done", which a session can perhaps answer.
    fn asks_whether_done(&self) -> bool {
        let is_short = self.reference.topic.len() <= 2 && !self.words.iter().any(|word| word.code);
        let ends = self.words.iter().rev().take(2).any(|word| word.is(en::DONE));
        is_short && ends && any_at(self.words, en::IS_HAS).is_some()
    }

    /// Whether some session matches at least half of the topic words in the question.
    fn fits_topic(&self) -> bool {
        let overlaps = self.reading.sessions.iter().map(|session| self.reference.overlap(session));
        let best = overlaps.max().unwrap_or(0);
        best > 0 && best * 2 >= self.reference.topic.len()
    }

    fn session(&self) -> Option<&'q Session> {
        if self.reference.group && !self.is_about_it() {
            return None;
        }
        let mut reference = self.reference.clone();
        if !self.fits_topic() {
            // "Did it find the bug": the question does not identify the session.
            reference.topic.clear();
        }
        match self.reading.find(&reference, Purpose::Ask(self.state())) {
            SessionMatch::One(session) | SessionMatch::Unfit(session) => Some(session),
            SessionMatch::None | SessionMatch::Several(_) => None,
        }
    }

    /// The state that the question prefers a session to be in.
    fn state(&self) -> Option<SessionState> {
        let has = |words: &Phrases| self.words.iter().any(|word| word.is(words));
        let several_live = || self.reading.sessions.iter().filter(|session| is_live(session)).count() > 1;
        if has(en::WANTS) {
            Some(SessionState::Waiting)
        } else if has(en::FAILURES) {
            Some(SessionState::Failed)
        } else if has(en::ACTIVITIES) && several_live() {
            Some(SessionState::Running)
        } else {
            None
        }
    }

    fn answer(&self, session: Option<&Session>, confidence: u8) -> Proposal {
        let about =
            session.map_or("what is going on".into(), |session| format!("about {}", name_of(session)));
        sure(query(session, self.reading.prompt), confidence, format!("it asks {about}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{busy, idle, intent};

    #[test]
    fn general_questions_name_no_session() {
        for utterance in
            ["status", "what's running?", "list all sessions", "any news?", "is anything waiting for me?"]
        {
            assert_eq!(intent(utterance, &busy()), "query -", "{utterance}");
            assert_eq!(intent(utterance, &idle()), "query -", "{utterance}");
        }
    }

    #[test]
    fn a_question_about_a_session_finds_that_session() {
        for (utterance, expected) in [
            ("is it done yet?", "query login"),
            ("what is codex waiting for?", "query upload"),
            ("why did it fail?", "query orders"),
            ("did the badges work out?", "query badges"),
            ("how's the api session going?", "query upload"),
            ("tell me how far the login test is", "query login"),
            ("what does it want from me?", "query upload"),
        ] {
            assert_eq!(intent(utterance, &busy()), expected, "{utterance}");
        }
    }

    #[test]
    fn questions_about_code_are_for_an_agent() {
        for utterance in [
            "why does the login test in shop fail?",
            "how does the session handling in shop work?",
            "what's running on port 8080 in shop?",
            "is there dead code in shop?",
        ] {
            assert_eq!(intent(utterance, &busy()), "launch claude shop", "{utterance}");
        }
    }
}

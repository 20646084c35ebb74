//! Reads the lead of a request: greetings, polite words, its agent and project, and words that tie it to
//! earlier work.

use crate::lang::en::lead as en;
use crate::lang::en::vocabulary::PROJECT_NOUNS;
use crate::mention::Mention;
use crate::names::Names;
use crate::pattern::{any_at, any_in};
use crate::phrases::Phrases;
use crate::vocabulary::{is_content, is_technical, is_verb};
use crate::word::{Mark, Word};
use crate::words::{clause, sentence};

/// The words before the request itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    /// The first word of the request itself.
    pub head: usize,
    /// The agent that it names.
    pub agent: Option<usize>,
    /// A second agent that it names as an alternative ("codex or claude").
    pub rival: Option<usize>,
    /// The project that it names.
    pub project: Option<usize>,
    /// Whether it asks explicitly ("I want you to").
    pub asks: bool,
    /// Whether it states a wish of the user ("I want the button green").
    pub wants: bool,
    /// Whether it continues earlier work ("also", "and then").
    pub goes_on: bool,
    /// Whether it asks for a new session.
    pub fresh: bool,
    /// Whether it begins with a yes or a no.
    pub answers: bool,
}

impl Lead {
    /// Reads from the first word.
    pub fn read(words: &[Word], names: &Names) -> Self {
        Self::read_from(words, names, 0)
    }

    /// Reads from a later word.
    pub fn read_from(words: &[Word], names: &Names, from: usize) -> Self {
        let mut lead = Self { head: from, ..Self::default() };
        lead.read_on(words, names);
        lead.fresh |= any_in(sentence(&words[lead.head..]), en::ANEW);
        lead
    }

    /// Continues as long as there are words that belong to the lead.
    fn read_on(&mut self, words: &[Word], names: &Names) {
        const MAX_WORDS: usize = 60;
        let end = self.head + MAX_WORDS;
        while let Some(taken) = self.take(words, names).filter(|_| self.head < end) {
            self.head += taken;
        }
    }

    /// Takes "ask codex to" as the address of a new session, unless it addresses a running one.
    pub fn take_order(&mut self, words: &[Word], names: &Names) {
        let here = &words[self.head..];
        let Some(before) = any_at(here, en::ORDERS) else { return };
        let Some(mention) = names.agent_at(self.head + before) else { return };
        let mut len = before + mention.len;
        // "Ask codex in website to".
        let place = (1..=2).find_map(|joined| {
            let place = names.project_at(self.head + len + joined)?;
            Some((joined + place.len, place.index))
        });
        len += place.map_or(0, |(taken, _)| taken);
        let ends = here[len - 1].mark != Mark::None;
        let order = any_at(&here[len..], en::ORDER_ENDS);
        if ends || order.is_some() || any_at(&here[len..], en::NOT).is_some() {
            self.agent = Some(mention.index);
            self.project = place.map(|(_, index)| index).or(self.project);
            self.asks = true;
            self.head += len + order.unwrap_or(0);
            self.read_on(words, names);
        }
    }

    fn take(&mut self, words: &[Word], names: &Names) -> Option<usize> {
        let here = &words[self.head..];
        if here.first()?.quoted {
            return None;
        }
        if let Some(taken) = any_at(here, en::NEW_SESSION) {
            self.fresh = true;
            let joined = any_at(&here[taken..], en::SESSION_JOINTS).unwrap_or(0);
            return Some(taken + joined);
        }
        self.take_agent(here, names)
            .or_else(|| self.take_project(here, names))
            .or_else(|| self.take_phrase(here))
    }

    fn take_phrase(&mut self, here: &[Word]) -> Option<usize> {
        let labelled = any_at(here, en::LABELS)
            .filter(|taken| here[taken - 1].mark == Mark::Colon && *taken < here.len());
        if labelled.is_some() {
            self.wants |= any_at(here, en::LABELS_OF_REQUESTS).is_some();
            return labelled;
        }
        if here[0].text.starts_with("http") && here.len() > 1 {
            return Some(1);
        }
        if let Some(taken) = topic(here) {
            return Some(taken);
        }
        if let Some(taken) = any_at(here, en::REQUESTS) {
            self.asks = true;
            self.goes_on |= here[..taken].iter().any(|word| word.is(en::ALSO));
            return Some(taken);
        }
        if let Some(taken) = any_at(here, en::WANTS) {
            self.wants = true;
            return Some(taken);
        }
        if let Some(taken) = self.false_start(here) {
            self.goes_on = false;
            return Some(taken);
        }
        // A word that ties a request to earlier work needs a request after it: "wait" alone is itself a
        // request.
        let replaces = any_at(here, en::INSTEAD_OF).is_some();
        self.goes_on |= replaces;
        if let Some(taken) = any_at(here, en::TIES).filter(|taken| *taken < here.len() && !replaces) {
            self.goes_on = true;
            return Some(taken);
        }
        let ends = here.len() == 1 || here[0].mark != Mark::None;
        if any_at(here, en::YES).is_some() || (ends && any_at(here, en::ANSWERS).is_some()) {
            self.answers = true;
            return Some(1);
        }
        // "Start another agent in api to write the docs."
        let purpose = if self.fresh || self.agent.is_some() { any_at(here, en::TO) } else { None };
        purpose.or_else(|| any_at(here, en::FILLERS))
    }

    /// "Can you, no wait, ...": the user starts over.
    fn false_start(&self, here: &[Word]) -> Option<usize> {
        let has_begun = self.asks || self.project.is_some() || self.agent.is_some();
        let taken = any_at(here, en::STARTS_OVER).filter(|taken| has_begun && *taken < here.len())?;
        any_at(&here[taken..], en::DENIES).is_none().then_some(taken)
    }

    /// Takes "codex,", "use codex to", "@codex", "run codex in shop:" and the like.
    fn take_agent(&mut self, here: &[Word], names: &Names) -> Option<usize> {
        let agent_at = |offset: usize| names.agent_at(self.head + offset);
        let (before, mention) = [Some(0), any_at(here, en::BEFORE)]
            .into_iter()
            .flatten()
            .find_map(|at| Some((at, agent_at(at)?)))?;
        let mut len = before + mention.len;
        len += usize::from(here[len - 1].mark == Mark::None && any_at(&here[len..], en::AGENT).is_some());
        let another = |after: usize, pattern: &Phrases| {
            let joined = any_at(&here[after..], pattern)?;
            agent_at(after + joined).map(|other| (joined + other.len, other.index))
        };
        let rival = another(len, en::OR);
        len += rival.map_or(0, |(len, _)| len);
        len += another(len, en::OTHER_AGENTS).map_or(0, |(len, _)| len);
        let rest = &here[len..];
        let ends = here[len - 1].mark != Mark::None || rest.is_empty();
        let order = any_at(rest, en::AGENT_ENDS);
        // "Put codex on the memory leak": the task follows.
        let put = any_at(rest, en::PUT_ON)
            .filter(|put| before > 0 && names.project_at(self.head + len + put).is_none());
        // "Claude has finished", "is codex stuck" and "let codex know" are not addresses.
        let is_message = any_at(here, en::LET).is_some() && any_at(rest, en::LET_KNOW).is_some();
        let is_addressed = here[before].text.starts_with('@')
            || ends
            || order.or(put).or(any_at(rest, en::AGENT_PLACES)).is_some()
            || rest.first().is_some_and(is_verb);
        if !is_addressed || is_message {
            return None;
        }
        self.agent = Some(mention.index);
        self.rival = rival.map(|(_, index)| index);
        self.asks |= before > 0;
        self.wants |= put.is_some() && !ends;
        Some(len + if ends { 0 } else { put.or(order).unwrap_or(0) })
    }

    /// Takes "in shop,", "shop:", "for the shop project".
    fn take_project(&mut self, here: &[Word], names: &Names) -> Option<usize> {
        let before = any_at(here, en::TAKE_PROJECT_BEFORE).unwrap_or(0);
        let Mention { len, index, .. } = names.project_at(self.head + before)?;
        let mut len = before + len;
        len += usize::from(here[len - 1].mark == Mark::None && any_at(&here[len..], PROJECT_NOUNS).is_some());
        // "In shop or website, fix ...": codewalk asks which project is meant.
        let other = any_at(&here[len..], en::OTHER_PROJECTS).and_then(|joined| {
            let other = names.project_at(self.head + len + joined).filter(|other| other.index != *index)?;
            Some(joined + other.len)
        });
        len += other.unwrap_or(0);
        let rest = &here[len..];
        let next = rest.first()?;
        let mark = here[len - 1].mark;
        let starts_over = || {
            let begun = Self { project: Some(*index), ..Self::default() };
            any_at(rest, en::FILLERS).is_some() || begun.false_start(rest).is_some()
        };
        let starts = || {
            next.is(en::STARTS)
                || starts_over()
                || any_at(rest, en::REQUESTS).or_else(|| any_at(rest, en::WANTS)).is_some()
        };
        let is_placed = before > 0 && (self.fresh || here[before].text.contains('/') || starts());
        let is_lead = mark != Mark::None || is_verb(next) || is_placed;
        if !is_lead || mark == Mark::Question {
            return None;
        }
        self.project = Some(*index).filter(|_| other.is_none());
        Some(len)
    }
}

/// Reads a topic before a colon: "src/cart.ts: remove ...", "login page: add ...". A topic that may come from
/// another person is not read as one.
fn topic(here: &[Word]) -> Option<usize> {
    const LONGEST: usize = 4;
    let topic = clause(here);
    let is_order_next = || here.get(topic.len()).is_some_and(is_verb);
    let is_part = |word: &Word| (is_technical(word) && !word.is(en::SOURCES)) || !is_content(word);
    let ends = topic.last().is_some_and(|last| last.mark == Mark::Colon && is_content(last));
    let is_topic =
        topic.len() <= LONGEST && topic.iter().all(is_part) && topic.first().is_some_and(is_content);
    (is_topic && ends && is_order_next()).then_some(topic.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;
    use crate::{Agent, Project};

    fn read(utterance: &str) -> (Lead, String) {
        let projects =
            ["shop", "api"].map(|name| Project { name: name.into(), path: format!("/src/{name}") });
        let agents = ["claude", "codex"].map(|name| Agent { name: name.into(), default: name == "claude" });
        let words = split(utterance);
        let lead = Lead::read(&words, &Names::find(&words, &projects, &agents));
        let rest: Vec<&str> = words[lead.head..].iter().map(|word| word.text.as_ref()).collect();
        (lead, rest.join(" "))
    }

    #[test]
    fn politeness_is_removed() {
        for utterance in [
            "fix the pager",
            "Hey, could you please fix the pager",
            "I'd like you to fix the pager",
            "ok so let's go ahead and fix the pager",
            "we really need to fix the pager",
        ] {
            assert_eq!(read(utterance).1, "fix the pager", "{utterance}");
        }
    }

    #[test]
    fn the_agent_and_the_project_are_removed_and_recorded() {
        for utterance in [
            "use codex to fix the pager",
            "Codex, fix the pager",
            "@codex fix the pager",
            "please have codex fix the pager",
            "with codex, fix the pager",
            "run codex and fix the pager",
        ] {
            let (lead, rest) = read(utterance);
            assert_eq!((lead.agent, rest.as_str()), (Some(1), "fix the pager"), "{utterance}");
        }
        for utterance in [
            "in api, fix the pager",
            "api: fix the pager",
            "in the api repo fix the pager",
            "for api: fix the pager",
        ] {
            let (lead, rest) = read(utterance);
            assert_eq!((lead.project, rest.as_str()), (Some(1), "fix the pager"), "{utterance}");
        }
        let (lead, rest) = read("claude in shop: fix the pager");
        assert_eq!((lead.agent, lead.project, rest.as_str()), (Some(0), Some(0), "fix the pager"));
    }

    #[test]
    fn continued_and_new_work_are_distinguished() {
        let (lead, rest) = read("and when you're done, fix the pager");
        assert!(lead.goes_on && !lead.fresh);
        assert_eq!(rest, "fix the pager");
        let (lead, rest) = read("start a new session in shop: fix the pager");
        assert!(lead.fresh && !lead.goes_on);
        assert_eq!((lead.project, rest.as_str()), (Some(0), "fix the pager"));
    }

    #[test]
    fn spoken_requests_may_start_over() {
        for utterance in [
            "uhm can you no wait, in api fix the pager",
            "um so in api uh fix the pager",
            "could you sorry in api fix the pager",
            "in shop no wait in api fix the pager",
        ] {
            let (lead, rest) = read(utterance);
            assert_eq!((lead.project, rest.as_str()), (Some(1), "fix the pager"), "{utterance}");
        }
        assert!(read("can you no wait don't fix the pager").1.starts_with("do not"));
    }

    #[test]
    fn questions_about_an_agent_are_not_addresses() {
        assert_eq!(read("has claude finished").1, "has claude finished");
        assert_eq!(read("claude has finished").1, "claude has finished");
        assert_eq!(read("let codex know that").1, "let codex know that");
    }
}

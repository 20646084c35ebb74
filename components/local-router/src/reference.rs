//! Reads references to sessions: "the shop one", "the session that failed", "it".

use crate::lang::en::morphology;
use crate::lang::en::reference as en;
use crate::lang::en::vocabulary::{SESSION_NOUNS, WEAK_SESSION_NOUNS};
use crate::names::Names;
use crate::vocabulary::{is_content, is_verb};
use crate::word::{Mark, Word};
use crate::words::split;
use crate::{Session, SessionState};

/// The maximum number of words in a reference, which is more than people need.
const MAX_WORDS: usize = 40;

/// How many bytes of a session's utterance are read for its topic. More would cost time and add little.
const MAX_OPENING: usize = 600;

/// A reference to a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// The index of its agent in the request.
    pub agent: Option<usize>,
    /// The index of its project in the request.
    pub project: Option<usize>,
    /// The state that the words describe.
    pub state: Option<SessionState>,
    /// Its order in time.
    pub order: Option<Order>,
    /// The stems of all other words that carry meaning.
    pub topic: Vec<String>,
    /// Whether it is a pronoun ("it").
    pub pronoun: bool,
    /// Whether it has a word for a session.
    pub noun: bool,
    /// Whether it means several sessions.
    pub group: bool,
}

/// The order of sessions in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The session that changed most recently.
    Newest,
    /// The session that changed least recently.
    Oldest,
}

impl Reference {
    /// Reads some words that begin at `at` in the utterance.
    pub fn read(words: &[Word], at: usize, names: &Names) -> Self {
        let mut found = Self::default();
        for (offset, word) in words.iter().enumerate().take(MAX_WORDS) {
            let at = at + offset;
            // "The one that failed", "the one that is running".
            if word.is(en::RELATIVES) {
                let after = words[offset + 1..].iter().find(|after| !after.is(en::COPULAS));
                if let Some(state) = after.and_then(|after| state_of(&after.text)) {
                    found.state = Some(state);
                    continue;
                }
            }
            if let Some(mention) = names.agent_at(at) {
                found.agent = Some(mention.index);
            }
            if let Some(mention) = names.project_at(at) {
                found.project = Some(mention.index);
            }
            // "The codex agent" means an agent, and so any of its sessions.
            let is_agent = word.is(en::AGENT)
                && at > 0
                && names.agents.iter().any(|mention| mention.at + mention.len == at);
            if !names.covers(at) && !is_agent {
                found.add(word, words.get(offset + 1).filter(|_| word.mark == Mark::None));
            }
        }
        // "The README work" is a session; "the cron job" is one only if a session fits.
        if found.topic.len() > 1 || found.agent.is_some() || found.project.is_some() {
            found.topic.retain(|topic| !WEAK_SESSION_NOUNS.contains(topic));
        } else if found.topic.first().is_some_and(|topic| WEAK_SESSION_NOUNS.contains(topic)) {
            found.topic.clear();
            found.noun = true;
        }
        found
    }

    fn add(&mut self, word: &Word, next: Option<&Word>) {
        let text = word.stem();
        let is_session = |word: &Word| word.is(SESSION_NOUNS) || word.is(WEAK_SESSION_NOUNS);
        // "The session cookie": here the noun is an ordinary word.
        let is_noun = word.is(SESSION_NOUNS)
            && next.is_none_or(|next| !is_content(next) || is_verb(next) || is_state(next));
        let qualifies = next.is_none_or(is_session);
        let any_session = || next.is_some_and(is_session);
        match text {
            _ if en::PRONOUNS.contains(text) => self.pronoun = true,
            _ if en::GROUPS.contains(text) => self.group = true,
            _ if en::GROUP_DETERMINERS.contains(text) && any_session() => self.group = true,
            _ if en::RECENT.contains(text) || qualifies && en::NEWEST.contains(text) => {
                self.order = Some(Order::Newest);
            }
            _ if qualifies && en::OLDEST.contains(text) => self.order = Some(Order::Oldest),
            _ if is_noun => {
                self.noun = true;
                self.group |= text.ends_with('s');
            }
            _ if any_session() && state_of(text).is_some() => self.state = state_of(text),
            _ if is_content(word) && !word.is(en::LIGHT) => self.topic.push(stem(text).to_string()),
            _ => {}
        }
    }

    /// Returns whether the reference names nothing: it is a pronoun, or empty.
    pub fn is_bare(&self) -> bool {
        !self.noun && !self.group && self.topic.is_empty() && self.order.is_none() && !self.names_any()
    }

    /// Returns whether the reference names an agent, a project or a state.
    pub fn names_any(&self) -> bool {
        self.agent.is_some() || self.project.is_some() || self.state.is_some()
    }

    /// Returns how many words of the topic occur in a session's utterance.
    pub fn overlap(&self, session: &Session) -> usize {
        if self.topic.is_empty() {
            return 0;
        }
        let opening = &session.utterance[..session.utterance.floor_char_boundary(MAX_OPENING)];
        let words = split(opening);
        let own: Vec<&str> = words.iter().map(|word| stem(word.stem())).collect();
        self.topic.iter().filter(|topic| own.contains(&topic.as_str())).count()
    }
}

fn is_state(word: &Word) -> bool {
    state_of(&word.text).is_some() || word.is(en::LIGHT)
}

fn state_of(word: &str) -> Option<SessionState> {
    let states = [
        (en::RUNNING, SessionState::Running),
        (en::WAITING, SessionState::Waiting),
        (en::FAILED, SessionState::Failed),
        (en::COMPLETED, SessionState::Completed),
        (en::CANCELLED, SessionState::Cancelled),
        (en::LOST, SessionState::Lost),
    ];
    states.into_iter().find(|(words, _)| words.contains(word)).map(|(_, state)| state)
}

/// Removes common endings of an English word, so that "limits", "limited" and "limiting" compare equal.
pub fn stem(word: &str) -> &str {
    let ending = morphology::TOPIC_ENDINGS
        .into_iter()
        .find(|ending| word.ends_with(ending) && word.chars().count() >= ending.len() + 3);
    let stem = &word[..word.len() - ending.map_or(0, str::len)];
    let mut last = stem.chars().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && a != morphology::S && a.is_ascii() => &stem[..stem.len() - 1],
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Agent, Project};

    fn read(words: &str) -> Reference {
        let agents = ["claude", "codex"].map(|name| Agent { name: name.into(), default: false });
        let projects = ["shop", "api"].map(|name| Project { name: name.into(), path: String::new() });
        let words = split(words);
        Reference::read(&words, 0, &Names::find(&words, &projects, &agents))
    }

    #[test]
    fn names_states_and_order_are_separated_from_the_topic() {
        let reference = read("the failed codex session in api about the uploads");
        assert_eq!((reference.agent, reference.project), (Some(1), Some(1)));
        assert!(reference.noun && !reference.is_bare());
        assert_eq!(reference.topic, ["upload"]);
        assert_eq!(read("the one that is waiting").state, Some(SessionState::Waiting));
        assert_eq!(read("the last session").order, Some(Order::Newest));
    }

    #[test]
    fn a_pronoun_alone_names_nothing() {
        let reference = read("that now please");
        assert!(reference.pronoun && reference.is_bare());
    }

    #[test]
    fn a_noun_in_a_compound_means_something_else() {
        assert!(!read("the session cookie").noun);
        assert_eq!(read("the cron job").topic, ["cron"]);
        assert!(read("the job").noun);
    }

    #[test]
    fn endings_are_ignored() {
        for (one, other) in
            [("limits", "limiting"), ("migrate", "migration"), ("badges", "badge"), ("splitting", "split")]
        {
            assert_eq!(stem(one), stem(other));
        }
        assert_eq!(stem("für"), "für");
    }
}

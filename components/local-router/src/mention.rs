//! Mentions of projects and agents in an utterance.

use crate::lang::en::mention as en;
use crate::pattern::any_whole;
use crate::word::{Mark, Word};

/// A mention of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The index of its first word.
    pub at: usize,
    /// Its length in words.
    pub len: usize,
    /// The index of the project or agent in the request.
    pub index: usize,
    /// How clearly the word is meant as this name; 0 if it may mean something else.
    pub weight: u8,
}

/// Names that the utterance excludes.
#[derive(Debug, Default)]
pub struct Exclusions {
    /// Projects known to the request.
    pub projects: Vec<usize>,
    /// Agents known to the request.
    pub agents: Vec<usize>,
}

impl Exclusions {
    /// Finds explicit exclusions: "but not in shop", "never use claude".
    pub fn find(words: &[Word], projects: &[Mention], agents: &[Mention]) -> Self {
        const LONGEST: usize = 4;
        let is_excluded = |mention: &&Mention| {
            let before =
                |length: usize| mention.at.checked_sub(length).map(|start| &words[start..mention.at]);
            let joined = |words: &&[Word]| words.iter().all(|word| word.mark == Mark::None);
            let excludes = |words: &[Word]| any_whole(words, en::EXCLUSIONS);
            mention.weight == 0 && (1..=LONGEST).filter_map(before).filter(joined).any(excludes)
        };
        let of = |mentions: &[Mention]| mentions.iter().filter(is_excluded).map(|one| one.index).collect();
        if mentions_none(projects, agents) {
            Self::default()
        } else {
            Self { projects: of(projects), agents: of(agents) }
        }
    }
}

fn mentions_none(projects: &[Mention], agents: &[Mention]) -> bool {
    projects.is_empty() && agents.is_empty()
}

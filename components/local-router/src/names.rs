//! Finds names of known projects and agents in the words.
//!
//! A name may also be an ordinary word ("api"), so the surrounding words give each mention a weight, and only
//! the mentions with the highest weight count.

use crate::lang::en::morphology;
use crate::lang::en::names as en;
use crate::lang::en::vocabulary::PROJECT_NOUNS;
use crate::mention::{Exclusions, Mention};
use crate::pattern::{any_in, any_whole};
use crate::phrases::Phrases;
use crate::sources::is_source;
use crate::spelling::{self, Spelling};
use crate::vocabulary::{is_content, is_verb};
use crate::word::{Mark, Word};
use crate::{Agent, Project};

/// The names that the mentions with the highest weight select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// None is named.
    None,
    /// One is named.
    One(usize),
    /// Several are named with the same weight.
    Several(Vec<usize>),
}

/// All mentions in an utterance, in the order of the words.
#[derive(Debug, Default)]
pub struct Names {
    /// The mentions of projects.
    pub projects: Vec<Mention>,
    /// The mentions of agents.
    pub agents: Vec<Mention>,
    /// The names that the utterance excludes.
    pub excluded: Exclusions,
}

impl Names {
    /// Finds all mentions.
    pub fn find(words: &[Word], projects: &[Project], agents: &[Agent]) -> Self {
        let folder = |project: &Project| project.path.trim_end_matches('/').to_ascii_lowercase();
        let has_path = words.iter().any(is_path);
        let folders: Vec<String> = projects.iter().filter(|_| has_path).map(folder).collect();
        let projects = projects.iter().map(|project| project.name.as_str());
        let agents = agents.iter().map(|agent| agent.name.as_str());
        let mut projects = mentions(words, projects, &folders, weigh_project);
        coordinate(words, &mut projects);
        let agents = mentions(words, agents, &[], weigh_agent);
        let excluded = Exclusions::find(words, &projects, &agents);
        Self { projects, agents, excluded }
    }

    /// Returns the project whose name begins at word `at`.
    pub fn project_at(&self, at: usize) -> Option<&Mention> {
        mention_at(&self.projects, at)
    }

    /// Returns the agent whose name begins at a word.
    pub fn agent_at(&self, at: usize) -> Option<&Mention> {
        mention_at(&self.agents, at)
    }

    /// Returns whether a word is part of a name.
    pub fn covers(&self, at: usize) -> bool {
        let before = |mentions: &[Mention]| {
            let end = mentions.partition_point(|mention| mention.at <= at);
            mentions[..end].last().is_some_and(|mention| at < mention.at + mention.len)
        };
        before(&self.projects) || before(&self.agents)
    }
}

fn mention_at(mentions: &[Mention], at: usize) -> Option<&Mention> {
    mentions.binary_search_by_key(&at, |mention| mention.at).ok().map(|found| &mentions[found])
}

/// Returns the names with the highest weight. If there are several, only those in the first sentence with a
/// mention count.
pub fn choose(words: &[Word], mentions: &[Mention]) -> Choice {
    let Some(top) = mentions.iter().map(|mention| mention.weight).max().filter(|weight| *weight > 0) else {
        return Choice::None;
    };
    let mut chosen: Vec<usize> = Vec::new();
    let mut end = usize::MAX;
    for mention in mentions.iter().filter(|mention| mention.weight == top) {
        if mention.at >= end {
            break;
        }
        if chosen.is_empty() {
            end = mention.at + crate::words::sentence(&words[mention.at..]).len();
        }
        if !chosen.contains(&mention.index) {
            chosen.push(mention.index);
        }
    }
    match chosen[..] {
        [one] => Choice::One(one),
        _ => Choice::Several(chosen),
    }
}

type Weigh = fn(&Place) -> u8;

/// Finds names, and paths in the folders, in one pass over the words.
fn mentions<'r>(
    words: &[Word],
    names: impl Iterator<Item = &'r str>,
    folders: &[String],
    weigh: Weigh,
) -> Vec<Mention> {
    const CLEAR: u8 = 3;
    let names: Vec<(String, usize)> =
        names.map(|name| (spelling::key(name), spelling::parts(name))).collect();
    let goes_here = any_in(words, en::HERE);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let named = name_at(&words[at..], &names).and_then(|(index, Spelling { len, loose })| {
            let place = Place { goes_here, ..Place::of(words, at, len) };
            let weight = weigh(&place);
            // A loose spelling may be ordinary words, such as "log in".
            (!loose || weight >= CLEAR).then_some(Mention { at, len, index, weight })
        });
        let folder = || folder_of(&words[at], folders).map(|index| Mention { at, len: 1, index, weight: 4 });
        let mention = named.or_else(folder);
        at += mention.as_ref().map_or(1, |mention| mention.len);
        found.extend(mention);
    }
    found
}

/// "In shop and website": names joined by a conjunction have the same weight.
fn coordinate(words: &[Word], mentions: &mut [Mention]) {
    let end = |mention: &Mention| mention.at + mention.len;
    for index in 1..mentions.len() {
        let (before, mention) = (&mentions[index - 1], &mentions[index]);
        let goes_on = words.get(end(mention)).is_some_and(|next| {
            words[end(mention) - 1].mark == Mark::None && is_content(next) && !is_verb(next)
        });
        let between = &words[end(before)..mention.at];
        let is_plain = between.iter().all(|word| word.mark == Mark::None);
        let is_listed = between.is_empty() && words[end(before) - 1].mark == Mark::Comma && mention.at > 1;
        let is_last = || {
            mentions.get(index + 1).is_some_and(|next| any_whole(&words[end(mention)..next.at], en::JOINTS))
        };
        let joins = any_whole(between, en::JOINTS) || (is_listed && is_last());
        if joins && is_plain && !goes_on && mention.index != before.index {
            mentions[index].weight = before.weight;
        }
    }
}

/// Returns the longest name that the words begin with.
fn name_at(words: &[Word], names: &[(String, usize)]) -> Option<(usize, Spelling)> {
    let first = words[0].stem().trim_start_matches('@').chars().next()?;
    names
        .iter()
        .enumerate()
        .filter(|(_, (key, _))| key.starts_with(first))
        .filter_map(|(index, (key, parts))| Some((index, spelling::begins(words, key, *parts)?)))
        .max_by_key(|(_, spelt)| (spelt.len, !spelt.loose))
}

/// Returns the project whose folder contains a path; if there are several, the innermost. A tilde matches any
/// home folder.
fn folder_of(word: &Word, folders: &[String]) -> Option<usize> {
    let inside = |folder: &str| {
        let rest = match word.text.strip_prefix('~') {
            Some(rest) => folder.match_indices('/').find_map(|(at, _)| rest.strip_prefix(&folder[at..])),
            None => word.text.strip_prefix(folder),
        };
        !folder.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let fitting = |index: &usize| is_path(word) && inside(&folders[*index]);
    (0..folders.len()).filter(fitting).max_by_key(|index| folders[*index].len())
}

fn is_path(word: &Word) -> bool {
    word.text.starts_with("~/") || (word.text.starts_with('/') && word.text.len() > 1)
}

/// A name and the words around it, within its clause.
struct Place<'w> {
    word: &'w Word<'w>,
    last: &'w Word<'w>,
    /// The word directly before.
    adjacent: Option<&'w Word<'w>>,
    /// The word before, ignoring an article.
    previous: Option<&'w Word<'w>>,
    /// The second word before.
    earlier: Option<&'w Word<'w>>,
    next: Option<&'w Word<'w>>,
    /// Whether it ends the utterance after a comma, as the name of an addressee does.
    is_called: bool,
    /// Whether it is the first word of the utterance.
    is_first: bool,
    /// Whether it is the second word of the utterance.
    is_second: bool,
    /// Whether it is part of a longer quotation.
    is_quoted: bool,
    /// Whether the work is for the current folder, so that a name can only be a source.
    goes_here: bool,
    /// Whether it only names a source or an example for the work.
    is_source: bool,
}

impl<'w> Place<'w> {
    fn of(words: &'w [Word<'w>], at: usize, len: usize) -> Self {
        let last = &words[at + len - 1];
        let directly_before = words[..at].last();
        let adjacent = directly_before.filter(|word| word.mark == Mark::None);
        let earlier = at.checked_sub(2).map(|earlier| &words[earlier]);
        let over_article = adjacent.is_some_and(|word| word.is(en::ARTICLES));
        let previous = if over_article { earlier.or(adjacent) } else { adjacent };
        let quoted = |word: Option<&Word>| word.is_some_and(|word| word.quoted);
        Self {
            word: &words[at],
            last,
            adjacent,
            previous: previous.filter(|word| word.mark == Mark::None),
            earlier,
            next: words.get(at + len).filter(|_| last.mark == Mark::None),
            is_called: at + len == words.len()
                && directly_before.is_some_and(|word| word.mark == Mark::Comma),
            is_first: at == 0,
            is_second: at == 1,
            is_quoted: words[at].quoted && (quoted(words.get(at + len)) || quoted(directly_before)),
            goes_here: false,
            is_source: is_source(words, at, last.text.ends_with(morphology::POSSESSIVE)),
        }
    }

    fn follows(&self, list: &Phrases) -> bool {
        self.adjacent.is_some_and(|word| word.is(list))
    }

    fn has_before(&self, list: &Phrases) -> bool {
        self.previous.is_some_and(|word| word.is(list))
    }
}

/// Weighs the name of a project. "The api client" is probably not the project, and "an api" is not.
fn weigh_project(place: &Place) -> u8 {
    let Place { word, last, previous, next, .. } = *place;
    let is_excluded =
        place.has_before(en::EXCLUSIONS) || place.earlier.is_some_and(|word| word.is(en::EXCLUSIONS));
    // "Copy it from website to here."
    let is_source = place.is_source || (place.goes_here && place.has_before(en::FROM_OF));
    if is_excluded || is_source || place.is_quoted || place.follows(en::INDEFINITE) {
        return 0;
    }
    let is_project = place.has_before(PROJECT_NOUNS) || next.is_some_and(|next| next.is(PROJECT_NOUNS));
    if is_project || word.text.starts_with('@') || place.follows(en::PROJECT_FLAGS) {
        return 4;
    }
    let is_object = previous.is_none_or(takes_object);
    // "Shop should ...", "make shop use ...", "connect shop to ..."
    let acts = next.is_some_and(|next| next.is(en::MODALS) || is_verb(next));
    let is_subject = acts && (place.is_first || place.has_before(en::CAUSATIVES));
    let is_first_object = place.is_second && previous.is_some_and(is_verb);
    let is_owner = last.text.ends_with(morphology::POSSESSIVE);
    if next.is_some_and(|next| is_content(next) && !is_verb(next)) && !is_owner && previous.is_some() {
        return u8::from(is_object);
    }
    if word.text.contains('/') {
        1
    } else if place.has_before(en::IN) || is_subject || is_first_object {
        3
    } else if is_owner || place.has_before(en::PREPOSITIONS) {
        2
    } else {
        // A name that is also a verb or an article counts only where no other reading is possible.
        u8::from(is_object && is_content(word) && !is_verb(word))
    }
}

/// Returns whether a name can follow a word: "review shop", "moving shop", but not "public api".
fn takes_object(word: &Word) -> bool {
    is_verb(word) || !is_content(word) || word.text.ends_with(morphology::GERUND)
}

/// Weighs a mention of an agent. It counts only if the user addresses the agent or asks to use it.
fn weigh_agent(place: &Place) -> u8 {
    let is_excluded = place.follows(en::EXCEPTIONS) || place.has_before(en::NOT);
    if is_excluded || place.is_quoted || place.earlier.is_some_and(|word| word.is(en::NEVER)) {
        return 0;
    }
    if place.word.text.starts_with('@') || place.follows(en::AGENT_FLAGS) {
        return 3;
    }
    let ends = place.next.is_none_or(|next| next.is(en::AGENT_ENDS));
    let is_used = place.has_before(en::USES) && ends;
    let is_told = place.has_before(en::ASKS) && place.next.is_some_and(|next| next.is(en::TO));
    let is_let = place.has_before(en::LETS) && place.next.is_some_and(is_verb);
    u8::from(is_used || is_told || is_let || place.is_called) * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;

    fn project(utterance: &str) -> Choice {
        let projects = ["shop", "api", "Blue Moon"].map(|name| Project {
            name: name.into(),
            path: format!("/home/ana/src/{}", name.to_lowercase().replace(' ', "-")),
        });
        let words = split(utterance);
        choose(&words, &Names::find(&words, &projects, &[]).projects)
    }

    fn agent(utterance: &str) -> Choice {
        let agents =
            ["claude", "codex", "demo"].map(|name| Agent { name: name.into(), default: name == "claude" });
        let words = split(utterance);
        choose(&words, &Names::find(&words, &[], &agents).agents)
    }

    #[test]
    fn projects_are_found_as_whole_words_in_any_case() {
        for utterance in [
            "fix it in shop",
            "fix the Shop's footer",
            "in the SHOP repo, fix it",
            "fix @shop",
            "review shop",
        ] {
            assert_eq!(project(utterance), Choice::One(0), "{utterance}");
        }
        for utterance in
            ["fix the workshop page", "fix shop-floor.ts", "add a shop finder", "write \"open the shop now\""]
        {
            assert_eq!(project(utterance), Choice::None, "{utterance}");
        }
        assert_eq!(project("add a footer to blue moon"), Choice::One(2));
    }

    #[test]
    fn projects_are_found_by_path() {
        for utterance in
            ["in /home/ana/src/api fix it", "fix ~/src/api/main.rs", "look at /home/ana/src/api/ please"]
        {
            assert_eq!(project(utterance), Choice::One(1), "{utterance}");
        }
        assert_eq!(project("fix /home/ana/src/apis"), Choice::None);
    }

    #[test]
    fn the_place_of_work_outweighs_other_mentions() {
        assert_eq!(project("add an api to shop"), Choice::One(0));
        assert_eq!(project("call the api client in shop"), Choice::One(0));
        assert_eq!(project("in api, do it like in shop"), Choice::One(1));
        assert_eq!(project("port the pager from shop to api"), Choice::One(1));
        assert_eq!(project("fix it in shop. It came from a change in api."), Choice::One(0));
        assert_eq!(project("shop should use the new api"), Choice::One(0));
        assert_eq!(project("connect shop to the api"), Choice::One(0));
        assert_eq!(project("fix it in shop and in api"), Choice::Several(vec![0, 1]));
    }

    #[test]
    fn a_source_is_not_the_place_of_work() {
        for utterance in ["copy the eslint config from shop to here", "use the pager of shop in this project"]
        {
            assert_eq!(project(utterance), Choice::None, "{utterance}");
        }
        assert_eq!(project("remove the footer from shop"), Choice::One(0));
        assert_eq!(project("in shop, copy the config of api into this project"), Choice::One(0));
    }

    #[test]
    fn agents_count_if_they_are_addressed() {
        for utterance in [
            "use codex to fix it",
            "fix it with codex",
            "have codex fix it",
            "@codex fix it",
            "fix it, @Codex",
        ] {
            assert_eq!(agent(utterance), Choice::One(1), "{utterance}");
        }
        for utterance in ["add a demo page", "fill it with demo data", "fix it but do not use codex", "codex"]
        {
            assert_eq!(agent(utterance), Choice::None, "{utterance}");
        }
        assert_eq!(agent("use claude to fix it instead of codex"), Choice::One(0));
    }
}

//! Finds the projects and agents of the request in the words, whole and without regard to the case of Latin
//! letters.
//!
//! A name may be an ordinary word as well ("api"), so each place where one stands is weighed by the words
//! around it, and only the weightiest count.

use crate::vocabulary::{PROJECT_NOUNS, is_content, is_verb};
use crate::words::{Mark, Word, split};
use crate::{Agent, Project};

/// A place where a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The first word of it.
    pub at: usize,
    /// How many words it has.
    pub len: usize,
    /// Which project or agent of the request it is.
    pub index: usize,
    /// How much it says that this one is meant; 0 where the word may mean something else.
    pub weight: u8,
}

/// What the weightiest mentions amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// None is named.
    None,
    /// One is named.
    One(usize),
    /// Several are named alike.
    Several(Vec<usize>),
}

/// All mentions in an utterance, in the order of the words.
#[derive(Debug, Default)]
pub struct Names {
    /// Of projects.
    pub projects: Vec<Mention>,
    /// Of agents.
    pub agents: Vec<Mention>,
}

impl Names {
    /// Finds all mentions.
    pub fn find(words: &[Word], projects: &[Project], agents: &[Agent]) -> Self {
        let folder = |project: &Project| project.path.trim_end_matches('/').to_ascii_lowercase();
        let folders: Vec<String> = projects.iter().map(folder).collect();
        let projects = projects.iter().map(|project| project.name.as_str());
        let agents = agents.iter().map(|agent| agent.name.as_str());
        Self {
            projects: mentions(words, projects, &folders, weigh_project),
            agents: mentions(words, agents, &[], weigh_agent),
        }
    }

    /// Returns the project whose name begins at a word.
    pub fn project_at(&self, at: usize) -> Option<&Mention> {
        mention_at(&self.projects, at)
    }

    /// Returns the agent whose name begins at a word.
    pub fn agent_at(&self, at: usize) -> Option<&Mention> {
        mention_at(&self.agents, at)
    }

    /// Says whether a word is part of a name.
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

/// Returns what the weightiest mentions name. Of several, those in the first sentence that has any count.
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

type Weigh = fn(&[Word], usize, usize) -> u8;

/// Finds names, and paths in the folders, in one pass over the words.
fn mentions<'r>(
    words: &[Word],
    names: impl Iterator<Item = &'r str>,
    folders: &[String],
    weigh: Weigh,
) -> Vec<Mention> {
    let parts = |name: &str| split(name).iter().map(|word| word.text.to_string()).collect();
    let names: Vec<Vec<String>> = names.map(parts).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let named = name_at(&words[at..], &names).map(|index| (index, names[index].len()));
        if let Some((index, len)) = named {
            found.push(Mention { at, len, index, weight: weigh(words, at, len) });
        } else if let Some(index) = folder_of(&words[at], folders) {
            found.push(Mention { at, len: 1, index, weight: 4 });
        }
        at += named.map_or(1, |(_, len)| len);
    }
    found
}

/// Returns the longest name that the words begin with. "Shop/src/cart.ts" begins with a project's folder.
fn name_at(words: &[Word], names: &[Vec<String>]) -> Option<usize> {
    let first = words[0].stem();
    let first = first.strip_prefix('@').unwrap_or(first);
    let folder = first.split_once('/').map_or(first, |(folder, _)| folder);
    let fits = |parts: &[String]| match parts {
        [] => false,
        [one, others @ ..] => {
            (one == first || one == folder)
                && words.len() > others.len()
                && others.iter().zip(&words[1..]).all(|(part, word)| part == word.stem())
        }
    };
    (0..names.len()).filter(|index| fits(&names[*index])).max_by_key(|index| names[*index].len())
}

/// Returns the project whose folder a path lies in, the innermost of several. A tilde stands for any home.
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

/// Returns the word before, over an article.
fn before<'w>(words: &'w [Word], at: usize) -> Option<&'w Word<'w>> {
    let last = words[..at].last()?;
    if last.is("the|my|our") { words[..at - 1].last().or(Some(last)) } else { Some(last) }
}

/// Says whether one of several words stands directly before, in the same clause.
fn follows(words: &[Word], at: usize, list: &str) -> bool {
    words[..at].last().is_some_and(|word| word.mark == Mark::None && word.is(list))
}

fn is_quoted_text(words: &[Word], at: usize) -> bool {
    let quoted = |at: usize| words.get(at).is_some_and(|word| word.quoted);
    quoted(at) && (quoted(at + 1) || (at > 0 && quoted(at - 1)))
}

fn weigh_project(words: &[Word], at: usize, len: usize) -> u8 {
    const COMPARISONS: &str = "like|as|than|unlike|versus|vs";
    const INDEFINITE: &str = "a|an|any|another|every|each|no|some|per|which|what";
    let word = &words[at];
    let last = &words[at + len - 1];
    let next = words.get(at + len).filter(|_| last.mark == Mark::None);
    let previous = before(words, at).filter(|previous| previous.mark == Mark::None);
    if is_quoted_text(words, at) || follows(words, at, INDEFINITE) {
        return 0;
    }
    let excluded = |word: &Word| word.is(COMPARISONS) || word.is("not|except|outside");
    if previous.is_some_and(excluded) || (at > 1 && excluded(&words[at - 2])) {
        return 0;
    }
    let is_project_noun = |word: &Word| word.is(PROJECT_NOUNS);
    if word.text.starts_with('@')
        || follows(words, at, "--project|-p")
        || next.is_some_and(is_project_noun)
        || previous.is_some_and(is_project_noun)
    {
        return 4;
    }
    // "The api client" is hardly the project, and "the docs" may be anything.
    if word.text.contains('/') {
        return 1;
    }
    let goes_on = next.is_some_and(|next| is_content(next) && !is_verb(next));
    match previous {
        Some(previous) if goes_on && !last.text.ends_with("'s") => u8::from(takes_object(previous)),
        Some(previous) if previous.is("in|inside|within") => 3,
        Some(previous) if previous.is("for|on|of|to|at|into|across|throughout") => 2,
        _ if last.text.ends_with("'s") => 2,
        _ if is_verb(word) || !is_content(word) => 0,
        Some(previous) => u8::from(takes_object(previous)),
        None => 1,
    }
}

/// Says whether a name can stand after a word: "review shop", "moving shop", but not "public api".
fn takes_object(word: &Word) -> bool {
    is_verb(word) || !is_content(word) || word.text.ends_with("ing")
}

fn weigh_agent(words: &[Word], at: usize, len: usize) -> u8 {
    let last = &words[at + len - 1];
    if is_quoted_text(words, at) || follows(words, at, "not|than|of|except|without") {
        return 0;
    }
    if words[at].text.starts_with('@') || follows(words, at, "--agent|-a") {
        return 3;
    }
    let next = words.get(at + len).filter(|_| last.mark == Mark::None);
    let ends = next.is_none_or(|next| next.is("in|on|for|to|and|please|so|because|agent"));
    let verb_follows = next.is_some_and(is_verb);
    if at > 0 && words[at - 1].mark == Mark::Comma && at + len == words.len() {
        return 2;
    }
    let Some(previous) = before(words, at).filter(|previous| previous.mark == Mark::None) else { return 0 };
    if previous.is("negated|not") || (at > 1 && words[at - 2].is("not|never")) {
        return 0;
    }
    let addressed = (previous.is("with|using|via|through|use") && ends)
        || (previous.is("ask|get|want|tell") && next.is_some_and(|next| next.text == "to"))
        || (previous.is("have|let|make") && verb_follows)
        || (previous.is("start|launch|run") && ends);
    u8::from(addressed) * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(wish: &str) -> Choice {
        let projects = ["shop", "api", "Blue Moon"].map(|name| Project {
            name: name.into(),
            path: format!("/home/ana/src/{}", name.to_lowercase().replace(' ', "-")),
        });
        let words = split(wish);
        choose(&words, &Names::find(&words, &projects, &[]).projects)
    }

    fn agent(wish: &str) -> Choice {
        let agents =
            ["claude", "codex", "demo"].map(|name| Agent { name: name.into(), default: name == "claude" });
        let words = split(wish);
        choose(&words, &Names::find(&words, &[], &agents).agents)
    }

    #[test]
    fn projects_are_found_as_whole_words_in_any_case() {
        for wish in [
            "fix it in shop",
            "fix the Shop's footer",
            "in the SHOP repo, fix it",
            "fix @shop",
            "review shop",
        ] {
            assert_eq!(project(wish), Choice::One(0), "{wish}");
        }
        for wish in
            ["fix the workshop page", "fix shop-floor.ts", "add a shop finder", "write \"open the shop now\""]
        {
            assert_eq!(project(wish), Choice::None, "{wish}");
        }
        assert_eq!(project("add a footer to blue moon"), Choice::One(2));
    }

    #[test]
    fn projects_are_found_by_path() {
        for wish in
            ["in /home/ana/src/api fix it", "fix ~/src/api/main.rs", "look at /home/ana/src/api/ please"]
        {
            assert_eq!(project(wish), Choice::One(1), "{wish}");
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
        assert_eq!(project("fix it in shop and in api"), Choice::Several(vec![0, 1]));
    }

    #[test]
    fn agents_count_where_they_are_addressed() {
        for wish in [
            "use codex to fix it",
            "fix it with codex",
            "have codex fix it",
            "@codex fix it",
            "fix it, @Codex",
        ] {
            assert_eq!(agent(wish), Choice::One(1), "{wish}");
        }
        for wish in ["add a demo page", "fill it with demo data", "fix it but do not use codex", "codex"] {
            assert_eq!(agent(wish), Choice::None, "{wish}");
        }
        assert_eq!(agent("use claude to fix it instead of codex"), Choice::One(0));
    }
}

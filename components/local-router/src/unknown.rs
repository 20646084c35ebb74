//! Finds names of agents and projects in the words that the request does not list.

use crate::lang::en::unknown as en;
use crate::lang::en::vocabulary::PROJECT_NOUNS;
use crate::names::Names;
use crate::phrases::Phrases;
use crate::vocabulary::{is_content, is_technical, is_verb};
use crate::word::{Mark, Word, is_letter};

/// An unknown name.
#[derive(Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The name of an agent.
    Agent(String),
    /// The name of a project.
    Project(String),
}

/// Returns whether a word is the name of a coding agent or a model.
pub fn is_product(word: &Word) -> bool {
    word.is(en::KNOWN_PRODUCTS)
}

/// The maximum number of words before a name that the utterance addresses.
const MAX_OPENING: usize = 12;

/// Returns the first unknown agent that the utterance addresses.
pub fn agent(words: &[Word], names: &Names) -> Option<Unknown> {
    let hit = (0..words.len())
        .find(|at| !words[*at].quoted && names.agent_at(*at).is_none() && addresses(words, names, *at))?;
    Some(Unknown::Agent(words[hit].text.trim_start_matches('@').to_string()))
}

fn addresses(words: &[Word], names: &Names, at: usize) -> bool {
    let word = &words[at];
    let next = words.get(at + 1).filter(|_| word.mark == Mark::None);
    let is_next = |list: &Phrases| next.is_some_and(|next| next.is(list));
    let is_order_next = || next.is_some_and(is_verb);
    let previous = words[..at].last().filter(|previous| previous.mark == Mark::None);
    let is_previous = |list: &Phrases| previous.is_some_and(|previous| previous.is(list));
    if let Some(handle) = word.text.strip_prefix('@') {
        let is_edge = at + 1 == words.len() || is_opening(&words[..at]);
        return is_edge && is_plain(handle) && names.project_at(at).is_none();
    }
    if is_previous(en::THE) && is_next(en::AGENT) {
        return is_the_agent(words, at);
    }
    if word.is(en::KNOWN_PRODUCTS) {
        let ends = next.is_none() || is_next(en::AGENT_ENDS);
        let is_used = ends && is_previous(en::USES);
        let is_told = is_previous(en::ASKS) && (is_next(en::TO) || is_order_next());
        let is_called = word.mark != Mark::None || is_next(en::CALL_ENDS) || is_order_next();
        return is_used || is_told || (is_called && is_opening(&words[..at]));
    }
    // "Ask bob to fix it" names an agent; "ask users to confirm" does not.
    let is_asked = is_previous(en::ASK) && is_next(en::TO) && is_opening(&words[..at - 1]);
    is_asked && is_name(word) && !word.text.ends_with('s') && !names.covers(at)
}

/// "Use the gemini agent for this", but not "use the user agent string".
fn is_the_agent(words: &[Word], at: usize) -> bool {
    let is_addressed = at > 1 && words[at - 2].is(en::ADDRESSES);
    let goes_on = |after: &Word| words[at + 1].mark == Mark::None && is_content(after) && !is_verb(after);
    is_addressed
        && is_name(&words[at])
        && !words[at].is(en::ORDINARY)
        && !words.get(at + 2).is_some_and(goes_on)
}

/// Returns whether the words before a name only lead up to it.
fn is_opening(words: &[Word]) -> bool {
    words.len() < MAX_OPENING && words.iter().all(|word| !is_content(word) || word.is(en::GREETINGS))
}

fn is_name(word: &Word) -> bool {
    is_content(word) && !is_verb(word)
}

fn is_plain(name: &str) -> bool {
    let is_part = |c: char| is_letter(c) || c.is_ascii_digit() || matches!(c, '-' | '_');
    !name.is_empty() && name.chars().all(is_part)
}

/// Returns the first unknown project that the utterance names.
pub fn project(words: &[Word], names: &Names) -> Option<Unknown> {
    let candidates = (0..words.len()).filter(|at| !words[*at].quoted && !names.covers(*at));
    let name = |at: usize| {
        named_project(words, names, at).or_else(|| leading_project(words, at)).or_else(|| folder(words, at))
    };
    candidates.filter_map(name).next().map(Unknown::Project)
}

/// A name next to the word "project", after a preposition: "in the billing project", "in project billing".
fn named_project(words: &[Word], names: &Names, at: usize) -> Option<String> {
    let word = &words[at];
    let next = words.get(at + 1).filter(|_| word.mark == Mark::None)?;
    let mut before = words[..at].iter().rev().take(2).skip_while(|word| word.is(en::ARTICLES));
    let previous = before.next();
    let is_placed = previous.is_some_and(|word| word.is(en::PREPOSITIONS));
    if next.is(PROJECT_NOUNS) {
        // "The project structure": here the noun is an ordinary word.
        let goes_on = |after: &Word| next.mark == Mark::None && is_name(after);
        let leads = at == 0 && next.mark == Mark::Colon;
        let is_named = is_content(word) && !word.is(en::NAMED_PROJECT_ORDINARY) && !word.is(PROJECT_NOUNS);
        let is_whole = !words.get(at + 2).is_some_and(goes_on);
        if is_named && is_whole && (is_placed || leads) {
            return Some(word.text.to_string());
        }
        // "In the Billing Service project."
        let is_part = |first: &&Word| {
            is_name(first)
                && first.mark == Mark::None
                && !(first.is(en::NAMED_PROJECT_ORDINARY) || first.quoted || first.code)
        };
        let first = previous.filter(is_part).filter(|_| is_named && is_whole && !names.covers(at - 1))?;
        let mut earlier = words[..at - 1].iter().rev().take(2).skip_while(|word| word.is(en::ARTICLES));
        let is_placed = earlier.next().is_some_and(|word| word.is(en::PREPOSITIONS));
        return is_placed.then(|| format!("{} {}", first.text, word.text));
    }
    let names_next = is_placed && word.is(PROJECT_NOUNS) && !names.covers(at + 1);
    (names_next && is_name(next) && next.mark != Mark::None).then(|| next.text.to_string())
}

/// Returns whether a word is a label of a request.
pub fn is_label(word: &Word) -> bool {
    word.is(en::LABELS)
}

/// A name at the beginning, in the position of a known project: "billing: fix ..." or "in billing, fix ...".
fn leading_project(words: &[Word], at: usize) -> Option<String> {
    let word = &words[at];
    let leads = match word.mark {
        Mark::Colon => at == 0 || (at == 1 && words[0].is(en::LABEL_PREPOSITIONS)),
        Mark::Comma => at == 1 && words[0].is(en::IN),
        _ => false,
    };
    let is_project = || is_name(word) && is_plain(&word.text) && !word.is(en::LABELS) && !is_technical(word);
    let is_order_next = || words.get(at + 1).is_some_and(|next| is_verb(next) || next.is(en::PLEASE));
    (leads && is_project() && is_order_next()).then(|| word.text.to_string())
}

/// A folder that belongs to no known project: "in ~/src/billing", "in /srv/www/site".
fn folder(words: &[Word], at: usize) -> Option<String> {
    const FEW: usize = 2;
    let word = &words[at];
    let parts = || word.text.split('/').filter(|part| !part.is_empty());
    let is_deep = word.text.starts_with("~/") || (word.text.starts_with('/') && parts().count() > FEW);
    let is_file = || parts().next_back().is_some_and(|last| last.contains('.'));
    let before = words[..at].last().filter(|before| before.mark == Mark::None);
    let is_placed = before.is_some_and(|before| before.is(en::PLACE_PREPOSITIONS));
    (is_deep && is_placed && !is_file()).then(|| word.text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;
    use crate::{Agent, Project};

    fn unknown(utterance: &str) -> Option<Unknown> {
        let projects = [Project { name: "shop".into(), path: "/home/ana/src/shop".into() }];
        let agents = [Agent { name: "claude".into(), default: true }];
        let words = split(utterance);
        let names = Names::find(&words, &projects, &agents);
        agent(&words, &names).or_else(|| project(&words, &names))
    }

    #[test]
    fn unknown_agents_are_found_if_they_are_addressed() {
        for utterance in [
            "use gemini to fix it",
            "@gemini fix it",
            "Gemini, fix it",
            "fix it with gemini",
            "have gemini fix it",
            "ask gemini to fix it",
            "use the gemini agent for this",
        ] {
            assert_eq!(unknown(utterance), Some(Unknown::Agent("gemini".into())), "{utterance}");
        }
    }

    #[test]
    fn unknown_projects_are_found_if_they_are_named_as_projects() {
        for utterance in [
            "in the billing project, fix the rounding",
            "fix the rounding in project billing",
            "fix the rounding of my billing repo.",
            "billing: fix the rounding",
            "in billing, fix the rounding",
        ] {
            assert_eq!(unknown(utterance), Some(Unknown::Project("billing".into())), "{utterance}");
        }
        assert_eq!(unknown("in ~/src/billing fix it"), Some(Unknown::Project("~/src/billing".into())));
    }

    #[test]
    fn ordinary_words_are_not_names() {
        for utterance in [
            "use redis to cache the sessions",
            "add @types/node to shop",
            "use claude to fix it",
            "fix the user agent string",
            "ask users to confirm their email",
            "clean up the project structure",
            "in general, add more tests",
            "bug: fix the pager",
            "add a cursor to the pager",
            "serve it in /status",
            "fix it in the whole project",
        ] {
            assert_eq!(unknown(utterance), None, "{utterance}");
        }
    }
}

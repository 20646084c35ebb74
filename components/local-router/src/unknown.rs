//! Finds agents and projects that are named as such, but that the request does not have.

use crate::names::Names;
use crate::vocabulary::{PROJECT_NOUNS, is_content, is_technical, is_verb};
use crate::words::{Mark, Word, clause, is_letter};

/// A name that nothing in the request has.
#[derive(Debug, PartialEq, Eq)]
pub enum Unknown {
    /// An agent's.
    Agent(String),
    /// A project's.
    Project(String),
}

/// Coding agents and models that people name, wherever they are addressed.
const KNOWN_PRODUCTS: &str = "
    gemini|copilot|cursor|aider|gpt|chatgpt|gpt-4|gpt-5|gpt4|gpt5|opus|sonnet|haiku|claude|codex|opencode|
        cline|windsurf|devin|qwen|grok|llama|mistral|deepseek|kimi|openai|goose|jules|amp|roo|droid|crush|
        claude-code|warp|kiro
";

/// Returns the first agent that is addressed and not known.
pub fn agent(words: &[Word], names: &Names) -> Option<Unknown> {
    let hit = (0..words.len())
        .find(|at| !words[*at].quoted && names.agent_at(*at).is_none() && addresses(words, names, *at))?;
    Some(Unknown::Agent(words[hit].text.trim_start_matches('@').to_string()))
}

fn addresses(words: &[Word], names: &Names, at: usize) -> bool {
    let word = &words[at];
    let name = word.text.as_ref();
    let next = words.get(at + 1).filter(|_| word.mark == Mark::None);
    let is_next = |list: &str| next.is_some_and(|next| next.is(list));
    let previous = words[..at].last().filter(|previous| previous.mark == Mark::None);
    let is_previous = |list: &str| previous.is_some_and(|previous| previous.is(list));
    let leads = words[..at].iter().all(|word| !is_content(word) || word.is("hey|hi|hello"));
    if let Some(handle) = name.strip_prefix('@') {
        let is_plain = !handle.is_empty() && handle.chars().all(|c| is_letter(c) || c.is_ascii_digit() || c == '-');
        return is_plain && names.project_at(at).is_none() && (leads || at + 1 == words.len());
    }
    let is_the_agent = is_next("agent") && is_previous("the");
    if word.is(KNOWN_PRODUCTS) && !is_the_agent {
        let ends = next.is_none() || is_next("to|for|in|on|and|please|agent");
        return (is_previous("use|using|with|via|try|start|launch|run") && ends)
            || (is_previous("ask|tell|have|let|get|want") && (is_next("to") || next.is_some_and(is_verb)))
            || (leads
                && (word.mark != Mark::None || is_next("should|please|can") || next.is_some_and(is_verb)));
    }
    let is_name = is_content(word) && !is_verb(word) && !names.covers(at);
    let is_plural = name.ends_with('s');
    const ORDINARY: &str = "user|http|coding|default|best|build|ssh|monitoring|current|running|new|other";
    let the_agent = is_the_agent
        && !word.is(ORDINARY)
        && at > 1
        && words[at - 2].is("use|using|with|ask|tell|have|let|via")
        && words
            .get(at + 2)
            .is_none_or(|after| !is_content(after) || is_verb(after) || words[at + 1].mark != Mark::None);
    let asked = is_previous("ask")
        && is_next("to")
        && !is_plural
        && words[..at - 1].iter().all(|word| !is_content(word));
    is_name && (the_agent || asked)
}

/// Returns the first project that is named as one and not known.
pub fn project(words: &[Word], names: &Names) -> Option<Unknown> {
    let found = (0..words.len()).filter(|at| !words[*at].quoted && !names.covers(*at)).find_map(|at| {
        named_project(words, names, at).or_else(|| leading_project(words, at).or_else(|| folder(words, at)))
    })?;
    Some(Unknown::Project(found))
}

/// A name beside the word "project", after a preposition: "in the billing project", "in project billing".
fn named_project(words: &[Word], names: &Names, at: usize) -> Option<String> {
    const PREPOSITIONS: &str = "in|on|for|inside|from|to|of|into|within|open";
    const ORDINARY: &str = "
        whole|entire|same|current|new|old|git|existing|main|test|sample|demo|example|rust|python|node|java|
            django|react|web|side|private|public|root|local|remote|parent|cargo|npm|typescript|javascript|
            kotlin|swift|real|actual|default|open-source|different|empty|github|vue
    ";
    let word = &words[at];
    let name = is_content(word) && !word.is(ORDINARY) && !word.is(PROJECT_NOUNS);
    let next = words.get(at + 1).filter(|_| word.mark == Mark::None)?;
    let mut before = words[..at].iter().rev().skip_while(|word| word.is("the|my|our"));
    let after_preposition = before.next().is_some_and(|word| word.is(PREPOSITIONS));
    // "The project structure": what follows the noun makes it an ordinary word.
    let noun_ends = |at: usize| {
        words[at].mark != Mark::None
            || words.get(at + 1).is_none_or(|word| !is_content(word) || is_verb(word))
    };
    if name
        && next.is(PROJECT_NOUNS)
        && noun_ends(at + 1)
        && (after_preposition || (at == 0 && words[1].mark == Mark::Colon))
    {
        return Some(word.text.to_string());
    }
    let names_next = word.is(PROJECT_NOUNS) && after_preposition && !names.covers(at + 1);
    (names_next && is_content(next) && !is_verb(next) && next.mark != Mark::None)
        .then(|| next.text.to_string())
}

/// A name before everything else, in the form that a known project would have: "billing: fix ..." or
/// "in billing, fix ...".
fn leading_project(words: &[Word], at: usize) -> Option<String> {
    const LABELS: &str = "
        fix|feat|feature|bug|bugfix|chore|docs|doc|todo|task|wish|idea|note|question|request|urgent|
            important|fyi|refactor|perf|ci|story|hotfix|reminder|goal|general|theory|parallel|addition|
            particular|practice|short|summary|detail|production|principle|future|fact|order|case|english|
            german|french|spanish|return|response|total|contrast|essence|context|all|proposal
    ";
    let word = &words[at];
    let is_plain = word.text.chars().all(|c| is_letter(c) || c.is_ascii_digit() || c == '-' || c == '_') && !word.code;
    let next_is_verb = words.get(at + 1).is_some_and(|next| is_verb(next) || next.is("please"));
    let leads = match word.mark {
        Mark::Colon => at == 0 || (at == 1 && words[0].is("in|for|on")),
        Mark::Comma => at == 1 && words[0].is("in|inside"),
        _ => false,
    };
    let is_name = is_content(word) && is_plain && !word.is(LABELS) && !is_technical(word) && !is_verb(word);
    (leads && next_is_verb && is_name).then(|| word.text.to_string())
}

/// A folder that is no project's: "in ~/src/billing", "in /srv/www/site".
fn folder(words: &[Word], at: usize) -> Option<String> {
    let word = &words[at];
    let parts = word.text.split('/').filter(|part| !part.is_empty()).count();
    let is_folder = (word.text.starts_with("~/") || (word.text.starts_with('/') && parts > 2))
        && word.text.rsplit('/').next().is_some_and(|last| !last.contains('.'));
    let placed = at > 0 && clause(&words[at - 1..]).len() > 1 && words[at - 1].is("in|inside|under|at");
    (is_folder && placed).then(|| word.text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;
    use crate::{Agent, Project};

    fn unknown(wish: &str) -> Option<Unknown> {
        let projects = [Project { name: "shop".into(), path: "/home/ana/src/shop".into() }];
        let agents = [Agent { name: "claude".into(), default: true }];
        let words = split(wish);
        let names = Names::find(&words, &projects, &agents);
        agent(&words, &names).or_else(|| project(&words, &names))
    }

    #[test]
    fn unknown_agents_are_found_where_they_are_addressed() {
        for wish in [
            "use gemini to fix it",
            "@gemini fix it",
            "Gemini, fix it",
            "fix it with gemini",
            "have gemini fix it",
            "ask gemini to fix it",
            "use the gemini agent for this",
        ] {
            assert_eq!(unknown(wish), Some(Unknown::Agent("gemini".into())), "{wish}");
        }
    }

    #[test]
    fn unknown_projects_are_found_where_they_are_named_as_such() {
        for wish in [
            "in the billing project, fix the rounding",
            "fix the rounding in project billing",
            "fix the rounding of my billing repo.",
            "billing: fix the rounding",
            "in billing, fix the rounding",
        ] {
            assert_eq!(unknown(wish), Some(Unknown::Project("billing".into())), "{wish}");
        }
        assert_eq!(unknown("in ~/src/billing fix it"), Some(Unknown::Project("~/src/billing".into())));
    }

    #[test]
    fn ordinary_words_are_no_names() {
        for wish in [
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
            assert_eq!(unknown(wish), None, "{wish}");
        }
    }
}

//! Finds agents and projects that are named as such, but that the request does not have.

use crate::names::Names;
use crate::pattern::{Phrases, phrases};
use crate::vocabulary::{PROJECT_NOUNS, is_content, is_technical, is_verb};
use crate::words::{Mark, Word, is_letter};

/// A name that nothing in the request has.
#[derive(Debug, PartialEq, Eq)]
pub enum Unknown {
    /// An agent's.
    Agent(String),
    /// A project's.
    Project(String),
}

/// Coding agents and models that people name, wherever they are addressed.
const KNOWN_PRODUCTS: &Phrases = phrases! {"
    gemini|copilot|cursor|aider|gpt|chatgpt|gpt-4|gpt-5|gpt4|gpt5|opus|sonnet|haiku|claude|codex|opencode|
        cline|windsurf|devin|qwen|grok|llama|mistral|deepseek|kimi|openai|goose|jules|amp|roo|droid|crush|
        claude-code|warp|kiro
"};

/// Says whether a word is the name of a coding agent or a model.
pub fn is_product(word: &Word) -> bool {
    word.is(KNOWN_PRODUCTS)
}

/// How many words may stand before a name that is addressed first.
const MAX_OPENING: usize = 12;

/// Returns the first agent that is addressed and not known.
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
    if is_previous(phrases!("the")) && is_next(phrases!("agent")) {
        return is_the_agent(words, at);
    }
    if word.is(KNOWN_PRODUCTS) {
        let ends = next.is_none() || is_next(phrases!("to|for|in|on|and|please|agent"));
        let is_used = ends && is_previous(phrases!("use|using|with|via|try|start|launch|run"));
        let is_told = is_previous(phrases!("ask|tell|have|let|get|want"))
            && (is_next(phrases!("to")) || is_order_next());
        let is_called = word.mark != Mark::None || is_next(phrases!("should|please|can")) || is_order_next();
        return is_used || is_told || (is_called && is_opening(&words[..at]));
    }
    // "Ask bob to fix it" names somebody; "ask users to confirm" does not.
    let is_asked = is_previous(phrases!("ask")) && is_next(phrases!("to")) && is_opening(&words[..at - 1]);
    is_asked && is_name(word) && !word.text.ends_with('s') && !names.covers(at)
}

/// "Use the gemini agent for this", but not "use the user agent string".
fn is_the_agent(words: &[Word], at: usize) -> bool {
    const ORDINARY: &Phrases =
        phrases!("user|http|coding|default|best|build|ssh|monitoring|current|running|new|other");
    let is_addressed = at > 1 && words[at - 2].is(phrases!("use|using|with|ask|tell|have|let|via"));
    let goes_on = |after: &Word| words[at + 1].mark == Mark::None && is_content(after) && !is_verb(after);
    is_addressed && is_name(&words[at]) && !words[at].is(ORDINARY) && !words.get(at + 2).is_some_and(goes_on)
}

/// Says whether the words before a name only lead up to it.
fn is_opening(words: &[Word]) -> bool {
    words.len() < MAX_OPENING
        && words.iter().all(|word| !is_content(word) || word.is(phrases!("hey|hi|hello")))
}

fn is_name(word: &Word) -> bool {
    is_content(word) && !is_verb(word)
}

fn is_plain(name: &str) -> bool {
    let is_part = |c: char| is_letter(c) || c.is_ascii_digit() || matches!(c, '-' | '_');
    !name.is_empty() && name.chars().all(is_part)
}

/// Returns the first project that is named as one and not known.
pub fn project(words: &[Word], names: &Names) -> Option<Unknown> {
    let candidates = (0..words.len()).filter(|at| !words[*at].quoted && !names.covers(*at));
    let name = |at: usize| {
        named_project(words, names, at).or_else(|| leading_project(words, at)).or_else(|| folder(words, at))
    };
    candidates.filter_map(name).next().map(Unknown::Project)
}

/// A name beside the word "project", after a preposition: "in the billing project", "in project billing".
fn named_project(words: &[Word], names: &Names, at: usize) -> Option<String> {
    const PREPOSITIONS: &Phrases = phrases!("in|on|for|inside|from|to|of|into|within|open");
    const ORDINARY: &Phrases = phrases! {"
        whole|entire|same|current|new|old|git|existing|main|test|sample|demo|example|rust|python|node|java|
            django|react|web|side|private|public|root|local|remote|parent|cargo|npm|typescript|javascript|
            kotlin|swift|real|actual|default|open-source|different|empty|github|vue
    "};
    let word = &words[at];
    let next = words.get(at + 1).filter(|_| word.mark == Mark::None)?;
    let mut before = words[..at].iter().rev().take(2).skip_while(|word| word.is(phrases!("the|my|our")));
    let previous = before.next();
    let is_placed = previous.is_some_and(|word| word.is(PREPOSITIONS));
    if next.is(PROJECT_NOUNS) {
        // "The project structure": what follows the noun makes it an ordinary word.
        let goes_on = |after: &Word| next.mark == Mark::None && is_name(after);
        let leads = at == 0 && next.mark == Mark::Colon;
        let is_named = is_content(word) && !word.is(ORDINARY) && !word.is(PROJECT_NOUNS);
        let is_whole = !words.get(at + 2).is_some_and(goes_on);
        if is_named && is_whole && (is_placed || leads) {
            return Some(word.text.to_string());
        }
        // "In the Billing Service project."
        let is_part = |first: &&Word| {
            is_name(first) && first.mark == Mark::None && !(first.is(ORDINARY) || first.quoted || first.code)
        };
        let first = previous.filter(is_part).filter(|_| is_named && is_whole && !names.covers(at - 1))?;
        let mut earlier =
            words[..at - 1].iter().rev().take(2).skip_while(|word| word.is(phrases!("the|my|our")));
        let is_placed = earlier.next().is_some_and(|word| word.is(PREPOSITIONS));
        return is_placed.then(|| format!("{} {}", first.text, word.text));
    }
    let names_next = is_placed && word.is(PROJECT_NOUNS) && !names.covers(at + 1);
    (names_next && is_name(next) && next.mark != Mark::None).then(|| next.text.to_string())
}

/// Words before a colon, or after "in", that are no names.
const LABELS: &Phrases = phrases! {"
    fix|feat|feature|bug|bugfix|chore|docs|doc|todo|task|wish|idea|note|question|request|urgent|
        important|fyi|refactor|perf|ci|story|hotfix|reminder|goal|general|theory|parallel|addition|
        particular|practice|short|summary|detail|production|principle|future|fact|order|case|english|
        german|french|spanish|return|response|total|contrast|essence|context|all|proposal
"};

/// Says whether a word is one of those.
pub fn is_label(word: &Word) -> bool {
    word.is(LABELS)
}

/// A name before everything else, in the form that a known project would have: "billing: fix ..." or
/// "in billing, fix ...".
fn leading_project(words: &[Word], at: usize) -> Option<String> {
    let word = &words[at];
    let leads = match word.mark {
        Mark::Colon => at == 0 || (at == 1 && words[0].is(phrases!("in|for|on"))),
        Mark::Comma => at == 1 && words[0].is(phrases!("in|inside")),
        _ => false,
    };
    let is_project = || is_name(word) && is_plain(&word.text) && !word.is(LABELS) && !is_technical(word);
    let is_order_next = || words.get(at + 1).is_some_and(|next| is_verb(next) || next.text == "please");
    (leads && is_project() && is_order_next()).then(|| word.text.to_string())
}

/// A folder that is no project's: "in ~/src/billing", "in /srv/www/site".
fn folder(words: &[Word], at: usize) -> Option<String> {
    const FEW: usize = 2;
    let word = &words[at];
    let parts = || word.text.split('/').filter(|part| !part.is_empty());
    let is_deep = word.text.starts_with("~/") || (word.text.starts_with('/') && parts().count() > FEW);
    let is_file = || parts().next_back().is_some_and(|last| last.contains('.'));
    let before = words[..at].last().filter(|before| before.mark == Mark::None);
    let is_placed = before.is_some_and(|before| before.is(phrases!("in|inside|under|at")));
    (is_deep && is_placed && !is_file()).then(|| word.text.to_string())
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

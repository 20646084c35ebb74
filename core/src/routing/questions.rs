//! Questions that the core answers from its state: the agents, the cost, the duration, the log.

use crate::routing::lang::en::questions::{
    AFTER_COST, ASKS, COST, ENDED, LOG, OF_AGENTS, OF_ENDED, POLITE, PROGRESS, RUNNING, SESSIONS, SHOW,
};
use crate::routing::lang::{self, QuestionTable, QuestionWords};
use crate::routing::{grammar, named};
use crate::session::{Session, SessionState};
use crate::state::{State, StateContext};
use crate::summarization;
use crate::terminal_text::shortened;
use crate::time;
use crate::time::Timestamp;

/// The subject of such a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The configured agents.
    Agents,
    /// The known projects.
    Projects,
    /// The cost of a session, or of all.
    Cost,
    /// The duration of a session.
    Duration,
    /// The log of a session.
    Log,
    /// The sessions that ended in this state.
    Ended(SessionState),
}

/// The maximum length of a request in an answer, in characters.
const MAX_REQUEST: usize = 80;

/// Returns whether a question is about a fact, by the tables of the languages other than English.
fn fits(text: &str, words: &[&str], table: fn(&QuestionWords) -> &QuestionTable) -> bool {
    const LONGEST: usize = 14;
    let tables = || lang::ALL.iter().filter_map(|language| language.questions).map(table);
    let is_about = |word: &&str| tables().any(|table| table.about.contains(word));
    let is_known = |word: &&str| is_about(word) || tables().any(|table| table.among.contains(word));
    let has_parts = |parts: &&[&str]| parts.iter().all(|part| text.contains(part));
    words.iter().any(is_about) && words.iter().all(is_known)
        || text.chars().count() <= LONGEST && tables().any(|table| table.parts.iter().any(has_parts))
}

/// Returns whether a text asks something. A polite request, "could you fix it?", does not.
pub(crate) fn asks(text: &str) -> bool {
    const MOST: usize = 200;
    let words = named::words(text);
    let is_polite =
        || words.iter().take(MOST).any(|word| POLITE.contains(&word.as_str()) || is_polite_elsewhere(word));
    let begins =
        |phrase: &&[&str]| words.len() >= phrase.len() && phrase.iter().zip(&words).all(|(a, b)| a == b);
    fact(text).is_some() || ASKS.iter().any(begins) || text.contains(['?', '\u{ff1f}']) && !is_polite()
}

fn is_polite_elsewhere(word: &str) -> bool {
    lang::ALL
        .iter()
        .filter_map(|language| language.questions)
        .any(|questions| questions.polite.contains(&word))
}

/// Returns whether a question may be about sessions: it names one, an agent or a project, or has a word of
/// progress or of a session's request.
pub(crate) fn is_about_sessions(text: &str, state: &State) -> bool {
    let words = named::words(text);
    let context = state.context();
    let agents = context.agents.iter().map(|agent| &agent.name);
    let sessions = state.sessions();
    let mut names = agents
        .chain(context.projects.iter().map(|project| &project.name))
        .chain(sessions.iter().map(|session| &session.agent));
    fact(text).is_some()
        || grammar::points_at_session(text)
        || words.iter().any(|word| PROGRESS.contains(&word.as_str()))
        || names.any(|name| !named::places(&words, name).is_empty())
        || sessions.iter().any(|session| shares_topic(&words, session))
}

/// Returns whether a session's request has one of the longer words.
fn shares_topic(words: &[String], session: &Session) -> bool {
    const SHORT: usize = 4;
    const MOST: usize = 200;
    let topic = named::words(&session.text);
    topic.iter().take(MOST).any(|word| word.chars().count() > SHORT && words.contains(word))
}

/// Returns the session of the only agent that a question names: its only active one or, if none is active,
/// its newest.
pub(crate) fn session_of_agent<'s>(text: &str, state: &'s State) -> Option<&'s Session> {
    let words = named::words(text);
    let mut sessions = state.sessions();
    sessions.retain(|session| !named::places(&words, &session.agent).is_empty());
    let newest = *sessions.first()?;
    if sessions.iter().any(|session| session.agent != newest.agent) {
        return None;
    }
    let mut live = sessions.iter().filter(|session| !session.state.has_ended());
    match (live.next(), live.next()) {
        (None, _) => Some(newest),
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Returns the state in "which sessions failed?".
fn ended_state(words: &[&str]) -> Option<SessionState> {
    let state = |word: &&str| ENDED.iter().find(|(name, _)| name == word).map(|(_, state)| *state);
    let is_of_sessions = words.iter().any(|word| SESSIONS.contains(word));
    let known = |word: &&str| OF_AGENTS.contains(word) || SESSIONS.contains(word) || OF_ENDED.contains(word);
    let mut states = words.iter().filter_map(state);
    let only = states.next().filter(|first| states.all(|other| other == *first))?;
    (is_of_sessions && words.iter().all(|word| known(word) || state(word).is_some())).then_some(only)
}

/// Returns the subject of a question, if it is one of these.
pub fn fact(text: &str) -> Option<Fact> {
    const LONGEST: usize = 14;
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(LONGEST).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let is_how_long = words.windows(2).any(|pair| pair == ["how", "long"]);
    if has(&["agents"]) && words.iter().all(|word| OF_AGENTS.contains(word))
        || fits(&text, &words, |questions| &questions.agents)
    {
        Some(Fact::Agents)
    } else if let Some(state) = ended_state(&words) {
        Some(Fact::Ended(state))
    } else if has(&["projects"]) && words.iter().all(|word| *word == "projects" || OF_AGENTS.contains(word)) {
        Some(Fact::Projects)
    } else if has(COST) && words.last().is_some_and(|last| AFTER_COST.contains(last))
        || fits(&text, &words, |questions| &questions.cost)
    {
        Some(Fact::Cost)
    } else if is_how_long && has(RUNNING) {
        Some(Fact::Duration)
    } else if has(LOG) && has(SHOW) {
        Some(Fact::Log)
    } else {
        None
    }
}

/// Returns the answer, for one session or the newest.
pub fn answer(fact: Fact, state: &State, session: Option<&Session>, now: Timestamp) -> String {
    if fact == Fact::Agents {
        return agents(state.context());
    }
    if fact == Fact::Projects {
        return projects(state.context());
    }
    if let Fact::Ended(wanted) = fact {
        return ended(state, wanted);
    }
    let sessions = state.sessions();
    let Some(session) = session.or_else(|| sessions.first().copied()) else {
        return "Nothing has run yet.".to_owned();
    };
    let (agent, project) = (&session.agent, &session.project.name);
    let request = shortened(&session.text, MAX_REQUEST);
    match fact {
        Fact::Cost => {
            let usage = session.usage();
            match (usage.cost_usd, usage.input_tokens, usage.output_tokens) {
                (Some(cost), ..) => format!("{agent} in {project} has cost ${cost:.2}: {request}."),
                (None, 0, 0) => {
                    format!("{agent} in {project} reports neither cost nor tokens: {request}.")
                }
                (None, input, output) => format!(
                    "{agent} in {project} does not report its cost; \
                     it used {input} input and {output} output tokens: {request}."
                ),
            }
        }
        Fact::Log => format!(
            "{agent} in {project} worked on: {request}. Full log: codewalk sessions log {}",
            session.id
        ),
        Fact::Agents | Fact::Projects | Fact::Ended(_) | Fact::Duration => {
            let Some(run) = session.run() else { return "Nothing has run yet.".to_owned() };
            let lasts = time::duration(run.ended_at.unwrap_or(now).since(run.started_at));
            let verb = if run.ended_at.is_some() { "ran for" } else { "has been running for" };
            format!("{agent} in {project} {verb} {lasts}: {request}.")
        }
    }
}

/// Lists the sessions that ended in a state, newest first.
fn ended(state: &State, wanted: SessionState) -> String {
    const MOST: usize = 5;
    let sessions = state.sessions();
    let ended: Vec<&&Session> = sessions.iter().filter(|session| session.state == wanted).collect();
    let verb = match (wanted, ended.len()) {
        (SessionState::Cancelled, 0 | 1) => "was stopped",
        (SessionState::Cancelled, _) => "were stopped",
        (SessionState::Lost, 0 | 1) => "was lost",
        (SessionState::Lost, _) => "were lost",
        _ => wanted.as_str(),
    };
    let mut text = match ended.len() {
        0 => return format!("No session {verb}."),
        1 => format!("One session {verb}."),
        n => format!("{n} sessions {verb}."),
    };
    for session in ended.iter().take(MOST) {
        text.push(' ');
        text.push_str(&summarization::sentence(session));
    }
    if let more @ 1.. = ended.len().saturating_sub(MOST) {
        text.push_str(&format!(" And {more} more."));
    }
    text
}

fn agents(context: &StateContext) -> String {
    let name = |agent: &crate::state::Agent| {
        if agent.default { format!("{} (default)", agent.name) } else { agent.name.clone() }
    };
    let names: Vec<String> = context.agents.iter().map(name).collect();
    if names.is_empty() {
        "No agent is configured.".to_owned()
    } else {
        format!("Configured agents: {}.", names.join(", "))
    }
}

fn projects(context: &StateContext) -> String {
    let names: Vec<&str> = context.projects.iter().map(|project| project.name.as_str()).collect();
    if names.is_empty() {
        "No project is known.".to_owned()
    } else {
        format!("Known projects: {}.", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_about_known_facts_are_recognized() {
        for (text, expected) in [
            ("which agents are there?", Some(Fact::Agents)),
            ("list the agents", Some(Fact::Agents)),
            ("What agents do I have", Some(Fact::Agents)),
            ("list the projects", Some(Fact::Projects)),
            ("which projects are there?", Some(Fact::Projects)),
            ("which projects are running?", None),
            ("which agents are running?", None),
            ("what did it cost?", Some(Fact::Cost)),
            ("how much have I spent so far", Some(Fact::Cost)),
            ("how long has it been running", Some(Fact::Duration)),
            ("show me the log of the last session", Some(Fact::Log)),
            ("which sessions failed?", Some(Fact::Ended(SessionState::Failed))),
            ("what sessions have failed today", Some(Fact::Ended(SessionState::Failed))),
            ("list the completed sessions", Some(Fact::Ended(SessionState::Completed))),
            ("which agents were stopped?", Some(Fact::Ended(SessionState::Cancelled))),
            ("which tests failed?", None),
            ("which sessions failed or completed?", None),
            ("why did the session fail?", None),
            ("what have the agents changed?", None),
            ("how is the cost table going", None),
            ("what is it doing?", None),
            ("is it done?", None),
            ("welche Agenten gibt es?", Some(Fact::Agents)),
            ("¿qué agentes hay?", Some(Fact::Agents)),
            ("quels agents y a-t-il ?", Some(Fact::Agents)),
            ("有哪些代理?", Some(Fact::Agents)),
            ("was hat das gekostet?", Some(Fact::Cost)),
            ("was kostet das bisher?", Some(Fact::Cost)),
            ("¿cuánto ha costado?", Some(Fact::Cost)),
            ("combien ça a coûté ?", Some(Fact::Cost)),
            ("花了多少钱?", Some(Fact::Cost)),
            ("welche Agenten laufen?", None),
            ("was machen die Agenten?", None),
            ("quels agents tournent ?", None),
            ("wie weit ist die Kostentabelle?", None),
        ] {
            assert_eq!(fact(text), expected, "{text}");
        }
    }

    #[test]
    fn questions_are_told_from_polite_requests() {
        for text in [
            "what did fixer do?",
            "which sessions failed",
            "did it work",
            "is it done?",
            "tell me what fixer did",
            "¿qué hizo fixer?",
            "was hat fixer gemacht?",
        ] {
            assert!(asks(text), "{text}");
        }
        for text in [
            "could you make the tax rounding use Decimal?",
            "can you also add tests?",
            "would you mind fixing it?",
            "kannst du es schneller machen?",
            "¿puedes arreglarlo?",
            "peux-tu le corriger ?",
            "你能修复它吗？",
            "make it faster",
            "have it use Decimal",
            "show the price in the header",
        ] {
            assert!(!asks(text), "{text}");
        }
    }
}

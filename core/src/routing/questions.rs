//! Questions that the core answers from its state: the agents, the cost, the duration, the log.

use crate::session::Session;
use crate::state::{State, StateContext};
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
}

/// The maximum length of a request in an answer, in characters.
const MAX_REQUEST: usize = 80;

/// The words of a question about the agents.
const OF_AGENTS: &[&str] = &[
    "which",
    "what",
    "list",
    "show",
    "me",
    "all",
    "the",
    "of",
    "my",
    "agents",
    "are",
    "there",
    "is",
    "available",
    "configured",
    "do",
    "i",
    "we",
    "have",
    "can",
    "use",
    "you",
    "know",
    "please",
    "installed",
];

/// The ends of a question about the cost.
const AFTER_COST: &[&str] = &[
    "cost",
    "costs",
    "spent",
    "spend",
    "me",
    "us",
    "so",
    "far",
    "session",
    "run",
    "now",
    "total",
    "altogether",
    "today",
    "all",
];

/// The words of such questions in other languages.
struct Elsewhere {
    /// Words for the subject; one is required.
    about: &'static [&'static str],
    /// All other words that may occur.
    among: &'static [&'static str],
    /// Groups of parts of a text without spaces; all parts of one group are required.
    parts: &'static [&'static [&'static str]],
}

const AGENTS_ELSEWHERE: Elsewhere = Elsewhere {
    about: &["agenten", "agents", "agentes"],
    among: &[
        "welche",
        "was",
        "für",
        "gibt",
        "es",
        "habe",
        "haben",
        "kann",
        "können",
        "ich",
        "wir",
        "nutzen",
        "benutzen",
        "sind",
        "da",
        "die",
        "verfügbar",
        "eingerichtet",
        "bitte",
        "zeig",
        "mir",
        "alle",
        "qué",
        "cuáles",
        "son",
        "los",
        "hay",
        "tengo",
        "tenemos",
        "puedo",
        "usar",
        "están",
        "disponibles",
        "por",
        "favor",
        "quels",
        "quelles",
        "sont",
        "les",
        "y",
        "a",
        "t",
        "il",
        "ai",
        "je",
        "puis",
        "utiliser",
        "avons",
        "nous",
        "liste",
        "montre",
        "moi",
    ],
    parts: &[&["哪些", "代理"], &["什么", "代理"], &["哪些", "智能体"]],
};

const COST_ELSEWHERE: Elsewhere = Elsewhere {
    about: &[
        "gekostet", "kostet", "kosten", "teuer", "cuesta", "cuestan", "costado", "costó", "gastado", "coûte",
        "coûté", "coute",
    ],
    among: &[
        "was", "wie", "viel", "wieviel", "hat", "hats", "haben", "das", "es", "uns", "mich", "alles",
        "bisher", "bis", "jetzt", "ist", "war", "cuánto", "ha", "han", "hemos", "llevamos", "lleva", "eso",
        "esto", "todo", "hasta", "ahora", "el", "momento", "nos", "me", "combien", "ça", "cela", "a", "nous",
        "tout", "jusqu", "ici", "est", "ce", "que", "déjà", "il", "à", "présent", "t",
    ],
    parts: &[&["多少钱"], &["花", "多少"], &["费用", "多少"]],
};

impl Elsewhere {
    fn fits(&self, text: &str, words: &[&str]) -> bool {
        const LONGEST: usize = 14;
        let is_one = |word: &&str| self.about.contains(word);
        let in_spaces =
            words.iter().any(is_one) && words.iter().all(|word| is_one(word) || self.among.contains(word));
        let holds = |parts: &&[&str]| parts.iter().all(|part| text.contains(part));
        in_spaces || text.chars().count() <= LONGEST && self.parts.iter().any(holds)
    }
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
        || AGENTS_ELSEWHERE.fits(&text, &words)
    {
        Some(Fact::Agents)
    } else if has(&["projects"]) && words.iter().all(|word| *word == "projects" || OF_AGENTS.contains(word)) {
        Some(Fact::Projects)
    } else if has(&["cost", "costs", "spent", "spend"])
        && words.last().is_some_and(|last| AFTER_COST.contains(last))
        || COST_ELSEWHERE.fits(&text, &words)
    {
        Some(Fact::Cost)
    } else if is_how_long && has(&["running", "been", "take", "took", "taken", "run"]) {
        Some(Fact::Duration)
    } else if has(&["log", "logs", "transcript"])
        && has(&["show", "see", "print", "read", "where", "open", "display", "give"])
    {
        Some(Fact::Log)
    } else {
        None
    }
}

/// Returns the answer, for one session or the newest.
pub fn answer(fact: Fact, state: &State, session: Option<&Session>, now: Timestamp) -> String {
    if fact == Fact::Agents {
        return agents(state.settings());
    }
    if fact == Fact::Projects {
        return projects(state.settings());
    }
    let sessions = state.sessions();
    let Some(session) = session.or_else(|| sessions.first().copied()) else {
        return "Nothing has run yet.".to_owned();
    };
    let (agent, project) = (&session.agent, &session.project.name);
    let request = shortened(&session.text, MAX_REQUEST);
    match fact {
        Fact::Cost => match session.usage().cost_usd {
            Some(cost) => format!("{agent} in {project} has cost ${cost:.2}: {request}."),
            None => {
                let used = session.usage();
                format!(
                    "{agent} in {project} does not report its cost; \
                     it used {} input and {} output tokens: {request}.",
                    used.input_tokens, used.output_tokens
                )
            }
        },
        Fact::Log => format!(
            "{agent} in {project} worked on: {request}. Full log: codewalk sessions log {}",
            session.id
        ),
        Fact::Agents | Fact::Projects | Fact::Duration => {
            let Some(run) = session.run() else { return "Nothing has run yet.".to_owned() };
            let lasts = time::duration(run.ended_at.unwrap_or(now).since(run.started_at));
            let verb = if run.ended_at.is_some() { "ran for" } else { "has been running for" };
            format!("{agent} in {project} {verb} {lasts}: {request}.")
        }
    }
}

fn agents(settings: &StateContext) -> String {
    let name = |agent: &crate::state::Agent| {
        if agent.default { format!("{} (default)", agent.name) } else { agent.name.clone() }
    };
    let names: Vec<String> = settings.agents.iter().map(name).collect();
    if names.is_empty() {
        "No agent is configured.".to_owned()
    } else {
        format!("Configured agents: {}.", names.join(", "))
    }
}

fn projects(settings: &StateContext) -> String {
    let names: Vec<&str> = settings.projects.iter().map(|project| project.name.as_str()).collect();
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
}

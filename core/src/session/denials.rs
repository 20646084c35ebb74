//! Denials, each listed once. If a denied action is allowed later, it is removed from the list; the events
//! still contain the denial.

use crate::origin::Actor;

/// The maximum number of denials stored per run; later ones are dropped.
pub const MAX_DENIED: usize = 100;

/// The maximum number of requests stored per run that no person could be asked about; later ones are dropped.
pub const MAX_REFUSED: usize = 100;

/// The maximum number of failed sub-agents stored per run; later ones are dropped.
pub const MAX_FAILED_HELPERS: usize = 100;

/// The tool name in the denial of a plan.
pub const PLAN: &str = "plan";

/// The policy that denies requests if no person can be asked.
pub const NOT_ATTENDED: &str = "there is no terminal to ask at";

/// An agent's action that was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Denial {
    /// The name of the tool.
    pub tool: String,
    /// Its subject: a path, a command.
    pub subject: String,
    /// The authority; `None` if the agent denied it itself.
    #[cfg_attr(feature = "serde", serde(default))]
    pub by: Option<Actor>,
}

/// A request of an agent that could not be passed to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Refusal {
    /// The request, in the agent's words.
    pub what: String,
    /// Why no person was asked.
    pub why: String,
}

/// A sub-agent that did not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FailedSubagent {
    /// Its task, in the agent's words.
    pub description: String,
    /// Whether it was stopped rather than failed.
    pub stopped: bool,
    /// The reason; empty if unknown.
    pub reason: String,
}

/// Returns the authority for denials by the agent itself.
pub fn by_agent() -> Actor {
    Actor::Policy { name: "the agent's own rules".to_owned() }
}

/// Adds a denial to a run, or updates the authority of an equal one.
pub fn add(denied: &mut Vec<Denial>, new: Denial) {
    let named = denied.iter().position(|known| known.tool == new.tool && known.subject == new.subject);
    match named {
        Some(at) => denied[at] = new,
        None if denied.len() < MAX_DENIED => denied.push(new),
        None => {}
    }
}

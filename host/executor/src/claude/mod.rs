//! Claude Code in conversation mode: one JSON object per line, both ways.
//!
//! Nothing in here does I/O: [`conversation`] is a state machine, the rest are functions of a line.

pub(crate) mod conversation;
pub(crate) mod elicitation;
pub(crate) mod entries;
pub(crate) mod helpers;
pub(crate) mod json;
pub(crate) mod launch;
pub(crate) mod limits;
pub(crate) mod output;
pub(crate) mod refusals;
pub(crate) mod requests;
pub(crate) mod results;
mod rules;
#[cfg(test)]
mod tests;
pub(crate) mod tools;
pub(crate) mod unreadable;
pub(crate) mod usage;
pub(crate) mod wire;

/// Returns whether a text can be the agent's identifier of a conversation. It becomes an argument of a command.
pub(crate) fn is_conversation(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && !id.starts_with('-')
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

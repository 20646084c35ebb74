//! Claude Code in conversation mode: one JSON object per line, both ways.
//!
//! Nothing here does I/O: [`conversation`] is a state machine, and everything else is a function of a line.

pub(crate) mod conversation;
pub(crate) mod decoder;
pub(crate) mod elicitation;
pub(crate) mod entries;
pub(crate) mod json;
pub(crate) mod launch;
pub(crate) mod limits;
pub(crate) mod message;
pub(crate) mod output;
pub(crate) mod protocol;
pub(crate) mod refusal;
pub(crate) mod refusals;
pub(crate) mod requests;
pub(crate) mod results;
mod rules;
pub(crate) mod subagents;
mod subjects;
#[cfg(test)]
mod tests;
pub(crate) mod tools;
pub(crate) mod unreadable;
pub(crate) mod usage;
pub(crate) mod version;
pub(crate) mod wire;

pub(crate) use protocol::ClaudeProtocol;

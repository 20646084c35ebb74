//! The domain of codewalk: how a request becomes a plan, who must consent to it, and how a session runs and
//! ends.
//!
//! Architecture invariant: this crate is pure. It has no dependencies, does no I/O, reads no clock and
//! generates no random numbers: time and fresh identifiers come with each input. [`state::State::decide`]
//! returns the events and effects of an input without changing anything. [`state::State::apply`] is the only
//! way to change state, so state is the fold of its events, and a bug can be replayed from a file.
//!
//! Architecture invariant: nothing is launched, and no tool approved, without the consent of a person, a flag
//! or a policy. A router's proposal is never consent.

pub mod command;
pub mod consent;
pub mod entry;
pub mod event;
pub mod ids;
pub mod intent;
pub mod orchestrator;
pub mod origin;
pub mod permission;
pub mod port_reply;
pub mod ports;
pub mod query;
pub mod routing;
pub mod session;
pub mod state;
pub mod summarization;
pub mod terminal_text;
pub mod time;

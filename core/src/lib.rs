//! The domain of codewalk: what a wish leads to, who has to consent, how a session lives and ends.
//!
//! Architecture invariant: this crate is pure. It has no dependencies, does no input or output, reads no clock and
//! makes no random numbers; time and fresh identifiers come with each input. [`state::State::decide`] says what an
//! input leads to and changes nothing; [`state::State::apply`] is the only way state changes, so state is the fold of
//! its events and a fault is replayed from a file.
//!
//! Architecture invariant: nothing is launched, and no tool approved, without the word of a person, a flag or a
//! policy. A router's words never count as one.

pub mod call;
pub mod command;
pub mod consent;
pub mod entry;
pub mod event;
pub mod ids;
pub mod orchestrator;
pub mod permission;
pub mod ports;
pub mod query;
pub mod routing;
pub mod session;
pub mod state;
pub mod summarization;
pub mod text;
pub mod time;
pub mod visible;

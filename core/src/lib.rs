//! The domain of codewalk: pure, event-sourced, without I/O, clock, randomness or dependencies.
pub mod call;
pub mod command;
pub mod consent;
pub mod entry;
pub mod event;
pub mod ids;
pub mod permission;
pub mod ports;
pub mod session;
pub mod time;

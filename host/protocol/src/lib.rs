//! Code for every front end: the lines of the wire protocol, the state of a client, and questions in words.
//!
//! Architecture invariant: nothing here opens files, starts threads or reads the clock. A front end passes in
//! readers, lines, events and times.

#![cfg_attr(
    test,
    allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")
)]

pub mod choice;
pub mod digest;
pub mod follow;
pub mod input;
pub mod output;
pub mod questions;
pub mod words;

/// The version of the wire protocol. It increases with each change that could break a front end.
pub const SCHEMA: u32 = 3;

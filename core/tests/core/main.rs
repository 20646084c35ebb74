//! Tests of the core as a whole: lists of inputs, and the events and effects they lead to.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod answers;
mod confirmations;
mod consent;
mod consent_flag;
mod edges;
mod lessons;
mod other_project;
mod other_session;
mod ownership;
mod properties;
mod restarts;
mod routing;
mod runs;
#[cfg(feature = "serde")]
mod stored_names;
mod summaries;
mod support;
mod words;

//! Real supervisors with real agents.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test may fail like the test"
)]

mod cost;
mod ends;
mod launches;
mod limits;
mod messages;
mod stops;
mod support;

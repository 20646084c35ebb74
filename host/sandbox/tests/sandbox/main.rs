//! The sandbox against guests that misbehave, in a real engine.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod artifacts;
mod cache;
mod calls;
mod chains;
mod egress;
mod guests;
mod limits;
mod log;
mod server;
mod support;

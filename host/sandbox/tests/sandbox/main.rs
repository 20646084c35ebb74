//! The sandbox against guests that misbehave, in a real engine.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod adoption;
mod artifacts;
mod cache;
mod calls;
mod chains;
mod compile;
mod egress;
mod frozen;
mod guests;
mod limits;
mod log;
mod manifest;
mod place;
mod recording;
mod registry;
mod server;
mod stats;
mod support;
mod swap;
mod wasi;
mod wasi_guests;
mod wasi_http;
mod watch;

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
mod candidates;
mod chains;
mod compile;
mod egress;
mod frozen;
mod generations;
mod guests;
mod limits;
mod log;
mod manifest;
mod place;
mod recording;
mod registry;
mod rollback;
mod server;
mod stats;
mod support;
mod swap;
mod time_limits;
mod wasi;
mod wasi_guests;
mod wasi_http;
mod wasi_sockets;
mod watch;

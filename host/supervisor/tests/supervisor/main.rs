//! Real supervisors with real agents.

#![cfg(target_os = "linux")]

mod cost;
mod ends;
mod launches;
mod limits;
mod messages;
mod stops;
mod support;

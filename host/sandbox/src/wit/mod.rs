//! The Rust types of `wit/`, as wasmtime generates them.

#![allow(unused_qualifications, reason = "generated code spells out its paths, whatever is in scope")]

pub(crate) mod router;
pub(crate) mod summarizer;

pub(crate) use router::codewalk::{config::config, http::http, log::log, types::types};

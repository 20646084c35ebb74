//! Whole-program stories: the binary as its users run it, with real processes, files and terminals.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod adapters;
mod adapters_compiling;
mod adapters_new;
mod adapters_registry;
mod adapters_trust;
mod claude;
mod claude_at_terminal;
mod consent;
mod control;
mod crashes;
mod demo;
mod disk;
mod doctor;
mod endings;
mod file_store;
mod groq;
mod headless;
mod headless_endings;
mod headless_queries;
mod help;
mod hostile;
mod keys;
mod lost_stores;
mod machine;
mod model_failures;
mod network;
mod orphans;
mod other_languages;
mod paging;
mod prompts;
mod recording;
mod run;
mod servers;
mod support;
mod terminal;
mod trust;
mod typing;

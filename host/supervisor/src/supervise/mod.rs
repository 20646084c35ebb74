//! The supervisor of one run.

mod agent;
mod control;
mod entry;
mod input;
mod ladder;
mod output;
mod run;

pub use entry::supervise_if_requested;

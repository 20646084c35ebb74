//! The WebAssembly engine: its settings, limits, clock and threads, and the compiled components it runs.

mod cache;
mod compile_queue;
mod compiler;
mod components;
mod config;
mod cpu;
mod execution_budget;
mod limits;
mod refusals;
mod threads;
mod ticker;

pub use cache::CachePaths;
pub(crate) use compile_queue::Maker;
pub use compiler::{COMPILE_ADAPTER, Compiler, compile_adapter, confine};
pub(crate) use components::{Components, outline};
pub(crate) use config::new;
pub(crate) use cpu::of_this_thread as cpu_time;
pub(crate) use execution_budget::ExecutionBudget;
pub(crate) use limits::{Allocations, CALLS, CALLS_OF_ONE, CommonMemory, HANDLES, HANDOVER};
pub(crate) use threads::GuestThreads;
pub(crate) use ticker::Ticker;

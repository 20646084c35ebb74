//! Summarises sessions without a network or a model, by counting and quoting, never by interpreting.
//!
//! The path of an entry through the crate: `facts` reads the entries once and records the steps and their
//! outcomes. `answer` selects and orders the facts, `fitting` selects the sentences that fit, `sentences`
//! writes them in English, and the crate `speech` makes sure that foreign text can be spoken.

mod answer;
mod bindings;
mod commands;
mod deeds;
mod facts;
mod fitting;
mod questions;
mod quotes;
mod reasons;
mod sentences;
mod waiting;

pub use bindings::codewalk::types::types::{PortError, SessionState};
pub use bindings::exports::codewalk::summarizer::summarizer::{
    Entry, PreviousSummary, Request, Summary, ToolCall, ToolResult, WaitingFor,
};

/// The component's export. The linkers of other targets reject its names.
#[cfg(target_arch = "wasm32")]
mod adapter {
    use crate::bindings::exports::codewalk::summarizer::summarizer::Guest;
    use crate::{PortError, Request, Summary};

    struct Adapter;

    impl Guest for Adapter {
        fn summarize(request: Request) -> Result<Summary, PortError> {
            crate::summarize(&request)
        }
    }

    crate::bindings::export!(Adapter with_types_in crate::bindings);
}

/// The smallest byte budget with room for a sentence.
pub const LEAST_BUDGET: u32 = 64;

/// Summarises one session. The same request always gets the same summary.
///
/// # Errors
/// Fails if the byte budget is below [`LEAST_BUDGET`].
pub fn summarize(request: &Request) -> Result<Summary, PortError> {
    if request.byte_budget < LEAST_BUDGET {
        return Err(PortError::InvalidRequest(format!(
            "the byte budget of {} is too small; allow at least {LEAST_BUDGET} bytes",
            request.byte_budget
        )));
    }
    Ok(Summary { text: answer::answer(request), covers: request.total_entries })
}

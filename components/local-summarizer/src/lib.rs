//! Says what a session does, without network and without a model: it counts and quotes, it does not interpret.
//!
//! An entry's way through the crate: `facts` reads the entries once and keeps what was done and how it ended, `answer`
//! chooses what to say of it and in which order, `fitting` what there is room for, `sentences` puts it into English, and the crate `speech` makes sure that
//! whatever comes from outside can be spoken.

mod answer;
mod commands;
mod deeds;
mod facts;
mod fitting;
mod questions;
mod quotes;
mod reasons;
mod sentences;

use speech::{prose, words};

pub use bindings::codewalk::types::types::{PortError, SessionState};
pub use bindings::exports::codewalk::summarizer::summarizer::{
    Entry, PreviousSummary, Request, Summary, ToolCall, ToolResult, WaitingFor,
};

/// What wit-bindgen makes of the port.
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/summarizer"],
        world: "codewalk:summarizer/summarizer-adapter",
        generate_all,
    });

    /// The component's export. The linkers of other targets do not take its names.
    #[cfg(target_arch = "wasm32")]
    mod adapter {
        use super::exports::codewalk::summarizer::summarizer::{Guest, PortError, Request, Summary};

        struct Adapter;

        impl Guest for Adapter {
            fn summarize(request: Request) -> Result<Summary, PortError> {
                crate::summarize(&request)
            }
        }

        super::export!(Adapter with_types_in super);
    }
}

/// The shortest byte budget that a sentence can be made for.
pub const LEAST_BUDGET: u32 = 64;

/// Summarises one session. The same request gets the same summary.
///
/// # Errors
/// Where the byte budget is below [`LEAST_BUDGET`].
pub fn summarize(request: &Request) -> Result<Summary, PortError> {
    if request.byte_budget < LEAST_BUDGET {
        return Err(PortError::InvalidRequest(format!(
            "a summary was asked for within {} bytes; allow at least {LEAST_BUDGET}",
            request.byte_budget
        )));
    }
    Ok(Summary { text: answer::answer(request), covers: request.total_entries })
}

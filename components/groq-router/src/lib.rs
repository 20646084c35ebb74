//! Routes requests with a model over the chat completions API of Groq and other servers.
//!
//! `data` is the model's input, and `instructions.txt` is its task. `answer` is the form of its answer, and
//! `schema.json` describes that form to the model. `check` turns the answer into a proposal: every name must
//! be in the request. The model reads foreign text, so its answers are not trusted: the result is a proposal,
//! and a person confirms it.

mod answer;
mod bindings;
mod check;
mod data;

use chat_completions::{Host, Question, Schema, ask, models};

pub use bindings::exports::codewalk::router::router::{
    Agent, Candidate, Constraints, Control, ControlAction, FollowUp, Intent, Launch, OpenConfirmation,
    Project, Proposal, Query, Request, Session, Speaker, Turn,
};
pub use chat_completions::PortError;
pub use chat_completions::bindings::codewalk::types::types::{Channel, SessionState};

/// The component's export. The linkers of other targets reject its names.
#[cfg(target_arch = "wasm32")]
mod adapter {
    use crate::bindings::exports::codewalk::router::router::Guest;
    use crate::{PortError, Proposal, Request};

    struct Adapter;

    impl Guest for Adapter {
        fn route(request: Request) -> Result<Proposal, PortError> {
            crate::route(&chat_completions::Imports, &request)
        }
    }

    crate::bindings::export!(Adapter with_types_in crate::bindings);
}

/// The fixed part of every request.
const INSTRUCTIONS: &str = include_str!("instructions.txt");
/// The schema of the answer, which a test compares with `answer`.
const SCHEMA: Schema = Schema { name: "proposal", json: include_str!("schema.json") };
/// Leaves room for an answer with a prompt in the model's own words. A prompt in the user's words is not
/// repeated in the answer.
const MOST_TOKENS: u32 = 2048;

/// Routes an utterance.
///
/// # Errors
/// Fails if the model does not answer, or if its answer is not a valid proposal for this request.
pub fn route(host: &impl Host, request: &Request) -> Result<Proposal, PortError> {
    let data = data::of(request);
    let question = Question {
        instructions: INSTRUCTIONS,
        data: &data,
        schema: SCHEMA,
        model: models::ROUTING,
        most_tokens: MOST_TOKENS,
        now: request.now,
    };
    check::proposal(request, ask(host, &question)?)
}

//! Routes wishes by asking a model over the chat completions API, as Groq and others serve it.
//!
//! `data` says what the model is told and `instructions.txt` what it is to do with it; `answer` is the form of what it
//! says, `schema.json` that form for the model, and `check` makes a proposal of that: every name has to be one of the request. The model is given foreign
//! texts, so nothing it says is trusted: what comes out is a proposal, and a person is asked about it.

mod answer;
mod check;
mod data;

use chat_completions::{Host, Question, Schema, ask, models};

pub use bindings::exports::codewalk::router::router::{
    Agent, Candidate, Constraints, Control, ControlAction, FollowUp, Intent, Launch, OpenConfirmation,
    Project, Proposal, Query, Request, Session, Speaker, Turn,
};
pub use chat_completions::PortError;
pub use chat_completions::bindings::codewalk::types::types::{Channel, SessionState};

/// What wit-bindgen makes of the port.
mod bindings {
    #![allow(missing_docs, unused_qualifications, reason = "generated")]
    wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/router"],
        world: "codewalk:router/router-adapter",
        with: {
            "codewalk:types/types@0.1.0": chat_completions::bindings::codewalk::types::types,
            "codewalk:http/http@0.1.0": chat_completions::bindings::codewalk::http::http,
            "codewalk:log/log@0.1.0": chat_completions::bindings::codewalk::log::log,
            "codewalk:config/config@0.1.0": chat_completions::bindings::codewalk::config::config,
        },
        generate_all,
        additional_derives: [PartialEq, Eq],
    });
}

/// The component's export. The linkers of other targets do not take its names.
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
/// The shape of the answer, which a test holds against `answer`.
const SCHEMA: Schema = Schema { name: "proposal", json: include_str!("schema.json") };
/// Room for an answer with a prompt in words of the model's own. One in the user's words repeats none of them.
const MOST_TOKENS: u32 = 2048;

/// Finds out what an utterance means.
///
/// # Errors
/// Where the model does not answer, or with something that is not a proposal for this request.
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

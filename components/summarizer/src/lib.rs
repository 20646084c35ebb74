//! Summarises sessions by asking a model over the chat completions API, as Groq and others serve it.
//!
//! `data` says what the model is told and `instructions.txt` what it is to do with it. What waits for the user is not left
//! to the model: `waiting` says that, always first, and `spoken` makes the rest fit to be heard.

mod data;
mod spoken;
mod waiting;

use chat_completions::{Host, Question, Schema, ask, models};
use serde::Deserialize;

pub use bindings::exports::codewalk::summarizer::summarizer::{
    Entry, PreviousSummary, Request, Summary, ToolCall, ToolResult, WaitingFor,
};
pub use chat_completions::PortError;
pub use chat_completions::bindings::codewalk::types::types::SessionState;

/// What wit-bindgen makes of the port.
mod bindings {
    #![allow(missing_docs, unused_qualifications, reason = "generated")]
    wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/http", "../../wit/log", "../../wit/config", "../../wit/summarizer"],
        world: "codewalk:summarizer/summarizer-adapter",
        with: {
            "codewalk:types/types@0.1.0": chat_completions::bindings::codewalk::types::types,
            "codewalk:http/http@0.1.0": chat_completions::bindings::codewalk::http::http,
            "codewalk:log/log@0.1.0": chat_completions::bindings::codewalk::log::log,
            "codewalk:config/config@0.1.0": chat_completions::bindings::codewalk::config::config,
        },
        generate_all,
    });
}

/// The component's export. The linkers of other targets do not take its names.
#[cfg(target_arch = "wasm32")]
mod adapter {
    use crate::bindings::exports::codewalk::summarizer::summarizer::Guest;
    use crate::{PortError, Request, Summary};

    struct Adapter;

    impl Guest for Adapter {
        fn summarize(request: Request) -> Result<Summary, PortError> {
            crate::summarize(&chat_completions::Imports, &request)
        }
    }

    crate::bindings::export!(Adapter with_types_in crate::bindings);
}

/// The shortest byte budget that a sentence can be made for.
pub const LEAST_BUDGET: u32 = 64;
/// The fixed part of every request.
const INSTRUCTIONS: &str = include_str!("instructions.txt");
/// The shape of the answer, which a test holds against [`Answer`].
const SCHEMA: Schema = Schema { name: "summary", json: include_str!("schema.json") };
/// Room for a hundred words several times over: some models think aloud first.
const MOST_TOKENS: u32 = 1024;

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Answer {
    summary: String,
}

/// Summarises one session.
///
/// # Errors
/// Where the model does not answer or says nothing, or the byte budget is below [`LEAST_BUDGET`].
pub fn summarize(host: &impl Host, request: &Request) -> Result<Summary, PortError> {
    let budget = request.byte_budget;
    if budget < LEAST_BUDGET {
        return Err(PortError::InvalidRequest(format!(
            "a summary was asked for within {budget} bytes; allow at least {LEAST_BUDGET}"
        )));
    }
    let data = data::of(request);
    let question = Question {
        instructions: INSTRUCTIONS,
        data: &data,
        schema: SCHEMA,
        model: models::SUMMARIES,
        most_tokens: MOST_TOKENS,
        now: request.now,
    };
    let Answer { summary } = ask(host, &question)?;
    let said = spoken::sentences(&summary);
    if said.is_empty() {
        return Err(PortError::InvalidResponse("the model gave a summary that says nothing".to_owned()));
    }
    let text =
        spoken::fitted(&waiting::sentences(&request.waiting_for, budget as usize), &said, budget as usize);
    Ok(Summary { text, covers: request.total_entries })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_schema_is_that_of_the_type_and_the_prompt_shows_it() {
        let checked_in: Value = serde_json::from_str(SCHEMA.json).unwrap_or_default();
        let generated = chat_completions::schema::strict::<Answer>();
        assert_eq!(checked_in, generated, "schema.json has to be:\n{generated:#}");
        assert!(INSTRUCTIONS.contains("{\"summary\": \"...\"}"));
    }

    #[test]
    fn what_keeps_to_the_schema_is_read_and_a_wrong_shape_is_not() {
        let read = |answer: Value| serde_json::from_value::<Answer>(answer).is_ok();
        assert!(read(json!({"summary": "It works."})));
        for wrong in [json!({}), json!({"summary": null}), json!({"summary": ["It"]}), json!("It works.")] {
            assert!(!read(wrong.clone()), "{wrong}");
        }
    }
}

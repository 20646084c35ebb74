//! Summarises sessions with a model over the chat completions API of Groq and other servers.
//!
//! `data` is the model's input, and `instructions.txt` is its task. Pending approvals and questions are not
//! left to the model: `waiting` always reports them, and first. `spoken` prepares the rest to be spoken.

mod bindings;
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

/// The component's export. The linkers of other targets reject its names.
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

/// The smallest byte budget with room for a sentence.
pub const LEAST_BUDGET: u32 = 64;
/// The fixed part of every request.
const INSTRUCTIONS: &str = include_str!("instructions.txt");
/// The schema of the answer, which a test compares with [`SummaryReply`].
const SCHEMA: Schema = Schema { name: "summary", json: include_str!("schema.json") };
/// Leaves room for several hundred words, because some models think aloud first.
const MOST_TOKENS: u32 = 1024;

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SummaryReply {
    summary: String,
}

/// Summarises one session.
///
/// # Errors
/// Fails if the model does not answer, its summary is empty, or the byte budget is below [`LEAST_BUDGET`].
pub fn summarize(host: &impl Host, request: &Request) -> Result<Summary, PortError> {
    let budget = request.byte_budget;
    if budget < LEAST_BUDGET {
        return Err(PortError::InvalidRequest(format!(
            "the byte budget of {budget} is too small; allow at least {LEAST_BUDGET} bytes"
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
    let SummaryReply { summary } = ask(host, &question)?;
    let sentences = spoken::sentences(&summary);
    if sentences.is_empty() {
        return Err(PortError::InvalidResponse("the model returned an empty summary".to_owned()));
    }
    let text = spoken::fitted(
        &waiting::sentences(&request.waiting_for, budget as usize),
        &sentences,
        budget as usize,
    );
    Ok(Summary { text, covers: request.total_entries })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_schema_matches_the_type_and_the_prompt_shows_it() {
        let checked_in: Value = serde_json::from_str(SCHEMA.json).unwrap_or_default();
        let generated = chat_completions::schema::strict::<SummaryReply>();
        assert_eq!(checked_in, generated, "schema.json has to be:\n{generated:#}");
        assert!(INSTRUCTIONS.contains("{\"summary\": \"...\"}"));
    }

    #[test]
    fn only_answers_that_follow_the_schema_are_accepted() {
        let read = |answer: Value| serde_json::from_value::<SummaryReply>(answer).is_ok();
        assert!(read(json!({"summary": "It works."})));
        for wrong in [json!({}), json!({"summary": null}), json!({"summary": ["It"]}), json!("It works.")] {
            assert!(!read(wrong.clone()), "{wrong}");
        }
    }
}

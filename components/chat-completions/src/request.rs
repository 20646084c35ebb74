//! The request. The fixed part comes first and never changes, so that the vendor can cache it.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::form::{Form, Format};
use crate::http;
use crate::settings::ModelConfig;

/// The schema of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Its name.
    pub name: &'static str,
    /// The JSON schema, as strict servers accept it.
    pub json: &'static str,
}

#[derive(Serialize)]
struct Body<'a> {
    messages: [Message<'a>; 2],
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    max_completion_tokens: u32,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonSchema { json_schema: JsonSchema<'a> },
    JsonObject,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'static str,
    strict: bool,
    schema: &'a RawValue,
}

/// The part of a request that does not depend on its form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CompletionInput<'a> {
    pub(crate) instructions: &'a str,
    pub(crate) data: &'a str,
    pub(crate) schema: Schema,
    pub(crate) most_tokens: u32,
}

/// Returns the request with a data block for a model.
pub(crate) fn request(
    settings: &ModelConfig,
    form: &Form,
    input: CompletionInput<'_>,
) -> Result<http::Request, serde_json::Error> {
    let Schema { name, json } = input.schema;
    let response_format = match form.format {
        Format::Schema => {
            let json_schema = JsonSchema { name, strict: true, schema: serde_json::from_str(json)? };
            Some(ResponseFormat::JsonSchema { json_schema })
        }
        Format::Object => Some(ResponseFormat::JsonObject),
        Format::Free => None,
    };
    let body = Body {
        messages: [
            Message { role: "system", content: input.instructions },
            Message { role: "user", content: input.data },
        ],
        model: &settings.model,
        response_format,
        // The same question should get the same answer.
        temperature: form.is_cold.then_some(0),
        reasoning_effort: form.effort.as_deref(),
        max_completion_tokens: input.most_tokens,
    };
    Ok(http::Request {
        method: "POST".to_owned(),
        url: settings.completions(),
        headers: vec![http::Header { name: "content-type".to_owned(), value: "application/json".to_owned() }],
        body: serde_json::to_vec(&body)?,
        credential: settings.credential.clone(),
    })
}

//! Reads a completion.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::form::Form;
use crate::refusal::{Failure, not_json, of_error};
use crate::server_error::{MAX_QUOTED, ServerError};
use crate::settings::ModelConfig;
use crate::{PortError, json, text};

/// Returns the requested JSON from the body of a response.
pub(crate) fn read<T: DeserializeOwned>(
    settings: &ModelConfig,
    form: &Form,
    body: &[u8],
) -> Result<T, Failure> {
    let broken = |why: &str| Failure::passing(not_json(settings, why));
    let body: Value =
        serde_json::from_slice(body).map_err(|error| broken(&format!("not a completion: {error}")))?;
    if let Some(error) = ServerError::read_unmarked(200, &body) {
        return Err(of_error(settings, form, &error, None));
    }
    let choice = body["choices"].get(0).ok_or_else(|| broken("it has no choices"))?;
    let (model, message) = (&settings.model, &choice["message"]);
    let lasting = |why: String| Failure::lasting(PortError::InvalidResponse(why));
    if let Some(why) = message["refusal"].as_str().filter(|why| !why.is_empty()) {
        return Err(lasting(format!("the model \"{model}\" refuses: {}", text::line(why, MAX_QUOTED))));
    }
    match choice["finish_reason"].as_str() {
        Some("length") => {
            Err(lasting(format!("the model \"{model}\" reached its token limit before it answered")))
        }
        Some("content_filter") => {
            Err(lasting(format!("the answer of the model \"{model}\" was withheld by {}", settings.place())))
        }
        _ => {
            // The model's thoughts are in a separate field, or in parts of another type.
            let text = spoken(&message["content"]).ok_or_else(|| broken("it is empty"))?;
            json::last(&text).map_err(|why| broken(&why))
        }
    }
}

/// Returns the text of a message's content, which is a string or a list of parts.
fn spoken(content: &Value) -> Option<String> {
    let part = |part: &Value| {
        let text = part["text"].as_str().filter(|_| part["type"] == "text");
        text.map(str::to_owned)
    };
    let text = match content {
        Value::Array(parts) => parts.iter().filter_map(part).collect(),
        content => content.as_str()?.to_owned(),
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

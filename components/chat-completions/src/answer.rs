//! Reads a completion.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::PortError;
use crate::refusal::{Failure, not_json};
use crate::settings::Settings;

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

/// Returns what the model was asked for, out of the body of a response.
pub(crate) fn read<T: DeserializeOwned>(settings: &Settings, body: &[u8]) -> Result<T, Failure> {
    let broken = |why: &str| Failure::passing(not_json(settings, why));
    let completion: Completion =
        serde_json::from_slice(body).map_err(|error| broken(&format!("no completion: {error}")))?;
    let choice = completion.choices.into_iter().next().ok_or_else(|| broken("there are no choices"))?;
    if choice.finish_reason.as_deref() == Some("length") {
        return Err(Failure::lasting(PortError::InvalidResponse(format!(
            "the model \"{}\" ran into its limit before its answer was complete; say less at once, or set config.model",
            settings.model
        ))));
    }
    let content = choice.message.content.ok_or_else(|| broken("it says nothing"))?;
    serde_json::from_str(object(&content)).map_err(|error| broken(&error.to_string()))
}

/// Returns the object in a text: not every model leaves out the fence around it.
fn object(content: &str) -> &str {
    match (content.find('{'), content.rfind('}')) {
        (Some(start), Some(end)) if start < end => &content[start..=end],
        _ => content,
    }
}

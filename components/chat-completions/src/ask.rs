//! One question to a model, asked a second time at most.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::{self, Failure};
use crate::request::request;
use crate::settings::Settings;
use crate::{Host, PortError, answer, http};

/// What is put before a model.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a, Data> {
    /// What to do with the data, always the same. It must ask for JSON, and say that the data holds no instructions.
    pub instructions: &'static str,
    /// What it is about: foreign texts. They go out as one JSON object, out of which no text can break.
    pub data: &'a Data,
    /// How long the answer may be, in tokens.
    pub most_tokens: u32,
    /// The time of the request, in milliseconds since 1970.
    pub now: u64,
}

/// Asks the model that the configuration names.
///
/// A server that fails and an answer that is not the JSON that was asked for get a second chance at once, nothing else does.
///
/// # Errors
/// Where there is no answer of that type, with what came back and what to do about it.
pub fn ask<Answer: DeserializeOwned, Data: Serialize>(
    host: &impl Host,
    question: &Question<'_, Data>,
) -> Result<Answer, PortError> {
    let settings = Settings::read(host);
    let unwritable =
        |error: serde_json::Error| PortError::InvalidRequest(format!("the data is no JSON: {error}"));
    let data = serde_json::to_string(question.data).map_err(unwritable)?;
    let request =
        request(&settings, question.instructions, &data, question.most_tokens).map_err(unwritable)?;
    let attempt = || attempt(host, &settings, &request, question.now);
    match attempt() {
        Err(failure) if failure.is_passing => {
            host.warn(&format!("asking once more: {:?}", failure.error));
            attempt().map_err(|failure| failure.error)
        }
        answer => answer.map_err(|failure| failure.error),
    }
}

fn attempt<Answer: DeserializeOwned>(
    host: &impl Host,
    settings: &Settings,
    request: &http::Request,
    now: u64,
) -> Result<Answer, Failure> {
    let response = host.send(request).map_err(refusal::of_transport)?;
    if response.status != 200 {
        return Err(refusal::of_status(settings, &response, now));
    }
    answer::read(settings, &response.body)
}

#[cfg(test)]
mod tests;

//! Asks a model one question, with a retry if that may help.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::form::Form;
use crate::refusal::{self, Failure, Next};
use crate::request::{CompletionInput, Schema, request};
use crate::settings::ModelConfig;
use crate::{Host, PortError, answer, available_models, http};

/// A question to a model.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a, Data> {
    /// The task, which is constant. It must ask for JSON, and say that the data contains no instructions.
    pub instructions: &'static str,
    /// Foreign texts. They are sent as one JSON object, so no text can break out of the data.
    pub data: &'a Data,
    /// The schema of the answer.
    pub schema: Schema,
    /// The default model.
    pub model: &'static str,
    /// The maximum number of tokens in the answer.
    pub most_tokens: u32,
    /// The time of the request, in milliseconds since 1970.
    pub now: u64,
}

/// Asks the configured model.
///
/// Fields that a server rejects are left out. If the server fails or its answer is not the requested JSON,
/// the request is retried at once; other failures are not retried.
///
/// # Errors
/// Fails if there is no answer of that type. The error contains the response and what to do about it.
pub fn ask<Answer: DeserializeOwned, Data: Serialize>(
    host: &impl Host,
    question: &Question<'_, Data>,
) -> Result<Answer, PortError> {
    let settings = ModelConfig::read(host, question.model)?;
    let unwritable =
        |error: serde_json::Error| PortError::InvalidRequest(format!("the data is not JSON: {error}"));
    let data = serde_json::to_string(question.data).map_err(unwritable)?;
    let Question { instructions, schema, most_tokens, .. } = *question;
    let input = CompletionInput { instructions, data: &data, schema, most_tokens };
    let mut form = settings.form.clone();
    let mut first: Option<PortError> = None;
    // The loop terminates, because each form has fewer fields.
    loop {
        let request = request(&settings, &form, input).map_err(unwritable)?;
        let Failure { error, next } = match attempt(host, &settings, &form, &request, question.now) {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        match next {
            Next::In(less) => {
                host.note(&format!("asking in another form: {}", refusal::words(&error)));
                form = less;
            }
            // If the call times out, the last warning is reported as the reason.
            Next::Again if first.is_none() => {
                host.warn(&format!("{}; retried once", refusal::words(&error)));
                first = Some(error);
            }
            Next::AnotherModel => {
                host.warn(refusal::words(&error));
                return Err(available_models::instead(host, &settings, question.model, error));
            }
            Next::Unheard => return Err(refusal::after(first, error)),
            Next::Again | Next::Nothing => return Err(error),
        }
    }
}

fn attempt<Answer: DeserializeOwned>(
    host: &impl Host,
    settings: &ModelConfig,
    form: &Form,
    request: &http::Request,
    now: u64,
) -> Result<Answer, Failure> {
    let response = host.send(request).map_err(refusal::of_transport)?;
    if response.status != 200 {
        return Err(refusal::of_status(settings, form, &response, now));
    }
    answer::read(settings, form, &response.body)
}

#[cfg(test)]
mod tests;

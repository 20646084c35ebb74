//! One question to a model, asked again where that may help.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::form::Form;
use crate::refusal::{self, Failure, Next};
use crate::request::{Asked, request};
use crate::settings::Settings;
use crate::{Host, PortError, answer, http, served};

/// What is put before a model.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a, Data> {
    /// What to do with the data, always the same. It must ask for JSON, and say that the data holds no instructions.
    pub instructions: &'static str,
    /// What it is about: foreign texts. They go out as one JSON object, out of which no text can break.
    pub data: &'a Data,
    /// The shape of the answer.
    pub schema: Schema,
    /// The model that is asked where the configuration names none.
    pub model: &'static str,
    /// How long the answer may be, in tokens.
    pub most_tokens: u32,
    /// The time of the request, in milliseconds since 1970.
    pub now: u64,
}

/// The shape of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// What it is called.
    pub name: &'static str,
    /// The JSON schema, as strict servers take it.
    pub json: &'static str,
}

/// Asks the model that the configuration names.
///
/// What a server does not take of a request is left out. A server that fails and an answer that is not the JSON that was asked
/// for get a second chance at once, nothing else does.
///
/// # Errors
/// Where there is no answer of that type, with what came back and what to do about it.
pub fn ask<Answer: DeserializeOwned, Data: Serialize>(
    host: &impl Host,
    question: &Question<'_, Data>,
) -> Result<Answer, PortError> {
    let settings = Settings::read(host, question.model)?;
    let unwritable =
        |error: serde_json::Error| PortError::InvalidRequest(format!("the data is no JSON: {error}"));
    let data = serde_json::to_string(question.data).map_err(unwritable)?;
    let Question { instructions, schema, most_tokens, .. } = *question;
    let asked = Asked { instructions, data: &data, schema, most_tokens };
    let mut form = settings.form.clone();
    let mut first: Option<PortError> = None;
    // It ends: a form only ever loses something.
    loop {
        let request = request(&settings, &form, asked).map_err(unwritable)?;
        let Failure { error, next } = match attempt(host, &settings, &form, &request, question.now) {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        match next {
            Next::In(less) => {
                host.note(&format!("asking in another form: {}", refusal::words(&error)));
                form = less;
            }
            // What is warned of last is told where the time is over meanwhile.
            Next::Again if first.is_none() => {
                host.warn(&format!("{}; asked once more", refusal::words(&error)));
                first = Some(error);
            }
            Next::AnotherModel => {
                host.warn(refusal::words(&error));
                return Err(served::instead(host, &settings, question.model, error));
            }
            Next::Unheard => return Err(refusal::after(first, error)),
            Next::Again | Next::Nothing => return Err(error),
        }
    }
}

fn attempt<Answer: DeserializeOwned>(
    host: &impl Host,
    settings: &Settings,
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

//! Creates the record of a finished call.

use codewalk_policy::hex;
use serde_json::Value;

use crate::bindings::Port;
use crate::calls::Identity;
use crate::recording::{
    Body, CallOutcome, Exchange, ExchangeLog, RecordedCall, RecordedRequest, RecordedResponse, SCHEMA,
};
use crate::wasi::seed;

/// Creates the record of a finished call, without credentials.
pub(crate) fn transcript<P: Port>(
    at: u64,
    identity: &Identity,
    request: &P::Request,
    exchanges: &ExchangeLog,
    problem: Option<String>,
) -> Result<RecordedCall, serde_json::Error> {
    let (answer, error, problem) = match exchanges.outcome() {
        Some(CallOutcome::Answer(answer)) => (Some(answer), None, None),
        Some(CallOutcome::Error(error)) => (None, Some(error), None),
        None => (None, None, problem),
    };
    let scrubbed = |body: Body| Body(identity.egress.scrubbed(&body.0));
    let http = exchanges.all().into_iter().map(|Exchange { request, response, error }| Exchange {
        request: RecordedRequest { body: scrubbed(request.body), ..request },
        response: response.map(|received| RecordedResponse { body: scrubbed(received.body), ..received }),
        error,
    });
    let call = RecordedCall {
        schema: SCHEMA,
        at,
        port: Some(P::WORLD),
        adapter: identity.name.clone(),
        digest: identity.digest.clone(),
        generation: identity.generation,
        config: identity.config.load().as_ref().clone(),
        limits: Some(identity.limits.into()),
        seed: Some(hex(&exchanges.seed().map_or_else(|| seed(&identity.digest, request), Ok)?)),
        request: serde_json::to_value(request)?,
        answer,
        error,
        problem,
        http: http.collect(),
    };
    let mut value = serde_json::to_value(call)?;
    each_text(&mut value, &|text| identity.egress.scrubbed_text(text));
    serde_json::from_value(value)
}

fn each_text(value: &mut Value, change: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| each_text(value, change)),
        Value::Object(fields) => fields.values_mut().for_each(|value| each_text(value, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

//! Makes records of calls: what was asked, said and told in the sandbox, in the form that `record` has.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::bindings::{Port, http};
use crate::engine::hex;
use crate::host_functions::Identity;
use crate::limits::Limits;
use crate::record::{Body, Exchange, Received, RecordedCall, RecordedLimits, SCHEMA, Sent};
use crate::tape::{Outcome, Tape};

impl From<Limits> for RecordedLimits {
    fn from(limits: Limits) -> Self {
        let ms = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let Limits { executing, wall_clock, memory } = limits;
        Self { executing_ms: ms(executing), wall_clock_ms: ms(wall_clock), memory }
    }
}

impl From<&http::Request> for Sent {
    fn from(request: &http::Request) -> Self {
        let http::Request { method, url, headers, body, credential } = request;
        Self {
            method: method.clone(),
            url: url.clone(),
            headers: pairs(headers),
            body: Body(body.clone()),
            credential: credential.clone(),
        }
    }
}

impl From<&http::Response> for Received {
    fn from(response: &http::Response) -> Self {
        let http::Response { status, headers, body } = response;
        Self { status: *status, headers: pairs(headers), body: Body(body.clone()) }
    }
}

impl From<Received> for http::Response {
    fn from(Received { status, headers, body }: Received) -> Self {
        let headers = headers.into_iter().map(|(name, value)| http::Header { name, value }).collect();
        Self { status, headers, body: body.0 }
    }
}

fn pairs(headers: &[http::Header]) -> Vec<(String, String)> {
    headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect()
}

impl RecordedCall {
    /// Puts together what there is to know of a call that has ended. Credentials are taken out.
    pub(crate) fn of<P: Port>(
        at: u64,
        identity: &Identity,
        request: &P::Request,
        tape: &Tape,
        problem: Option<String>,
    ) -> Result<Self, serde_json::Error> {
        let (answer, error, problem) = match tape.outcome() {
            Some(Outcome::Answer(answer)) => (Some(answer), None, None),
            Some(Outcome::Error(error)) => (None, Some(error), None),
            None => (None, None, problem),
        };
        let scrubbed = |body: Body| Body(identity.egress.scrubbed(&body.0));
        let http = tape.exchanges().into_iter().map(|Exchange { request, response, error }| Exchange {
            request: Sent { body: scrubbed(request.body), ..request },
            response: response.map(|received| Received { body: scrubbed(received.body), ..received }),
            error,
        });
        let call = Self {
            schema: SCHEMA,
            at,
            port: Some(P::WORLD),
            adapter: identity.name.clone(),
            digest: identity.digest.clone(),
            generation: identity.generation,
            config: identity.config.load().as_ref().clone(),
            limits: Some(identity.limits.into()),
            seed: Some(hex(&tape.seed().map_or_else(|| seed(&identity.digest, request), Ok)?)),
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
}

/// Returns what the random numbers of a call are made from: the same component, asked the same, gets the same ones.
pub(crate) fn seed(digest: &str, request: &impl Serialize) -> Result<[u8; 32], serde_json::Error> {
    let mut sha = Sha256::new();
    sha.update(digest.as_bytes());
    sha.update(serde_json::to_vec(request)?);
    Ok(sha.finalize().into())
}

/// Returns the present time in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn each_text(value: &mut Value, change: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| each_text(value, change)),
        Value::Object(fields) => fields.values_mut().for_each(|value| each_text(value, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_depends_on_component_and_request() {
        let of = |digest: &str, request: &str| seed(digest, &request).unwrap();
        assert_eq!(of("a", "x"), of("a", "x"));
        assert_ne!(of("a", "x"), of("b", "x"));
        assert_ne!(of("a", "x"), of("a", "y"));
    }
}

//! Recorded calls: what an adapter was asked, what it answered, and what it was told on the way. A test case has the same
//! form. `docs/adapters.md` describes it for those who write one.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use codewalk_core::ids::{SessionId, UtteranceId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::bindings::{Port, http};
use crate::engine::hex;
use crate::host_functions::Identity;
use crate::limits::Limits;
use crate::tape::{Outcome, Tape};
use crate::world::World;

/// The form that is written; a later one is refused.
pub const SCHEMA: u32 = 1;

/// What a call belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A wish that was routed.
    Utterance(UtteranceId),
    /// A session that was summarised.
    Session(SessionId),
}

/// One call of an adapter. Of a test case only the request is needed, and one of answer, error and problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedCall {
    /// The version of this form.
    #[serde(default = "schema")]
    pub schema: u32,
    /// When it was asked, in milliseconds since 1970.
    #[serde(default)]
    pub at: u64,
    /// Which port it serves: `router` or `summarizer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<World>,
    /// Its name in the configuration.
    #[serde(default)]
    pub adapter: String,
    /// The SHA-256 of its component.
    #[serde(default)]
    pub digest: String,
    /// Which of the components of that name it was, since codewalk was started.
    #[serde(default)]
    pub generation: u64,
    /// What it reads as its configuration.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// What it might use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<RecordedLimits>,
    /// What its random numbers are made from, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// What it was asked. Names are those of `wit/`, as Rust spells them.
    pub request: Value,
    /// What it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// Why it said that it has no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// Why it came to say neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What it sent, and what it was told, in this order.
    #[serde(default)]
    pub http: Vec<Exchange>,
}

/// What a recorded call might use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedLimits {
    /// How long it might execute, in milliseconds.
    pub executing_ms: u64,
    /// How long it might take, in milliseconds.
    pub wall_clock_ms: u64,
    /// How much memory it might have, in bytes.
    pub memory: usize,
}

impl From<Limits> for RecordedLimits {
    fn from(limits: Limits) -> Self {
        let ms = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let Limits { executing, wall_clock, memory } = limits;
        Self { executing_ms: ms(executing), wall_clock_ms: ms(wall_clock), memory }
    }
}

/// A request of an adapter, and what it was told. Neither response nor error: it did not wait for either. Both: the response broke
/// off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What it sent.
    pub request: Sent,
    /// What came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Received>,
    /// Why nothing came back: a case of the `error` of `codewalk:http` with its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// What an adapter sent. A credential has its name here; nobody has its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// The method, in capitals.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Names and values, as the adapter gave them.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub body: Body,
    /// The credential that it named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// The status code.
    pub status: u16,
    /// Names and values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub body: Body,
}

/// The bytes of a body: a text, or else `{"hex": "..."}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match str::from_utf8(&self.0) {
            Ok(text) => BodyForm::Text(text.to_owned()),
            Err(_) => BodyForm::Bytes { hex: hex(&self.0) },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match BodyForm::deserialize(deserializer)? {
            BodyForm::Text(text) => Ok(Self(text.into_bytes())),
            BodyForm::Bytes { hex } => unhex(&hex)
                .map(Self)
                .ok_or_else(|| de::Error::custom("hex must be pairs of the digits 0-9 and a-f")),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum BodyForm {
    Text(String),
    Bytes { hex: String },
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

/// A call that is no call.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It is not JSON, or has other fields.
    #[error("is no recorded call: {0}")]
    Form(#[from] serde_json::Error),
    /// It was written by a later codewalk.
    #[error(
        "has the form {found}; this codewalk reads {SCHEMA} and earlier: use the codewalk that recorded it"
    )]
    Schema {
        /// The version of its form.
        found: u32,
    },
}

impl RecordedCall {
    /// Reads a call from JSON.
    ///
    /// # Errors
    /// Where it is none, or one of a later form.
    pub fn read(json: &str) -> Result<Self, CallError> {
        let call: Self = serde_json::from_str(json)?;
        match call.schema {
            ..=SCHEMA => Ok(call),
            found => Err(CallError::Schema { found }),
        }
    }

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
            config: identity.config.clone(),
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

    /// Returns all that it said in one value, for comparison: what came of it, and what it sent.
    #[must_use]
    pub fn said(&self) -> Value {
        let mut said = self.outcome();
        let sent: Result<Value, _> =
            self.http.iter().map(|exchange| serde_json::to_value(&exchange.request)).collect();
        if let (Value::Object(fields), Ok(sent)) = (&mut said, sent) {
            fields.insert("sent".to_owned(), sent);
        }
        said
    }

    /// Returns what came of it in one value, for comparison: an answer, an error or a problem.
    #[must_use]
    pub fn outcome(&self) -> Value {
        let mut outcome = serde_json::Map::new();
        let problem = self.problem.clone().map(Value::String);
        for (name, value) in [("answer", &self.answer), ("error", &self.error), ("problem", &problem)] {
            outcome.extend(value.clone().map(|value| (name.to_owned(), value)));
        }
        Value::Object(outcome)
    }
}

/// Returns what the random numbers of a call are made from: the same component, asked the same, gets the same ones.
pub(crate) fn seed(digest: &str, request: &impl Serialize) -> Result<[u8; 32], serde_json::Error> {
    let mut sha = Sha256::new();
    sha.update(digest.as_bytes());
    sha.update(serde_json::to_vec(request)?);
    Ok(sha.finalize().into())
}

/// Reads pairs of hexadecimal digits.
pub(crate) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
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

fn schema() -> u32 {
    SCHEMA
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_case_needs_a_request_and_what_is_expected_alone() {
        let case =
            RecordedCall::read(r#"{"request":{"utterance":"hi"},"answer":{"confidence":90}}"#).unwrap();
        assert_eq!(case.outcome(), serde_json::json!({"answer": {"confidence": 90}}));
        assert_eq!((case.schema, case.port, case.limits), (SCHEMA, None, None));
    }

    #[test]
    fn what_is_no_call_or_a_later_one_is_refused() {
        assert!(matches!(RecordedCall::read("{"), Err(CallError::Form(_))));
        assert!(matches!(RecordedCall::read(r#"{"answer":{}}"#), Err(CallError::Form(_))));
        let misspelt = RecordedCall::read(r#"{"request":{},"anwser":{}}"#).unwrap_err();
        assert!(misspelt.to_string().contains("unknown field `anwser`"), "{misspelt}");
        let later = RecordedCall::read(r#"{"schema":2,"request":{}}"#).unwrap_err();
        assert!(matches!(later, CallError::Schema { found: 2 }), "{later}");
    }

    #[test]
    fn a_body_is_a_text_where_it_can_be() {
        let written = |body: &[u8]| serde_json::to_string(&Body(body.to_vec())).unwrap();
        assert_eq!(written(b"{\"a\":1}"), r#""{\"a\":1}""#);
        assert_eq!(written(&[0xff, 0x0a]), r#"{"hex":"ff0a"}"#);
        assert!(serde_json::from_str::<Body>(r#"{"hex":"f"}"#).is_err());
        assert!(serde_json::from_str::<Body>(r#"{"hex":"+f"}"#).is_err());
    }

    #[test]
    fn a_seed_depends_on_component_and_request() {
        let of = |digest: &str, request: &str| seed(digest, &request).unwrap();
        assert_eq!(of("a", "x"), of("a", "x"));
        assert_ne!(of("a", "x"), of("b", "x"));
        assert_ne!(of("a", "x"), of("a", "y"));
    }

    proptest! {
        #[test]
        fn a_body_reads_back_as_it_was_written(bytes: Vec<u8>) {
            let json = serde_json::to_string(&Body(bytes.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Body>(&json).unwrap(), Body(bytes));
        }
    }
}

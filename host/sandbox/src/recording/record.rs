//! Recorded calls: the request to an adapter, its answer, and its HTTP exchanges. Test cases have the same
//! format, which `docs/adapters.md` describes.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use codewalk_core::ids::{SessionId, UtteranceId};
use codewalk_policy::{World, hex, unhex};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// The version of the format. Later versions are rejected.
pub const SCHEMA: u32 = 1;
/// The maximum size of a file of calls, in bytes. Further calls are not recorded.
pub(super) const MAX_FILE: u64 = 256 * 1024 * 1024;
/// The maximum size of one call, in bytes: more than an exchange log can take up after escaping.
pub(super) const MAX_LINE: u64 = 64 * 1024 * 1024;

/// The subject of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The utterance that was routed.
    Utterance(UtteranceId),
    /// The session that was summarised.
    Session(SessionId),
}

/// One call to an adapter. A test case needs only the request, and an answer, an error or a problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedCall {
    /// The version of this format.
    #[serde(default = "schema")]
    pub schema: u32,
    /// The time of the call, in milliseconds since 1970.
    #[serde(default)]
    pub at: u64,
    /// The port: `router` or `summarizer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<World>,
    /// The name of the adapter in the configuration.
    #[serde(default)]
    pub adapter: String,
    /// The SHA-256 of the component.
    #[serde(default)]
    pub digest: String,
    /// The generation of the adapter in that process.
    #[serde(default)]
    pub generation: u64,
    /// The configuration of the adapter.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// The limits of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<RecordedLimits>,
    /// The seed of its random numbers, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// The request. Its names are those of `wit/`, as Rust spells them.
    pub request: Value,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// The error that the adapter returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// Why it returned neither an answer nor an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Its HTTP exchanges, in order.
    #[serde(default)]
    pub http: Vec<Exchange>,
}

/// The limits of a recorded call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedLimits {
    /// How long it could execute, in milliseconds.
    pub executing_ms: u64,
    /// How long it could take, in milliseconds.
    pub wall_clock_ms: u64,
    /// How much memory it could use, in bytes.
    pub memory: usize,
}

/// An adapter's HTTP request and its result. If there is neither a response nor an error, the adapter did not
/// wait. If there are both, the response broke off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The request.
    pub request: RecordedRequest,
    /// The response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<RecordedResponse>,
    /// Why there is no response: a case of `error` in `codewalk:http`, with its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// A recorded HTTP request. It contains the name of a credential, never its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRequest {
    /// The method in upper case.
    pub method: String,
    /// The URL.
    pub url: String,
    /// Names and values, as the adapter sent them.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub body: Body,
    /// The name of the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// A recorded HTTP response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedResponse {
    /// The status code.
    pub status: u16,
    /// Names and values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub body: Body,
}

/// The bytes of a body: a string if they are text, otherwise `{"hex": "..."}`.
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

/// Recorded calls from a file.
#[derive(Debug, Default)]
pub struct Recording {
    /// The calls, in the order they ended.
    pub calls: Vec<RecordedCall>,
    /// The number of lines that are not calls, and the error for the first of them.
    pub unreadable: Option<(usize, CallError)>,
}

/// Why a recorded call cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It is not JSON, or its fields do not match.
    #[error("is not a recorded call: {0}")]
    Form(#[from] serde_json::Error),
    /// It is from a later version of codewalk.
    #[error(
        "has schema {found}; this version of codewalk reads schema {SCHEMA} and earlier: use the \
         version that recorded it"
    )]
    Schema {
        /// The version of its format.
        found: u32,
    },
}

impl RecordedCall {
    /// Parses a call from JSON.
    ///
    /// # Errors
    /// If it has another format or a later version.
    pub fn read(json: &str) -> Result<Self, CallError> {
        let call: Self = serde_json::from_str(json)?;
        match call.schema {
            ..=SCHEMA => Ok(call),
            found => Err(CallError::Schema { found }),
        }
    }

    /// Returns the outcome and all requests in one value, for comparison.
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

    /// Returns the outcome in one value, for comparison: an answer, an error or a problem.
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

/// Reads a call from each line.
///
/// # Errors
/// If the bytes cannot be read.
pub fn read(bytes: impl Read) -> io::Result<Recording> {
    let mut lines = BufReader::new(bytes.take(MAX_FILE));
    let mut recording = Recording::default();
    loop {
        let mut line = Vec::new();
        if (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(recording);
        }
        let line = String::from_utf8_lossy(&line);
        if line.trim().is_empty() {
            continue;
        }
        match RecordedCall::read(&line) {
            Ok(call) => recording.calls.push(call),
            Err(error) => {
                let (lines, first) = recording.unreadable.unwrap_or((0, error));
                recording.unreadable = Some((lines + 1, first));
            }
        }
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
    fn a_case_needs_only_a_request_and_an_expected_outcome() {
        let case =
            RecordedCall::read(r#"{"request":{"utterance":"hi"},"answer":{"confidence":90}}"#).unwrap();
        assert_eq!(case.outcome(), serde_json::json!({"answer": {"confidence": 90}}));
        assert_eq!((case.schema, case.port, case.limits), (SCHEMA, None, None));
    }

    #[test]
    fn malformed_and_later_calls_are_refused() {
        assert!(matches!(RecordedCall::read("{"), Err(CallError::Form(_))));
        assert!(matches!(RecordedCall::read(r#"{"answer":{}}"#), Err(CallError::Form(_))));
        let misspelt = RecordedCall::read(r#"{"request":{},"anwser":{}}"#).unwrap_err();
        assert!(misspelt.to_string().contains("unknown field `anwser`"), "{misspelt}");
        let later = RecordedCall::read(r#"{"schema":2,"request":{}}"#).unwrap_err();
        assert!(matches!(later, CallError::Schema { found: 2 }), "{later}");
    }

    #[test]
    fn a_body_is_a_string_if_it_is_text() {
        let written = |body: &[u8]| serde_json::to_string(&Body(body.to_vec())).unwrap();
        assert_eq!(written(b"{\"a\":1}"), r#""{\"a\":1}""#);
        assert_eq!(written(&[0xff, 0x0a]), r#"{"hex":"ff0a"}"#);
        assert!(serde_json::from_str::<Body>(r#"{"hex":"f"}"#).is_err());
        assert!(serde_json::from_str::<Body>(r#"{"hex":"+f"}"#).is_err());
    }

    proptest! {
        #[test]
        fn a_body_round_trips(bytes: Vec<u8>) {
            let json = serde_json::to_string(&Body(bytes.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Body>(&json).unwrap(), Body(bytes));
        }
    }
}

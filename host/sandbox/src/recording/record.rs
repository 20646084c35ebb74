//! Recorded calls: what an adapter was asked, what it answered, and what it was told on the way. A test case has the same
//! form. `docs/adapters.md` describes it for those who write one.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use codewalk_core::ids::{SessionId, UtteranceId};
use codewalk_policy::{World, hex, unhex};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// The form that is written; a later one is refused.
pub const SCHEMA: u32 = 1;
/// How large a file of calls becomes, in bytes; what would make it larger is not kept.
pub(super) const MAX_FILE: u64 = 256 * 1024 * 1024;
/// How many bytes one call may take. It is more than a tape keeps, escaped.
pub(super) const MAX_LINE: u64 = 64 * 1024 * 1024;

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

/// A request of an adapter, and what it was told. Neither response nor error: it did not wait for either. Both: the response broke
/// off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What it sent.
    pub request: RecordedRequest,
    /// What came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<RecordedResponse>,
    /// Why nothing came back: a case of the `error` of `codewalk:http` with its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// What an adapter sent. A credential has its name here; nobody has its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRequest {
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

/// What there is of recorded calls.
#[derive(Debug, Default)]
pub struct Recording {
    /// The calls, in the order they ended.
    pub calls: Vec<RecordedCall>,
    /// How many lines were left out since they are no calls, and what is wrong with the first of them.
    pub unreadable: Option<(usize, CallError)>,
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

/// Reads a call from each line.
///
/// # Errors
/// Where the bytes cannot be had, or are too many.
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

    proptest! {
        #[test]
        fn a_body_reads_back_as_it_was_written(bytes: Vec<u8>) {
            let json = serde_json::to_string(&Body(bytes.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Body>(&json).unwrap(), Body(bytes));
        }
    }
}

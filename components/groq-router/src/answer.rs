//! The form of the model's answer. Names in it are unchecked.
//!
//! Models that follow a schema get `schema.json`, which is the form of these types with every field. Other
//! models may leave out optional fields.

use serde::Deserialize;
use serde_json::Number;

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RouterReply {
    pub(crate) intent: Intent,
    pub(crate) confidence: Percent,
    #[cfg_attr(test, schemars(with = "Vec<Candidate>"))]
    pub(crate) candidates: Option<Vec<Candidate>>,
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) reason: Option<String>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Candidate {
    pub(crate) intent: Intent,
    pub(crate) confidence: Percent,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Intent {
    Launch {
        agent: Option<String>,
        project: Option<String>,
        prompt: Option<String>,
    },
    FollowUp {
        session: String,
        prompt: Option<String>,
    },
    Query {
        session: Option<String>,
        question: Option<String>,
    },
    Control {
        session: String,
        action: Action,
    },
    CannotParse {
        #[cfg_attr(test, schemars(with = "String"))]
        hint: Option<String>,
    },
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Interrupt,
    Stop,
    Resume,
}

/// A number from 0 to 100. A fraction up to 1.0 means a share of 1, since some models write it that way.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "Number")]
pub(crate) struct Percent(pub(crate) u8);

impl TryFrom<Number> for Percent {
    type Error = String;

    fn try_from(number: Number) -> Result<Self, String> {
        let written = number.as_f64().unwrap_or(f64::NAN);
        let percent = if number.is_f64() && written <= 1.0 { written * 100.0 } else { written };
        // The value is in range, as checked above.
        if (0.0..=100.0).contains(&percent) {
            Ok(Self(percent.round() as u8))
        } else {
            Err(format!("a confidence of {number}, which must be from 0 to 100"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::{INSTRUCTIONS, SCHEMA};

    fn schema() -> Value {
        serde_json::from_str(SCHEMA.json).unwrap()
    }

    fn intents() -> Vec<Value> {
        schema()["properties"]["intent"]["anyOf"].as_array().unwrap().clone()
    }

    fn names(keys: impl IntoIterator<Item = impl ToString>) -> BTreeSet<String> {
        keys.into_iter().map(|key| key.to_string()).collect()
    }

    #[test]
    fn the_schema_matches_the_types() {
        let (checked_in, generated) = (schema(), chat_completions::schema::strict::<RouterReply>());
        assert_eq!(checked_in, generated, "schema.json has to be:\n{generated:#}");
    }

    #[test]
    fn the_intent_comes_before_the_candidates_in_the_schema() {
        let at = |field: &str| SCHEMA.json.rfind(&format!("\n    \"{field}\": ")).unwrap();
        assert!(at("intent") < at("confidence") && at("confidence") < at("candidates"));
        assert!(at("candidates") < at("reason"));
    }

    #[test]
    fn the_prompt_shows_each_intent_with_the_fields_of_the_schema() {
        for intent in intents() {
            let kind = intent["properties"]["type"]["enum"][0].as_str().unwrap();
            let begins = format!("{{\"type\": \"{kind}\"");
            let shown = INSTRUCTIONS.lines().find(|line| line.starts_with(&begins)).unwrap_or_else(|| {
                panic!("the instructions have no line {begins}");
            });
            let keys = shown.split('"').skip(1).step_by(2).zip(shown.split('"').skip(2).step_by(2));
            let keys = keys.filter(|(_, after)| after.starts_with(':')).map(|(key, _)| key);
            assert_eq!(names(keys), names(intent["properties"].as_object().unwrap().keys()), "{kind}");
        }
        let shown = INSTRUCTIONS.lines().find(|line| line.starts_with("{\"intent\": ")).unwrap();
        for field in schema()["properties"].as_object().unwrap().keys() {
            assert!(shown.contains(&format!("\"{field}\": ")), "{field}");
        }
    }

    /// Returns an example intent with every field that the schema requires.
    fn filled(intent: &Value) -> Value {
        let fields = intent["properties"].as_object().unwrap().iter().map(|(name, of)| {
            let value = if of["enum"].is_array() { of["enum"][0].clone() } else { json!("x") };
            (name.clone(), value)
        });
        Value::Object(fields.collect())
    }

    #[test]
    fn a_confidence_may_be_a_fraction() {
        for (written, percent) in [
            ("0", 0),
            ("1", 1),
            ("90", 90),
            ("100", 100),
            ("90.0", 90),
            ("92.5", 93),
            ("0.92", 92),
            ("0.005", 1),
            ("1.0", 100),
            ("0.0", 0),
            ("9e-1", 90),
        ] {
            assert_eq!(serde_json::from_str::<Percent>(written).unwrap(), Percent(percent), "{written}");
        }
        for written in ["101", "100.5", "-1", "-0.1", "1e300", "\"0.9\""] {
            assert!(serde_json::from_str::<Percent>(written).is_err(), "{written}");
        }
    }

    #[test]
    fn only_answers_that_follow_the_schema_are_accepted() {
        let read = |answer: &Value| serde_json::from_value::<RouterReply>(answer.clone()).is_ok();
        for intent in intents() {
            let right = filled(&intent);
            let answer = |intent: &Value, confidence: Value| {
                let candidates = json!([{"intent": right, "confidence": 10}]);
                json!({"intent": intent, "confidence": confidence, "candidates": candidates, "reason": "It \
                    is."})
            };
            assert!(read(&answer(&right, json!(90))), "{right}");
            for confidence in [json!("90"), json!(101), json!(-1), json!(-0.5), json!(null), json!([90])] {
                assert!(!read(&answer(&right, confidence.clone())), "{confidence}");
            }
            for field in right.as_object().unwrap().keys() {
                let mut wrong = right.clone();
                wrong[field] = json!({"wrong": []});
                assert!(!read(&answer(&wrong, json!(90))), "{wrong}");
                let is_needed = intent["properties"][field]["type"] == "string" && field != "hint";
                wrong.as_object_mut().unwrap().remove(field);
                assert_eq!(read(&answer(&wrong, json!(90))), !is_needed, "{wrong}");
            }
        }
    }
}

//! The form of what the model says. Names in it are the model's: unchecked.
//!
//! Models that keep to a schema are given `schema.json`, which is the form of these types and leaves nothing out. Of the others
//! it is taken where they leave out what can be done without.

use serde::Deserialize;

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer {
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

/// A whole number from 0 to 100. A fraction may be meant as one of 1: it is no answer.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "f64")]
pub(crate) struct Percent(pub(crate) u8);

impl TryFrom<f64> for Percent {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        let is_percent = (0.0..=100.0).contains(&number) && number.fract() == 0.0;
        // Nothing is cut off: it was looked at.
        if is_percent { Ok(Self(number as u8)) } else { Err(format!("a confidence of {number}")) }
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
    fn the_schema_is_that_of_the_types() {
        let (checked_in, generated) = (schema(), chat_completions::schema::strict::<Answer>());
        assert_eq!(checked_in, generated, "schema.json has to be:\n{generated:#}");
    }

    #[test]
    fn a_model_says_what_is_meant_before_it_says_what_else_could_be() {
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

    /// An intent with each field as its schema has it.
    fn filled(intent: &Value) -> Value {
        let fields = intent["properties"].as_object().unwrap().iter().map(|(name, of)| {
            let value = if of["enum"].is_array() { of["enum"][0].clone() } else { json!("x") };
            (name.clone(), value)
        });
        Value::Object(fields.collect())
    }

    #[test]
    fn what_keeps_to_the_schema_is_read_and_a_wrong_shape_is_not() {
        let read = |answer: &Value| serde_json::from_value::<Answer>(answer.clone()).is_ok();
        for intent in intents() {
            let right = filled(&intent);
            let answer = |intent: &Value, confidence: Value| {
                let candidates = json!([{"intent": right, "confidence": 10}]);
                json!({"intent": intent, "confidence": confidence, "candidates": candidates, "reason": "It is."})
            };
            assert!(read(&answer(&right, json!(90))), "{right}");
            for confidence in [json!("90"), json!(101), json!(-1), json!(null), json!([90])] {
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

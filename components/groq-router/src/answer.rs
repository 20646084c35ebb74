//! The form of what the model says. Names in it are the model's: unchecked.

use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) intent: Intent,
    pub(crate) confidence: Percent,
    pub(crate) candidates: Option<Vec<Candidate>>,
    pub(crate) reason: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Candidate {
    pub(crate) intent: Intent,
    pub(crate) confidence: Percent,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Intent {
    Launch { agent: Option<String>, project: Option<String>, prompt: Option<String> },
    FollowUp { session: String, prompt: Option<String> },
    Query { session: Option<String>, question: Option<String> },
    Control { session: String, action: Action },
    CannotParse { hint: Option<String> },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Interrupt,
    Stop,
    Resume,
}

/// A whole number from 0 to 100. A fraction may be meant as one of 1: it is no answer.
#[derive(Clone, Copy, Deserialize)]
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

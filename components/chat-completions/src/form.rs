//! The form of a request: its parts that not every server or model accepts. It starts with all of them, and
//! drops those that are rejected.

use crate::models::{REASONING_EFFORT, REASONING_FAMILY};
use crate::server_error::ServerError;
use crate::{Host, PortError};

/// The parts of a request that not every server or model accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) format: Format,
    /// Whether the request sets a temperature of 0.
    pub(crate) is_cold: bool,
    pub(crate) effort: Option<String>,
}

/// How strictly the request specifies the form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON that follows a schema.
    Schema,
    /// Any JSON object.
    Object,
    /// The form is specified only by the instructions.
    Free,
}

impl Form {
    /// Reads the form from the configuration. An empty value omits its field.
    pub(crate) fn configured(host: &impl Host, model: &str) -> Result<Self, PortError> {
        let usual = || model.contains(REASONING_FAMILY).then(|| REASONING_EFFORT.to_owned());
        let format = match host.config("response_format").as_deref() {
            None | Some("json_schema") => Format::Schema,
            Some("json_object") => Format::Object,
            Some("") => Format::Free,
            Some(_) => {
                return Err(PortError::InvalidRequest(
                    "config.response_format must be \"json_schema\", \"json_object\" or \"\"".to_owned(),
                ));
            }
        };
        Ok(Self {
            format,
            is_cold: host.config("temperature").is_none_or(|value| !value.is_empty()),
            effort: host
                .config("reasoning_effort")
                .map_or_else(usual, |effort| Some(effort).filter(|effort| !effort.is_empty())),
        })
    }

    /// Returns the form without the rejected field; `None` if the server rejected something else.
    pub(crate) fn without(&self, refused: &ServerError) -> Option<Self> {
        if self.effort.is_some() && refused.mentions(&["reasoning"]) {
            return Some(Self { effort: None, ..self.clone() });
        }
        if self.is_cold && refused.mentions(&["temperature"]) {
            return Some(Self { is_cold: false, ..self.clone() });
        }
        let is_about_format = refused.mentions(&["format", "schema", "json", "structured", "grammar"]);
        let format = match self.format {
            Format::Schema if is_about_format || refused.is_silent() => Format::Object,
            Format::Object if is_about_format || refused.is_silent() => Format::Free,
            Format::Schema | Format::Object | Format::Free => return None,
        };
        Some(Self { format, ..self.clone() })
    }
}

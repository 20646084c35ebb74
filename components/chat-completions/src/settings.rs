//! The configuration of the model: its name, server and form of requests.

use crate::form::Form;
use crate::models::BASE_URL;
use crate::{Host, PortError};

/// The default name of the credential.
const CREDENTIAL: &str = "groq";

/// The configuration of the model: its name, server and form of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelConfig {
    /// The base URL of the API, without a trailing slash.
    base_url: String,
    pub(crate) model: String,
    /// The name of the granted credential; `None` if the server needs no key.
    pub(crate) credential: Option<String>,
    pub(crate) form: Form,
}

impl ModelConfig {
    /// Reads the configuration; `model` is the default.
    pub(crate) fn read(host: &impl Host, model: &str) -> Result<Self, PortError> {
        let base_url = host.config("base_url").unwrap_or_else(|| BASE_URL.to_owned());
        let model = host.config("model").unwrap_or_else(|| model.to_owned());
        let credential = host.config("credential").unwrap_or_else(|| CREDENTIAL.to_owned());
        Ok(Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            form: Form::configured(host, &model)?,
            credential: Some(credential).filter(|name| !name.is_empty()),
            model,
        })
    }

    pub(crate) fn completions(&self) -> String {
        format!("{}/chat/completions", self.base_url)
    }

    pub(crate) fn models(&self) -> String {
        format!("{}/models", self.base_url)
    }

    /// Returns the address of the API, for use in messages.
    pub(crate) fn place(&self) -> &str {
        self.base_url.split_once("://").map_or(&*self.base_url, |(_, rest)| rest)
    }
}

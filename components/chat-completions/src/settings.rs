//! Which model is asked, where, and in which form.

use crate::form::Form;
use crate::models::BASE_URL;
use crate::{Host, PortError};

/// The name of the credential, unless the configuration says otherwise.
const CREDENTIAL: &str = "groq";

/// Which model is asked, where, and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Where the API is, without a slash at its end.
    base_url: String,
    pub(crate) model: String,
    /// The name of the credential that the operator grants; none where no key is needed.
    pub(crate) credential: Option<String>,
    pub(crate) form: Form,
}

impl Settings {
    /// Reads the configuration; `model` is the one that is asked where it names none.
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

    /// Returns where the API is, as people say it.
    pub(crate) fn place(&self) -> &str {
        self.base_url.split_once("://").map_or(&*self.base_url, |(_, rest)| rest)
    }
}

//! Which model is asked, and where.

use crate::Host;

/// Where the API is, unless the configuration says otherwise.
const BASE_URL: &str = "https://api.groq.com/openai/v1";
/// The model that is asked, unless the configuration says otherwise: a quick one that keeps to a JSON schema.
const MODEL: &str = "llama-3.3-70b-versatile";
/// The name of the credential that the operator grants.
pub(crate) const CREDENTIAL: &str = "groq";

/// Which model is asked, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) url: String,
    pub(crate) model: String,
}

impl Settings {
    pub(crate) fn read(host: &impl Host) -> Self {
        let base_url = host.config("base_url").unwrap_or_else(|| BASE_URL.to_owned());
        Self {
            url: format!("{}/chat/completions", base_url.trim_end_matches('/')),
            model: host.config("model").unwrap_or_else(|| MODEL.to_owned()),
        }
    }
}

//! What a failure is called: a text that says what came back and what to do about it.

use serde_json::Value;

use crate::settings::{CREDENTIAL, Settings};
use crate::{PortError, http, retry_after, text};

/// How much is repeated of what a server or a library says, in bytes.
pub(crate) const MAX_QUOTED: usize = 200;

/// An attempt that failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: PortError,
    /// Whether it may go well if tried again at once.
    pub(crate) is_passing: bool,
}

impl Failure {
    pub(crate) fn lasting(error: PortError) -> Self {
        Self { error, is_passing: false }
    }

    pub(crate) fn passing(error: PortError) -> Self {
        Self { error, is_passing: true }
    }
}

/// Returns what it means that there was no response.
pub(crate) fn of_transport(error: http::Error) -> Failure {
    Failure::lasting(match error {
        // It names the configuration that would allow it.
        http::Error::Denied(why) => PortError::Denied(why),
        http::Error::InvalidRequest(why) => {
            PortError::InvalidRequest(format!("{why}; check config.base_url of this adapter"))
        }
        http::Error::Unreachable(why) => {
            PortError::Unavailable(format!("{why}; check the network, or config.base_url of this adapter"))
        }
        http::Error::Timeout(why) => {
            PortError::Unavailable(format!("{why}; try again, or set config.model to a quicker one"))
        }
        http::Error::TooLarge(why) => {
            PortError::InvalidResponse(format!("{why}; check config.base_url of this adapter"))
        }
        http::Error::RateLimited(wait) => PortError::RateLimited(wait),
    })
}

/// Returns what a status other than 200 means.
pub(crate) fn of_status(settings: &Settings, response: &http::Response, now: u64) -> Failure {
    let Settings { url, model } = settings;
    let Said { code, words } = Said::read(response);
    let no_model = || {
        PortError::InvalidRequest(format!(
            "there is no model \"{model}\" at {url} ({words}); set config.model of this adapter, or config.base_url"
        ))
    };
    Failure::lasting(match response.status {
        // The vendor found no JSON in what the model said.
        400 if code == "json_validate_failed" => {
            return Failure::passing(not_json(settings, &words));
        }
        400 if code == "model_decommissioned" => no_model(),
        400 | 422 => PortError::InvalidRequest(format!(
            "{url} does not take the request ({words}); check config.model and config.base_url of this adapter"
        )),
        401 => PortError::Denied(format!(
            "the credential {CREDENTIAL} was refused by {url} ({words}); check GROQ_API_KEY, or what [credentials.groq] names"
        )),
        403 => PortError::Denied(format!(
            "{url} forbids it ({words}); check what the key of the credential {CREDENTIAL} may use there"
        )),
        404 => no_model(),
        413 => PortError::InvalidRequest(format!(
            "the request is too large for the model \"{model}\" ({words}); say less at once, or set config.model"
        )),
        429 => PortError::RateLimited(retry_after::milliseconds(&response.headers, now)),
        500..=599 => {
            let failed = format!("{url} failed ({words}); try again later, or set config.model");
            return Failure::passing(PortError::Unavailable(failed));
        }
        _ => PortError::InvalidResponse(format!(
            "{url} gave no answer ({words}); check config.base_url of this adapter"
        )),
    })
}

/// Returns the error of an answer in which there is not the JSON that was asked for.
pub(crate) fn not_json(settings: &Settings, why: &str) -> PortError {
    PortError::InvalidResponse(format!(
        "the model \"{}\" did not answer with the JSON it was asked for ({}); try again, or set config.model",
        settings.model,
        text::line(why, MAX_QUOTED)
    ))
}

/// What a server says of an error.
struct Said {
    code: String,
    /// The status, with the message where there is one.
    words: String,
}

impl Said {
    fn read(response: &http::Response) -> Self {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let detail = |name: &str| body["error"][name].as_str();
        let status = response.status;
        let words = detail("message").map_or_else(
            || format!("status {status}"),
            |message| format!("status {status}: {}", text::line(message, MAX_QUOTED)),
        );
        Self { code: detail("code").unwrap_or_default().to_owned(), words }
    }
}

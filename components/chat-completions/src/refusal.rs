//! Describes failures in one clause: what the response was, and what to do about it unless that is obvious.

use crate::form::Form;
use crate::server_error::{MAX_QUOTED, ServerError};
use crate::settings::ModelConfig;
use crate::{PortError, http, retry_after, text};

/// A failed attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: PortError,
    pub(crate) next: Next,
}

/// What to try next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Give up.
    Nothing,
    /// Repeat the same request at once.
    Again,
    /// Send the request in another form.
    In(Form),
    /// Suggest another model.
    AnotherModel,
    /// Give up, because there was no response.
    Unheard,
}

impl Failure {
    pub(crate) fn lasting(error: PortError) -> Self {
        Self { error, next: Next::Nothing }
    }

    pub(crate) fn passing(error: PortError) -> Self {
        Self { error, next: Next::Again }
    }
}

/// Returns the message of an error.
pub(crate) fn words(error: &PortError) -> &str {
    match error {
        PortError::Unavailable(words)
        | PortError::Denied(words)
        | PortError::InvalidResponse(words)
        | PortError::InvalidRequest(words) => words,
        PortError::RateLimited(_) => "rate limited",
    }
}

/// Returns the error for a server that did not respond to the retry: the reason for the first failure is the
/// real one.
pub(crate) fn after(first: Option<PortError>, error: PortError) -> PortError {
    let then = words(&error);
    match first {
        Some(PortError::Unavailable(why)) => PortError::Unavailable(format!("{why}; retried once: {then}")),
        Some(PortError::InvalidResponse(why)) => {
            PortError::InvalidResponse(format!("{why}; retried once: {then}"))
        }
        _ => error,
    }
}

/// Returns the failure for a request without a response.
pub(crate) fn of_transport(error: http::Error) -> Failure {
    Failure::lasting(match error {
        http::Error::Unreachable(why) | http::Error::Timeout(why) => {
            return Failure { error: PortError::Unavailable(why), next: Next::Unheard };
        }
        // The message tells how to allow the request.
        http::Error::Denied(why) => PortError::Denied(why),
        http::Error::InvalidRequest(why) => {
            PortError::InvalidRequest(format!("{why}; check config.base_url"))
        }
        http::Error::TooLarge(why) => PortError::InvalidResponse(format!("{why}; check config.base_url")),
        http::Error::RateLimited(wait) => PortError::RateLimited(wait),
    })
}

/// Returns the failure for a status other than 200.
pub(crate) fn of_status(settings: &ModelConfig, form: &Form, response: &http::Response, now: u64) -> Failure {
    let wait = retry_after::milliseconds(&response.headers, now);
    let reply = ServerError::read(response);
    if is_of_proxy(response) {
        let (place, words) = (settings.place(), reply.words());
        let why = format!("the proxy before {place} failed ({words}); check [network] proxy");
        return Failure::lasting(PortError::Unavailable(why));
    }
    of_error(settings, form, &reply, wait)
}

/// Returns whether a proxy answered in place of the server. Only proxies use this status and these headers.
fn is_of_proxy(response: &http::Response) -> bool {
    const HEADERS: [&str; 3] = ["proxy-authenticate", "proxy-status", "x-squid-error"];
    const AUTHENTICATION_REQUIRED: u16 = 407;
    let is_own = |header: &http::Header| HEADERS.iter().any(|name| header.name.eq_ignore_ascii_case(name));
    response.status == AUTHENTICATION_REQUIRED
        || response.status >= 400 && response.headers.iter().any(is_own)
}

/// Returns the failure for a server error; `wait` is its `Retry-After` in milliseconds.
pub(crate) fn of_error(
    settings: &ModelConfig,
    form: &Form,
    reply: &ServerError,
    wait: Option<u64>,
) -> Failure {
    let (place, model, words) = (settings.place(), &settings.model, reply.words());
    let no_model = || {
        let why = format!("{place} has no model \"{model}\" ({words}); set config.model, or config.base_url");
        Failure { error: PortError::InvalidRequest(why), next: Next::AnotherModel }
    };
    Failure::lasting(match reply.status {
        // The server found no JSON in the model's answer.
        400 if reply.code == "json_validate_failed" => return Failure::passing(not_json(settings, &words)),
        400 if is_about_model(reply) => return no_model(),
        400 | 422 => {
            let error = PortError::InvalidRequest(format!("{place} rejects the request ({words})"));
            let next = form.without(reply).map_or(Next::Nothing, Next::In);
            return Failure { error, next };
        }
        401 => PortError::Denied(match &settings.credential {
            Some(name) => format!("the credential {name} was rejected by {place} ({words}); check its key"),
            None => format!("{place} needs a key ({words}); name a credential in the grant for it"),
        }),
        402 => PortError::Unavailable(format!("{place} requires payment ({words})")),
        403 => PortError::Denied(format!("{place} forbids it ({words})")),
        404 => return no_model(),
        413 => {
            PortError::InvalidRequest(format!("the request is too large for the model \"{model}\" ({words})"))
        }
        // Waiting would not help.
        429 if reply.code == "insufficient_quota" => {
            PortError::Unavailable(format!("no quota is left at {place} ({words})"))
        }
        429 => PortError::RateLimited(wait),
        498 => PortError::Unavailable(format!("{place} is overloaded ({words})")),
        408 | 500..=599 => {
            let error = PortError::Unavailable(format!("{place} failed ({words})"));
            return if wait.is_some() { Failure::lasting(error) } else { Failure::passing(error) };
        }
        200..=299 if !reply.is_mute() => {
            PortError::InvalidResponse(format!("{place} reports an error ({words})"))
        }
        _ => PortError::InvalidResponse(format!("{place} answered with {words}; check config.base_url")),
    })
}

/// Returns whether the model is unknown; some servers report that as a bad request.
fn is_about_model(reply: &ServerError) -> bool {
    matches!(&*reply.code, "model_decommissioned" | "model_not_found")
        || reply.mentions(&["not a valid model", "decommissioned", "model not found"])
}

/// Returns the error for an answer without the requested JSON.
pub(crate) fn not_json(settings: &ModelConfig, why: &str) -> PortError {
    // The position is useful only to a reader who can see the answer.
    let why = why.rsplit_once(" at line ").map_or(why, |(why, _)| why);
    let (model, why) = (&settings.model, text::line(why, MAX_QUOTED));
    PortError::InvalidResponse(format!("the model \"{model}\" did not answer in the requested form ({why})"))
}

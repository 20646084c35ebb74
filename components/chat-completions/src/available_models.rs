//! Lists the models of a server.

use serde_json::Value;

use crate::settings::ModelConfig;
use crate::{Host, PortError, http, text};

/// The maximum number of models named besides the suggested one.
const NAMED: usize = 3;
/// The maximum length of a name, in bytes.
const MAX_NAME: usize = 80;
/// Parts of names that belong to models without chat.
const MUTE: [&str; 7] = ["embed", "whisper", "tts", "guard", "rerank", "orpheus", "ocr"];

/// Returns the error for an unknown model. It names the available models; if the server does not list them,
/// returns `error`.
pub(crate) fn instead(host: &impl Host, settings: &ModelConfig, usual: &str, error: PortError) -> PortError {
    let names = names(host, settings);
    let (place, model) = (settings.place(), &settings.model);
    if names.is_empty() || names.contains(model) {
        return error;
    }
    let best = best(&names, model, usual);
    let others: Vec<String> =
        names.iter().filter(|name| *name != best).take(NAMED).map(|name| quoted(name)).collect();
    let there_are = match (others.is_empty(), names.len().saturating_sub(1 + others.len())) {
        (true, _) => String::new(),
        (false, 0) => format!(" (others: {})", others.join(", ")),
        (false, more) => format!(" (others: {} and {more} more)", others.join(", ")),
    };
    PortError::InvalidRequest(format!(
        "{place} has no model \"{model}\"; try config.model = {}{there_are}",
        quoted(best)
    ))
}

/// Returns the names of the models of a server; none if it does not list them.
fn names(host: &impl Host, settings: &ModelConfig) -> Vec<String> {
    let request = http::Request {
        method: "GET".to_owned(),
        url: settings.models(),
        headers: Vec::new(),
        body: Vec::new(),
        credential: settings.credential.clone(),
    };
    let Ok(http::Response { status: 200, body, .. }) = host.send(&request) else { return Vec::new() };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let models = body["data"].as_array().map_or(&[][..], Vec::as_slice);
    models.iter().filter_map(|model| model["id"].as_str()).map(str::to_owned).collect()
}

/// Returns the model to suggest: the default, one with a similar name, or the first chat model.
fn best<'a>(names: &'a [String], model: &str, usual: &str) -> &'a String {
    let is_similar = |name: &&String| name.contains(model) || model.contains(name.as_str());
    let talks = |name: &&String| !MUTE.iter().any(|mute| name.to_ascii_lowercase().contains(mute));
    let find = || {
        let named = names.iter().find(|name| *name == usual);
        named.or_else(|| names.iter().find(is_similar)).or_else(|| names.iter().find(talks))
    };
    find().unwrap_or(&names[0])
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", text::line(name, MAX_NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suggested_model_is_the_default_a_similar_or_the_first_chat_model() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (there, model, expected) in [
            (&["whisper-1", "llama", "usual"][..], "llama3", "usual"),
            (&["whisper-1", "qwen3:8b", "gpt-oss:20b"], "gpt-oss", "gpt-oss:20b"),
            (&["whisper-1", "text-embedding-3", "qwen3:8b"], "gpt-oss", "qwen3:8b"),
            (&["whisper-1"], "gpt-oss", "whisper-1"),
        ] {
            assert_eq!(best(&names(there), model, "usual"), expected);
        }
    }
}

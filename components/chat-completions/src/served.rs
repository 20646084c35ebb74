//! Which models a server has.

use serde_json::Value;

use crate::settings::Settings;
use crate::{Host, PortError, http, text};

/// How many models are named besides the one to try.
const NAMED: usize = 3;
/// How much of a name is repeated, in bytes.
const MAX_NAME: usize = 80;
/// What the names of models contain that do not talk.
const MUTE: [&str; 7] = ["embed", "whisper", "tts", "guard", "rerank", "orpheus", "ocr"];

/// Returns the error of a model that there is not, with those that there are; `error` where that cannot be found out.
pub(crate) fn instead(host: &impl Host, settings: &Settings, usual: &str, error: PortError) -> PortError {
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
        (false, 0) => format!(" (there is also {})", others.join(", ")),
        (false, more) => format!(" (there is also {} and {more} more)", others.join(", ")),
    };
    PortError::InvalidRequest(format!(
        "{place} has no model \"{model}\"; try config.model = {}{there_are}",
        quoted(best)
    ))
}

/// Returns the names of the models of a server; none where it does not say.
fn names(host: &impl Host, settings: &Settings) -> Vec<String> {
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

/// Returns the model to try: the usual one, one of a similar name, or the first that talks.
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
    fn the_model_to_try_is_the_usual_one_or_a_similar_one_or_one_that_talks() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (there, asked, expected) in [
            (&["whisper-1", "llama", "usual"][..], "llama3", "usual"),
            (&["whisper-1", "qwen3:8b", "gpt-oss:20b"], "gpt-oss", "gpt-oss:20b"),
            (&["whisper-1", "text-embedding-3", "qwen3:8b"], "gpt-oss", "qwen3:8b"),
            (&["whisper-1"], "gpt-oss", "whisper-1"),
        ] {
            assert_eq!(best(&names(there), asked, "usual"), expected);
        }
    }
}

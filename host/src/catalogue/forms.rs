//! The forms of requests that servers accept after rejecting a fuller one, remembered for each address and
//! model. The built-in adapters start with the accepted form the next time, even in another process.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use codewalk_sandbox::Experience;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::config::{Config, ModelEndpoint};

/// The path of chat completions below the address of an API.
const COMPLETIONS: &str = "/chat/completions";
/// The maximum size of the file, in bytes.
const MAX_BYTES: u64 = 256 * 1024;
/// The maximum number of addresses and models in the file.
const MAX_FORMS: usize = 64;

/// The configuration for an adapter, by address and model.
type KnownForms = BTreeMap<String, BTreeMap<String, String>>;

/// The form of requests that the server of one adapter accepts.
#[derive(Debug)]
pub struct Forms {
    file: PathBuf,
    endpoint: ModelEndpoint,
    /// Whether the server rejected a request and has accepted none since.
    was_rejected: AtomicBool,
}

impl Forms {
    /// Returns the known form for an endpoint.
    pub fn of(config: &Config, endpoint: ModelEndpoint) -> Self {
        Self { file: file(config), endpoint, was_rejected: AtomicBool::new(false) }
    }

    fn learn(&self, base_url: &str, body: &Value) {
        let Some(model) = body["model"].as_str() else { return };
        let mut known = read(&self.file);
        let key = key(base_url, model);
        if known.len() >= MAX_FORMS && !known.contains_key(&key) {
            known.clear();
        }
        known.insert(key, form(body));
        // If the form cannot be saved, it is learned again.
        if let Err(error) = save(&self.file, &known) {
            tracing::warn!(%error, "cannot save the form of requests that a server accepts");
        }
    }
}

impl Experience for Forms {
    fn told(&self) -> BTreeMap<String, String> {
        let ModelEndpoint { base_url, model } = &self.endpoint;
        read(&self.file).remove(&key(base_url, model)).unwrap_or_default()
    }

    fn answered(&self, url: &str, body: &[u8], status: u16) {
        let Some(base_url) = url.strip_suffix(COMPLETIONS) else { return };
        match status {
            400 | 422 => self.was_rejected.store(true, Relaxed),
            200 if self.was_rejected.swap(false, Relaxed) => {
                self.learn(base_url, &serde_json::from_slice(body).unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// Forgets all forms, so that they are learned again.
pub fn forget(config: &Config) {
    // The file is usually missing.
    let _ = fs::remove_file(file(config));
}

fn file(config: &Config) -> PathBuf {
    config.paths.cache.join("forms.json")
}

fn key(base_url: &str, model: &str) -> String {
    format!("{base_url} {model}")
}

/// Returns the form of a request as configuration for an adapter. An empty value leaves out a field.
fn form(body: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let parts = [
        ("response_format", &body["response_format"]["type"]),
        ("temperature", &body["temperature"]),
        ("reasoning_effort", &body["reasoning_effort"]),
    ];
    parts.into_iter().map(|(key, value)| (key.to_owned(), text(value))).collect()
}

/// Reads the known forms. If the file cannot be read, none are known.
fn read(file: &Path) -> KnownForms {
    let is_small = fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_BYTES);
    let text = if is_small { fs::read(file).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&text).unwrap_or_default()
}

fn save(file: &Path, known: &KnownForms) -> io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)?;
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(&serde_json::to_vec(known)?)?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const URL: &str = "http://127.0.0.1:9/v1/chat/completions";

    fn forms(file: &Path, model: &str) -> Forms {
        let endpoint =
            ModelEndpoint { base_url: "http://127.0.0.1:9/v1".to_owned(), model: model.to_owned() };
        Forms { file: file.to_owned(), endpoint, was_rejected: AtomicBool::new(false) }
    }

    fn body(model: &str, format: &Value) -> Vec<u8> {
        json!({"model": model, "response_format": format, "reasoning_effort": "low"}).to_string().into_bytes()
    }

    #[test]
    fn a_form_is_learned_only_after_a_rejection() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cache/forms.json");
        let mut first = forms(&file, "m");
        let (schema, object) = (json!({"type": "json_schema"}), json!({"type": "json_object"}));
        first.answered(URL, &body("m", &schema), 200);
        assert!(first.told().is_empty() && !file.exists(), "there was nothing to learn");
        first.answered(URL, &body("m", &schema), 400);
        first.answered("http://127.0.0.1:9/v1/models", b"", 200);
        assert!(first.told().is_empty());
        first.answered(URL, &body("m", &object), 200);

        let known = forms(&file, "m").told();
        let known: Vec<_> = known.iter().map(|(key, value)| (&**key, &**value)).collect();
        let expected = [("reasoning_effort", "low"), ("response_format", "json_object"), ("temperature", "")];
        assert_eq!(known, expected);
        assert!(forms(&file, "other").told().is_empty(), "another model may take more");
        first.endpoint.base_url = "http://127.0.0.1:9/v2".to_owned();
        assert!(first.told().is_empty(), "and another server");
    }

    #[test]
    fn an_invalid_file_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forms.json");
        for text in ["", "[]", "{\"http://127.0.0.1:9/v1 m\": 3}", &" ".repeat(300_000)] {
            fs::write(&file, text).unwrap();
            assert!(forms(&file, "m").told().is_empty(), "{text}");
        }
        let full: KnownForms = (0..MAX_FORMS).map(|at| (at.to_string(), BTreeMap::new())).collect();
        save(&file, &full).unwrap();
        forms(&file, "m").learn("http://127.0.0.1:9/v1", &json!({"model": "m"}));
        assert_eq!(read(&file).len(), 1);
    }
}

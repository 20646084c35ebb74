//! Which form of a request servers take, where they refused a fuller one: the adapter that ships begins with that the next time,
//! in another process as well. It is remembered for each address and model.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use codewalk_sandbox::Experience;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::config::{Asked, Config};

/// Where completions are, below the address of an API.
const COMPLETIONS: &str = "/chat/completions";
/// How large the file may be, in bytes, and how many servers and models it may name.
const MAX_BYTES: u64 = 256 * 1024;
const MAX_FORMS: usize = 64;

/// What is known of each address and model: what an adapter is told as its configuration.
type Known = BTreeMap<String, BTreeMap<String, String>>;

/// The form of requests that the server of one adapter takes.
#[derive(Debug)]
pub struct Forms {
    file: PathBuf,
    asked: Asked,
    /// Whether a request was refused and none was answered since.
    was_refused: AtomicBool,
}

impl Forms {
    /// Returns what is known of the server that an adapter asks.
    pub fn of(config: &Config, asked: Asked) -> Self {
        Self { file: file(config), asked, was_refused: AtomicBool::new(false) }
    }

    fn learn(&self, base_url: &str, body: &Value) {
        let Some(model) = body["model"].as_str() else { return };
        let mut known = read(&self.file);
        let key = key(base_url, model);
        if known.len() >= MAX_FORMS && !known.contains_key(&key) {
            known.clear();
        }
        known.insert(key, form(body));
        // Where it cannot be kept it is found out again.
        if let Err(error) = keep(&self.file, &known) {
            tracing::warn!(%error, "what a server takes cannot be kept");
        }
    }
}

impl Experience for Forms {
    fn told(&self) -> BTreeMap<String, String> {
        let Asked { base_url, model } = &self.asked;
        read(&self.file).remove(&key(base_url, model)).unwrap_or_default()
    }

    fn answered(&self, url: &str, body: &[u8], status: u16) {
        let Some(base_url) = url.strip_suffix(COMPLETIONS) else { return };
        match status {
            400 | 422 => self.was_refused.store(true, Relaxed),
            200 if self.was_refused.swap(false, Relaxed) => {
                self.learn(base_url, &serde_json::from_slice(body).unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// Forgets what servers take, so that it is found out again.
pub fn forget(config: &Config) {
    // Most have no such file.
    let _ = fs::remove_file(file(config));
}

fn file(config: &Config) -> PathBuf {
    config.paths.cache.join("forms.json")
}

fn key(base_url: &str, model: &str) -> String {
    format!("{base_url} {model}")
}

/// Returns the form of a request as an adapter is configured; what the request did not have is left out by an empty value.
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

/// Reads what is known; nothing where that cannot be.
fn read(file: &Path) -> Known {
    let is_small = fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_BYTES);
    let text = if is_small { fs::read(file).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&text).unwrap_or_default()
}

fn keep(file: &Path, known: &Known) -> io::Result<()> {
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
        let asked = Asked { base_url: "http://127.0.0.1:9/v1".to_owned(), model: model.to_owned() };
        Forms { file: file.to_owned(), asked, was_refused: AtomicBool::new(false) }
    }

    fn body(model: &str, format: &Value) -> Vec<u8> {
        json!({"model": model, "response_format": format, "reasoning_effort": "low"}).to_string().into_bytes()
    }

    #[test]
    fn what_is_taken_after_a_refusal_is_told_the_next_time_and_nothing_else_is() {
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

        let told = forms(&file, "m").told();
        let told: Vec<_> = told.iter().map(|(key, value)| (&**key, &**value)).collect();
        let expected = [("reasoning_effort", "low"), ("response_format", "json_object"), ("temperature", "")];
        assert_eq!(told, expected);
        assert!(forms(&file, "other").told().is_empty(), "another model may take more");
        first.asked.base_url = "http://127.0.0.1:9/v2".to_owned();
        assert!(first.told().is_empty(), "and another server");
    }

    #[test]
    fn a_file_that_says_something_else_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forms.json");
        for text in ["", "[]", "{\"http://127.0.0.1:9/v1 m\": 3}", &" ".repeat(300_000)] {
            fs::write(&file, text).unwrap();
            assert!(forms(&file, "m").told().is_empty(), "{text}");
        }
        let full: Known = (0..MAX_FORMS).map(|at| (at.to_string(), BTreeMap::new())).collect();
        keep(&file, &full).unwrap();
        forms(&file, "m").learn("http://127.0.0.1:9/v1", &json!({"model": "m"}));
        assert_eq!(read(&file).len(), 1);
    }
}

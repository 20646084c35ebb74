//! Network checks: certificates, and the models that servers offer.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use codewalk_core::terminal_text::single_line;
use codewalk_sandbox::{AdapterSpec, Sandbox, Source};
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use crate::compose;
use crate::config::{Config, ModelEndpoint};

/// How long a server may take to list its models.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many models are listed.
const NAMED: usize = 8;

/// The model of an adapter, and the models of its server.
#[derive(Serialize)]
pub(super) struct ModelRow {
    name: String,
    base_url: String,
    /// Whether the server lists it.
    listed: bool,
    /// The models that the server lists.
    available: Vec<String>,
    /// Why the server does not list its models.
    problem: Option<String>,
}

/// Returns why no server can be verified, if an adapter needs an encrypted connection or the configuration
/// names certificates.
pub(super) fn untrusting(config: &Config) -> Option<String> {
    let specs = compose::entries(config).into_iter().filter_map(|entry| entry.adapter.ok());
    let is_needed =
        config.uplink.ca_file.is_some() || specs.flat_map(|spec| spec.http).any(|grant| grant.is_encrypted());
    let sandbox = is_needed.then(|| compose::sandbox(config))?.ok()?;
    sandbox.trust().err()
}

/// Reports variables for system certificates whose paths cannot be read.
pub(super) fn certificates_named_in_vain(environment: &dyn Fn(&str) -> Option<OsString>) -> Vec<String> {
    let named = |variable| {
        let paths = environment(variable).unwrap_or_default();
        let paths: Vec<PathBuf> = std::env::split_paths(&paths).collect();
        paths.into_iter().filter(|path| !path.as_os_str().is_empty()).filter_map(move |path| {
            let problem = File::open(&path).err()?;
            Some(format!("cannot read {}, named by {variable}: {problem}", path.display()))
        })
    };
    ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().flat_map(named).collect()
}

/// Lists the models of an adapter's server. Returns `None` if the adapter uses no model.
pub(super) async fn compare(config: &Config, sandbox: &Sandbox, spec: &AdapterSpec) -> Option<ModelRow> {
    let ships = matches!(spec.source, Source::Embedded(_));
    let endpoint = ModelEndpoint::of(&spec.name, &spec.config).filter(|_| ships)?;
    let list = endpoint.list();
    let found = match spec.http.iter().any(|grant| grant.allows("GET", &list)) {
        true => match timeout(PATIENCE, sandbox.get(spec, &list)).await {
            Ok(Ok((200, body))) => {
                names(&body).ok_or_else(|| format!("{list} did not return a list of models"))
            }
            Ok(Ok((status, _))) => Err(format!("{list} returned status {status}")),
            Ok(Err(why)) => Err(why),
            Err(_) => {
                let proxy = compose::proxy_clause(config, &spec.http).unwrap_or_default();
                Err(format!("{list} did not answer within {} s{proxy}", PATIENCE.as_secs()))
            }
        },
        false => Err(format!("GET {list} is not granted")),
    };
    let (available, problem) = found.map_or_else(|why| (Vec::new(), Some(why)), |names| (names, None));
    let ModelEndpoint { base_url, model: name } = endpoint;
    Some(ModelRow { listed: available.contains(&name), name, base_url, available, problem })
}

fn names(body: &[u8]) -> Option<Vec<String>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let ids = body["data"].as_array()?.iter().filter_map(|model| model["id"].as_str());
    Some(ids.map(single_line).collect())
}

impl fmt::Display for ModelRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, base_url, listed, available, problem } = self;
        write!(f, "model {name:?} at {base_url}")?;
        if let Some(why) = problem {
            return write!(f, "; cannot list its models: {why}");
        }
        let is_listed = if *listed { "listed" } else { "not listed" };
        write!(f, ", {is_listed}; available models: {}", named(available))
    }
}

fn named(available: &[String]) -> String {
    let names = available.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match available.len().checked_sub(NAMED) {
        None | Some(0) if names.is_empty() => "none".to_owned(),
        None | Some(0) => names,
        Some(more) => format!("{names} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limited_number_of_models_is_named() {
        let all: Vec<String> = (1..=10).map(|number| format!("m{number}")).collect();
        assert_eq!(named(&all), "m1, m2, m3, m4, m5, m6, m7, m8 and 2 more");
        assert_eq!(named(&all[..2]), "m1, m2");
        assert_eq!(named(&[]), "none");
    }

    #[test]
    fn model_names_are_read_from_a_servers_list() {
        let body = br#"{"object": "list", "data": [{"id": "a\u001b[2J\nb"}, {"id": 3}, {"id": "c"}]}"#;
        assert_eq!(names(body).unwrap().len(), 2);
        assert!(!names(body).unwrap()[0].contains(|c: char| c.is_control()));
        assert_eq!(names(b"{}"), None);
        assert_eq!(names(b"<html>"), None);
    }
}

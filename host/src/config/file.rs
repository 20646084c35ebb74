//! The configuration file, `config.toml`.

use std::collections::BTreeMap;
use std::io::{Error as IoError, ErrorKind as IoKind};
use std::path::Path;

use codewalk_sandbox::read_regular;
use serde::Deserialize;

use super::checks::invalid;
use crate::error::{CommandError, ErrorKind};

/// The maximum size of the configuration file, in bytes. A larger one is a mistake.
const MAX_BYTES: u64 = 1024 * 1024;
/// The minimum similarity of a known key that is suggested, from 0 to 1.
const LIKENESS: f64 = 0.7;

/// The variable that sets the default agent.
pub(super) const DEFAULT_AGENT: &str = "CODEWALK_DEFAULT_AGENT";

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfigFile {
    pub(super) default_agent: Option<String>,
    pub(super) store: Option<String>,
    pub(super) recording: bool,
    pub(super) confirm_follow_ups: bool,
    pub(super) silent_after_minutes: Option<u64>,
    pub(super) output_limit_mb: Option<u64>,
    pub(super) network: NetworkFile,
    pub(super) router: ChainFile,
    pub(super) summarizer: ChainFile,
    pub(super) agents: BTreeMap<String, AgentFile>,
    pub(super) projects: Vec<ProjectFile>,
    pub(super) adapters: BTreeMap<String, AdapterFile>,
    pub(super) credentials: BTreeMap<String, CredentialFile>,
    pub(super) compile: CompileFile,
}

/// `[network]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NetworkFile {
    pub(super) ca_file: Option<String>,
    pub(super) proxy: Option<String>,
    pub(super) proxy_credential: Option<String>,
}

/// `[router]` and `[summarizer]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChainFile {
    pub(super) chain: Option<Vec<String>>,
    pub(super) deadline_ms: Option<u64>,
}

/// `[agents.NAME]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentFile {
    pub(super) kind: String,
    #[serde(default)]
    pub(super) program: Option<String>,
    #[serde(default)]
    pub(super) args: Vec<String>,
    #[serde(default)]
    pub(super) command: Option<Vec<String>>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
}

/// `[[projects]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectFile {
    pub(super) path: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) trusted: bool,
}

/// `[adapters.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AdapterFile {
    pub(super) path: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) limits: LimitsFile,
    pub(super) config: BTreeMap<String, String>,
    pub(super) http: Option<Vec<HttpFile>>,
}

/// `[adapters.NAME.limits]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsFile {
    pub(super) executing_ms: Option<u64>,
    pub(super) wall_clock_ms: Option<u64>,
    pub(super) memory_mb: Option<u64>,
}

/// `[compile]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CompileFile {
    pub(super) memory_mb: Option<u64>,
    pub(super) executing_s: Option<u64>,
}

/// `[[adapters.NAME.http]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpFile {
    pub(super) url: String,
    pub(super) methods: Vec<String>,
    #[serde(default)]
    pub(super) credential: Option<String>,
}

/// `[credentials.NAME]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialFile {
    #[serde(default)]
    pub(super) env: Option<String>,
    #[serde(default)]
    pub(super) file: Option<String>,
    #[serde(rename = "for")]
    pub(super) bound_to: String,
    #[serde(default)]
    pub(super) header: Option<String>,
    #[serde(default)]
    pub(super) prefix: Option<String>,
}

impl ConfigFile {
    /// Reads a file. A missing file is treated as an empty one.
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let too_large =
            |size| invalid(path, format!("the file is too large: {size} bytes (at most {MAX_BYTES})"));
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.len() > MAX_BYTES => return Err(too_large(metadata.len())),
            Err(error) if error.kind() == IoKind::NotFound => return Ok(Self::default()),
            Ok(_) | Err(_) => {}
        }
        let text = read_regular(path, MAX_BYTES).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|error| IoError::new(IoKind::InvalidData, error))
        });
        let text = text.map_err(|error| {
            let hint = match error.kind() {
                IoKind::InvalidData => "save it as UTF-8",
                IoKind::InvalidInput if path.is_dir() => "this is a folder, not a file: remove it or move it",
                IoKind::InvalidInput => "replace it with a regular file",
                IoKind::NotADirectory => {
                    "part of this path is a file, not a folder: set CODEWALK_HOME to a folder"
                }
                _ => "check its permissions",
            };
            invalid(path, format!("cannot read the file: {error}")).with_hint(hint).with_source(error)
        })?;
        toml::from_str(&text).map_err(|error| explained(path, &text, &error))
    }

    /// Overrides values from the file with the environment.
    pub(super) fn override_by(
        &mut self,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), CommandError> {
        let list = |name| {
            let Some(value) = environment(name) else { return Ok(None) };
            let entries = value.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            let entries: Vec<String> = entries.map(str::to_owned).collect();
            if entries.is_empty() {
                return Err(CommandError::new(ErrorKind::Configuration, format!("{name} is empty"))
                    .with_hint("name at least one adapter, or unset it"));
            }
            Ok(Some(entries))
        };
        if let Some(agent) = environment(DEFAULT_AGENT) {
            self.default_agent = Some(agent);
        }
        if let Some(chain) = list("CODEWALK_ROUTER_CHAIN")? {
            self.router.chain = Some(chain);
        }
        if let Some(chain) = list("CODEWALK_SUMMARIZER_CHAIN")? {
            self.summarizer.chain = Some(chain);
        }
        Ok(())
    }
}

/// Describes an error in the file with its line and, if possible, a suggestion.
fn explained(path: &Path, text: &str, error: &toml::de::Error) -> CommandError {
    let line =
        error.span().map_or(1, |span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
    let what = error.message().lines().next().unwrap_or("invalid TOML").to_owned();
    let found = invalid(path, format!("line {line}: {what}"));
    match suggestion(&what)
        .map(|key| format!("did you mean `{key}`?"))
        .or_else(|| addition(&what))
        .or_else(|| quotes(&what))
    {
        Some(hint) => found.with_hint(hint),
        None => found,
    }
}

/// Returns a hint for a value that is probably text without quotes.
fn quotes(message: &str) -> Option<String> {
    let is_bare = ["invalid boolean", "string values must be quoted", "invalid number"]
        .iter()
        .any(|start| message.starts_with(start));
    is_bare.then(|| "put text in quotes: key = \"text\"".to_owned())
}

/// Returns a hint for a message like ``missing field `a` ``.
fn addition(message: &str) -> Option<String> {
    Some(match message.strip_prefix("missing field `")?.split('`').next()? {
        "kind" => {
            "add kind = \"claude\" for Claude Code, or kind = \"command\" for any other program".to_owned()
        }
        key => format!("add {key} to that table"),
    })
}

/// Finds the intended key in a message like ``unknown field `a`, expected one of `b`, `c` ``.
fn suggestion(message: &str) -> Option<String> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    quoted
        .map(|key| (strsim::jaro_winkler(unknown, key), key))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key.to_owned())
}

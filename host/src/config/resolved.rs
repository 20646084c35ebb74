//! The resolved configuration, assembled from its parts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codewalk_core::command::Project;
use codewalk_executor::{AgentSpec, ExecutorConfig, OutputLimits};
use codewalk_sandbox::{CompileLimits, Credential, TrustedKeys, Uplink};

use super::agents::{self, agent_spec};
use super::checks::{check_exposed, check_name, invalid, listed};
use super::file::{ChainFile, ConfigFile, DEFAULT_AGENT};
use super::limits;
use super::network::{AdapterConfig, Network};
use super::paths::{Paths, base_name};
use super::store::StorePlace;
use super::uplink;
use crate::error::{CommandError, ErrorKind};

/// The router that ships with codewalk and does not need the network.
const LOCAL_ROUTER: &str = "local-router";
/// The summarizer that ships with codewalk and does not need the network.
const LOCAL_SUMMARIZER: &str = "local-summarizer";
/// How long a router that uses the network may take, because the user is waiting.
const ROUTER_DEADLINE: Duration = Duration::from_millis(1500);
/// How long a summarizer that uses the network may take.
const SUMMARIZER_DEADLINE: Duration = Duration::from_secs(10);

/// How long a working agent may print nothing before it counts as silent.
const SILENT_AFTER_MINUTES: u64 = 5;
/// A year.
const MAX_SILENT_AFTER_MINUTES: u64 = 365 * 24 * 60;

/// A project from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredProject {
    /// Its name and folder.
    pub project: Project,
    /// Whether the agent settings, hooks and servers in its folder may be used.
    pub trusted: bool,
}

/// The resolved configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folders and files codewalk uses.
    pub paths: Paths,
    /// The location of the store.
    pub store: StorePlace,
    /// Whether adapter calls are recorded.
    pub recording: bool,
    /// Whether a follow-up to the only agent of a terminal needs a confirmation.
    pub confirm_follow_ups: bool,
    /// How long a working agent may print nothing before it counts as silent, or `None` if there is no limit.
    pub silent_after: Option<Duration>,
    /// The limits of the output of a run.
    pub output_limits: OutputLimits,
    /// The agent to use if the request does not name one.
    pub default_agent: String,
    /// The agents by name.
    pub agents: BTreeMap<String, AgentSpec>,
    /// The projects, with distinct names.
    pub projects: Vec<ConfiguredProject>,
    /// Names or files of routers, tried in this order.
    pub router_chain: Vec<String>,
    /// Names or files of summarizers, tried in this order.
    pub summarizer_chain: Vec<String>,
    /// The deadline for a router that uses the network.
    pub router_deadline: Duration,
    /// The deadline for a summarizer that uses the network.
    pub summarizer_deadline: Duration,
    /// The proxy and the certificates for the network.
    pub uplink: Uplink,
    /// The configuration of adapters by name.
    pub adapters: BTreeMap<String, AdapterConfig>,
    /// The configured credentials, which approved grants may refer to.
    pub credentials: Vec<Arc<Credential>>,
    /// The built-in credential, or `None` if the configuration defines it.
    pub built_in_credential: Option<Arc<Credential>>,
    /// The environment variables that contain credentials.
    pub secret_variables: Vec<String>,
    /// The limits for compiling an adapter.
    pub compile: CompileLimits,
    /// The trusted keys for adapter signatures.
    pub trusted_keys: TrustedKeys,
}

impl Config {
    /// Reads the configuration of this user.
    ///
    /// # Errors
    /// If the file cannot be read or is invalid. The error names the line and a suggestion.
    pub fn load(environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, CommandError> {
        let paths = Paths::find(environment)?;
        check_exposed(&paths.config_file)?;
        let mut file = ConfigFile::read(&paths.config_file)?;
        file.override_by(environment)?;
        let config = Self::assemble(paths, file)?;
        config.check_default_agent(environment)?;
        Ok(config)
    }

    fn assemble(paths: Paths, file: ConfigFile) -> Result<Self, CommandError> {
        let at = paths.config_file.clone();
        let mut agents = agents::built_in()?;
        for (name, agent) in file.agents {
            check_name(&at, "an agent", &name)?;
            agents.insert(name.clone(), agent_spec(&at, &name, agent)?);
        }
        let default_agent = file.default_agent.unwrap_or_else(|| agents::BUILT_IN[0].to_owned());
        let mut projects: Vec<ConfiguredProject> = Vec::new();
        for entry in file.projects {
            let path = paths.expanded(&entry.path);
            if !path.is_absolute() {
                return Err(invalid(&at, format!("the project path {:?} is not absolute", entry.path))
                    .with_hint("start it with / or ~/"));
            }
            let name = entry.name.unwrap_or_else(|| base_name(&path));
            check_name(&at, "a project", &name)?;
            // Requests name projects case-insensitively.
            let is_same = |other: &str| other.to_lowercase() == name.to_lowercase();
            if projects.iter().any(|p| is_same(&p.project.name)) {
                return Err(invalid(&at, format!("two projects are named {name:?} (case-insensitively)"))
                    .with_hint("rename one of them"));
            }
            let project = Project { name, path: path.to_string_lossy().into_owned() };
            projects.push(ConfiguredProject { project, trusted: entry.trusted });
        }
        let router_deadline = deadline(&at, "router", &file.router, ROUTER_DEADLINE)?;
        let summarizer_deadline = deadline(&at, "summarizer", &file.summarizer, SUMMARIZER_DEADLINE)?;
        let router_chain = chain(&at, "router", file.router.chain, LOCAL_ROUTER)?;
        let summarizer_chain = chain(&at, "summarizer", file.summarizer.chain, LOCAL_SUMMARIZER)?;
        let chained: Vec<&str> = router_chain.iter().chain(&summarizer_chain).map(String::as_str).collect();
        let of_proxy = file.network.proxy_credential.as_deref();
        let network = Network::configured(&paths, file.adapters, file.credentials, &chained, of_proxy)?;
        let uplink = uplink::uplink(&paths, file.network, &network.credentials)?;
        Ok(Self {
            store: StorePlace::configured(&paths, file.store.as_deref())?,
            recording: file.recording,
            confirm_follow_ups: file.confirm_follow_ups,
            silent_after: silent_after(file.silent_after_minutes),
            output_limits: limits::output_limits(&at, file.output_limit_mb)?,
            default_agent,
            agents,
            projects,
            router_chain,
            summarizer_chain,
            router_deadline,
            summarizer_deadline,
            uplink,
            adapters: network.adapters,
            credentials: network.credentials,
            built_in_credential: network.built_in,
            secret_variables: network.secret_variables,
            compile: limits::compile_limits(&at, &file.compile)?,
            trusted_keys: trusted_keys(&paths)?,
            paths,
        })
    }

    /// Returns the configuration of the executor.
    pub fn executor(&self) -> ExecutorConfig {
        let trusted =
            self.projects.iter().filter(|p| p.trusted).map(|p| Path::new(&p.project.path).to_owned());
        ExecutorConfig {
            sessions: self.paths.sessions(),
            agents: self.agents.clone(),
            removed_env: self.secret_variables.clone(),
            silent_after: self.silent_after,
            versions: Some(self.paths.versions()),
            trusted: trusted.collect(),
            supervisor: None,
            limits: self.output_limits,
        }
    }

    fn check_default_agent(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), CommandError> {
        let agent = &self.default_agent;
        if self.agents.contains_key(agent) {
            return Ok(());
        }
        let error = match environment(DEFAULT_AGENT) {
            Some(_) => {
                let message = format!("{DEFAULT_AGENT} = {agent:?} is not a known agent");
                CommandError::new(ErrorKind::Configuration, message)
            }
            None => {
                invalid(&self.paths.config_file, format!("default_agent = {agent:?} is not a known agent"))
            }
        };
        Err(error.with_hint(format!("known agents: {}", listed(self.agents.keys()))))
    }
}

/// Reads the trusted keys for adapter signatures.
pub fn trusted_keys(paths: &Paths) -> Result<TrustedKeys, CommandError> {
    let file = paths.trusted_keys();
    check_exposed(&file)?;
    TrustedKeys::read(&file).map_err(|error| invalid(&file, error).with_hint("fix the file, or remove it"))
}

/// Returns how long a working agent may print nothing. 0 minutes means no limit.
fn silent_after(minutes: Option<u64>) -> Option<Duration> {
    let minutes = minutes.unwrap_or(SILENT_AFTER_MINUTES).min(MAX_SILENT_AFTER_MINUTES);
    (minutes > 0).then(|| Duration::from_secs(60 * minutes))
}

fn chain(
    at: &Path,
    port: &str,
    chain: Option<Vec<String>>,
    local: &str,
) -> Result<Vec<String>, CommandError> {
    let chain = chain.unwrap_or_else(|| vec![local.to_owned()]);
    if chain.is_empty() {
        return Err(invalid(at, format!("{port}.chain is empty"))
            .with_hint(format!("name at least one adapter: [{local:?}]")));
    }
    Ok(chain)
}

fn deadline(at: &Path, port: &str, chain: &ChainFile, default: Duration) -> Result<Duration, CommandError> {
    match chain.deadline_ms {
        None => Ok(default),
        Some(0) => Err(invalid(at, format!("{port}.deadline_ms must be greater than zero"))
            .with_hint(format!("remove it to use the default of {} ms", default.as_millis()))),
        Some(ms) => Ok(Duration::from_millis(ms)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::config) fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, CommandError> {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), text).unwrap();
        let home = home.path().to_string_lossy().into_owned();
        Config::load(&|name| {
            if name == "CODEWALK_HOME" {
                return Some(home.clone());
            }
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_missing_file_means_defaults() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_string_lossy().into_owned();
        let config = Config::load(&|name| (name == "CODEWALK_HOME").then(|| path.clone())).unwrap();
        assert_eq!(config.default_agent, "claude");
        assert!(!config.recording);
        assert_eq!(config.silent_after, Some(Duration::from_secs(300)));
        assert_eq!(config.executor().limits, OutputLimits::default());
        assert_eq!(config.router_chain, [LOCAL_ROUTER]);
        assert_eq!(config.summarizer_chain, [LOCAL_SUMMARIZER]);
    }

    #[test]
    fn the_limit_on_silence_is_configured_in_minutes() {
        for (minutes, silent_after) in
            [("0", None), ("2", Some(120)), ("9223372036854775807", Some(60 * MAX_SILENT_AFTER_MINUTES))]
        {
            let config = load(&format!("silent_after_minutes = {minutes}\n"), &[]).unwrap();
            assert_eq!(config.silent_after, silent_after.map(Duration::from_secs), "{minutes}");
        }
    }

    #[test]
    fn the_limit_on_output_is_configured_in_mebibytes() {
        let config = load("output_limit_mb = 3\n", &[]).unwrap();
        let limits = OutputLimits { output: 3 * 1024 * 1024, ..OutputLimits::default() };
        assert_eq!(config.executor().limits, limits);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_line_and_a_suggestion() {
        let error = load("default_agent = \"claude\"\n\n[ruoter]\nchain = []\n", &[]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Configuration);
        assert!(error.message.contains("line 3"), "{error}");
        assert!(error.message.contains("ruoter"), "{error}");
        assert_eq!(error.hint.as_deref(), Some("did you mean `router`?"));
    }

    #[test]
    fn nested_unknown_keys_and_wrong_types_are_errors_with_a_line() {
        let error = load("[router]\nchian = [\"x\"]\n", &[]).unwrap_err();
        assert!(error.message.contains("line 2"), "{error}");
        assert_eq!(error.hint.as_deref(), Some("did you mean `chain`?"));
        let error = load("\n[agents.mine]\nkind = 3\n", &[]).unwrap_err();
        assert!(error.message.contains("line 3"), "{error}");
    }

    #[test]
    fn a_missing_key_comes_with_a_hint() {
        let error = load("[agents.claude]\nprogram = \"/opt/claude\"\n", &[]).unwrap_err();
        assert!(error.message.ends_with("line 1: missing field `kind`"), "{error}");
        let hint = "add kind = \"claude\" for Claude Code, or kind = \"command\" for any other program";
        assert_eq!(error.hint.as_deref(), Some(hint));
        let error = load("[[projects]]\nname = \"shop\"\n", &[]).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("add path to that table"));
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let text = "default_agent = \"claude\"\n[router]\nchain = [\"file.wasm\"]\n";
        let variables =
            [("CODEWALK_DEFAULT_AGENT", "demo"), ("CODEWALK_ROUTER_CHAIN", "a.wasm, local-router")];
        let config = load(text, &variables).unwrap();
        assert_eq!(config.default_agent, "demo");
        assert_eq!(config.router_chain, ["a.wasm", "local-router"]);
    }

    #[test]
    fn an_invalid_value_comes_with_a_hint() {
        for (text, expected) in [
            ("default_agent = \"nobody\"", "is not a known agent"),
            ("[agents.x]\nkind = \"robot\"", "unknown kind \"robot\""),
            ("[agents.x]\nkind = \"command\"", "requires command"),
            ("[[projects]]\npath = \"relative\"", "not absolute"),
            ("[[projects]]\npath = \"/a/x\"\n[[projects]]\npath = \"/b/x\"", "two projects"),
            (
                "[[projects]]\npath = \"/a/x\"\nname = \"A\"\n[[projects]]\npath = \"/b/x\"\nname = \"a\"",
                "two projects",
            ),
            ("[[projects]]\npath = \"/a\"\nname = \"\"", "the name \"\" of a project is empty"),
            ("[[projects]]\npath = \"/a\"\nname = \" \"", "of a project is empty"),
            (
                "[[projects]]\npath = \"/a\"\nname = \"x\\u3164\"",
                "of a project contains invisible characters",
            ),
            (
                "[[projects]]\npath = \"/a/b\\nc\"",
                "the name \"b\\nc\" of a project contains invisible characters",
            ),
            (
                "[agents.\"a b\\nc\"]\nkind = \"robot\"",
                "the name \"a b\\nc\" of an agent contains invisible characters",
            ),
            ("output_limit_mb = 0", "output_limit_mb = 0 is not between 1 and"),
            ("[router]\nchain = []", "router.chain is empty"),
            ("store = \"cloud:/x\"", "is not a valid store location"),
            ("store = \"files:\"", "is not a valid store location"),
        ] {
            let error = load(text, &[]).unwrap_err();
            assert!(error.message.contains(expected), "{text}: {error}");
            assert!(error.hint.is_some(), "{text}: {error}");
        }
    }

    #[test]
    fn an_invalid_value_in_the_environment_names_the_variable() {
        for (variable, value, expected) in [
            ("CODEWALK_DEFAULT_AGENT", "zz", "CODEWALK_DEFAULT_AGENT = \"zz\" is not a known agent"),
            ("CODEWALK_ROUTER_CHAIN", " , ", "CODEWALK_ROUTER_CHAIN is empty"),
            ("CODEWALK_SUMMARIZER_CHAIN", "", "CODEWALK_SUMMARIZER_CHAIN is empty"),
        ] {
            let error = load("default_agent = \"demo\"", &[(variable, value)]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Configuration);
            assert_eq!(error.message, expected);
            assert!(error.hint.is_some(), "{error}");
        }
    }

    #[test]
    fn the_file_sets_the_location_of_the_store() {
        let store = |text: &str| {
            let config = load(text, &[("HOME", "/home/me")]).unwrap();
            (config.store, config.paths.config_folder().to_owned())
        };
        let (default, folder) = store("");
        assert_eq!(default, StorePlace::Sqlite(folder.join("codewalk.db")));
        assert_eq!(store("store = \"files:~/walks\"").0, StorePlace::Files("/home/me/walks".into()));
        assert_eq!(store("store = \"sqlite:/x/a:b.db\"").0, StorePlace::Sqlite("/x/a:b.db".into()));
        let (relative, folder) = store("store = \"files:walks\"");
        assert_eq!(relative, StorePlace::Files(folder.join("walks")));
    }

    #[test]
    fn a_project_is_named_after_its_folder_by_default() {
        let text = "[[projects]]\npath = \"/code/shop\"\ntrusted = true\n\
                    [[projects]]\nname = \"api\"\npath = \"/x/y\"";
        let config = load(text, &[]).unwrap();
        let found: Vec<_> = config.projects.iter().map(|p| (p.project.name.as_str(), p.trusted)).collect();
        assert_eq!(found, [("shop", true), ("api", false)]);
    }
}

//! Configuration: defaults, then the file, then the environment, then flags.

mod file;
mod limits;
mod network;
mod paths;
mod store;
mod uplink;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codewalk_core::command::Project;
use codewalk_core::visible::has_unseen;
use codewalk_executor::AgentSpec;
use codewalk_sandbox::{CompileLimits, Credential, TrustedKeys, Uplink, check_exposure};

pub use network::{AdapterConfig, Asked};
pub use paths::{Paths, check_environment};
pub use store::StorePlace;

use crate::error::{CommandError, ErrorKind};
use file::{AgentFile, ChainFile, ConfigFile, DEFAULT_AGENT};
use network::Network;

/// The agents codewalk knows without being told, the default one first.
const BUILT_IN_AGENTS: [&str; 2] = ["claude", "demo"];
/// The router that ships with codewalk and needs no network.
const LOCAL_ROUTER: &str = "local-router";
/// The summarizer that ships with codewalk and needs no network.
const LOCAL_SUMMARIZER: &str = "local-summarizer";
/// How long somebody who waits for their wish to be understood waits for a router on the network.
const ROUTER_DEADLINE: Duration = Duration::from_millis(1500);
/// How long a summarizer on the network may take.
const SUMMARIZER_DEADLINE: Duration = Duration::from_secs(10);

/// How long an agent at work may print nothing until it counts as silent.
const SILENT_AFTER_MINUTES: u64 = 5;
/// A year: longer than anybody waits.
const MAX_SILENT_AFTER_MINUTES: u64 = 365 * 24 * 60;

/// A project the user configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredProject {
    /// Its name and folder.
    pub project: Project,
    /// Whether its own agent settings, hooks and servers may be used.
    pub trusted: bool,
}

/// Everything that is configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where things are.
    pub paths: Paths,
    /// Where the store is.
    pub store: StorePlace,
    /// Whether the calls of adapters are kept.
    pub recording: bool,
    /// Whether what is said to the only agent of a terminal is confirmed before the agent is told.
    pub confirm_follow_ups: bool,
    /// How long an agent at work may print nothing until it counts as silent; for ever where there is none.
    pub silent_after: Option<Duration>,
    /// The agent to use where none is named.
    pub default_agent: String,
    /// The agents by name.
    pub agents: BTreeMap<String, AgentSpec>,
    /// The projects, each with a name of its own.
    pub projects: Vec<ConfiguredProject>,
    /// Names or files of routers, asked in this order.
    pub router_chain: Vec<String>,
    /// Names or files of summarizers, asked in this order.
    pub summarizer_chain: Vec<String>,
    /// How long a router with a network may take.
    pub router_deadline: Duration,
    /// How long a summarizer with a network may take.
    pub summarizer_deadline: Duration,
    /// How the network is reached.
    pub uplink: Uplink,
    /// What is known of adapters by name.
    pub adapters: BTreeMap<String, AdapterConfig>,
    /// The configured credentials, which what is approved may name.
    pub credentials: Vec<Arc<Credential>>,
    /// The credential that is known without being configured; none where it is configured.
    pub built_in_credential: Option<Arc<Credential>>,
    /// The environment variables with credentials.
    pub secret_variables: Vec<String>,
    /// What compiling an adapter may use.
    pub compile: CompileLimits,
    /// The keys whose signatures of adapters count.
    pub trusted_keys: TrustedKeys,
}

impl Config {
    /// Reads the configuration of this user.
    ///
    /// # Errors
    /// Where the file cannot be read, or says something that makes no sense; with the line and a suggestion.
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
        let mut agents = built_in_agents()?;
        for (name, agent) in file.agents {
            check_name(&at, "an agent", &name)?;
            agents.insert(name.clone(), agent_spec(&at, &name, agent)?);
        }
        let default_agent = file.default_agent.unwrap_or_else(|| BUILT_IN_AGENTS[0].to_owned());
        let mut projects: Vec<ConfiguredProject> = Vec::new();
        for entry in file.projects {
            let path = paths.expanded(&entry.path);
            if !path.is_absolute() {
                return Err(wrong(&at, format!("the project path {:?} is not absolute", entry.path))
                    .with_hint("begin it with / or ~/"));
            }
            let name = entry.name.unwrap_or_else(|| base_name(&path));
            check_name(&at, "a project", &name)?;
            // As they are told apart in what is said.
            let is_same = |other: &str| other.to_lowercase() == name.to_lowercase();
            if projects.iter().any(|p| is_same(&p.project.name)) {
                return Err(wrong(&at, format!("two projects are called {name:?}, in capitals or not"))
                    .with_hint("give one another name"));
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

    fn check_default_agent(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), CommandError> {
        let agent = &self.default_agent;
        if self.agents.contains_key(agent) {
            return Ok(());
        }
        let error = match environment(DEFAULT_AGENT) {
            Some(_) => {
                let message = format!("{DEFAULT_AGENT} = {agent:?} names no agent");
                CommandError::new(ErrorKind::Configuration, message)
            }
            None => wrong(&self.paths.config_file, format!("default_agent = {agent:?} names no agent")),
        };
        Err(error.with_hint(format!("known are: {}", names(self.agents.keys()))))
    }
}

/// Refuses a name that nobody can see, or not all of.
fn check_name(at: &Path, of: &str, name: &str) -> Result<(), CommandError> {
    if !name.trim().is_empty() && !has_unseen(name) {
        return Ok(());
    }
    let what = match name.trim().is_empty() {
        true => "is empty",
        false => "has characters that cannot be seen",
    };
    Err(wrong(at, format!("the name {name:?} of {of} {what}"))
        .with_hint("give it a name of letters and digits"))
}

/// Refuses what others can write to: it says what is run, and what is sent to whom.
fn check_exposed(path: &Path) -> Result<(), CommandError> {
    check_exposure(path).map_err(|exposed| wrong(path, exposed.what()).with_hint(exposed.command()))
}

/// Reads the keys whose signatures of adapters count.
pub fn trusted_keys(paths: &Paths) -> Result<TrustedKeys, CommandError> {
    let file = paths.trusted_keys();
    check_exposed(&file)?;
    TrustedKeys::read(&file).map_err(|problem| wrong(&file, problem).with_hint("correct it, or remove it"))
}

/// Returns how long an agent at work may print nothing; 0 minutes are no limit.
fn silent_after(minutes: Option<u64>) -> Option<Duration> {
    let minutes = minutes.unwrap_or(SILENT_AFTER_MINUTES).min(MAX_SILENT_AFTER_MINUTES);
    (minutes > 0).then(|| Duration::from_secs(60 * minutes))
}

/// Returns the last part of a path, as a name for people.
pub fn base_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.to_string_lossy().into_owned(), |name| name.to_string_lossy().into_owned())
}

fn chain(
    at: &Path,
    port: &str,
    chain: Option<Vec<String>>,
    local: &str,
) -> Result<Vec<String>, CommandError> {
    let chain = chain.unwrap_or_else(|| vec![local.to_owned()]);
    if chain.is_empty() {
        return Err(
            wrong(at, format!("{port}.chain is empty")).with_hint(format!("name at least one: [{local:?}]"))
        );
    }
    Ok(chain)
}

fn deadline(at: &Path, port: &str, chain: &ChainFile, usual: Duration) -> Result<Duration, CommandError> {
    match chain.deadline_ms {
        None => Ok(usual),
        Some(0) => Err(wrong(at, format!("{port}.deadline_ms = 0 leaves no time to answer"))
            .with_hint(format!("leave it out for {}", usual.as_millis()))),
        Some(ms) => Ok(Duration::from_millis(ms)),
    }
}

fn built_in_agents() -> Result<BTreeMap<String, AgentSpec>, CommandError> {
    let own = std::env::current_exe().map_err(|error| {
        CommandError::new(ErrorKind::Internal, format!("codewalk does not find itself: {error}"))
    })?;
    let claude =
        AgentSpec::Claude { program: "claude".to_owned(), extra_args: Vec::new(), env: BTreeMap::new() };
    let demo = AgentSpec::Demo {
        program: own.to_string_lossy().into_owned(),
        args: vec![crate::cli::DEMO_AGENT.to_owned()],
    };
    Ok(BUILT_IN_AGENTS.map(str::to_owned).into_iter().zip([claude, demo]).collect())
}

fn agent_spec(at: &Path, name: &str, agent: AgentFile) -> Result<AgentSpec, CommandError> {
    let problem = |what: &str| wrong(at, format!("[agents.{name}]: {what}"));
    match agent.kind.as_str() {
        "claude" if agent.command.is_some() => Err(problem("command is for agents of the kind \"command\"")
            .with_hint("name the program with: program = \"/path/to/claude\"")),
        "claude" => Ok(AgentSpec::Claude {
            program: agent.program.unwrap_or_else(|| "claude".to_owned()),
            extra_args: agent.args,
            env: agent.env,
        }),
        "command" => match agent.command {
            Some(argv) if !argv.is_empty() && agent.program.is_none() && agent.args.is_empty() => {
                Ok(AgentSpec::Command { argv, env: agent.env })
            }
            _ => Err(problem("an agent of the kind \"command\" has a command and neither program nor args")
                .with_hint("e.g. command = [\"aider\", \"--message={prompt}\"]")),
        },
        other => Err(problem(&format!("there is no kind {other:?}")).with_hint("kinds are: claude, command")),
    }
}

fn wrong(at: &Path, what: impl std::fmt::Display) -> CommandError {
    CommandError::new(ErrorKind::Configuration, format!("{}: {what}", at.display()))
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, CommandError> {
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
    fn without_a_file_there_are_defaults() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_string_lossy().into_owned();
        let config = Config::load(&|name| (name == "CODEWALK_HOME").then(|| path.clone())).unwrap();
        assert_eq!(config.default_agent, "claude");
        assert!(!config.recording);
        assert_eq!(config.silent_after, Some(Duration::from_secs(300)));
        assert_eq!(config.router_chain, [LOCAL_ROUTER]);
        assert_eq!(config.summarizer_chain, [LOCAL_SUMMARIZER]);
    }

    #[test]
    fn how_long_an_agent_may_be_silent_is_configured_in_minutes() {
        for (minutes, silent_after) in
            [("0", None), ("2", Some(120)), ("9223372036854775807", Some(60 * MAX_SILENT_AFTER_MINUTES))]
        {
            let config = load(&format!("silent_after_minutes = {minutes}\n"), &[]).unwrap();
            assert_eq!(config.silent_after, silent_after.map(Duration::from_secs), "{minutes}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line_and_a_suggestion() {
        let error = load("default_agent = \"claude\"\n\n[ruoter]\nchain = []\n", &[]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Configuration);
        assert!(error.message.contains("line 3"), "{error}");
        assert!(error.message.contains("ruoter"), "{error}");
        assert_eq!(error.hint.as_deref(), Some("did you mean `router`?"));
    }

    #[test]
    fn nested_unknown_keys_and_wrong_types_are_errors_with_their_lines() {
        let error = load("[router]\nchian = [\"x\"]\n", &[]).unwrap_err();
        assert!(error.message.contains("line 2"), "{error}");
        assert_eq!(error.hint.as_deref(), Some("did you mean `chain`?"));
        let error = load("\n[agents.mine]\nkind = 3\n", &[]).unwrap_err();
        assert!(error.message.contains("line 3"), "{error}");
    }

    #[test]
    fn a_key_that_is_missing_comes_with_what_to_write() {
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
    fn what_makes_no_sense_is_said_with_what_to_do() {
        for (text, said) in [
            ("default_agent = \"nobody\"", "names no agent"),
            ("[agents.x]\nkind = \"robot\"", "no kind \"robot\""),
            ("[agents.x]\nkind = \"command\"", "has a command"),
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
                "of a project has characters that cannot be seen",
            ),
            ("[[projects]]\npath = \"/a/b\\nc\"", "the name \"b\\nc\" of a project has characters"),
            ("[agents.\"a b\\nc\"]\nkind = \"robot\"", "the name \"a b\\nc\" of an agent has characters"),
            ("[router]\nchain = []", "router.chain is empty"),
            ("store = \"cloud:/x\"", "names no place for a store"),
            ("store = \"files:\"", "names no place for a store"),
        ] {
            let error = load(text, &[]).unwrap_err();
            assert!(error.message.contains(said), "{text}: {error}");
            assert!(error.hint.is_some(), "{text}: {error}");
        }
    }

    #[test]
    fn what_makes_no_sense_in_the_environment_is_said_of_the_variable() {
        for (variable, value, said) in [
            ("CODEWALK_DEFAULT_AGENT", "zz", "CODEWALK_DEFAULT_AGENT = \"zz\" names no agent"),
            ("CODEWALK_ROUTER_CHAIN", " , ", "CODEWALK_ROUTER_CHAIN is empty"),
            ("CODEWALK_SUMMARIZER_CHAIN", "", "CODEWALK_SUMMARIZER_CHAIN is empty"),
        ] {
            let error = load("default_agent = \"demo\"", &[(variable, value)]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Configuration);
            assert_eq!(error.message, said);
            assert!(error.hint.is_some(), "{error}");
        }
    }

    #[test]
    fn the_store_is_where_the_file_says() {
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
    fn projects_are_named_by_their_folder_unless_they_have_a_name() {
        let text = "[[projects]]\npath = \"/code/shop\"\ntrusted = true\n[[projects]]\nname = \"api\"\npath = \"/x/y\"";
        let config = load(text, &[]).unwrap();
        let found: Vec<_> = config.projects.iter().map(|p| (p.project.name.as_str(), p.trusted)).collect();
        assert_eq!(found, [("shop", true), ("api", false)]);
    }
}

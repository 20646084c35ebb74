//! The agents: which protocol each one speaks, and how its program is started.
//!
//! To add a protocol, implement [`AgentProtocol`] in a module of its own, with `claude/` and `plain.rs` as
//! examples, and then:
//! 1. Add the module to `lib.rs`, and a variant to [`Protocol`] and to [`AgentSpec`]. The compiler names the
//!    places that must decide about them: here, in `host/src/config/agents.rs` and in
//!    `host/src/cli/doctor/agents.rs`.
//! 2. Extend what the compiler does not find: the kinds and the hint in `host/src/config/agents.rs`,
//!    `prompt` and `permission` in `host/src/rebuild.rs`, the agents in `docs/configuration.md`.
//! 3. Add a case to `protocols/conformance.rs`. `invariants/mod.rs` expects every protocol except `Lines` to
//!    know each line that is a JSON message; `fuzz/targets/output.rs` fuzzes each protocol.

use std::collections::BTreeMap;
use std::path::PathBuf;

use codewalk_core::ports::Launch;

use crate::claude;
use crate::error::ExecutorError;
use crate::plain::{self, PlainProtocol};
use crate::process::{Invocation, program};
use crate::project::Project;
use crate::protocol::{AgentProtocol, Protocol};
use crate::settings::{AgentSpec, ExecutorConfig};

pub(crate) use claude::version::Versions;
pub use claude::version::{ClaudeVersion, Version, VersionError};

const INSTALL_CLAUDE: &str = "install Claude Code with `npm install -g @anthropic-ai/claude-code`, or name \
    its program in the configuration";
const INSTALL_OTHER: &str = "install it, or correct the command in the configuration";

/// Starts to speak a protocol with a new process, or to read its output.
pub(crate) fn open(protocol: Protocol, project: Project, resumed: bool) -> Box<dyn AgentProtocol> {
    match protocol {
        Protocol::Claude => Box::new(claude::ClaudeProtocol::new(project, resumed)),
        Protocol::Lines => Box::new(PlainProtocol),
    }
}

impl AgentSpec {
    /// Returns the protocol that the agent speaks. The demo agent speaks Claude Code's.
    pub(crate) const fn protocol(&self) -> Protocol {
        match self {
            Self::Claude { .. } | Self::Demo { .. } => Protocol::Claude,
            Self::Command { .. } => Protocol::Lines,
        }
    }

    /// Returns whether it takes further prompts after the first one.
    #[must_use]
    pub const fn converses(&self) -> bool {
        self.protocol().takes_input()
    }

    /// Finds its program.
    ///
    /// # Errors
    /// If it is not installed. The error says what to do.
    pub fn locate(&self, agent: &str) -> Result<PathBuf, ExecutorError> {
        let nothing = BTreeMap::new();
        let (program, env, hint) = match self {
            Self::Claude { program, env, .. } => (Some(program), env, INSTALL_CLAUDE),
            Self::Command { argv, env } => (argv.first(), env, INSTALL_OTHER),
            Self::Demo { program, .. } => (Some(program), &nothing, INSTALL_OTHER),
        };
        let agent = || agent.to_owned();
        let program = program.ok_or_else(|| ExecutorError::EmptyCommand { agent: agent() })?;
        let path = env.get("PATH").map(Into::into).or_else(|| std::env::var_os("PATH"));
        let found = program::find(program, path.as_deref());
        found.ok_or_else(|| ExecutorError::ProgramMissing { agent: agent(), program: program.clone(), hint })
    }
}

/// An agent of the configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConfiguredAgent<'a> {
    name: &'a str,
    spec: &'a AgentSpec,
    config: &'a ExecutorConfig,
}

/// Finds an agent by its name.
pub(crate) fn find<'a>(config: &'a ExecutorConfig, name: &str) -> Result<ConfiguredAgent<'a>, ExecutorError> {
    let agent = config.agents.get_key_value(name);
    let (name, spec) =
        agent.ok_or_else(|| ExecutorError::UnknownAgent { agent: name.to_owned(), known: names(config) })?;
    Ok(ConfiguredAgent { name, spec, config })
}

impl ConfiguredAgent<'_> {
    /// Returns the protocol that the agent speaks.
    pub(crate) const fn protocol(self) -> Protocol {
        self.spec.protocol()
    }

    /// Returns the version of the agent, if it has to be known.
    ///
    /// # Errors
    /// If codewalk cannot use that program.
    pub(crate) async fn version(self, versions: &Versions) -> Result<Option<Version>, ExecutorError> {
        let AgentSpec::Claude { env, .. } = self.spec else { return Ok(None) };
        let program = self.spec.locate(self.name)?;
        let version = versions.usable(&program, env, &self.config.removed_env).await;
        version.map_err(|source| {
            let agent = self.name.to_owned();
            ExecutorError::Unusable { agent, program, source: source.into() }
        })
    }

    /// Returns the program to execute for a launch.
    ///
    /// # Errors
    /// If the configuration or the launch does not allow it, or the program is not installed.
    pub(crate) fn invocation(
        self,
        launch: &Launch,
        project: &Project,
        version: Option<Version>,
    ) -> Result<Invocation, ExecutorError> {
        let (args, env) = match self.spec {
            AgentSpec::Claude { extra_args, env, .. } => {
                let is_trusted = is_trusted(self.config, project);
                let own = claude::launch::arguments(launch, is_trusted, version)?;
                (extra_args.iter().cloned().chain(own).collect(), env.clone())
            }
            AgentSpec::Command { .. } | AgentSpec::Demo { .. } if launch.resume.is_some() => {
                return Err(ExecutorError::CannotResume { agent: launch.agent.clone() });
            }
            AgentSpec::Command { argv, env } => (plain::arguments(argv, launch, project)?, env.clone()),
            AgentSpec::Demo { args, .. } => (args.clone(), BTreeMap::new()),
        };
        let nesting = claude::launch::NESTING_VARIABLES.into_iter().map(str::to_owned);
        Ok(Invocation {
            program: self.spec.locate(self.name)?,
            args,
            env,
            removed_env: self.config.removed_env.iter().cloned().chain(nesting).collect(),
            takes_input: self.spec.converses(),
        })
    }
}

fn names(config: &ExecutorConfig) -> String {
    let names: Vec<&str> = config.agents.keys().map(String::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Returns whether exactly this folder is trusted. A folder below a trusted one is another project.
fn is_trusted(config: &ExecutorConfig, project: &Project) -> bool {
    config.trusted.iter().any(|trusted| trusted.canonicalize().is_ok_and(|real| real == project.path()))
}

#[cfg(test)]
mod conformance;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use codewalk_core::ids::{Id, SessionId};
    use codewalk_core::permission::PermissionMode;

    use super::*;

    fn of(
        config: &ExecutorConfig,
        launch: &Launch,
        project: &Project,
        version: Option<Version>,
    ) -> Result<Invocation, ExecutorError> {
        find(config, &launch.agent)?.invocation(launch, project, version)
    }

    fn launch(agent: &str, prompt: &str) -> Launch {
        Launch {
            session: SessionId(Id::from_u128(7)),
            run: 1,
            agent: agent.to_owned(),
            project: codewalk_core::command::Project { name: "shop".to_owned(), path: "/".to_owned() },
            prompt: prompt.to_owned(),
            permission: PermissionMode::Ask,
            resume: None,
        }
    }

    fn settings(spec: AgentSpec) -> ExecutorConfig {
        ExecutorConfig { agents: BTreeMap::from([("it".to_owned(), spec)]), ..ExecutorConfig::default() }
    }

    fn command(argv: &[&str]) -> ExecutorConfig {
        let argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
        settings(AgentSpec::Command { argv, env: BTreeMap::new() })
    }

    fn root() -> Project {
        Project::open(Path::new("/")).unwrap()
    }

    #[test]
    fn a_prompt_is_one_argument_whatever_it_holds() {
        let prompt = "$(reboot); {project} \"x\" {prompt}\n{";
        let settings = command(&["sh", "-c", "{x}{", "--task={prompt}", "{project}{prompt}"]);
        let invocation = of(&settings, &launch("it", prompt), &root(), None).unwrap();
        assert_eq!(invocation.args, ["-c", "{x}{", &format!("--task={prompt}"), &format!("/{prompt}")]);
    }

    #[test]
    fn a_prompt_cannot_be_an_option_of_the_command() {
        let args = |argv: &[&str], prompt| of(&command(argv), &launch("it", prompt), &root(), None);
        for argv in [
            &["sh", "{prompt}"][..],
            &["sh", "--message", "{prompt}"],
            &["sh", "{prompt}{project}"],
            &["sh", "{prompt}", "--"],
        ] {
            let refused = args(argv, "--yolo").unwrap_err().to_string();
            assert!(
                refused.contains("\"--\" before \"{prompt}\"") && refused.contains("--flag={prompt}"),
                "{refused}"
            );
            assert!(args(argv, "make it so - now").is_ok(), "{argv:?}");
        }
        for argv in
            [&["sh", "--", "{prompt}"][..], &["sh", "--message={prompt}"], &["sh", "{project}{prompt}"]]
        {
            let args = args(argv, "--yolo").unwrap().args;
            assert!(args.last().unwrap().ends_with("--yolo"), "{args:?}");
        }
    }

    #[test]
    fn an_error_at_the_start_tells_what_to_do() {
        for (settings, agent, word) in [
            (command(&["sh"]), "other", "known agents: it"),
            (command(&[]), "it", "empty command"),
            (command(&["no-such-program-of-codewalk"]), "it", "install it, or correct"),
        ] {
            let error = of(&settings, &launch(agent, "x"), &root(), None).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        let resume = Launch { resume: Some("x".to_owned()), ..launch("it", "x") };
        let demo = settings(AgentSpec::Demo { program: "sh".to_owned(), args: Vec::new() });
        for settings in [command(&["sh"]), demo] {
            let error = of(&settings, &resume, &root(), None).unwrap_err().to_string();
            assert!(error.contains("cannot resume"), "{error}");
        }
    }

    #[test]
    fn only_the_very_folder_that_was_trusted_may_bring_its_own_settings() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("below");
        std::fs::create_dir(&below).unwrap();
        let claude = AgentSpec::Claude { program: "sh".to_owned(), extra_args: vec![], env: BTreeMap::new() };
        let settings = ExecutorConfig { trusted: vec![folder.path().to_owned()], ..settings(claude) };
        for (path, sources) in [(folder.path(), "user,project,local"), (&below, "user")] {
            let invocation = of(&settings, &launch("it", "x"), &Project::open(path).unwrap(), None).unwrap();
            let at = invocation.args.iter().position(|arg| arg == "--setting-sources").unwrap();
            assert_eq!(invocation.args[at + 1], sources);
        }
    }
}

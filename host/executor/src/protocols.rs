//! From an agent's configuration and a launch to what is executed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use codewalk_core::call::Launch;

use crate::claude;
use crate::error::ExecutorError;
use crate::process::{Invocation, program};
use crate::project::Project;
use crate::run_folder::Protocol;
use crate::settings::{AgentSpec, ExecutorConfig};
use crate::version::Version;

const INSTALL_CLAUDE: &str = "install Claude Code with `npm install -g @anthropic-ai/claude-code`, or name its program in the configuration";
const INSTALL_OTHER: &str = "install it, or correct the command in the configuration";

/// Returns what is to be executed.
///
/// # Errors
/// Where the configuration or the launch does not allow it, or the program is missing.
pub(crate) fn of(
    settings: &ExecutorConfig,
    launch: &Launch,
    project: &Project,
    version: Option<Version>,
) -> Result<Invocation, ExecutorError> {
    let agent = || launch.agent.clone();
    let spec = settings
        .agents
        .get(&launch.agent)
        .ok_or_else(|| ExecutorError::UnknownAgent { agent: agent(), known: names(settings) })?;
    let (args, env, protocol) = match spec {
        AgentSpec::Claude { extra_args, env, .. } => {
            let mut args = extra_args.clone();
            args.extend(claude::launch::arguments(launch, is_trusted(settings, project), version)?);
            (args, env.clone(), Protocol::Claude)
        }
        AgentSpec::Command { .. } | AgentSpec::Demo { .. } if launch.resume.is_some() => {
            return Err(ExecutorError::CannotResume { agent: agent() });
        }
        AgentSpec::Command { argv, env } => {
            (filled_arguments(argv, launch, project)?, env.clone(), Protocol::Lines)
        }
        AgentSpec::Demo { args, .. } => (args.clone(), Default::default(), Protocol::Claude),
    };
    Ok(Invocation { program: program_of(&launch.agent, spec)?, args, env, protocol })
}

/// Finds the program of an agent.
pub(crate) fn program_of(agent: &str, spec: &AgentSpec) -> Result<PathBuf, ExecutorError> {
    let nothing = BTreeMap::new();
    let (program, env, hint) = match spec {
        AgentSpec::Claude { program, env, .. } => (Some(program), env, INSTALL_CLAUDE),
        AgentSpec::Command { argv, env } => (argv.first(), env, INSTALL_OTHER),
        AgentSpec::Demo { program, .. } => (Some(program), &nothing, INSTALL_OTHER),
    };
    let agent = || agent.to_owned();
    let program = program.ok_or_else(|| ExecutorError::EmptyCommand { agent: agent() })?;
    let path = env.get("PATH").map(Into::into).or_else(|| std::env::var_os("PATH"));
    let found = program::find(program, path.as_deref());
    found.ok_or_else(|| ExecutorError::ProgramMissing { agent: agent(), program: program.clone(), hint })
}

fn names(settings: &ExecutorConfig) -> String {
    let names: Vec<&str> = settings.agents.keys().map(String::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Returns whether exactly this folder was trusted; what lies below a trusted folder is a project of its own.
fn is_trusted(settings: &ExecutorConfig, project: &Project) -> bool {
    settings.trusted.iter().any(|trusted| trusted.canonicalize().is_ok_and(|real| real == project.path()))
}

/// Fills in the arguments of a command. A prompt is never an option: that is refused.
fn filled_arguments(
    argv: &[String],
    launch: &Launch,
    project: &Project,
) -> Result<Vec<String>, ExecutorError> {
    let mut args: Vec<String> = Vec::new();
    for template in argv.iter().skip(1) {
        let arg = filled(template, launch, project);
        let options_are_over = || args.iter().any(|before| before == "--");
        if arg.starts_with('-') && !template.starts_with('-') && !options_are_over() {
            return Err(ExecutorError::PromptAsOption { agent: launch.agent.clone() });
        }
        args.push(arg);
    }
    Ok(args)
}

/// Fills in a template in one pass, so that a prompt that holds `{project}` stays as it is.
fn filled(template: &str, launch: &Launch, project: &Project) -> String {
    let project = project.path().to_string_lossy();
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        rest = if let Some(after) = from.strip_prefix("{prompt}") {
            filled.push_str(&launch.prompt);
            after
        } else if let Some(after) = from.strip_prefix("{project}") {
            filled.push_str(&project);
            after
        } else {
            filled.push('{');
            &from[1..]
        };
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use codewalk_core::ids::{Id, SessionId};
    use codewalk_core::permission::PermissionMode;

    use super::*;

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
    fn a_prompt_is_no_option_of_the_command() {
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
    fn what_cannot_be_started_says_what_to_do() {
        for (settings, agent, word) in [
            (command(&["sh"]), "other", "names it"),
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

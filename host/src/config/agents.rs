//! The agents: the built-in ones, and `[agents.NAME]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codewalk_executor::AgentSpec;

use super::checks::invalid;
use super::file::AgentFile;
use crate::error::{CommandError, ErrorKind};

/// The hidden subcommand that runs the scripted agent.
pub const DEMO_AGENT: &str = "demo-agent";

/// The program used for Claude Code unless the configuration names another.
const CLAUDE: &str = "claude";

/// The names of the agents that need no configuration, the default one first.
pub(super) const BUILT_IN: [&str; 2] = ["claude", "demo"];

/// Returns the path of this program.
pub fn executable() -> Result<PathBuf, CommandError> {
    std::env::current_exe().map_err(|error| {
        CommandError::because(ErrorKind::Internal, "cannot locate the codewalk executable", error)
    })
}

/// Returns the agents that need no configuration.
pub(super) fn built_in() -> Result<BTreeMap<String, AgentSpec>, CommandError> {
    let own = executable()?;
    let claude =
        AgentSpec::Claude { program: CLAUDE.to_owned(), extra_args: Vec::new(), env: BTreeMap::new() };
    let demo =
        AgentSpec::Demo { program: own.to_string_lossy().into_owned(), args: vec![DEMO_AGENT.to_owned()] };
    Ok(BUILT_IN.map(str::to_owned).into_iter().zip([claude, demo]).collect())
}

/// Reads `[agents.NAME]`.
pub(super) fn agent_spec(at: &Path, name: &str, agent: AgentFile) -> Result<AgentSpec, CommandError> {
    let problem = |what: &str| invalid(at, format!("[agents.{name}]: {what}"));
    match agent.kind.as_str() {
        "claude" if agent.command.is_some() => Err(problem("command requires kind = \"command\"")
            .with_hint("name the program with: program = \"/path/to/claude\"")),
        "claude" => Ok(AgentSpec::Claude {
            program: agent.program.unwrap_or_else(|| CLAUDE.to_owned()),
            extra_args: agent.args,
            env: agent.env,
        }),
        "command" => match agent.command {
            // Its standard input is empty, so the prompt reaches it only as an argument.
            Some(argv) if !argv.is_empty() && !argv.iter().any(|argument| argument.contains("{prompt}")) => {
                Err(problem("command lacks {prompt}, so the agent would not get the prompt")
                    .with_hint("e.g. command = [\"aider\", \"--message={prompt}\"]"))
            }
            Some(argv) if !argv.is_empty() && agent.program.is_none() && agent.args.is_empty() => {
                Ok(AgentSpec::Command { argv, env: agent.env })
            }
            _ => Err(problem("kind = \"command\" requires command, and allows neither program nor args")
                .with_hint("e.g. command = [\"aider\", \"--message={prompt}\"]")),
        },
        other => Err(problem(&format!("unknown kind {other:?}")).with_hint("known kinds: claude, command")),
    }
}

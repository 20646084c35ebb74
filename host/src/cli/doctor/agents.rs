//! The agents, and whether they can be started.

use std::collections::BTreeMap;
use std::path::Path;

use codewalk_executor::{AgentSpec, ClaudeVersion, Version};
use serde::Serialize;

use crate::config::Config;

#[derive(Serialize)]
pub(super) struct AgentRow {
    pub(super) name: String,
    pub(super) default: bool,
    pub(super) program: Option<String>,
    pub(super) version: Option<String>,
    /// The known problem of that version.
    pub(super) note: Option<String>,
    pub(super) works: &'static str,
    pub(super) problem: Option<String>,
}

/// Looks at each agent, the default one first.
pub(super) async fn agents(config: &Config) -> Vec<AgentRow> {
    let mut rows = Vec::new();
    for (name, spec) in &config.agents {
        let works = match spec {
            AgentSpec::Claude { .. } => "prompts, follow-ups, approvals, interrupt, resume",
            AgentSpec::Demo { .. } => "scripted demo",
            AgentSpec::Command { .. } => "one prompt; no approvals, no follow-ups, no resume",
        };
        let (program, version, note, problem) = match spec.locate(name) {
            Ok(program) => {
                let version = match spec {
                    AgentSpec::Claude { env, .. } => claude_version(&program, env, config).await.map(Some),
                    // Other programs may do anything when given the flag.
                    AgentSpec::Demo { .. } | AgentSpec::Command { .. } => Ok(None),
                };
                let program = Some(program.display().to_string());
                match version {
                    Ok(version) => {
                        let (version, note) = version.unzip();
                        (program, version, note.flatten(), None)
                    }
                    Err(problem) => (program, None, None, Some(problem)),
                }
            }
            Err(error) => (None, None, None, Some(error.to_string())),
        };
        let default = *name == config.default_agent;
        rows.push(AgentRow { name: name.clone(), default, program, version, note, works, problem });
    }
    rows.sort_by_key(|row| !row.default);
    rows
}

/// Returns the version of Claude Code and its known problem, or why it is unusable.
async fn claude_version(
    program: &Path,
    env: &BTreeMap<String, String>,
    config: &Config,
) -> Result<(String, Option<String>), String> {
    let version = ClaudeVersion::ask(program, env, &config.secret_variables).await;
    let version =
        version.map_err(|why| format!("{} is not a usable Claude Code: {why}", program.display()))?;
    if version.is_too_old() {
        let (line, oldest) = (version.line(), Version::OLDEST);
        return Err(format!("{} is {line}; codewalk needs {oldest} or newer", program.display()));
    }
    Ok((version.line().to_owned(), version.note()))
}

/// Names the agents that cannot be started, which is a problem only if they are used.
pub(super) fn but(agents: &[AgentRow]) -> String {
    let missing = agents.iter().filter(|agent| agent.problem.is_some());
    let missing: Vec<&str> = missing.map(|agent| agent.name.as_str()).collect();
    match missing.len() {
        0 => String::new(),
        1 => format!(", except the agent {}", missing.join(", ")),
        _ => format!(", except the agents {}", missing.join(", ")),
    }
}

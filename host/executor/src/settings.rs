//! What the executor is told once: which agents there are, and how far projects are trusted.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::ExecutorError;
use crate::protocols;

/// What the executor is told once.
#[derive(Clone, Debug, Default)]
pub struct ExecutorConfig {
    /// The folder that holds a folder for each session.
    pub sessions: PathBuf,
    /// The agents, by name.
    pub agents: BTreeMap<String, AgentSpec>,
    /// The environment variables no agent gets: codewalk's own credentials.
    pub removed_env: Vec<String>,
    /// How long an agent at work may print nothing until it counts as silent; for ever where there is none.
    pub silent_after: Option<Duration>,
    /// The file that remembers the versions of programs.
    pub versions: Option<PathBuf>,
    /// The folders of the projects whose own agent settings, hooks and servers may be used.
    pub trusted: Vec<PathBuf>,
}

impl AgentSpec {
    /// Finds its program.
    ///
    /// # Errors
    /// Where there is none, with what to do about it.
    pub fn locate(&self, agent: &str) -> Result<PathBuf, ExecutorError> {
        protocols::program_of(agent, self)
    }

    /// Returns whether it can be told something after its first prompt.
    #[must_use]
    pub const fn converses(&self) -> bool {
        match self {
            Self::Claude { .. } | Self::Demo { .. } => true,
            Self::Command { .. } => false,
        }
    }
}

/// How an agent is started and spoken to.
#[derive(Clone, Debug)]
pub enum AgentSpec {
    /// Claude Code, in a conversation.
    Claude {
        /// Its program: a path, or a name to be found on the `PATH`.
        program: String,
        /// Arguments besides codewalk's own.
        extra_args: Vec<String>,
        /// Environment variables besides the inherited ones.
        env: BTreeMap<String, String>,
    },
    /// Any program that works on one prompt and ends; its output are plain lines.
    Command {
        /// The program and its arguments; `{prompt}` and `{project}` in the arguments are replaced. There is no shell.
        argv: Vec<String>,
        /// Environment variables besides the inherited ones.
        env: BTreeMap<String, String>,
    },
    /// The scripted agent of the demonstration, which speaks Claude Code's protocol.
    Demo {
        /// The program that has it, e.g. codewalk itself.
        program: String,
        /// The arguments that start it.
        args: Vec<String>,
    },
}

//! The configuration of the executor.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use codewalk_supervisor::Limits;

/// The configuration of the executor.
#[derive(Clone, Debug, Default)]
pub struct ExecutorConfig {
    /// The folder with a folder for each session.
    pub sessions: PathBuf,
    /// The agents, by name.
    pub agents: BTreeMap<String, AgentSpec>,
    /// Environment variables that no agent gets, such as codewalk's own credentials.
    pub removed_env: Vec<String>,
    /// How long a working agent may print nothing before it counts as silent. `None` means forever.
    pub silent_after: Option<Duration>,
    /// The file that stores the versions of programs.
    pub versions: Option<PathBuf>,
    /// The projects whose own agent settings, hooks and servers may be used.
    pub trusted: Vec<PathBuf>,
    /// The program that supervises agents: it calls `supervise_if_requested`. `None` means this program.
    pub supervisor: Option<PathBuf>,
    /// The limits of each run.
    pub limits: Limits,
}

/// How an agent is started, and its protocol.
#[derive(Clone, Debug)]
pub enum AgentSpec {
    /// Claude Code.
    Claude {
        /// The program: a path, or a name on the `PATH`.
        program: String,
        /// Arguments in addition to those of codewalk.
        extra_args: Vec<String>,
        /// Environment variables in addition to the inherited ones.
        env: BTreeMap<String, String>,
    },
    /// A program that works on one prompt and ends. Its output is plain text.
    Command {
        /// The program and its arguments. `{prompt}` and `{project}` in arguments are replaced. No shell is
        /// involved.
        argv: Vec<String>,
        /// Environment variables in addition to the inherited ones.
        env: BTreeMap<String, String>,
    },
    /// The scripted agent of the demo, which speaks the protocol of Claude Code.
    Demo {
        /// The program that contains it, such as codewalk.
        program: String,
        /// Its arguments.
        args: Vec<String>,
    },
}

//! The records in a run folder.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The version of the records that this program writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// How to run an agent: `launch.json`. It contains no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// The version of this format.
    pub version: u32,
    /// The session.
    pub session: String,
    /// The number of the run in its session.
    pub run: u32,
    /// The agent's name in the configuration.
    pub agent: String,
    /// The protocol of its output.
    pub protocol: String,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The working directory.
    pub cwd: PathBuf,
    /// The file mode creation mask.
    pub umask: u32,
    /// Whether the agent reads its standard input.
    pub takes_input: bool,
    /// The limits of the run.
    pub limits: Limits,
    /// The times of a stop.
    pub ladder: LadderTimes,
}

/// The limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most bytes of standard output and standard error together.
    pub output: u64,
    /// The free bytes that the disk keeps. Checked once per 16 MiB of output.
    pub free_disk: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const GIB: u64 = 1024 * 1024 * 1024;
        Self { output: GIB, free_disk: 2 * GIB }
    }
}

/// How long an agent has to end before the next, harder signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LadderTimes {
    /// The milliseconds after the interrupt.
    pub interrupt_ms: u64,
    /// The milliseconds after the request to terminate.
    pub terminate_ms: u64,
}

impl Default for LadderTimes {
    fn default() -> Self {
        Self { interrupt_ms: 5_000, terminate_ms: 5_000 }
    }
}

/// A process, identified beyond the reuse of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it started, in milliseconds since 1970.
    pub started_at: u64,
    /// When it started, in clock ticks since the boot. Zero if the system does not say.
    pub start_ticks: u64,
}

/// The processes of a run: `meta.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The version of this format.
    pub version: u32,
    /// The agent.
    pub agent: Process,
    /// Its supervisor.
    pub supervisor: Process,
    /// The boot in which they started, if the system says.
    pub boot_id: Option<String>,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitReason {
    /// The agent ended by itself.
    Ended,
    /// It was stopped on request.
    Stopped,
    /// It printed more than its limit.
    OutputLimit,
    /// Its output would have filled the disk.
    DiskFloor,
    /// It could not be started.
    LaunchFailed,
}

/// How a run ended: `exit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The version of this format.
    pub version: u32,
    /// Why it ended.
    pub reason: ExitReason,
    /// The agent's exit code, if it has one.
    pub code: Option<i32>,
    /// The signal that ended the agent.
    pub signal: Option<i32>,
    /// When the agent started, in milliseconds since 1970.
    pub started_at: Option<u64>,
    /// When the agent ended, in milliseconds since 1970.
    pub ended_at: u64,
    /// The peak memory of the largest process of the run, in bytes.
    pub peak_memory: u64,
    /// The CPU time of the processes of the run that have ended, in milliseconds.
    pub cpu_ms: u64,
    /// The bytes of output in the files.
    pub output: u64,
    /// What failed, if something failed.
    pub message: Option<String>,
}

/// The processes that outlived a clean end of their agent: `left`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The processes.
    pub processes: Vec<LeftProcess>,
}

/// A process that outlived its agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftProcess {
    /// The process.
    #[serde(flatten)]
    pub process: Process,
    /// The name of its program. Its arguments may contain secrets.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by version 1. It stays as it is: later versions must read it.
    const LAUNCH_1: &str = include_str!("../tests/golden/launch-1.json");

    fn launch_1() -> Launch {
        Launch {
            version: 1,
            session: "0193f5a2-7c11-7d3e-9a4b-2f1c0e8d7a65".to_owned(),
            run: 2,
            agent: "claude".to_owned(),
            protocol: "claude".to_owned(),
            argv: ["/usr/bin/claude", "--print"].map(str::to_owned).to_vec(),
            cwd: "/home/ada/shop".into(),
            umask: 0o022,
            takes_input: true,
            limits: Limits::default(),
            ladder: LadderTimes::default(),
        }
    }

    #[test]
    fn a_launch_of_version_1_is_read_and_written_as_it_was() {
        assert_eq!(serde_json::from_str::<Launch>(LAUNCH_1).unwrap(), launch_1());
        assert_eq!(serde_json::to_string_pretty(&launch_1()).unwrap(), LAUNCH_1.trim_end());
    }
}

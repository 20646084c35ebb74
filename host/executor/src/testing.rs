//! Run folders for tests.

use codewalk_supervisor::{Exit, ExitReason, LadderTimes, Launch, Limits, Meta, Process, VERSION};

use crate::run_folder::RunFolder;

/// Creates the files that an agent prints to.
pub(crate) fn create_output(folder: &RunFolder) {
    std::fs::create_dir_all(folder.path()).unwrap();
    for file in [folder.stdout(), folder.stderr()] {
        std::fs::write(file, "").unwrap();
    }
}

/// Returns the launch of an agent that prints plain lines.
pub(crate) fn launch(cwd: &str) -> Launch {
    Launch {
        version: VERSION,
        session: "it".to_owned(),
        run: 1,
        agent: "it".to_owned(),
        protocol: "lines".to_owned(),
        argv: Vec::new(),
        cwd: cwd.into(),
        umask: 0o077,
        takes_input: true,
        limits: Limits::default(),
        ladder: LadderTimes::default(),
    }
}

/// Returns the record of a started agent.
pub(crate) fn meta(pid: u32, started_at: u64) -> Meta {
    let agent = Process { pid, started_at, start_ticks: 0 };
    Meta { version: VERSION, agent, supervisor: agent, boot_id: None }
}

/// Returns the record of an agent that ended with status 0.
pub(crate) fn exit(ended_at: u64) -> Exit {
    Exit {
        version: VERSION,
        reason: ExitReason::Ended,
        code: Some(0),
        signal: None,
        started_at: None,
        ended_at,
        peak_memory: 0,
        cpu_ms: 0,
        output: 0,
        message: None,
    }
}

//! A run in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codewalk_supervisor::{
    Call, Delivery, Exit, Handover, LadderTimes, Launch, Limits, RunFolder, Sender, StartError, Started,
    VERSION,
};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_codewalk-supervisor");
const DEADLINE: Duration = Duration::from_secs(60);

/// A run whose agent is a shell script.
pub struct Stage {
    pub launch: Launch,
    pub handover: Handover,
    pub run: RunFolder,
    folder: TempDir,
    started: Option<Started>,
}

impl Stage {
    /// The script finds the temporary folder in `$DIR`.
    pub fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let launch = Launch {
            version: VERSION,
            session: "0193f5a2-7c11-7d3e-9a4b-2f1c0e8d7a65".to_owned(),
            run: 1,
            agent: "script".to_owned(),
            protocol: "lines".to_owned(),
            argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            cwd: folder.path().to_owned(),
            umask: 0o022,
            takes_input: true,
            limits: Limits { free_disk: 0, ..Limits::default() },
            // Longer than any test: what ends earlier ends for another reason.
            ladder: LadderTimes { interrupt_ms: 300_000, terminate_ms: 300_000 },
        };
        let mut handover = Handover::default();
        handover.set("PATH", std::env::var_os("PATH").unwrap());
        handover.set("DIR", folder.path());
        let run = RunFolder::at(folder.path().join("runs").join("1"));
        Self { launch, handover, run, folder, started: None }
    }

    /// Starts the run.
    pub fn start(&mut self) -> Started {
        self.try_start().unwrap()
    }

    pub fn try_start(&mut self) -> Result<Started, StartError> {
        self.run.create(&self.launch).unwrap();
        let started = self.run.start(Path::new(PROGRAM), &self.handover)?;
        self.started = Some(started);
        Ok(started)
    }

    /// Starts the run and waits until the script has printed `ready`.
    pub fn start_ready(&mut self) -> Started {
        let started = self.start();
        until("the agent is ready", || self.stdout().contains("ready\n"));
        started
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(fs::read(self.run.stdout()).unwrap()).unwrap()
    }

    pub fn sender(&self) -> Sender {
        self.run.sender().unwrap()
    }

    /// Waits for the end of the run.
    pub fn ended(&self) -> Exit {
        until("the run has ended", || !self.run.is_alive().unwrap());
        self.run.exit().unwrap().expect("the end is recorded")
    }

    /// Waits for the number of a process that the script wrote into a file.
    pub fn pid(&self, name: &str) -> u32 {
        let read = || fs::read_to_string(self.path(name)).ok()?.strip_suffix('\n')?.parse().ok();
        until("the script has written a number", || read().is_some());
        read().unwrap()
    }

    pub fn deliveries(&self) -> Vec<(String, Delivery)> {
        let deliveries = self.run.deliveries().unwrap();
        deliveries.into_iter().map(|(call, delivery)| (call.to_string(), delivery)).collect()
    }
}

impl Drop for Stage {
    /// Ends what a test leaves: an agent that was killed takes its children along.
    fn drop(&mut self) {
        let Some(started) = self.started else { return };
        let lives = || self.run.is_alive().unwrap_or(false);
        if lives() {
            let left = self.run.left().unwrap_or_default().processes;
            left.iter().for_each(|left| signal(left.process.pid, Signal::KILL));
            signal(started.agent.pid, Signal::KILL);
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        while lives() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        if lives() {
            signal(started.supervisor.pid, Signal::KILL);
        }
    }
}

pub fn call(name: &str) -> Call {
    Call::new(name).unwrap()
}

/// Waits for a condition.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "timed out waiting until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub fn signal(pid: u32, signal: Signal) {
    let _ = kill_process(raw(pid), signal);
}

/// Returns whether a process exists and is not a zombie.
pub fn lives(pid: u32) -> bool {
    test_kill_process(raw(pid)).is_ok() && status(pid, "State").is_some_and(|state| !state.starts_with('Z'))
}

/// Returns a field of `/proc/PID/status`.
pub fn status(pid: u32, field: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().to_owned())
}

fn raw(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}

//! A user with nothing but a home folder, a project, and no terminal unless a test provides one.

pub mod agent;
pub mod author;
pub mod client;
pub mod examples;
pub mod guests;
pub mod headless;
pub mod hostile;
pub mod screen;
pub mod stores;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A scratch user.
pub struct User {
    root: TempDir,
}

impl Drop for User {
    /// Ends agents that outlived their codewalk.
    fn drop(&mut self) {
        let sessions = std::fs::read_dir(self.home().join("sessions")).into_iter().flatten().flatten();
        let runs = sessions.flat_map(|session| std::fs::read_dir(session.path().join("runs")));
        for run in runs.flatten().flatten() {
            let meta = std::fs::read(run.path().join("meta.json")).unwrap_or_default();
            let meta: Value = serde_json::from_slice(&meta).unwrap_or_default();
            let Some(pid) = meta["supervisor"]["pid"].as_u64() else { continue };
            let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if command.contains(&*run.path().to_string_lossy()) {
                let _ = Command::new("kill").arg(pid.to_string()).status();
            }
        }
    }
}

/// The output of a finished program.
pub struct Said {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl User {
    pub fn new() -> Self {
        let user = Self { root: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(user.home()).unwrap();
        user.repository("shop");
        user
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("home")
    }

    /// Creates a git repository next to the home folder.
    pub fn repository(&self, name: &str) -> PathBuf {
        let path = self.root.path().canonicalize().unwrap().join(name);
        std::fs::create_dir_all(&path).unwrap();
        let made = Command::new("git").args(["init", "--quiet"]).current_dir(&path).status().unwrap();
        assert!(made.success());
        path
    }

    pub fn shop(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("shop")
    }

    /// Writes the configuration file.
    pub fn configure(&self, toml: &str) {
        std::fs::write(self.home().join("config.toml"), toml).unwrap();
    }

    /// Returns a codewalk command that runs in the project `shop`, without a terminal.
    pub fn codewalk(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codewalk"));
        command.args(args).current_dir(self.shop()).stdin(Stdio::null());
        command.env_clear().envs(self.environment());
        // SAFETY: setsid is async-signal-safe and does not access memory. It detaches the process from the
        // terminal on which the tests run.
        unsafe {
            command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
        }
        command
    }

    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("CODEWALK_HOME".to_owned(), self.home().to_string_lossy().into_owned()),
            ("HOME".to_owned(), self.home().to_string_lossy().into_owned()),
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
        ];
        // Passes on the coverage variables for the tested program, if coverage is measured.
        variables
            .extend(std::env::var("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE".to_owned(), file)));
        variables
    }

    pub fn run(&self, args: &[&str]) -> Said {
        said(self.codewalk(args).output().unwrap())
    }

    /// Runs a request with JSON output.
    pub fn request(&self, args: &[&str]) -> (Option<i32>, Value, String) {
        let said = self.run(&[&["run", "--output-format", "json"], args].concat());
        let result = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        (said.status, result, said.stderr)
    }

    pub fn sessions(&self) -> Vec<Value> {
        let said = self.run(&["sessions", "list", "--json", "--limit", "1000"]);
        assert_eq!(said.status, Some(0), "{said:?}");
        let list: Value = serde_json::from_str(&said.stdout).unwrap();
        list["sessions"].as_array().unwrap().clone()
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "status {:?}\n--- stdout\n{}\n--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

pub fn said(output: Output) -> Said {
    Said {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// How long any step may take.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits for a condition; `what` describes it if the wait times out.
pub fn wait_until(what: impl Fn() -> String, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "timed out waiting for {}", what());
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Creates an executable shell script.
pub fn script(path: &Path, body: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Returns whether a process is running.
pub fn is_alive(pid: &str) -> bool {
    // A process that has ended but has not been waited for counts as ended.
    std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

/// Starts a request with this configuration. Its agent prints its process ID and a line, and then runs
/// forever.
pub fn endless(user: &User, config: &str) -> (Child, String) {
    let program = user.home().join("agent.sh");
    script(
        &program,
        "printf 'building \\033[31mall\\n'; echo $$ > agent.tmp; mv agent.tmp agent.pid; while true; do \
         sleep 1; done",
    );
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!(
        "{config}\ndefault_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n"
    ));
    let child = user
        .codewalk(&["run", "--yes", "--output-format", "json", "fix the login test"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = user.shop().join("agent.pid");
    wait_until(|| "the agent".to_owned(), || pid.exists());
    let pid = std::fs::read_to_string(pid).unwrap().trim().to_owned();
    wait_until(
        || "the session to be known as running".to_owned(),
        || user.sessions().first().is_some_and(|session| session["state"] == "running"),
    );
    (child, pid)
}

//! Runs programs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// A program did not run successfully.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The program could not be started.
    #[error("could not run `{command}`: {source}")]
    Start { command: String, source: std::io::Error },
    /// The program failed. Its error output was visible, or is included.
    #[error("`{command}` failed, {status}{stderr}")]
    Status { command: String, status: ExitStatus, stderr: String },
}

/// Returns a command for the same cargo that runs this program.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Returns the folder in which cargo builds.
pub fn target_dir(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// Runs a program with visible output.
pub fn run(command: &mut Command) -> Result<(), ProcessError> {
    output(command.stdout(Stdio::inherit()).stderr(Stdio::inherit())).map(drop)
}

/// Runs a program and returns its standard output.
pub fn output(command: &mut Command) -> Result<String, ProcessError> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let shown = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let stderr = stderr.lines().map(|line| format!("\n  {line}")).collect();
            Err(ProcessError::Status { command: shown, status: output.status, stderr })
        }
        Err(source) => Err(ProcessError::Start { command: shown, source }),
    }
}

//! codewalk: routes a request to a coding agent, asks before it acts, watches it and keeps the history.

mod catalogue;
mod cli;
mod clock;
mod compose;
mod config;
mod driver;
mod error;
mod orphans;
mod private;
mod rebuild;
mod screen;

use std::process::ExitCode;

fn main() -> ExitCode {
    // First: a supervisor has one thread and owns no descriptors.
    codewalk_supervisor::supervise_if_requested();
    if let Err(error) = private::keep() {
        let message = format!("cannot protect the memory of this process from other programs: {error}");
        let error = error::CommandError::new(error::ErrorKind::Internal, message).with_source(error);
        error.say();
        return error.exit_code();
    }
    start_log();
    let cli = cli::Cli::read();
    // The panic has printed its message. The exit status distinguishes a bug from a failed agent.
    std::panic::catch_unwind(|| cli.execute()).unwrap_or_else(|_| {
        let message = "codewalk hit an internal error; your data is safe; please report it";
        let error = error::CommandError::new(error::ErrorKind::Internal, message);
        error.say();
        error.exit_code()
    })
}

/// Logs to standard error as `CODEWALK_LOG` specifies; by default, nothing.
fn start_log() {
    let Ok(filter) = std::env::var("CODEWALK_LOG") else { return };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
}

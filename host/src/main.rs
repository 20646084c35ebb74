//! codewalk: routes a wish to a coding agent, asks before it acts, watches it and keeps the history.

mod cli;
mod compose;
mod config;
mod driver;
mod error;
mod orphans;
mod private;
mod query;
mod rebuild;
mod screen;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = private::keep() {
        let message = format!("cannot keep other programs from reading the memory of this one: {error}");
        let error = error::CommandError::new(error::ErrorKind::Internal, message);
        error.say();
        return error.exit_code();
    }
    start_log();
    let cli = cli::Cli::read();
    // What went wrong was said by the panic itself; the exit status tells a fault from an agent's failure.
    std::panic::catch_unwind(|| cli.execute()).unwrap_or_else(|_| {
        let message = "this is a fault of codewalk; what is stored is safe, please report it";
        let error = error::CommandError::new(error::ErrorKind::Internal, message);
        error.say();
        error.exit_code()
    })
}

/// Writes what `CODEWALK_LOG` asks for to standard error; nothing by default.
fn start_log() {
    let Ok(filter) = std::env::var("CODEWALK_LOG") else { return };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
}

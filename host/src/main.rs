//! codewalk: routes a wish to a coding agent, asks before it acts, watches it and keeps the history.

mod cli;
mod compose;
mod config;
mod driver;
mod error;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    start_log();
    cli::Cli::parse().execute()
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

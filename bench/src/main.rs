//! Measures codewalk against its goals: `cargo xtask bench` builds it in release and runs it.
//!
//! Times are those of one machine at one moment, so what can be is measured beside something known: both sides take turns
//! in the same run, and their ratio says more than either. Where the environment says so this program is not the
//! benchmark but an agent that codewalk starts (`agent`), or the parent of a program whose memory is measured
//! (`programs`).

mod agent;
mod corpus;
mod disk;
mod front_end;
mod lines;
mod measure;
mod parser;
mod programs;
mod sandbox;
mod table;
mod user;
mod wishes;

use std::error::Error;
use std::process::ExitCode;

use table::Row;

/// What a measurement comes to.
type Measured<T> = Result<T, Box<dyn Error>>;

/// A measurement, and what it is about.
type Part = (&'static str, fn() -> Measured<Vec<Row>>);

/// In the order they are told. Those that need much memory come after the one that measures memory.
const PARTS: [Part; 7] = [
    ("programs that end", programs::rows),
    ("the sandbox", sandbox::rows),
    ("wishes", wishes::rows),
    ("lines of an agent", lines::rows),
    ("a list of sessions", programs::list),
    ("the parser", parser::rows),
    ("the disk", disk::rows),
];

fn main() -> ExitCode {
    let done = match (agent::role(), programs::to_be_measured()) {
        (Some(role), _) => role.play(),
        (None, Some(command)) => programs::print_peak(command),
        (None, None) => bench(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Measured<()> {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let mut rows = Vec::new();
    for (what, part) in PARTS {
        if only.is_empty() || only.iter().any(|word| what.contains(word.as_str())) {
            eprintln!("measuring {what}");
            rows.extend(part().map_err(|error| format!("{what}: {error}"))?);
        }
    }
    table::print(&rows);
    Ok(())
}

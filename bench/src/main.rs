//! Measures codewalk against its goals: `cargo xtask bench` builds it in release mode and runs it.
//!
//! Times depend on the machine and the moment. If there is a fair reference, the two are measured alternately
//! in the same run, and their ratio says more than either. In separate processes, this program also plays an
//! agent that codewalk starts (`agent`), and acts as the parent of a program whose memory is measured
//! (`programs`).

mod agent;
mod corpus;
mod disk;
mod fallible;
mod front_end;
mod lines;
mod measure;
mod parser;
mod programs;
mod report;
mod requests;
mod sandbox;
mod table;
mod user;

use std::path::Path;
use std::process::ExitCode;

use fallible::Fallible;
use table::Row;

/// A part of the benchmark, with its name.
type Part = (&'static str, fn() -> Fallible<Vec<Row>>);

/// The parts in order. Those that need much memory come after the one that measures memory.
const PARTS: [Part; 7] = [
    ("programs", programs::rows),
    ("sandbox", sandbox::rows),
    ("requests", requests::rows),
    ("lines of an agent", lines::rows),
    ("list of sessions", programs::list),
    ("parser", parser::rows),
    ("disk", disk::rows),
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

fn bench() -> Fallible<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (save, only) = match args.as_slice() {
        [save, file] if save == "--save" => (Some(Path::new(file)), &[][..]),
        only => (None, only),
    };
    let mut rows = Vec::new();
    for (what, part) in PARTS {
        if only.is_empty() || only.iter().any(|word| what.contains(word.as_str())) {
            eprintln!("measuring {what}");
            rows.extend(part().map_err(|error| format!("{what}: {error}"))?);
        }
    }
    let table = table::markdown(&rows);
    print!("{table}");
    save.map_or(Ok(()), |file| report::save(file, &table))
}

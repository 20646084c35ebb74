//! The scripted agent of the demonstration as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    codewalk_executor::demo_agent::run()
}

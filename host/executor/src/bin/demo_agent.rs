//! The scripted agent of the demo, as a separate program.

use std::process::ExitCode;

fn main() -> ExitCode {
    codewalk_executor::demo_agent::run()
}

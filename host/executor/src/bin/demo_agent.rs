//! The scripted agent of the demo, as a separate program. Tests use it as the supervisor too.

use std::process::ExitCode;

fn main() -> ExitCode {
    codewalk_supervisor::supervise_if_requested();
    codewalk_executor::demo_agent::run()
}

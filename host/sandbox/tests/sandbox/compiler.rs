//! A compiler for the tests, as the subcommand of codewalk is one.

use std::process::ExitCode;

use codewalk_sandbox::{COMPILE_ADAPTER, compile_adapter};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    match (args.first().map(String::as_str), &*numbers) {
        (Some(COMPILE_ADAPTER), &[reserved, executing, memory]) => {
            compile_adapter(reserved, executing, memory)
        }
        _ => ExitCode::FAILURE,
    }
}

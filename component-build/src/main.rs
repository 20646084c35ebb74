//! Builds an adapter written in Rust: `build-component DIR [OUTPUT]`, for `cargo xtask component`.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use component_build::{component, toolchain};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(dir) = arguments.next() else {
        eprintln!("error: usage: build-component DIR [OUTPUT]");
        return ExitCode::from(2);
    };
    match build(&dir, arguments.next()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build(dir: &std::path::Path, output: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let built = component::build(dir, &toolchain::find()?)?;
    let path = output.unwrap_or_else(|| built.target_dir.join(&built.name).with_extension("wasm"));
    std::fs::write(&path, &built.bytes)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("{} ({} bytes)", path.display(), built.bytes.len());
    Ok(())
}

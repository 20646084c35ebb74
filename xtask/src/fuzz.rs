//! `cargo xtask fuzz`: builds the fuzz targets and runs each for a while.
//!
//! The stable compiler accepts the flags for coverage instrumentation, so no nightly compiler or other tool
//! is needed.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use crate::process::{self, cargo};

/// How long each target runs in `ci`, in seconds: about a minute for all targets together.
pub const SHORT: u64 = 4;
/// The seeds of targets for agent output.
const RECORDINGS: &str = "host/executor/tests/recordings";
/// Longer than the longest line that is stored completely.
const MAX_INPUT: u32 = 128 * 1024;

/// A file system in memory, where syncing takes no time.
const MEMORY: &str = "/dev/shm";

/// The instrumentation that libFuzzer needs, and the cfg of fuzzed code.
const FLAGS: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// Builds every target, and runs all of them or one.
pub fn run(root: &Path, only: Option<&str>, seconds: u64) -> Result<(), Box<dyn Error>> {
    let targets = targets(root)?;
    if let Some(unknown) = only.filter(|only| !targets.iter().any(|target| target == only)) {
        return Err(format!("unknown fuzz target {unknown:?}; known targets: {}", targets.join(", ")).into());
    }
    let folder = root.join("target/fuzz");
    let triple = triple()?;
    let mut build = cargo();
    build.args(["build", "--release", "--target", &triple]);
    // If a target is given explicitly, the flags do not apply to build scripts and macros.
    build.arg("--manifest-path").arg(root.join("fuzz/Cargo.toml"));
    build.env("CARGO_TARGET_DIR", &folder).env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    process::run(&mut build)?;
    for target in targets.iter().filter(|target| only.is_none_or(|only| only == *target)) {
        eprintln!("fuzzing {target} for {seconds} s");
        let corpus = folder.join("corpus").join(target);
        std::fs::create_dir_all(&corpus)?;
        let own = root.join("fuzz/seeds").join(target);
        let seeds = if own.exists() { own } else { root.join(RECORDINGS) };
        let mut fuzz = Command::new(folder.join(&triple).join("release").join(target));
        fuzz.arg(&corpus).arg(seeds);
        fuzz.arg(format!("-artifact_prefix={}/{target}-", folder.display()));
        fuzz.arg(format!("-max_len={MAX_INPUT}")).arg(format!("-max_total_time={seconds}"));
        fuzz.args(["-timeout=10", "-rss_limit_mb=1024", "-verbosity=0"]);
        if Path::new(MEMORY).is_dir() {
            fuzz.env("TMPDIR", MEMORY);
        }
        process::output(&mut fuzz)?;
    }
    Ok(())
}

fn targets(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for file in std::fs::read_dir(root.join("fuzz/targets"))? {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Returns the compiler's target triple for this machine.
fn triple() -> Result<String, Box<dyn Error>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = process::output(Command::new(rustc).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` does not show its host")?.to_owned())
}

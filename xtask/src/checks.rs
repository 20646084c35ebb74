//! The steps of `cargo xtask test` and `cargo xtask ci`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::apt::Consent;
use crate::process::{self, cargo};
use crate::{circles, clients, direction, fuzz, setup, supply};

/// The adapters in the documentation, built as their authors would build them.
const EXAMPLES: [&str; 2] = ["examples/keyword-router", "examples/short-summarizer"];

/// Example adapters that are not crates.
const GUESTS: [&str; 2] = ["examples/js-router", "examples/python-router"];

/// The test that kills codewalk at random moments.
const TORTURE: &str = "killed_at_any_moment";

/// The maximum length of `main.rs`, which only calls the library.
const MAIN_LINES: usize = 120;

/// Announces steps with the time elapsed.
pub struct Steps(Instant);

impl Steps {
    /// Starts the clock.
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// Announces the next step.
    pub fn step(&self, what: &str) {
        let seconds = self.0.elapsed().as_secs();
        eprintln!("\n==> [{:02}:{:02}] {what}", seconds / 60, seconds % 60);
    }
}

/// Whether tests with real clients may be skipped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// Tests are skipped with a message if their client cannot be installed.
    Optional,
    /// The run fails if a client cannot be installed.
    Required,
}

/// Runs every check.
pub fn ci(root: &Path) -> Result<(), Box<dyn Error>> {
    let steps = Steps::begin();
    steps.step("Setup");
    setup::wasm(Consent::Given)?;
    steps.step("Format");
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    for folder in EXAMPLES.into_iter().chain(["fuzz", "bench/extism-peer"]) {
        let manifest = root.join(folder).join("Cargo.toml");
        process::run(cargo().args(["fmt", "--check", "--manifest-path"]).arg(manifest))?;
    }
    steps.step("Length of main.rs");
    check_main(&root.join("host/src/main.rs"))?;
    steps.step("Direction of dependencies");
    direction::check()?;
    steps.step("Circles of modules");
    circles::check(root)?;
    steps.step("Licences and sources of dependencies");
    supply::check(root)?;
    steps.step("Known vulnerabilities of dependencies");
    supply::advisories(root)?;
    steps.step("Lints");
    let clippy = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    process::run(cargo().args(clippy))?;
    for example in EXAMPLES {
        let mut clippy = cargo();
        clippy.args(["clippy", "--locked", "--manifest-path"]).arg(root.join(example).join("Cargo.toml"));
        // One folder for all of them, since they share dependencies.
        clippy.arg("--target-dir").arg(root.join("target/examples")).args(["--", "-D", "warnings"]);
        process::run(&mut clippy)?;
    }
    steps.step("Documentation");
    let doc = ["doc", "--locked", "--workspace", "--no-deps"];
    process::run(cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings"))?;
    run_tests(root, &steps, Clients::Required)?;
    steps.step("Fuzz targets, for a few seconds each");
    fuzz::run(root, None, fuzz::SHORT)?;
    steps.step("All checks passed");
    Ok(())
}

/// Runs every test.
pub fn test(root: &Path, consent: Consent) -> Result<(), Box<dyn Error>> {
    let steps = Steps::begin();
    steps.step("Setup");
    setup::wasm(consent)?;
    run_tests(root, &steps, Clients::Optional)
}

/// Kills codewalk at random moments.
pub fn torture(moments: u32, seed: Option<u64>) -> Result<(), Box<dyn Error>> {
    setup::wasm(Consent::Ask)?;
    let mut test = cargo();
    test.args(["test", "--package", "codewalk", "--test", "codewalk", "--", "--nocapture", TORTURE]);
    test.env("CODEWALK_TEST_KILLS", moments.to_string());
    test.envs(seed.map(|seed| ("CODEWALK_TEST_SEED", seed.to_string())));
    Ok(process::run(&mut test)?)
}

fn run_tests(root: &Path, steps: &Steps, clients: Clients) -> Result<(), Box<dyn Error>> {
    let mut variables = Vec::new();
    let mut skipped = String::new();

    steps.step("Real clients");
    for (variable, folder, pin) in [
        ("CODEWALK_TEST_CLAUDE", "target/clients", clients::CLAUDE),
        ("CODEWALK_TEST_CLAUDE_NEWEST", "target/clients-newest", clients::NEWEST_CLAUDE),
    ] {
        match clients::claude(&root.join(folder), pin) {
            Ok(binary) => {
                eprintln!("Claude Code: {}", binary.display());
                variables.push((variable, binary));
            }
            Err(error) if clients == Clients::Required => return Err(error.into()),
            Err(error) => skipped += &format!("skipped: tests with Claude Code ({variable}): {error}\n"),
        }
    }
    eprint!("{skipped}");

    steps.step("Example adapters");
    variables.push(("CODEWALK_TEST_EXAMPLES", build_examples(root, &EXAMPLES)?));

    steps.step("Example adapters in other languages");
    match build_examples(root, &GUESTS) {
        Ok(folder) => variables.push(("CODEWALK_TEST_GUESTS", folder)),
        Err(error) if clients == Clients::Required => return Err(error),
        Err(_) => skipped += "skipped: tests with adapters in other languages, because of the error above\n",
    }

    steps.step("Examples in the documentation");
    process::run(cargo().args(["test", "--workspace", "--doc"]))?;

    steps.step("Tests");
    let mut runner = runner();
    if clients == Clients::Required {
        runner.env("CODEWALK_REQUIRE_CLIENTS", "1");
    }
    process::run(runner.envs(variables))?;
    // Repeated below the runner's output, where it is seen.
    eprint!("{skipped}");
    Ok(())
}

/// Builds the example adapters and returns the folder of the components.
fn build_examples(root: &Path, examples: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    let target = root.join("target");
    for example in examples {
        let mut xtask = Command::new(std::env::current_exe()?);
        xtask.arg("component").arg(root.join(example));
        // Beside the shipped adapters, where the standard library is already built.
        process::run(xtask.env("CARGO_TARGET_DIR", &target))?;
    }
    Ok(target)
}

/// Returns the test runner: cargo-nextest, which ends hanging tests, or else cargo's own.
fn runner() -> Command {
    let mut command = cargo();
    if process::output(cargo().args(["nextest", "--version"])).is_ok() {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        command.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    }
    command
}

fn check_main(path: &Path) -> Result<(), Box<dyn Error>> {
    let lines = std::fs::read_to_string(path)?.lines().count();
    if lines > MAIN_LINES {
        return Err(format!("{} has {lines} lines, but may have at most {MAIN_LINES}", path.display()).into());
    }
    Ok(())
}

//! The steps of `cargo xtask test` and `cargo xtask ci`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::process::{self, cargo};
use crate::{circles, clients, direction, fuzz, setup, supply};

/// The adapters that the documentation shows, built as their authors would.
const EXAMPLES: [&str; 2] = ["examples/keyword-router", "examples/short-summarizer"];

/// The ones that are not crates.
const GUESTS: [&str; 2] = ["examples/js-router", "examples/python-router"];

/// The test that kills codewalk at random moments.
const TORTURE: &str = "killed_at_any_moment";

/// What a program whose whole business is wiring may take.
const MAIN_LINES: usize = 120;

/// Says what happens, and how long it took until then.
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

/// Whether tests with real clients may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// They are left out, visibly, where the client cannot be installed.
    Optional,
    /// A client that cannot be installed is a failure.
    Required,
}

/// Runs every check.
pub fn ci(root: &Path) -> Result<(), Box<dyn Error>> {
    let steps = Steps::begin();
    steps.step("Set-up");
    setup::wasm()?;
    steps.step("Format");
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    for own in EXAMPLES.into_iter().chain(["fuzz", "bench/extism-peer"]) {
        process::run(
            cargo().args(["fmt", "--check", "--manifest-path"]).arg(root.join(own).join("Cargo.toml")),
        )?;
    }
    steps.step("Size of main.rs");
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
        // One folder for all of them: what they are built on is the same.
        clippy.arg("--target-dir").arg(root.join("target/examples")).args(["--", "-D", "warnings"]);
        process::run(&mut clippy)?;
    }
    steps.step("Documentation");
    let doc = ["doc", "--locked", "--workspace", "--no-deps"];
    process::run(cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings"))?;
    run_tests(root, &steps, Clients::Required)?;
    steps.step("Fuzz targets, for a moment");
    fuzz::run(root, None, fuzz::SHORT)?;
    steps.step("All checks passed");
    Ok(())
}

/// Runs every test.
pub fn test(root: &Path) -> Result<(), Box<dyn Error>> {
    let steps = Steps::begin();
    steps.step("Set-up");
    setup::wasm()?;
    run_tests(root, &steps, Clients::Optional)
}

/// Kills codewalk at many moments.
pub fn torture(moments: u32, seed: Option<u64>) -> Result<(), Box<dyn Error>> {
    setup::wasm()?;
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
            Err(error) => {
                skipped +=
                    &format!("skipped: tests with the real Claude Code ({variable}), because {error}\n");
            }
        }
    }
    eprint!("{skipped}");

    steps.step("Example adapters");
    variables.push(("CODEWALK_TEST_EXAMPLES", build_examples(root, &EXAMPLES)?));

    steps.step("Example adapters in other languages");
    match build_examples(root, &GUESTS) {
        Ok(folder) => variables.push(("CODEWALK_TEST_GUESTS", folder)),
        Err(error) if clients == Clients::Required => return Err(error),
        Err(_) => {
            skipped += "skipped: the tests with adapters in other languages, because of the error above\n"
        }
    }

    steps.step("Examples in the documentation");
    process::run(cargo().args(["test", "--workspace", "--doc"]))?;

    steps.step("Tests");
    let mut runner = runner();
    if clients == Clients::Required {
        runner.env("CODEWALK_REQUIRE_CLIENTS", "1");
    }
    process::run(runner.envs(variables))?;
    // Said again where it is seen: below the runner's own last lines.
    eprint!("{skipped}");
    Ok(())
}

/// Runs `cargo xtask component` on each example; returns the folder of the components.
fn build_examples(root: &Path, examples: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    let target = root.join("target");
    for example in examples {
        let mut xtask = Command::new(std::env::current_exe()?);
        xtask.arg("component").arg(root.join(example));
        // Beside the adapters that ship: the standard library is there already.
        process::run(xtask.env("CARGO_TARGET_DIR", &target))?;
    }
    Ok(target)
}

/// Returns the test runner: cargo-nextest, which ends a test that hangs, or cargo's own.
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
        return Err(format!("{} has {lines} lines, more than {MAIN_LINES}", path.display()).into());
    }
    Ok(())
}

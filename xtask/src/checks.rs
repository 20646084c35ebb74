//! The steps of `cargo xtask test` and `cargo xtask ci`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use component_build::toolchain::Toolchain;

use crate::apt::Consent;
use crate::process::{self, cargo};
use crate::{ahead, circles, clients, columns, direction, fuzz, setup, supply};

/// The documented adapters, built in the way their authors would build them.
const EXAMPLES: [&str; 2] = ["examples/keyword-router", "examples/short-summarizer"];

/// Example adapters that are not crates.
const GUESTS: [&str; 2] = ["examples/js-router", "examples/python-router"];

/// The ignored tests, grouped by the programs they need, as filters for cargo-nextest.
const CLAUDE_TESTS: &str = "binary(claude_client) | binary(both_clients) \
    | (package(codewalk) & test(/^(claude|claude_at_terminal|crashes)::/))";
const GUEST_TESTS: &str = "package(codewalk) & test(/^(other_languages|adapters_new)::/)";
const PYTHON_TESTS: &str = "package(codewalk) & test(/^headless::/)";
const DISK_TESTS: &str = "package(codewalk) & test(/^disk::/)";

/// Mounts a disk that only one process can see.
const MOUNTS: [&str; 6] = ["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"];

/// The test that kills codewalk at random moments.
const TORTURE: &str = "killed_at_any_moment";

/// The maximum number of lines in `main.rs`, which only calls the library.
const MAIN_LINES: usize = 120;

/// Announces steps, with the time elapsed.
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
    let toolchain = setup::wasm(Consent::Given)?;
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
    steps.step("Module circles");
    circles::check(root)?;
    steps.step("Line length");
    columns::check(root)?;
    steps.step("Licences and sources of dependencies");
    supply::check(root)?;
    steps.step("Known vulnerabilities of dependencies");
    supply::advisories(root)?;
    steps.step("Workflows");
    check_workflows(root)?;
    steps.step("Lints");
    let clippy = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    ahead::compile_guests(root, &toolchain, || process::run(cargo().args(clippy)))?;
    for example in EXAMPLES {
        let mut clippy = cargo();
        clippy.args(["clippy", "--locked", "--manifest-path"]).arg(root.join(example).join("Cargo.toml"));
        // One target folder for all of them, because they share dependencies.
        clippy.arg("--target-dir").arg(root.join("target/examples")).args(["--", "-D", "warnings"]);
        process::run(&mut clippy)?;
    }
    steps.step("Documentation");
    let doc = ["doc", "--locked", "--workspace", "--no-deps"];
    process::run(cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings"))?;
    run_tests(root, &toolchain, &steps, Clients::Required)?;
    steps.step("Fuzz targets, for a few seconds each");
    fuzz::run(root, None, fuzz::SHORT)?;
    steps.step("All checks passed");
    Ok(())
}

/// Runs every test.
pub fn test(root: &Path, consent: Consent) -> Result<(), Box<dyn Error>> {
    let steps = Steps::begin();
    steps.step("Setup");
    let toolchain = setup::wasm(consent)?;
    run_tests(root, &toolchain, &steps, Clients::Optional)
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

fn run_tests(
    root: &Path,
    toolchain: &Toolchain,
    steps: &Steps,
    clients: Clients,
) -> Result<(), Box<dyn Error>> {
    let mut variables = Vec::new();
    let mut skipped = String::new();

    steps.step("Real clients");
    let (mut has_claude, mut has_guests) = (true, true);
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
                has_claude = false;
                skipped += &format!("skipped: tests with Claude Code ({variable}): {error}\n");
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
            has_guests = false;
            skipped += "skipped: tests with adapters in other languages, because of the error above\n";
        }
    }

    steps.step("Examples in the documentation");
    ahead::compile_guests(root, toolchain, || process::run(cargo().args(["test", "--workspace", "--doc"])))?;

    steps.step("Tests");
    process::run(runner().envs(variables.clone()))?;
    steps.step("Tests that need other programs");
    let has_python = clients == Clients::Required || succeeds("python3", &["--version"]);
    let has_disk = succeeds("unshare", &MOUNTS);
    let needs = [
        (CLAUDE_TESTS, has_claude, ""),
        (GUEST_TESTS, has_guests, ""),
        (PYTHON_TESTS, has_python, "skipped: the example front end, because python3 is not installed\n"),
        (DISK_TESTS, has_disk, "skipped: a full disk, because this system does not let a user mount one\n"),
    ];
    let (there, missing): (Vec<_>, Vec<_>) = needs.into_iter().partition(|(_, is_there, _)| *is_there);
    skipped.extend(missing.into_iter().map(|(.., notice)| notice));
    let filters: Vec<_> = there.into_iter().map(|(filter, ..)| format!("({filter})")).collect();
    if !has_nextest() {
        skipped += "skipped: tests that need other programs, because cargo-nextest is not installed\n";
    } else if !filters.is_empty() {
        process::run(ignored_tests(&filters.join(" | ")).envs(variables))?;
    }
    // Repeated after the runner's output, where it is noticed.
    eprint!("{skipped}");
    Ok(())
}

/// Builds the example adapters and returns the folder of the components.
fn build_examples(root: &Path, examples: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    let target = std::path::absolute(process::target_dir(root))?;
    for example in examples {
        let mut xtask = Command::new(std::env::current_exe()?);
        xtask.arg("component").arg(root.join(example));
        // In the target folder of the shipped adapters, where the standard library is already built.
        process::run(xtask.env("CARGO_TARGET_DIR", &target))?;
    }
    Ok(target)
}

/// Returns the test runner: cargo-nextest, which ends tests that hang, or cargo's own if that is not
/// installed.
fn runner() -> Command {
    let mut command = cargo();
    if has_nextest() {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        command.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    }
    command
}

fn has_nextest() -> bool {
    process::output(cargo().args(["nextest", "--version"])).is_ok()
}

/// Returns the runner of the ignored tests that match a filter.
fn ignored_tests(filter: &str) -> Command {
    let mut command = cargo();
    command.args(["nextest", "run", "--workspace", "--no-fail-fast", "--run-ignored", "only", "-E", filter]);
    command
}

/// Returns whether a program is installed and succeeds.
fn succeeds(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Checks `.github/workflows`. If the tool is missing, reports that without failing.
fn check_workflows(root: &Path) -> Result<(), Box<dyn Error>> {
    if !succeeds("actionlint", &["-version"]) {
        eprintln!("NOT CHECKED: actionlint is not installed");
        return Ok(());
    }
    Ok(process::run(Command::new("actionlint").current_dir(root))?)
}

fn check_main(path: &Path) -> Result<(), Box<dyn Error>> {
    let lines = std::fs::read_to_string(path)?.lines().count();
    if lines > MAIN_LINES {
        return Err(format!("{} has {lines} lines, but may have at most {MAIN_LINES}", path.display()).into());
    }
    Ok(())
}

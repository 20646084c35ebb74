//! Setup, checks and releases: see `cargo xtask help`.

mod ahead;
mod apt;
mod checks;
mod circles;
mod clients;
mod columns;
mod direction;
mod dist;
mod fuzz;
mod guests;
mod metadata;
mod pictures;
mod process;
mod setup;
mod supply;

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;

use apt::Consent;

/// Setup, checks and releases of codewalk
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Set up this machine, build codewalk and run its demo
    Demo {
        #[command(flatten)]
        install: Install,
        /// Arguments for `codewalk demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Set up this machine and run every test
    Test(Install),
    /// Kill codewalk at random moments and check its sessions
    Torture {
        /// How many moments
        #[arg(long, default_value_t = 1_000)]
        moments: u32,
        /// Repeat the moments of a seed [default: random]
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Measure codewalk and print a table
    Bench {
        /// A word from the name of a part; `extism` compares the sandbox with extism [default: all]
        part: Option<String>,
        /// Write the table to bench/README.md
        #[arg(long, conflicts_with = "part")]
        save: bool,
    },
    /// Fuzz the parsers of untrusted bytes
    Fuzz {
        /// The fuzz target [default: all]
        target: Option<String>,
        /// How long to run each target
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Run every check, as continuous integration does
    Ci,
    /// Check that no modules of a crate depend on each other
    Circles,
    /// Check that no line of a Rust file is too long
    Columns,
    /// Check licences, sources and known vulnerabilities
    Dependencies,
    /// Build the archives of a release
    Dist {
        /// The target to build for
        #[arg(long, default_value = "x86_64-unknown-linux-gnu")]
        target: String,
    },
    /// Write the bill of materials of a release
    Sbom {
        /// The target to build for
        #[arg(long, default_value = "x86_64-unknown-linux-gnu")]
        target: String,
    },
    /// Render the pictures of the documentation
    Pictures,
    /// Install a WebAssembly compiler if there is none
    Setup(Install),
    /// Build an adapter in Rust, JavaScript or Python
    Component {
        /// The folder of its project
        dir: PathBuf,
        /// Where to write the component [default: target/NAME.wasm in its workspace]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// How packages are installed.
#[derive(clap::Args)]
struct Install {
    /// Install packages without asking
    #[arg(long)]
    yes: bool,
}

impl Install {
    fn consent(&self) -> Consent {
        if self.yes { Consent::Given } else { Consent::Ask }
    }
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    match task {
        Task::Demo { install, arguments } => demo(&root, install.consent(), &arguments),
        Task::Test(install) => checks::test(&root, install.consent()),
        Task::Ci => checks::ci(&root),
        Task::Circles => Ok(circles::check(&root)?),
        Task::Columns => Ok(columns::check(&root)?),
        Task::Dependencies => supply::check(&root).and_then(|()| supply::advisories(&root)),
        Task::Sbom { target } => {
            println!("{}", supply::bill(&root, &target)?.display());
            Ok(())
        }
        Task::Dist { target } => dist::run(&root, &target),
        Task::Pictures => setup::wasm(Consent::Ask).and_then(|_| pictures::run(&root)),
        Task::Torture { moments, seed } => checks::torture(moments, seed),
        Task::Bench { part, save } => bench(&root, part.as_deref(), save),
        Task::Fuzz { target, seconds } => fuzz::run(&root, target.as_deref(), seconds),
        Task::Setup(install) => setup::all(install.consent()),
        Task::Component { dir, output } => component(&root, &dir, output),
    }
}

fn demo(root: &Path, consent: Consent, arguments: &[OsString]) -> Result<(), Box<dyn Error>> {
    let toolchain = setup::wasm(consent)?;
    let mut build = process::cargo();
    build.args(["build", "--package", "codewalk"]);
    ahead::compile_guests(root, &toolchain, || process::run(&mut build))?;
    let mut codewalk = process::cargo();
    codewalk.args(["run", "--package", "codewalk", "--", "demo"]).args(arguments);
    Ok(process::run(&mut codewalk)?)
}

/// The part that compares the sandbox with another host of plugins.
const PEER: &str = "extism";

fn bench(root: &Path, part: Option<&str>, save: bool) -> Result<(), Box<dyn Error>> {
    setup::wasm(Consent::Ask)?;
    let target = process::target_dir(root);
    // Built together, because separate builds would give the dependencies other features.
    process::run(process::cargo().args(["build", "--release", "-p", "codewalk", "-p", "codewalk-bench"]))?;
    let mut bench = Command::new(target.join("release/codewalk-bench"));
    if save {
        bench.arg("--save").arg(root.join("bench/README.md"));
    }
    if part != Some(PEER) {
        return Ok(process::run(bench.args(part))?);
    }
    let manifest = root.join("bench/extism-peer/Cargo.toml");
    let peer = ["build", "--release", "--locked", "--manifest-path"];
    process::run(
        process::cargo().args(peer).arg(manifest).arg("--target-dir").arg(target.join("extism-peer")),
    )?;
    // One after the other, under the same conditions.
    process::run(bench.arg("sandbox"))?;
    Ok(process::run(&mut Command::new(target.join("extism-peer/release/extism-peer")))?)
}

fn component(root: &Path, dir: &Path, output: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let Some(component) = guests::build(dir, root)? else {
        setup::wasm(Consent::Ask)?;
        // A separate program, so that only adapter authors wait for the tools that it is built with.
        let mut build = process::cargo();
        build.args(["run", "--locked", "--package=component-build", "--features=encode"]);
        build.arg("--manifest-path").arg(root.join("Cargo.toml")).arg("--").arg(dir).args(output);
        return Ok(process::run(&mut build)?);
    };
    let path = output.unwrap_or_else(|| component.target_dir.join(&component.name).with_extension("wasm"));
    std::fs::write(&path, &component.bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{} ({} bytes)", path.display(), component.bytes.len());
    Ok(())
}

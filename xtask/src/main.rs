//! Set-up, checks and component builds. `cargo xtask help` says what there is.

mod apt;
mod checks;
mod circles;
mod clients;
mod direction;
mod dist;
mod fuzz;
mod guests;
mod process;
mod setup;
mod supply;

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use component_build::component;

/// Set-up, checks and component builds
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Sets up this machine, builds codewalk and shows its main job
    Demo {
        /// Passed on to `codewalk demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Sets up this machine and runs every test
    Test,
    /// Kills codewalk at many random moments and says what became of its sessions
    Torture {
        /// At how many moments
        #[arg(long, default_value_t = 1_000)]
        moments: u32,
        /// What the moments are derived from, to have the same ones again [default: random]
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Measures codewalk against its goals and prints a table
    Bench {
        /// A word of what is measured; `extism` holds that host of plugins beside the sandbox [default: all]
        only: Option<String>,
    },
    /// Feeds the parsers of foreign bytes with broken ones
    Fuzz {
        /// The fuzz target [default: each]
        target: Option<String>,
        /// How long each runs
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Runs every check, as continuous integration does
    Ci,
    /// Checks that no modules of a crate need each other in a circle
    Circles,
    /// Checks licences, sources and known vulnerabilities of what codewalk is built of
    Dependencies,
    /// Builds the archives of a release
    Dist {
        /// What the release is built for
        #[arg(long, default_value = "x86_64-unknown-linux-gnu")]
        target: String,
    },
    /// Writes the bill of materials of a release
    Sbom {
        /// What the release is built for
        #[arg(long, default_value = "x86_64-unknown-linux-gnu")]
        target: String,
    },
    /// Sets up this machine: gets a compiler for WebAssembly where none is there
    Setup,
    /// Builds an adapter in Rust, JavaScript or Python into a component file
    Component {
        /// The folder of its project
        dir: PathBuf,
        /// Where to write the component [default: target/NAME.wasm in its workspace]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
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
        Task::Demo { arguments } => demo(&arguments),
        Task::Test => checks::test(&root),
        Task::Ci => checks::ci(&root),
        Task::Circles => Ok(circles::check(&root)?),
        Task::Dependencies => supply::check(&root).and_then(|()| supply::advisories(&root)),
        Task::Sbom { target } => {
            println!("{}", supply::bill(&root, &target)?.display());
            Ok(())
        }
        Task::Dist { target } => dist::run(&root, &target),
        Task::Torture { moments, seed } => checks::torture(moments, seed),
        Task::Bench { only } => bench(&root, only.as_deref()),
        Task::Fuzz { target, seconds } => fuzz::run(&root, target.as_deref(), seconds),
        Task::Setup => setup::all(),
        Task::Component { dir, output } => component(&root, &dir, output),
    }
}

fn demo(arguments: &[OsString]) -> Result<(), Box<dyn Error>> {
    setup::wasm()?;
    let mut codewalk = process::cargo();
    codewalk.args(["run", "--package", "codewalk", "--", "demo"]).args(arguments);
    Ok(process::run(&mut codewalk)?)
}

/// The word that measures another host of plugins beside the sandbox.
const PEER: &str = "extism";

fn bench(root: &Path, only: Option<&str>) -> Result<(), Box<dyn Error>> {
    setup::wasm()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    // Built together: alone, each would have dependencies of its own.
    process::run(process::cargo().args(["build", "--release", "-p", "codewalk", "-p", "codewalk-bench"]))?;
    let bench = target.join("release/codewalk-bench");
    if only != Some(PEER) {
        return Ok(process::run(Command::new(bench).args(only))?);
    }
    let manifest = root.join("bench/extism-peer/Cargo.toml");
    let peer = ["build", "--release", "--locked", "--manifest-path"];
    process::run(
        process::cargo().args(peer).arg(manifest).arg("--target-dir").arg(target.join("extism-peer")),
    )?;
    // One after the other, so that the machine is the same.
    process::run(Command::new(bench).arg("sandbox"))?;
    Ok(process::run(&mut Command::new(target.join("extism-peer/release/extism-peer")))?)
}

fn component(root: &Path, dir: &Path, output: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let component = match guests::build(dir, root)? {
        Some(component) => component,
        None => component::build(dir, &setup::wasm()?)?,
    };
    let path = output.unwrap_or_else(|| component.target_dir.join(&component.name).with_extension("wasm"));
    std::fs::write(&path, &component.bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{} ({} bytes)", path.display(), component.bytes.len());
    Ok(())
}

//! What codewalk is built of: licences, sources, known vulnerabilities, and a bill of materials for each release.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, ProcessError, cargo};

/// A program of others that looks at dependencies.
#[derive(Clone, Copy)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
const CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", version: "0.5.9" };

/// Checks licences, sources and what is banned (`deny.toml`). Needs no network once the tool is there.
pub fn check(root: &Path) -> Result<(), Box<dyn Error>> {
    let mut deny = DENY.command(root)?;
    deny.current_dir(root).args(["--locked", "--workspace", "check", "licenses", "sources", "bans"]);
    Ok(process::run(&mut deny)?)
}

/// Checks for known vulnerabilities. Where their list cannot be had nothing is known, which is said and no failure.
pub fn advisories(root: &Path) -> Result<(), Box<dyn Error>> {
    let mut fetch = DENY.command(root)?;
    fetch.current_dir(root).args(["fetch", "db"]);
    // Nobody waits for ever for a network that answers nothing.
    fetch.envs([("GIT_HTTP_LOW_SPEED_LIMIT", "1"), ("GIT_HTTP_LOW_SPEED_TIME", "30")]);
    if let Err(error) = process::output(&mut fetch) {
        eprintln!("NOT CHECKED for known vulnerabilities: their list could not be fetched, because {error}");
        return Ok(());
    }
    let mut deny = DENY.command(root)?;
    deny.current_dir(root).args(["--locked", "--workspace", "check", "--disable-fetch", "advisories"]);
    Ok(process::run(&mut deny)?)
}

/// Writes the bill of materials of the program for a target, as CycloneDX in JSON.
pub fn bill(root: &Path, target: &str) -> Result<PathBuf, Box<dyn Error>> {
    let name = format!("codewalk-{target}.cdx");
    let package = root.join("host");
    let mut tool = CYCLONEDX.command(root)?;
    tool.arg("cyclonedx").arg("--manifest-path").arg(package.join("Cargo.toml"));
    tool.args([
        "--format",
        "json",
        "--spec-version",
        "1.5",
        "--target",
        target,
        "--override-filename",
        &name,
    ]);
    process::run(&mut tool)?;
    // It writes beside the manifest of each package; ours is wanted, where what is built goes.
    let bill = root.join("target").join(format!("{name}.json"));
    std::fs::rename(package.join(format!("{name}.json")), &bill)?;
    Ok(bill)
}

impl Tool {
    /// Returns it in this very version: one that is installed, or else one that is built under `target/`.
    fn command(self, root: &Path) -> Result<Command, ProcessError> {
        let Self { name, version } = self;
        let own = root.join("target/tools");
        let built = own.join("bin").join(name);
        for program in [PathBuf::from(name), built.clone()] {
            let said = process::output(Command::new(&program).arg("--version")).unwrap_or_default();
            if said.split_whitespace().last() == Some(version) {
                return Ok(Command::new(program));
            }
        }
        let mut install = cargo();
        // Optimised it would take longer to build than it saves.
        install.args(["install", "--locked", "--debug", "--version", version, name, "--root"]).arg(&own);
        process::run(&mut install)?;
        Ok(Command::new(built))
    }
}

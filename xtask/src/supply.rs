//! What codewalk is built of: licences, sources, known vulnerabilities, and a bill of materials for each release.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, ProcessError, cargo};

/// A program of others that looks at dependencies.
#[derive(Clone, Copy)]
struct Tool {
    /// Of its package and its program.
    name: &'static str,
    /// What it is called by, as cargo would.
    subcommand: &'static str,
    version: &'static str,
}

const DENY: Tool = Tool { name: "cargo-deny", subcommand: "deny", version: "0.20.2" };
const CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", subcommand: "cyclonedx", version: "0.5.9" };

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
    let mut tool = CYCLONEDX.command(root)?;
    tool.arg("--manifest-path").arg(root.join("host/Cargo.toml"));
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
    let file = format!("{name}.json");
    let text = std::fs::read_to_string(root.join("host").join(&file))?;
    // Each package of the workspace gets one beside its manifest.
    for folder in packages(root)? {
        let _ = std::fs::remove_file(folder.join(&file));
    }
    let bill = root.join("target").join(file);
    // Where it was built is nobody's business.
    std::fs::write(&bill, text.replace(&format!("file://{}", root.display()), "file:///codewalk"))?;
    Ok(bill)
}

/// Returns the folders of the packages of the workspace.
fn packages(root: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root);
    let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut metadata)?)?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let manifests = packages.iter().filter_map(|package| package["manifest_path"].as_str());
    Ok(manifests.filter_map(|manifest| Some(Path::new(manifest).parent()?.to_owned())).collect())
}

impl Tool {
    /// Returns it in this very version: one that is installed, or else one that is built under `target/`.
    fn command(self, root: &Path) -> Result<Command, ProcessError> {
        let Self { name, subcommand, version } = self;
        let own = root.join("target/tools");
        let built = own.join("bin").join(name);
        let command = |program: &Path| {
            let mut command = Command::new(program);
            command.arg(subcommand);
            command
        };
        for program in [Path::new(name), &built] {
            let said = process::output(command(program).arg("--version")).unwrap_or_default();
            if said.split_whitespace().last() == Some(version) {
                return Ok(command(program));
            }
        }
        let mut install = cargo();
        // Optimised it would take longer to build than it saves.
        install.args(["install", "--locked", "--debug", "--version", version, name, "--root"]).arg(&own);
        install.arg("--target-dir").arg(own.join("build"));
        process::run(&mut install)?;
        Ok(command(&built))
    }
}

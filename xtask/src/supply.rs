//! The dependencies of codewalk: licences, sources, known vulnerabilities, and the bill of materials of a
//! release.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::metadata;
use crate::process::{self, ProcessError, cargo};

/// A tool that inspects dependencies.
#[derive(Clone, Copy)]
struct Tool {
    /// The name of its package and program.
    name: &'static str,
    /// Its subcommand of cargo.
    subcommand: &'static str,
    version: &'static str,
}

const DENY: Tool = Tool { name: "cargo-deny", subcommand: "deny", version: "0.20.2" };
const CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", subcommand: "cyclonedx", version: "0.5.9" };

/// Checks licences, sources and bans (`deny.toml`). Needs no network once the tool is installed.
pub fn check(root: &Path) -> Result<(), Box<dyn Error>> {
    let mut deny = DENY.command(root)?;
    deny.current_dir(root).args(["--locked", "--workspace", "check", "licenses", "sources", "bans"]);
    Ok(process::run(&mut deny)?)
}

/// Checks for known vulnerabilities. If their list cannot be fetched, reports that without failing.
pub fn advisories(root: &Path) -> Result<(), Box<dyn Error>> {
    let mut fetch = DENY.command(root)?;
    fetch.current_dir(root).args(["fetch", "db"]);
    // Give up on a network that does not respond.
    fetch.envs([("GIT_HTTP_LOW_SPEED_LIMIT", "1"), ("GIT_HTTP_LOW_SPEED_TIME", "30")]);
    if let Err(error) = process::output(&mut fetch) {
        eprintln!("NOT CHECKED for known vulnerabilities: cannot fetch their list: {error}");
        return Ok(());
    }
    let mut deny = DENY.command(root)?;
    deny.current_dir(root).args(["--locked", "--workspace", "check", "--disable-fetch", "advisories"]);
    Ok(process::run(&mut deny)?)
}

/// Writes the bill of materials of the program for a target, in CycloneDX JSON.
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
    // The tool writes one file next to the manifest of each package.
    for package in metadata::workspace(root)? {
        let _ = std::fs::remove_file(package.folder.join(&file));
    }
    let bill = root.join("target").join(file);
    // The paths of the build machine are private.
    std::fs::write(&bill, text.replace(&format!("file://{}", root.display()), "file:///codewalk"))?;
    Ok(bill)
}

impl Tool {
    /// Returns the command in this version: an installed one, or one built in `target/`.
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
            let output = process::output(command(program).arg("--version")).unwrap_or_default();
            if output.split_whitespace().last() == Some(version) {
                return Ok(command(program));
            }
        }
        let mut install = cargo();
        // An optimized build would take longer than it saves.
        install.args(["install", "--locked", "--debug", "--version", version, name, "--root"]).arg(&own);
        install.arg("--target-dir").arg(own.join("build"));
        process::run(&mut install)?;
        Ok(command(&built))
    }
}

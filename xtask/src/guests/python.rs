//! Adapters in Python: componentize-py combines the module with an interpreter.

use std::path::Path;
use std::process::Command;

use super::cached::make;
use super::project::{Guest, GuestError};
use crate::process;

/// The file that identifies a project in this language. It lists the tools, with versions and digests.
pub(super) const PROJECT: &str = "requirements.txt";
/// The module that implements the port.
const MODULE: &str = "app";

pub(super) fn componentize(guest: &Guest, wit: &Path, component: &Path) -> Result<(), GuestError> {
    let tools = guest.work.join("venv");
    let pins = guest.dir.join(PROJECT);
    make(&tools, &[&pins], || install(&tools, &pins))?;
    let mut python = Command::new(tools.join("bin/componentize-py"));
    python.arg("--quiet").arg("--wit-path").arg(wit).arg("--world").arg(guest.world());
    python.args(["componentize", MODULE, "--python-path"]).arg(&guest.dir).arg("--output").arg(component);
    // Only the pinned libraries are used.
    python.env("VIRTUAL_ENV", &tools).current_dir(&guest.work);
    Ok(process::run(&mut python)?)
}

fn install(tools: &Path, pins: &Path) -> Result<(), GuestError> {
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]);
    if process::output(Command::new("python3").args(["-m", "venv", "--help"])).is_err() {
        return Err(GuestError::NoProgram {
            program: "python3 -m venv",
            language: "Python",
            package: "Debian's package python3-venv",
        });
    }
    process::run(venv.arg("--clear").arg(tools))?;
    let mut pip = Command::new(tools.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    Ok(process::run(pip.args(["--require-hashes", "--only-binary=:all:", "--requirement"]).arg(pins))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_of_the_example_are_pinned_by_digest_without_addresses() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/python-router/requirements.txt");
        let requirements = std::fs::read_to_string(file).unwrap();
        assert!(requirements.contains("componentize-py==") && requirements.contains("--hash=sha256:"));
        assert!(!requirements.contains("://"));
    }
}

//! Adapters in Python: componentize-py puts the module and an interpreter into one component.

use std::path::Path;
use std::process::Command;

use super::{Guest, GuestError, make};
use crate::process;

/// What a project in this language has: all that is installed, with versions and digests.
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
    // Libraries are those of the pins.
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
            brought_by: "Debian's package python3-venv",
        });
    }
    process::run(venv.arg("--clear").arg(tools))?;
    let mut pip = Command::new(tools.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    Ok(process::run(pip.args(["--require-hashes", "--only-binary=:all:", "--requirement"]).arg(pins))?)
}

//! Adapters in JavaScript: componentize-js puts the module and an engine into one component.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Guest, GuestError, at, make};
use crate::process;

/// What a project in this language has.
pub(super) const PROJECT: &str = "package.json";
/// What npm installs from.
const LOCK: &str = "package-lock.json";
/// What npm may be told.
const SETTINGS: &str = ".npmrc";

const COMPONENTIZE: &str = include_str!("../../guests/componentize.mjs");

pub(super) fn componentize(guest: &Guest, wit: &Path, component: &Path) -> Result<(), GuestError> {
    let tools = guest.work.join("npm");
    if !guest.dir.join(LOCK).is_file() {
        return Err(GuestError::Project {
            dir: guest.dir.clone(),
            why: format!(
                "it has no {LOCK}, which pins its tools; `npm install --package-lock-only` there writes it"
            ),
        });
    }
    let has_settings = guest.dir.join(SETTINGS).is_file();
    let pins: Vec<PathBuf> = [PROJECT, LOCK]
        .into_iter()
        .chain(has_settings.then_some(SETTINGS))
        .map(|name| guest.dir.join(name))
        .collect();
    let made_of: Vec<&Path> = pins.iter().map(PathBuf::as_path).collect();
    make(&tools, &made_of, || install(&tools, &pins))?;
    // Node looks for packages beside the script.
    let script = tools.join("componentize.mjs");
    fs::write(&script, COMPONENTIZE).map_err(at(&script))?;
    let mut node = Command::new("node");
    node.arg(script).arg(guest.dir.join(main(guest)?)).arg(wit).arg(guest.world()).arg(component);
    Ok(process::run(node.current_dir(&guest.dir))?)
}

fn install(tools: &Path, pins: &[PathBuf]) -> Result<(), GuestError> {
    if process::output(Command::new("npm").arg("--version")).is_err() {
        return Err(GuestError::NoProgram { program: "npm", language: "JavaScript", brought_by: "Node.js" });
    }
    // Settings that are no longer there must not stay.
    if tools.exists() {
        fs::remove_dir_all(tools).map_err(at(tools))?;
    }
    fs::create_dir_all(tools).map_err(at(tools))?;
    for pin in pins {
        fs::copy(pin, tools.join(pin.file_name().unwrap_or_default())).map_err(at(pin))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(tools);
    Ok(process::run(&mut npm)?)
}

/// Returns the module that implements the port.
fn main(guest: &Guest) -> Result<String, GuestError> {
    let path = guest.dir.join(PROJECT);
    let package = fs::read(&path).map_err(at(&path))?;
    let package: serde_json::Value = serde_json::from_slice(&package).unwrap_or_default();
    package["main"].as_str().map(str::to_owned).ok_or_else(|| GuestError::Project {
        dir: guest.dir.clone(),
        why: "its package.json must say in \"main\" which module implements the port".to_owned(),
    })
}

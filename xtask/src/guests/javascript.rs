//! Adapters in JavaScript: componentize-js combines the module with an engine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cached::make;
use super::project::{Guest, GuestError, at};
use crate::process;

/// The file that identifies a project in this language.
pub(super) const PROJECT: &str = "package.json";
/// The file that npm installs from.
const LOCK: &str = "package-lock.json";
/// Settings of npm.
const SETTINGS: &str = ".npmrc";

const COMPONENTIZE: &str = include_str!("../../guests/componentize.mjs");

pub(super) fn componentize(guest: &Guest, wit: &Path, component: &Path) -> Result<(), GuestError> {
    let tools = guest.work.join("npm");
    if !guest.dir.join(LOCK).is_file() {
        return Err(GuestError::Project {
            dir: guest.dir.clone(),
            problem: format!(
                "there is no {LOCK} to pin the tools; create it with `npm install --package-lock-only`"
            ),
        });
    }
    let has_settings = guest.dir.join(SETTINGS).is_file();
    let pins: Vec<PathBuf> = [PROJECT, LOCK]
        .into_iter()
        .chain(has_settings.then_some(SETTINGS))
        .map(|name| guest.dir.join(name))
        .collect();
    let sources: Vec<&Path> = pins.iter().map(PathBuf::as_path).collect();
    make(&tools, &sources, || install(&tools, &pins))?;
    // Node looks for packages next to the script.
    let script = tools.join("componentize.mjs");
    fs::write(&script, COMPONENTIZE).map_err(at(&script))?;
    let mut node = Command::new("node");
    node.arg(script).arg(guest.dir.join(main(guest)?)).arg(wit).arg(guest.world()).arg(component);
    Ok(process::run(node.current_dir(&guest.dir))?)
}

fn install(tools: &Path, pins: &[PathBuf]) -> Result<(), GuestError> {
    if process::output(Command::new("npm").arg("--version")).is_err() {
        return Err(GuestError::NoProgram { program: "npm", language: "JavaScript", package: "Node.js" });
    }
    // Removes settings that the project no longer has.
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
        problem: "package.json needs \"main\", the module that implements the port".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_without_a_lock_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, work) = (folder.path().to_path_buf(), folder.path().join("work"));
        let (name, port) = ("mine".to_owned(), "router".to_owned());
        let guest = Guest { dir, name, port, manifest: String::new(), work };
        let error = componentize(&guest, folder.path(), folder.path()).unwrap_err().to_string();
        assert!(error.contains("there is no package-lock.json to pin the tools"), "{error}");
    }

    #[test]
    fn the_tools_of_the_example_are_pinned_by_digest_without_addresses() {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/js-router/package-lock.json");
        let lock: serde_json::Value = serde_json::from_str(&fs::read_to_string(lock).unwrap()).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(packages.contains_key("node_modules/@bytecodealliance/componentize-js"));
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].is_string() && package["resolved"].is_null(), "{name}");
        }
    }
}

//! What a machine needs beyond cargo.

use std::error::Error;
use std::process::Command;

use component_build::toolchain::{self, Toolchain};

use crate::apt;
use crate::process::{self, cargo};

/// Sees to it that adapters can be built here, and says what is there.
pub fn all() -> Result<(), Box<dyn Error>> {
    wasm()?;
    say("npm", Command::new("npm").arg("--version"), "the tests with real clients are skipped without it");
    say("cargo-nextest", cargo().args(["nextest", "--version"]), "cargo's own test runner is used instead");
    Ok(())
}

/// Sees to it that adapters can be built here: installs Debian's compiler where no other way is there.
pub fn wasm() -> Result<Toolchain, Box<dyn Error>> {
    let found = match toolchain::find() {
        Ok(found) => found,
        Err(missing) => {
            eprintln!("{}", missing.found);
            eprintln!("Debian has one that can, in the packages {}", missing.debian_packages.join(", "));
            apt::install(&missing.debian_packages)?;
            toolchain::find()?
        }
    };
    eprintln!("adapters: {found}");
    Ok(found)
}

fn say(what: &str, ask: &mut Command, otherwise: &str) {
    match process::output(ask) {
        Ok(version) => eprintln!("{what}: {}", version.lines().next().unwrap_or_default()),
        Err(_) => eprintln!("{what}: not there; {otherwise}"),
    }
}

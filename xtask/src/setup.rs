//! Installs everything that a machine needs besides cargo.

use std::error::Error;
use std::process::Command;

use component_build::toolchain::{self, Toolchain};

use crate::apt::{self, Consent};
use crate::process::{self, cargo};

/// Checks that adapters can be built on this machine, and reports the available tools.
pub fn all(consent: Consent) -> Result<(), Box<dyn Error>> {
    wasm(consent)?;
    report("npm", Command::new("npm").arg("--version"), "tests with real clients are skipped");
    report("cargo-nextest", cargo().args(["nextest", "--version"]), "cargo's own test runner is used");
    Ok(())
}

/// Makes sure that adapters can be built on this machine: if there is no WebAssembly compiler, installs
/// Debian's.
pub fn wasm(consent: Consent) -> Result<Toolchain, Box<dyn Error>> {
    let toolchain = match toolchain::find() {
        Ok(toolchain) => toolchain,
        Err(missing) => {
            eprintln!("{}", missing.found);
            eprintln!("Debian has a compiler for adapters in {}", missing.debian_packages.join(", "));
            apt::install(&missing.debian_packages, consent)?;
            toolchain::find()?
        }
    };
    eprintln!("adapters: {toolchain}");
    Ok(toolchain)
}

fn report(tool: &str, version: &mut Command, without: &str) {
    match process::output(version) {
        Ok(version) => eprintln!("{tool}: {}", version.lines().next().unwrap_or_default()),
        Err(_) => eprintln!("{tool}: not installed; {without}"),
    }
}

//! Installs Debian packages, and only ever adds: where apt would remove something, that is the user's choice.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use crate::process::{self, ProcessError};

/// Why nothing was installed.
#[derive(Debug, thiserror::Error)]
pub enum AptError {
    /// There is no apt-get.
    #[error(
        "there is no apt-get here: install the target with `rustup target add {}`",
        component_build::toolchain::TARGET
    )]
    NotDebian,
    /// Only root may install.
    #[error("only root may install packages; run this, then try again:\n  sudo sh -c '{0}'")]
    NotRoot(String),
    /// Something the user has would go.
    #[error(
        "apt would remove {} for it, which is yours to decide; run this, then try again:\n  {command}",
        packages.join(", ")
    )]
    WouldRemove { packages: Vec<String>, command: String },
    /// apt-get failed.
    #[error("{source}\nWhat was to be done:\n  {command}")]
    Failed { source: ProcessError, command: String },
}

/// Installs packages.
pub fn install(packages: &[&str]) -> Result<(), AptError> {
    let apt_get = || {
        let mut command = Command::new("apt-get");
        // A machine that has just started may be installing its own updates.
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-o", "DPkg::Lock::Timeout=300"]);
        command
    };
    let add = |flags: &[&str]| {
        let mut command = apt_get();
        command.arg("install").args(flags).arg("--no-install-recommends").args(packages);
        command
    };
    let by_hand = |flags| {
        let packages = packages.join(" ");
        format!("apt-get update && apt-get install {flags} {packages}")
    };
    let failed =
        |source| AptError::Failed { source, command: by_hand("-y --no-remove --no-install-recommends") };

    if process::output(apt_get().arg("--version")).is_err() {
        return Err(AptError::NotDebian);
    }
    if !is_root() {
        return Err(AptError::NotRoot(by_hand("-y --no-remove --no-install-recommends")));
    }
    process::run(apt_get().arg("update")).map_err(failed)?;
    let simulation = process::output(&mut add(&["--simulate"])).map_err(failed)?;
    let removed = removed_by(&simulation);
    if !removed.is_empty() {
        return Err(AptError::WouldRemove { packages: removed, command: by_hand("--no-install-recommends") });
    }
    process::run(&mut add(&["-y", "--no-remove"])).map_err(failed)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Reads what `apt-get install --simulate` would remove.
fn removed_by(simulation: &str) -> Vec<String> {
    let removals = simulation.lines().filter_map(|line| line.strip_prefix("Remv "));
    removals.filter_map(|rest| rest.split_whitespace().next()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removals_are_read_off_a_simulation() {
        let simulation = "Reading package lists...
The following packages will be REMOVED:
  cargo rustc
Remv cargo [0.66.0+ds1-1]
Remv rustc [1.63.0+dfsg1-2] [libstd-rust-dev:amd64 ]
Inst rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
Conf rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])";
        assert_eq!(removed_by(simulation), ["cargo", "rustc"]);
    }

    #[test]
    fn a_simulation_that_only_adds_removes_nothing() {
        let simulation = "The following NEW packages will be installed:
  rustc-web
Inst rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
Conf rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])";
        assert!(removed_by(simulation).is_empty());
    }
}

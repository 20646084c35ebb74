//! Installs Debian packages. It never removes any: if apt would remove packages, the user has to decide.

use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use crate::process::{self, ProcessError};

/// Why nothing was installed.
#[derive(Debug, thiserror::Error)]
pub enum AptError {
    /// apt-get is missing.
    #[error(
        "there is no apt-get here: install the target with `rustup target add {}`",
        component_build::toolchain::TARGET
    )]
    NotDebian,
    /// Only root may install packages.
    #[error("only root may install packages; run this, then try again:\n  sudo sh -c '{0}'")]
    NotRoot(String),
    /// apt would remove packages that the user has installed.
    #[error(
        "apt would remove {}, which is your decision; run this, then try again:\n  {command}",
        packages.join(", ")
    )]
    WouldRemove { packages: Vec<String>, command: String },
    /// The user said no.
    #[error("nothing was installed; to install the packages yourself, run:\n  {0}")]
    Declined(String),
    /// The user could not be asked.
    #[error("cannot read the answer: {0}")]
    Ask(#[from] std::io::Error),
    /// apt-get failed.
    #[error("{source}\nthe failed command:\n  {command}")]
    Failed { source: ProcessError, command: String },
}

/// Whether packages are installed without asking.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The user is asked, if standard input is a terminal.
    Ask,
    /// The user has consented in advance, or a machine runs this.
    Given,
}

/// Installs packages.
pub fn install(packages: &[&str], consent: Consent) -> Result<(), AptError> {
    let apt_get = || {
        let mut command = Command::new("apt-get");
        // A machine that has just started may still be installing its own updates.
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
    let safely = || by_hand("-y --no-remove --no-install-recommends");
    let failed = |source| AptError::Failed { source, command: safely() };

    if process::output(apt_get().arg("--version")).is_err() {
        return Err(AptError::NotDebian);
    }
    if !is_root() {
        return Err(AptError::NotRoot(safely()));
    }
    process::run(apt_get().arg("update")).map_err(failed)?;
    let simulation = process::output(&mut add(&["--simulate"])).map_err(failed)?;
    let removed = actions("Remv", &simulation);
    if !removed.is_empty() {
        return Err(AptError::WouldRemove { packages: removed, command: by_hand("--no-install-recommends") });
    }
    let listing = listing(&actions("Inst", &simulation));
    eprintln!("{listing}");
    let input = std::io::stdin();
    if consent == Consent::Ask && input.is_terminal() && !is_confirmed(input.lock(), std::io::stderr())? {
        return Err(AptError::Declined(safely()));
    }
    process::run(&mut add(&["-y", "--no-remove"])).map_err(failed)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Describes the packages to be installed.
fn listing(packages: &[String]) -> String {
    format!("This installs {} Debian packages:\n  {}", packages.len(), packages.join(" "))
}

/// Returns whether the user says yes.
fn is_confirmed(mut input: impl BufRead, mut output: impl Write) -> std::io::Result<bool> {
    write!(output, "Continue? [y/N] ")?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
}

/// Returns the packages for which the output of `apt-get install --simulate` contains an action.
fn actions(action: &str, simulation: &str) -> Vec<String> {
    let lines = simulation.lines().filter_map(|line| line.strip_prefix(action)?.strip_prefix(' '));
    lines.filter_map(|rest| rest.split_whitespace().next()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMOVING: &str = "Reading package lists...
The following packages will be REMOVED:
  cargo rustc
Remv cargo [0.66.0+ds1-1]
Remv rustc [1.63.0+dfsg1-2] [libstd-rust-dev:amd64 ]
Inst rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
Conf rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])";

    #[test]
    fn removals_and_installations_are_read_from_a_simulation() {
        assert_eq!(actions("Remv", REMOVING), ["cargo", "rustc"]);
        assert_eq!(actions("Inst", REMOVING), ["rustc-web"]);
    }

    #[test]
    fn a_simulation_that_only_adds_removes_nothing() {
        let simulation = "The following NEW packages will be installed:
  rustc-web
Inst rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])
Conf rustc-web (1.96.0+dfsg1-1~deb12u2 Debian-Security:12/oldstable-security [amd64])";
        assert!(actions("Remv", simulation).is_empty());
    }

    #[test]
    fn packages_are_named_before_the_user_is_asked() {
        let packages = ["cargo".to_owned(), "rustc-web".to_owned()];
        assert_eq!(listing(&packages), "This installs 2 Debian packages:\n  cargo rustc-web");
    }

    #[test]
    fn only_an_explicit_yes_confirms() {
        for (answer, confirmed) in
            [("y\n", true), ("Yes\n", true), ("\n", false), ("", false), ("n\n", false), ("maybe\n", false)]
        {
            let mut output = Vec::new();
            assert_eq!(is_confirmed(answer.as_bytes(), &mut output).unwrap(), confirmed, "{answer:?}");
            assert_eq!(output, b"Continue? [y/N] ");
        }
    }
}

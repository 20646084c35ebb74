//! The real agents for tests, pinned in `clients/` and installed in `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, ProcessError};

/// The files for npm that pin a client.
#[derive(Clone, Copy)]
pub struct Pin([(&'static str, &'static str); 3]);

/// The version for all tests.
pub const CLAUDE: Pin = Pin([
    (".npmrc", include_str!("../clients/.npmrc")),
    ("package.json", include_str!("../clients/package.json")),
    ("package-lock.json", include_str!("../clients/package-lock.json")),
]);

/// The newest version, for a few additional tests.
pub const NEWEST_CLAUDE: Pin = Pin([
    (".npmrc", include_str!("../clients/newest/.npmrc")),
    ("package.json", include_str!("../clients/newest/package.json")),
    ("package-lock.json", include_str!("../clients/newest/package-lock.json")),
]);

/// Why a client cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// npm is missing.
    #[error("npm is missing; install Node.js")]
    NoNpm,
    /// npm failed.
    #[error(transparent)]
    Npm(#[from] ProcessError),
    /// Its folder cannot be written.
    #[error("{}: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    /// npm succeeded, but the client does not run on this machine.
    #[error("no client that npm installed in {} runs here as version {version}", folder.display())]
    DoesNotRun { folder: PathBuf, version: String },
}

/// Returns the native binary of Claude Code in the pinned version, after installing it if necessary.
///
/// The package's entry point is not used, because that Node script does not forward signals. Its install
/// script is not used either, because it only links the binary.
pub fn claude(folder: &Path, pin: Pin) -> Result<PathBuf, ClientError> {
    let version = pin.version();
    if let Some(binary) = installed(folder, &version) {
        return Ok(binary);
    }
    if process::output(Command::new("npm").arg("--version")).is_err() {
        return Err(ClientError::NoNpm);
    }
    let folder_error = |source| ClientError::Folder { path: folder.to_path_buf(), source };
    std::fs::create_dir_all(folder).map_err(folder_error)?;
    for (name, content) in pin.0 {
        std::fs::write(folder.join(name), content).map_err(folder_error)?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    process::run(&mut npm)?;
    installed(folder, &version)
        .ok_or_else(|| ClientError::DoesNotRun { folder: folder.to_path_buf(), version })
}

/// Returns the binary from the platform package for this machine, in this version.
fn installed(folder: &Path, version: &str) -> Option<PathBuf> {
    let packages = std::fs::read_dir(folder.join("node_modules/@anthropic-ai")).ok()?;
    packages.flatten().map(|package| package.path().join("claude")).find(|binary| {
        process::output(Command::new(binary).arg("--version"))
            .is_ok_and(|answer| answer.split_whitespace().next() == Some(version))
    })
}

impl Pin {
    fn version(self) -> String {
        let package: serde_json::Value = serde_json::from_str(self.0[1].1).unwrap_or_default();
        package["dependencies"]["@anthropic-ai/claude-code"].as_str().unwrap_or_default().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_is_pinned_to_one_version() {
        for version in [CLAUDE.version(), NEWEST_CLAUDE.version()] {
            assert!(version.split('.').count() == 3, "{version}");
            assert!(version.chars().all(|c| c.is_ascii_digit() || c == '.'), "{version}");
        }
        assert_ne!(CLAUDE.version(), NEWEST_CLAUDE.version());
    }

    #[test]
    fn each_lock_names_the_pinned_version_and_no_address() {
        for pin in [CLAUDE, NEWEST_CLAUDE] {
            let lock = pin.0[2].1;
            assert!(lock.contains(&format!("\"@anthropic-ai/claude-code\": \"{}\"", pin.version())));
            assert!(!lock.contains("://"));
        }
    }
}

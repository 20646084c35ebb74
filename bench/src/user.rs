//! A scratch user of codewalk, and the programs of this build.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::fallible::Fallible;

/// A home folder and a repository.
pub struct User {
    root: TempDir,
}

impl User {
    /// Creates a user with a configuration.
    pub fn new(toml: &str) -> Fallible<Self> {
        let user = Self { root: tempfile::tempdir()? };
        std::fs::create_dir(user.home())?;
        std::fs::create_dir(user.project())?;
        std::fs::write(user.home().join("config.toml"), toml)?;
        let git = Command::new("git").args(["init", "--quiet"]).current_dir(user.project()).status();
        git.map_err(|error| format!("git: {error}"))?;
        Ok(user)
    }

    /// Returns codewalk's home folder.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Returns the folder that agents work in.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("shop")
    }

    /// Returns a command that runs codewalk without standard streams.
    pub fn codewalk(&self, args: &[&str]) -> Fallible<Command> {
        let mut command = Command::new(codewalk()?);
        command.args(args).current_dir(self.project());
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("CODEWALK_HOME", self.home()).env("HOME", self.home());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    }
}

/// Runs a program, which must succeed.
pub fn run(command: &mut Command) -> Fallible<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// Returns the path of this program.
pub fn this() -> Fallible<PathBuf> {
    Ok(std::env::current_exe()?)
}

/// Returns the path of codewalk in this build.
pub fn codewalk() -> Fallible<PathBuf> {
    let codewalk = this()?.parent().map(|folder| folder.join("codewalk")).filter(|path| path.exists());
    Ok(codewalk.ok_or("no codewalk beside this program; run `cargo xtask bench`")?)
}

/// Returns the total size of the files in a folder.
pub fn size(folder: &Path) -> Fallible<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

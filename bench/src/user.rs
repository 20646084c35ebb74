//! A scratch user of codewalk, and what is built beside this program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::Measured;

/// A home folder of its own, and a repository to work in.
pub struct User {
    root: TempDir,
}

impl User {
    /// Makes one, whose configuration is `toml`.
    pub fn new(toml: &str) -> Measured<Self> {
        let user = Self { root: tempfile::tempdir()? };
        std::fs::create_dir(user.home())?;
        std::fs::create_dir(user.project())?;
        std::fs::write(user.home().join("config.toml"), toml)?;
        let git = Command::new("git").args(["init", "--quiet"]).current_dir(user.project()).status();
        git.map_err(|error| format!("git: {error}"))?;
        Ok(user)
    }

    /// Returns the folder of codewalk's own files.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Returns the folder agents work in.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("shop")
    }

    /// Returns codewalk, with nothing on its standard streams.
    pub fn codewalk(&self, args: &[&str]) -> Measured<Command> {
        let mut command = Command::new(codewalk()?);
        command.args(args).current_dir(self.project());
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("CODEWALK_HOME", self.home()).env("HOME", self.home());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    }
}

/// Runs a program to its end, which must be a good one.
pub fn run(command: &mut Command) -> Measured<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// Returns this program.
pub fn this() -> Measured<PathBuf> {
    Ok(std::env::current_exe()?)
}

/// Returns the codewalk that was built with this program.
pub fn codewalk() -> Measured<PathBuf> {
    let codewalk = this()?.parent().map(|folder| folder.join("codewalk")).filter(|path| path.exists());
    Ok(codewalk.ok_or("there is no codewalk beside this program; run it with: cargo xtask bench")?)
}

/// Returns how many bytes the files below a folder have.
pub fn size(folder: &Path) -> Measured<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

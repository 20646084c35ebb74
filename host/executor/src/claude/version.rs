//! Determines the version of Claude Code. The answer is cached until the program changes.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;

use crate::text::one_line;

/// How long a program may take to report its version.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many bytes of its output are read.
const MAX_SAID: u64 = 4096;
/// The maximum length of a version line, in bytes.
const MAX_LINE: usize = 80;
/// The maximum number of remembered programs.
const MAX_KNOWN: usize = 32;
/// The maximum size of the file of versions, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// A version of Claude Code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The first version in which the mode that asks is called `manual`. Earlier versions call it `default`.
    pub(crate) const MANUAL: Self = Self(2, 1, 200);
    /// The oldest version that codewalk can use.
    pub const OLDEST: Self = Self(2, 0, 30);

    /// Finds the version in a line such as `2.1.330 (Claude Code)`.
    fn find(line: &str) -> Option<Self> {
        let mut numbers = line.split_whitespace().next()?.splitn(3, '.');
        let mut number = || {
            let digits = numbers.next()?;
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits[..end].parse().ok()
        };
        Some(Self(number()?, number()?, number()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Why the version of a program is unknown.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The program takes too long.
    #[error("--version took longer than {} s", PATIENCE.as_secs())]
    Slow(#[from] tokio::time::error::Elapsed),
    /// The program cannot be executed.
    #[error("--version cannot be run: {0}")]
    Run(#[from] io::Error),
    /// The program fails.
    #[error("--version ended with {0}")]
    Failed(ExitStatus),
    /// The program prints nothing.
    #[error("--version said nothing")]
    Silent,
    /// The program prints something else.
    #[error("--version said {0:?}")]
    Other(String),
}

/// Why codewalk cannot use a program as Claude Code. The message follows the path of the program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnusableClaude {
    /// The program is too old.
    #[error(
        "is Claude Code {0}, and codewalk needs {oldest} or newer; update it with `claude update` or `npm \
         install -g @anthropic-ai/claude-code`",
        oldest = Version::OLDEST
    )]
    TooOld(Version),
    /// The program does not report that it is Claude Code.
    #[error("is not Claude Code, or it cannot be used: {0}; see: codewalk doctor")]
    NotClaude(#[from] VersionError),
}

/// The version that Claude Code reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaudeVersion {
    line: String,
    version: Option<Version>,
}

impl ClaudeVersion {
    /// Asks a program for its version.
    ///
    /// # Errors
    /// If it is not Claude Code or cannot be executed.
    pub async fn ask(
        program: &Path,
        env: &BTreeMap<String, String>,
        removed_env: &[String],
    ) -> Result<Self, VersionError> {
        let mut command = tokio::process::Command::new(program);
        command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        for variable in removed_env {
            command.env_remove(variable);
        }
        command.envs(env);
        let output = async {
            let mut child = command.stdout(Stdio::piped()).spawn()?;
            let mut text = Vec::new();
            if let Some(stdout) = child.stdout.take() {
                stdout.take(MAX_SAID).read_to_end(&mut text).await?;
            }
            io::Result::Ok((child.wait().await?, text))
        };
        let (status, text) = tokio::time::timeout(PATIENCE, output).await??;
        if !status.success() {
            return Err(VersionError::Failed(status));
        }
        let text = String::from_utf8_lossy(&text);
        match text.lines().find(|line| line.contains("Claude Code")) {
            Some(line) => Ok(Self { line: one_line(line, MAX_LINE), version: Version::find(line) }),
            None if text.trim().is_empty() => Err(VersionError::Silent),
            None => Err(VersionError::Other(one_line(&text, MAX_LINE))),
        }
    }

    /// Returns the line that the program printed.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Returns the version, if the line has the known form.
    #[must_use]
    pub const fn version(&self) -> Option<Version> {
        self.version
    }

    /// Returns whether the version is too old for codewalk.
    #[must_use]
    pub fn is_too_old(&self) -> bool {
        self.version.is_some_and(|version| version < Version::OLDEST)
    }

    /// Returns what the user should know about the version.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let old = self.version.filter(|version| *version < Version::MANUAL)?;
        Some(format!(
            "{old} does not know --permission-mode manual yet; it is started with default, which asks the \
             same"
        ))
    }
}

/// The versions of programs, in memory and in a file.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    file: Option<PathBuf>,
    known: Mutex<Option<Known>>,
}

/// Versions by the paths of their programs.
type Known = BTreeMap<PathBuf, KnownVersion>;

/// A version, with the file it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KnownVersion {
    size: u64,
    /// The modification time, in nanoseconds since 1970.
    changed: u64,
    version: Version,
}

impl Versions {
    /// Stores versions in a file, or only in memory.
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { file, known: Mutex::default() }
    }

    /// Returns the version of a program that codewalk can use, if the version is known.
    ///
    /// # Errors
    /// If it is too old, is not Claude Code, or cannot be run.
    pub(crate) async fn usable(
        &self,
        program: &Path,
        env: &BTreeMap<String, String>,
        removed_env: &[String],
    ) -> Result<Option<Version>, UnusableClaude> {
        match self.of(program, env, removed_env).await? {
            Some(version) if version < Version::OLDEST => Err(UnusableClaude::TooOld(version)),
            version => Ok(version),
        }
    }

    /// Returns the version of a program, or `None` if the program does not report one, or takes too long.
    ///
    /// # Errors
    /// If it is not Claude Code or cannot be executed.
    async fn of(
        &self,
        program: &Path,
        env: &BTreeMap<String, String>,
        removed_env: &[String],
    ) -> Result<Option<Version>, VersionError> {
        let Some((size, changed)) = facts(program) else { return Ok(None) };
        let remembered = self.known().get(program).copied();
        let is_same = |known: &KnownVersion| known.size == size && known.changed == changed;
        // A rejected program is asked again, because a link or a wrapper may by now lead to another one.
        if let Some(known) = remembered.filter(|known| is_same(known) && known.version >= Version::OLDEST) {
            return Ok(Some(known.version));
        }
        let answer = ClaudeVersion::ask(program, env, removed_env).await;
        match answer.map(|reported| reported.version()) {
            Ok(Some(version)) => {
                self.remember(program, KnownVersion { size, changed, version });
                Ok(Some(version))
            }
            Ok(None) => Ok(None),
            // The machine may be busy.
            Err(error @ VersionError::Slow(_)) => {
                tracing::warn!(program = %program.display(), %error, "a version is not known");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn known(&self) -> Known {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_with(|| self.file.as_deref().map(read).unwrap_or_default()).clone()
    }

    fn remember(&self, program: &Path, new: KnownVersion) {
        let mut known = self.known();
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(program.to_owned(), new);
        if let Some(file) = &self.file
            && let Err(error) = write(file, &known)
        {
            // The next process will ask again.
            tracing::debug!(file = %file.display(), %error, "a version cannot be remembered");
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

/// Returns the size and the modification time of a program.
fn facts(program: &Path) -> Option<(u64, u64)> {
    let metadata = program.metadata().ok()?;
    let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((metadata.len(), u64::try_from(changed.as_nanos()).ok()?))
}

/// Reads the file of versions. Programs are asked again if that fails.
fn read(file: &Path) -> Known {
    use std::io::Read;
    let mut bytes = Vec::new();
    let opened = crate::files::regular(std::fs::OpenOptions::new().read(true), file);
    let read = opened.and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes));
    read.ok().and_then(|_| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Replaces the file atomically, because other processes read it.
fn write(file: &Path, known: &Known) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::NotFound)?;
    std::fs::create_dir_all(folder)?;
    let new = folder.join(format!(".versions-{}", uuid::Uuid::now_v7()));
    std::fs::write(&new, serde_json::to_vec(known)?)?;
    std::fs::rename(&new, file).inspect_err(|_| drop(std::fs::remove_file(&new)))
}

#[cfg(test)]
mod tests;

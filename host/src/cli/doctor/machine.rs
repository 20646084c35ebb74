//! The store, the folders and the projects, and the tools of adapter authors.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use codewalk_core::command::Project;
use codewalk_core::terminal_text::shortened;
use codewalk_store::{FileSystem, StoreError};
use serde::Serialize;

use crate::compose::{self, UNUSABLE_FOLDER};
use crate::config::{Config, StorePlace};
use crate::error::CommandError;

/// How long a compiler may take to print its version.
const VERSION: Duration = Duration::from_secs(10);
/// The compilation target of guests.
pub(super) const GUEST_TARGET: &str = "wasm32-unknown-unknown";

#[derive(Serialize)]
pub(super) struct StoreRow {
    pub(super) form: &'static str,
    pub(super) path: String,
    /// The name of its file system, if the system reports it.
    pub(super) file_system: Option<String>,
    pub(super) problem: Option<String>,
    /// Why some sessions cannot be read, and what to do about it.
    pub(super) unreadable_sessions: Vec<String>,
}

/// A configured project.
#[derive(Serialize)]
pub(super) struct ProjectRow {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) problem: Option<String>,
}

/// A folder that runs write to.
#[derive(Serialize)]
pub(super) struct FolderRow {
    /// The contents of the folder.
    pub(super) of: &'static str,
    pub(super) path: String,
    pub(super) problem: Option<String>,
    /// The remedy for a problem.
    #[serde(skip)]
    pub(super) remedy: String,
}

#[derive(Serialize)]
pub(super) struct AuthorsRow {
    pub(super) compiler: Option<String>,
    pub(super) target: bool,
}

/// Checks that the configured projects exist.
pub(super) fn projects(config: &Config) -> Vec<ProjectRow> {
    let rows = config.projects.iter().map(|configured| {
        let Project { name, path } = &configured.project;
        let problem = match std::fs::metadata(path) {
            Ok(folder) if folder.is_dir() => None,
            Ok(_) => Some("not a folder".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        ProjectRow { name: name.clone(), path: path.clone(), problem }
    });
    rows.collect()
}

/// Tests the store.
pub(super) fn store(config: &Config) -> StoreRow {
    let (form, path) = match &config.store {
        StorePlace::Sqlite(path) => ("sqlite", path),
        StorePlace::Files(path) => ("files", path),
    };
    let (unreadable, problem) = match use_store(config) {
        Ok(unreadable) => (unreadable, None),
        Err(error) => (
            Vec::new(),
            Some([Some(error.message), error.hint].into_iter().flatten().collect::<Vec<_>>().join("; ")),
        ),
    };
    let unreadable_sessions = unreadable.iter().map(ToString::to_string).collect();
    let file_system = FileSystem::of(path).map(|found| found.name);
    StoreRow { form, path: path.display().to_string(), file_system, problem, unreadable_sessions }
}

/// Reads and writes the store as a run would. Returns why some sessions cannot be read.
fn use_store(config: &Config) -> Result<Vec<StoreError>, CommandError> {
    let mut store = compose::open_store(config)?;
    store.sessions(1, None)?;
    store.try_to_keep()?;
    Ok(store.problems()?)
}

/// Tests the folders that runs write to.
pub(super) fn folders(config: &Config) -> Vec<FolderRow> {
    let compiled = format!("until then, every command recompiles its adapters: {UNUSABLE_FOLDER}");
    let folders = [
        ("sessions", config.paths.sessions(), UNUSABLE_FOLDER.to_owned()),
        ("compiled adapters", config.paths.components(), compiled),
    ];
    let tried = |(of, path, remedy): (_, PathBuf, _)| {
        let problem = write_in(&path).err().map(|error| error.to_string());
        FolderRow { of, path: path.display().to_string(), problem, remedy }
    };
    folders.into_iter().map(tried).collect()
}

/// Creates an unnamed file in a folder, which is removed at once.
fn write_in(folder: &Path) -> io::Result<()> {
    // A missing folder is created in its parent when it is needed.
    let there = folder.ancestors().find(|folder| !matches!(folder.try_exists(), Ok(false)));
    tempfile::tempfile_in(there.unwrap_or(folder)).map(drop)
}

/// Looks for the tools that adapter authors need.
pub(super) async fn authors() -> AuthorsRow {
    let rustc = |args: &'static [&'static str]| async move {
        let mut command = tokio::process::Command::new("rustc");
        command.args(args).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(VERSION, command.output()).await.ok()?.ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        output.status.success().then(|| text.trim().to_owned())
    };
    let compiler = rustc(&["--version"]).await.map(|version| shortened(&version, 80));
    let registry = rustc(&["--print", "target-libdir", "--target", GUEST_TARGET]).await;
    AuthorsRow { compiler, target: registry.is_some_and(|folder| Path::new(&folder).is_dir()) }
}

//! The projects of a command: the configured ones, the current folder, and named folders.

use std::io::ErrorKind as IoKind;
use std::path::Path;

use codewalk_core::command::Project;

use crate::config::{Config, base_name};
use crate::error::{CommandError, ErrorKind};

/// The configured projects, and those that the command line and the current folder add.
pub(super) struct Projects<'a> {
    config: &'a Config,
    /// Those that are not configured.
    pub(super) added: Vec<Project>,
}

impl<'a> Projects<'a> {
    pub(super) const fn new(config: &'a Config) -> Self {
        Self { config, added: Vec::new() }
    }

    /// Returns the name of the configured project with this name, or else of the project in this folder.
    pub(super) fn wanted(&mut self, folder: &Path) -> Result<String, CommandError> {
        if let Some(known) = self.configured(folder) {
            return Ok(known.to_owned());
        }
        let path = std::fs::canonicalize(folder).map_err(|error| {
            let what = format!("--project {}", folder.display());
            let error = match error.kind() {
                IoKind::NotFound => CommandError::new(ErrorKind::Usage, format!("{what} does not exist")),
                IoKind::PermissionDenied => {
                    CommandError::new(ErrorKind::Usage, format!("{what} cannot be read: permission denied"))
                }
                _ => CommandError::because(ErrorKind::Usage, what, error),
            };
            error.with_hint("name a configured project or an existing folder")
        })?;
        if !path.is_dir() {
            return Err(CommandError::new(
                ErrorKind::Usage,
                format!("--project {} is not a folder", folder.display()),
            ));
        }
        self.name_of(&path)
    }

    /// Returns the name of a configured project. A path with a separator, `.` and `..` are folders.
    fn configured(&self, named: &Path) -> Option<&'a str> {
        let name = named.to_str().filter(|name| !name.contains(std::path::is_separator))?;
        let mut known = self.config.projects.iter().map(|known| known.project.name.as_str());
        known.find(|known| *known == name && !matches!(name, "." | ".."))
    }

    /// Returns the name of the project for the current folder: the root of its repository, a configured
    /// folder around it, or the folder itself. The home folder and the root folder are not projects.
    pub(super) fn here(&mut self) -> Result<Option<String>, CommandError> {
        let Ok(current) = std::env::current_dir() else { return Ok(None) };
        match self.repository_here()? {
            None if !self.is_too_much(&current) => self.name_of(&current).map(Some),
            repository => Ok(repository),
        }
    }

    /// Returns the name of the project for the repository or configured folder around the current folder.
    pub(super) fn repository_here(&mut self) -> Result<Option<String>, CommandError> {
        let Ok(current) = std::env::current_dir() else { return Ok(None) };
        let repository = current.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
        let root = repository.or_else(|| current.ancestors().find(|folder| self.is_configured(folder)));
        root.map(|root| self.name_of(root)).transpose()
    }

    fn is_configured(&self, folder: &Path) -> bool {
        let mut known = self.config.projects.iter().map(|known| &known.project.path);
        known.any(|path| std::fs::canonicalize(path).is_ok_and(|path| path == folder))
    }

    fn is_too_much(&self, folder: &Path) -> bool {
        let home = self.config.paths.expanded("~");
        folder.parent().is_none() || std::fs::canonicalize(home).is_ok_and(|home| home == folder)
    }

    fn name_of(&mut self, path: &Path) -> Result<String, CommandError> {
        let configured = self.config.projects.iter().map(|p| &p.project);
        let mut all = configured.chain(&self.added);
        let Some(text) = path.to_str().map(str::to_owned) else {
            let message = format!("the folder {path:?} cannot be a project: its name is not UTF-8");
            return Err(CommandError::new(ErrorKind::Usage, message)
                .with_hint("rename it, or pass a symbolic link to it with --project"));
        };
        if let Some(known) = all.clone().find(|known| {
            known.path == text || std::fs::canonicalize(&known.path).is_ok_and(|known| known == path)
        }) {
            return Ok(known.name.clone());
        }
        let name = base_name(path);
        // Folders with the same name are distinguished by their paths.
        let name = if all.any(|known| known.name == name) { text.clone() } else { name };
        self.added.push(Project { name: name.clone(), path: text });
        Ok(name)
    }
}

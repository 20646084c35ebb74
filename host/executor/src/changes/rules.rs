//! Ignore rules: the `.gitignore` files and `.git/info/exclude` of a repository, and the user's global ignore
//! file. A repository's rules are not trusted: only a bounded part is read, and no configuration can name
//! further files.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustix::fs::OFlags;

/// The maximum size of a rule file, in bytes; larger files are truncated.
const MAX_BYTES: u64 = 64 * 1024;
/// The maximum number of rules read from one file.
const MAX_RULES: usize = 1_000;
/// The maximum length of a rule, in bytes. Longer rules are skipped.
const MAX_RULE: usize = 200;

/// The rules that apply in a folder.
#[derive(Debug)]
pub(super) struct Rules {
    own: Gitignore,
    /// The rules of the parent folder, which apply if these do not decide.
    around: Option<Arc<Rules>>,
}

impl Rules {
    /// Returns the rules of a repository. `users` is the user's global ignore file.
    pub(super) fn of_repository(root: &Path, users: Option<&Path>) -> Arc<Self> {
        // The user's file may be a link.
        let users = users.and_then(|file| read_from(root, open(file, OFlags::empty())?));
        let around = users.map(|own| Arc::new(Self { own, around: None }));
        let own = read(root, &root.join(".git/info/exclude")).unwrap_or_else(Gitignore::empty);
        Arc::new(Self { own, around })
    }

    /// Returns the rules of a folder below another one.
    pub(super) fn of_folder(folder: &Path, around: &Arc<Self>) -> Arc<Self> {
        match read(folder, &folder.join(".gitignore")) {
            Some(own) => Arc::new(Self { own, around: Some(Arc::clone(around)) }),
            None => Arc::clone(around),
        }
    }

    /// Returns whether a repository ignores a folder in it, or one of that folder's parents.
    pub(super) fn ignore_below(root: &Path, folder: &Path, users: Option<&Path>) -> bool {
        let mut at = root.to_owned();
        let mut rules = Self::of_repository(root, users);
        for part in folder.strip_prefix(root).unwrap_or(Path::new("")) {
            rules = Self::of_folder(&at, &rules);
            at.push(part);
            if rules.ignore(&at, true) {
                return true;
            }
        }
        false
    }

    /// Returns whether a path in the folder is ignored.
    pub(super) fn ignore(&self, path: &Path, is_folder: bool) -> bool {
        let mut rules = Some(self);
        while let Some(Self { own, around }) = rules {
            match own.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => rules = around.as_deref(),
            }
        }
        false
    }
}

/// Returns the path of the user's global ignore file. A different path in the git configuration is not
/// considered.
pub(super) fn users_file(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| environment(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let configuration = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
    configuration.map(|folder| folder.join("git/ignore"))
}

/// Reads a rule file in a repository, or returns `None` if it is missing or has no valid rule.
fn read(folder: &Path, path: &Path) -> Option<Gitignore> {
    read_from(folder, open(path, OFlags::NOFOLLOW)?)
}

/// Opens a file, unless reading it could wait forever.
fn open(path: &Path, flags: OFlags) -> Option<File> {
    let flags = (flags | OFlags::NONBLOCK).bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path).ok()?;
    file.metadata().is_ok_and(|file| file.is_file()).then_some(file)
}

fn read_from(folder: &Path, file: File) -> Option<Gitignore> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut rules = GitignoreBuilder::new(folder);
    for rule in text.lines().filter(|rule| rule.len() <= MAX_RULE).take(MAX_RULES) {
        // Invalid rules are skipped.
        let _ = rules.add_line(None, rule);
    }
    rules.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_global_ignore_file_is_where_git_looks_for_it() {
        let file = |variables: &'static [(&str, &str)]| {
            let value = move |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
            };
            users_file(value)
        };
        assert_eq!(file(&[("HOME", "/home/me")]), Some("/home/me/.config/git/ignore".into()));
        assert_eq!(
            file(&[("HOME", "/home/me"), ("XDG_CONFIG_HOME", "/xdg")]),
            Some("/xdg/git/ignore".into())
        );
        assert_eq!(
            file(&[("HOME", "/home/me"), ("XDG_CONFIG_HOME", "x")]),
            Some("/home/me/.config/git/ignore".into())
        );
        assert_eq!(file(&[("HOME", "me")]), None);
    }
}

//! What is to be ignored: what the `.gitignore` files and `.git/info/exclude` of a repository say, and the user's own file.
//! Those of a repository are a stranger's, so only so much of them is read, and no configuration says where else to look.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustix::fs::OFlags;

/// A file of rules that is larger is cut.
const MAX_BYTES: u64 = 64 * 1024;
/// More rules than these of one file do not count.
const MAX_RULES: usize = 1_000;
/// A rule that is longer does not count.
const MAX_RULE: usize = 200;

/// The rules that hold in a folder.
#[derive(Debug)]
pub(super) struct Rules {
    own: Gitignore,
    /// Those of the folder around it, which count where these say nothing.
    around: Option<Arc<Rules>>,
}

impl Rules {
    /// Returns those of a whole repository. `users` is the file in which the user says what is to be ignored in all of them.
    pub(super) fn of_repository(root: &Path, users: Option<&Path>) -> Arc<Self> {
        // The user's own file may be a link: to where they keep such files.
        let users = users.and_then(|file| read_from(root, open(file, OFlags::empty())?));
        let around = users.map(|own| Arc::new(Self { own, around: None }));
        let own = read(root, &root.join(".git/info/exclude")).unwrap_or_else(Gitignore::empty);
        Arc::new(Self { own, around })
    }

    /// Returns those of a folder, given those of the folder around it.
    pub(super) fn of_folder(folder: &Path, around: &Arc<Self>) -> Arc<Self> {
        match read(folder, &folder.join(".gitignore")) {
            Some(own) => Arc::new(Self { own, around: Some(Arc::clone(around)) }),
            None => Arc::clone(around),
        }
    }

    /// Returns whether a repository ignores a folder in it, or one of those around that.
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

    /// Returns whether something in the folder is ignored.
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

/// Returns where the user says what git is to ignore in all repositories, unless their configuration names another file: that
/// is not read.
pub(super) fn users_file(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| environment(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let configuration = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
    configuration.map(|folder| folder.join("git/ignore"))
}

/// Reads a file of rules in a repository; none where there is none, or none of it makes sense.
fn read(folder: &Path, path: &Path) -> Option<Gitignore> {
    read_from(folder, open(path, OFlags::NOFOLLOW)?)
}

/// Opens a file, unless it is something that one may wait for without end.
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
        // One that makes no sense is none.
        let _ = rules.add_line(None, rule);
    }
    rules.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_own_file_lies_where_git_looks_for_it() {
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

//! What a repository says is to be ignored: its `.gitignore` files and `.git/info/exclude`. They are a stranger's, so only
//! so much of them is read.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

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
    /// Returns those of a whole repository.
    pub(super) fn of_repository(root: &Path) -> Arc<Self> {
        let own = read(root, &root.join(".git/info/exclude")).unwrap_or_else(Gitignore::empty);
        Arc::new(Self { own, around: None })
    }

    /// Returns those of a folder, given those of the folder around it.
    pub(super) fn of_folder(folder: &Path, around: &Arc<Self>) -> Arc<Self> {
        match read(folder, &folder.join(".gitignore")) {
            Some(own) => Arc::new(Self { own, around: Some(Arc::clone(around)) }),
            None => Arc::clone(around),
        }
    }

    /// Returns whether a repository ignores a folder in it, or one of those around that.
    pub(super) fn ignore_below(root: &Path, folder: &Path) -> bool {
        let mut at = root.to_owned();
        let mut rules = Self::of_repository(root);
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

/// Reads a file of rules; none where there is none, or none of it makes sense.
fn read(folder: &Path, path: &Path) -> Option<Gitignore> {
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut rules = GitignoreBuilder::new(folder);
    for rule in text.lines().filter(|rule| rule.len() <= MAX_RULE).take(MAX_RULES) {
        // One that makes no sense is none.
        let _ = rules.add_line(None, rule);
    }
    rules.build().ok()
}

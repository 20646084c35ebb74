//! What is lost of a file that is written anew: shown as a diff against what is on disk.

use std::time::Duration;

use codewalk_core::visible::visible;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::seen_blanks;
use crate::claude::requests::MAX_SHOWN;
use crate::project::Project;

/// How long the smallest difference is looked for; then any is shown.
const PATIENCE: Duration = Duration::from_millis(200);
/// How many lines that stay are shown around those that change.
const AROUND: usize = 3;

/// Returns what writing a file changes in the text that is there; none where no such text can be compared.
pub(super) fn diff(input: &Value, project: &Project) -> Option<String> {
    let (path, new) = (input.get("file_path")?.as_str()?, input.get("content")?.as_str()?);
    // The client leaves blanks around a path out, now and then: which file is meant is not known.
    if path != path.trim() || new.len() > MAX_SHOWN {
        return None;
    }
    let old = project.text_of(path)?;
    if old == new {
        return Some("the file that is on disk now has this very text".to_owned());
    }
    let shown = format!("as a diff against the file that is on disk now:\n{}", changes(&old, new));
    // What is too long to be shown is at least shown as it would be written.
    (visible(&shown).len() <= MAX_SHOWN).then_some(shown)
}

fn changes(old: &str, new: &str) -> String {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let mut shown = String::new();
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        shown.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let (line, end) = match change.value().strip_suffix('\n') {
                Some(line) => (line, ""),
                None => (change.value(), "\n\\ no line end here"),
            };
            let line = match change.tag() {
                ChangeTag::Equal => format!("  {line}"),
                ChangeTag::Delete => format!("- {}", seen_blanks(line, false)),
                ChangeTag::Insert => format!("+ {}", seen_blanks(line, false)),
            };
            shown.push_str(&format!("{line}{end}\n"));
        }
    }
    shown
}

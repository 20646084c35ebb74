//! Shows what is lost when a file is overwritten: a diff against the file on disk.

use std::time::Duration;

use codewalk_core::terminal_text::visible;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::blanks::seen_blanks;
use crate::project::Project;
use crate::text::MAX_SHOWN;

/// How long to search for the smallest difference. After that, any difference is shown.
const PATIENCE: Duration = Duration::from_millis(200);
/// The number of unchanged lines around each change.
const AROUND: usize = 3;

/// Returns the change to the existing text of a file, or `None` if there is no text to compare with.
pub(super) fn diff(input: &Value, project: &Project) -> Option<String> {
    let (path, new) = (input.get("file_path")?.as_str()?, input.get("content")?.as_str()?);
    // The client sometimes drops blanks around a path, so it is unknown which file is meant.
    if path != path.trim() || new.len() > MAX_SHOWN {
        return None;
    }
    let old = project.text_of(path)?;
    if old == new {
        return Some("the file that is on disk now has this very text".to_owned());
    }
    let diff = format!("as a diff against the file that is on disk now:\n{}", changes(&old, new));
    // If the diff is too long, the new text is shown.
    (visible(&diff).len() <= MAX_SHOWN).then_some(diff)
}

fn changes(old: &str, new: &str) -> String {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let mut hunks = String::new();
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        hunks.push_str(&format!("{}\n", hunk.header()));
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
            hunks.push_str(&format!("{line}{end}\n"));
        }
    }
    hunks
}

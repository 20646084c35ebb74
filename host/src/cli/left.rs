//! What a session left behind and used, in words.

use codewalk_core::call::{Artifact, FileChange, Usage};
use codewalk_core::session::Session;
use codewalk_core::text::shortened;

use super::progress::{LINE, NAME, Progress};

/// Tells what a session left behind and used.
pub fn tell(session: &Session, progress: Progress) {
    for artifact in &session.artifacts {
        progress.line(&format!("{NAME}left{NAME:#}    {}", artifact_line(artifact)));
    }
    if let Some(used) = usage_line(session.usage()) {
        progress.line(&format!("{NAME}used{NAME:#}    {used}"));
    }
}

/// Returns an artifact as a line.
pub fn artifact_line(artifact: &Artifact) -> String {
    match artifact {
        Artifact::File { path, change } => {
            let change = match change {
                FileChange::Created => "created",
                FileChange::Modified => "modified",
                FileChange::Deleted => "deleted",
            };
            format!("{change} {}", shortened(path, LINE))
        }
        Artifact::Command { command, succeeded } => {
            let how = match succeeded {
                Some(true) => "ran",
                Some(false) => "ran, and it failed:",
                None => "began",
            };
            format!("{how} {}", shortened(command, LINE))
        }
    }
}

/// Returns usage as a line; none where nothing is known of it.
pub fn usage_line(usage: Usage) -> Option<String> {
    if usage.input_tokens == 0 && usage.output_tokens == 0 {
        return None;
    }
    let cost = usage.cost_usd.map_or_else(String::new, |cost| format!(", {cost:.4} USD"));
    Some(format!("{} tokens in, {} out{cost}", usage.input_tokens, usage.output_tokens))
}

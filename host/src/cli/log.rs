//! `codewalk sessions log`: the output of a session's agent.

use codewalk_core::entry::{Entry, EntryKind, Text};
use codewalk_core::session::Session;
use codewalk_core::terminal_text::{single_line, visible, visible_line};
use codewalk_store::Store;

use super::print::{json_line, offer_line};
use crate::error::CommandError;

/// How many entries are read at once.
const PAGE: u32 = 500;

/// Prints all entries of a session, oldest first, until the reader stops reading.
pub(super) fn print(store: &dyn Store, session: &Session, json: bool) -> Result<(), CommandError> {
    let mut next = 0;
    let mut run = 0;
    loop {
        let entries = store.entries(session.id, next, PAGE)?;
        if entries.is_empty() {
            return Ok(());
        }
        for entry in &entries {
            let mut lines = Vec::new();
            if json {
                lines.push(json_line(entry)?);
            } else {
                if session.runs.len() > 1 && entry.run != run {
                    run = entry.run;
                    lines.push(format!("--- run {run}"));
                }
                lines.extend(shown(session, entry));
            }
            for line in lines {
                if !offer_line(&line)? {
                    return Ok(());
                }
            }
        }
        next += entries.len() as u64;
    }
}

/// Returns an entry as human-readable lines, or `None` if there is nothing to show.
fn shown(session: &Session, entry: &Entry) -> Option<String> {
    let (who, text) = match &entry.kind {
        EntryKind::UserText { text } => ("you".to_owned(), whole(text)),
        EntryKind::AgentText { text } => (visible_line(&single_line(&session.agent)), whole(text)),
        EntryKind::Thinking { text } => ("thinks".to_owned(), whole(text)),
        EntryKind::ToolCall { tool, subject, .. } => {
            ("->".to_owned(), format!("{} {}", visible_line(&single_line(tool)), whole(subject)))
        }
        EntryKind::ToolResult { succeeded, output, .. } => {
            (if *succeeded { "ok" } else { "failed" }.to_owned(), whole(output))
        }
        EntryKind::Error { text } => ("error".to_owned(), whole(text)),
        EntryKind::Output { stderr, text } => (if *stderr { "stderr" } else { "" }.to_owned(), whole(text)),
        EntryKind::TurnEnd { .. } => return None,
    };
    // The name precedes the first line; the other lines are indented.
    Some(format!("{who:<8}  {}", text.trim_end().replace('\n', "\n          ")).trim_end().to_owned())
}

fn whole(text: &Text) -> String {
    match text {
        Text::Whole { text } => visible(&text.replace("\r\n", "\n")),
        Text::Cut { beginning } => format!("{} [...]", visible(&beginning.replace("\r\n", "\n"))),
    }
}

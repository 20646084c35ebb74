//! Tool calls: their subjects as shown to the user, and their artifacts.

mod blanks;
mod overwritten;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;

use codewalk_core::session::{Artifact, FileChange};
use codewalk_core::terminal_text::visible_line;
use serde_json::Value;

use blanks::seen_blanks;

use super::json::Str;
use super::output::{Block, BlockKind, Content, Input, MessageLine};
use super::subjects::SUBJECTS;
use super::wire::{list, text, value};
use crate::project::Project;
use crate::text::{MAX_SUBJECT, one_line};
use codewalk_core::terminal_text::middle_cut;

/// The maximum number of open calls. Later ones leave no artifacts.
const MAX_OPEN: usize = 1_000;
/// The maximum length of a tool name, in bytes, before invisible characters are replaced.
const MAX_NAME: usize = 128;

/// Returns the subject of a tool call: a command, a path, a pattern. Not sanitized yet.
pub(crate) fn subject(input: &Value, project: &Project) -> String {
    let named = SUBJECTS.iter().find_map(|key| Some((*key, input.get(key)?.as_str()?)));
    match named {
        Some((key, subject)) => name(key, subject, project).to_owned(),
        None => match list(input, "questions").first() {
            Some(question) => text(question, "question").to_owned(),
            None if input.as_object().is_none_or(serde_json::Map::is_empty) => String::new(),
            None => input.to_string(),
        },
    }
}

/// Returns the name of a tool, sanitized. An agent may give a tool any name.
pub(crate) fn shown_name(tool: &str) -> String {
    visible_line(&middle_cut(tool.trim(), MAX_NAME))
}

/// Returns the subject of an approval, sanitized and never empty.
pub(crate) fn shown_subject(tool: &str, input: &Value, project: &Project) -> String {
    visible_line(&middle_cut(&asked_about(tool, input, project), MAX_SUBJECT))
}

/// Returns the subject of a call in a message.
pub(crate) fn subject_of_call<'a>(call: &Block<'a>, project: &Project) -> Cow<'a, str> {
    let Some(input) = &call.input else { return Cow::Borrowed("") };
    let named =
        SUBJECTS.iter().zip(input.subjects).find_map(|(key, subject)| Some((*key, subject?.decode())));
    match named {
        Some((key, subject)) => match name(key, &subject, project) {
            name if name.len() < subject.len() => Cow::Owned(name.to_owned()),
            _ => subject,
        },
        None => value(input.whole).map_or_else(String::new, |input| subject(&input, project)).into(),
    }
}

/// Returns the subject in the form in which it is shown.
fn name<'a>(key: &str, subject: &'a str, project: &Project) -> &'a str {
    match key {
        "file_path" | "notebook_path" | "path" => project.name(subject),
        _ => subject,
    }
}

/// Returns the subject of an approval: the field that the tool uses. Not sanitized yet.
pub(crate) fn asked_about(tool: &str, input: &Value, project: &Project) -> String {
    let key = match tool {
        "Bash" => "command",
        "Write" | "Edit" | "MultiEdit" | "Read" => "file_path",
        "NotebookEdit" => "notebook_path",
        _ if input.get("questions").is_some() => return input.to_string(),
        _ => match subject(input, project) {
            subject if subject.trim().is_empty() => return input.to_string(),
            subject => return subject,
        },
    };
    match input.get(key).and_then(Value::as_str).map(|about| name(key, about, project)) {
        Some(about) if !about.trim().is_empty() => about.to_owned(),
        _ => input.to_string(),
    }
}

/// Returns everything that a tool call would write or run, except its subject. Unknown fields, and fields of
/// an unexpected form, are shown unchanged. Not sanitized yet.
pub(crate) fn detail(tool: &str, input: &Value, project: &Project) -> String {
    let (content, known): (String, &[&str]) = match tool {
        "Write" => {
            let written = || text(input, "content").to_owned();
            (overwritten::diff(input, project).unwrap_or_else(written), &["file_path", "content"])
        }
        "NotebookEdit" => (text(input, "new_source").to_owned(), &["notebook_path", "new_source"]),
        "Edit" => (change(input), &["file_path", "old_string", "new_string"]),
        "Bash" => (String::new(), &["command", "description"]),
        "MultiEdit" => {
            let edits = list(input, "edits");
            let is_known = |edit: &Value| left_over(edit, &["old_string", "new_string"]).is_empty();
            if edits.iter().all(is_known) {
                (edits.iter().map(change).collect::<Vec<_>>().join("\n"), &["file_path", "edits"])
            } else {
                (String::new(), &["file_path"])
            }
        }
        _ => {
            let only_its_subject = input.as_object().is_none_or(|fields| fields.len() <= 1)
                && !asked_about(tool, input, project).starts_with('{');
            return if only_its_subject { String::new() } else { format!("{input:#}") };
        }
    };
    let rest = left_over(input, known);
    if content.is_empty() || rest.is_empty() { content + &rest } else { format!("{content}\n{rest}") }
}

/// Returns the agent's description of a command, on one line and sanitized. It has no effect on the command.
pub(crate) fn said(tool: &str, input: &Value) -> String {
    match tool {
        "Bash" => visible_line(&middle_cut(text(input, "description").trim(), MAX_SUBJECT)),
        _ => String::new(),
    }
}

/// Returns the fields that are unknown or not text, one per line.
pub(crate) fn left_over(input: &Value, known: &[&str]) -> String {
    let fields = input.as_object().into_iter().flatten();
    let is_shown = |key: &str, value: &Value| {
        let has_form = if key == "edits" { value.is_array() } else { value.is_string() };
        (known.contains(&key) && has_form) || (key == "replace_all" && value.is_boolean())
    };
    let left = fields.filter(|(key, value)| !is_shown(key, value));
    left.map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join("\n")
}

/// Returns warnings about a call that the user should notice before allowing it.
pub(crate) fn marks(tool: &str, input: &Value, project: &Project) -> Vec<String> {
    let paths = ["file_path", "notebook_path", "path"].into_iter().filter_map(|key| input.get(key)?.as_str());
    // The client sometimes drops blanks around a path.
    let paths = paths.flat_map(|path| [path, path.trim()]);
    let mut marks: Vec<String> = Vec::new();
    if paths.clone().any(|path| !project.holds(path)) {
        marks.push("outside the project".to_owned());
    }
    if tool == "Write"
        && let Some(path) = paths.clone().find(|path| project.has(path))
    {
        let size = project.size_of(path).map_or_else(String::new, |bytes| format!(" ({bytes} bytes)"));
        marks.push(format!("overwrites the file that is there{size}"));
    }
    let edits = std::iter::once(input).chain(list(input, "edits"));
    if edits.into_iter().any(|edit| edit.get("replace_all").and_then(Value::as_bool) == Some(true)) {
        marks.push("replaces every occurrence".to_owned());
    }
    marks
}

/// Returns the removed and the added lines of an edit. Blanks at the end of a line are marked. A final line
/// end is marked if only one side has it, and all blanks are marked if nothing else changes.
fn change(edit: &Value) -> String {
    let (old, new) = (text(edit, "old_string"), text(edit, "new_string"));
    let is_blank = old != new && old.split_whitespace().eq(new.split_whitespace());
    let has_other_end = old.ends_with('\n') != new.ends_with('\n');
    let lines = |sign: char, text: &str| -> String {
        let line = |line: &str| {
            let (words, end) = match line.strip_suffix('\n') {
                Some(words) => (words, "\u{23ce}"),
                None => (line, ""),
            };
            (seen_blanks(words, is_blank), end)
        };
        let mut lines = text.split_inclusive('\n').map(line).peekable();
        let mut rows = String::new();
        while let Some((words, end)) = lines.next() {
            let is_end_shown = is_blank || (has_other_end && lines.peek().is_none());
            rows.push_str(&format!("{sign} {words}{}\n", if is_end_shown { end } else { "" }));
        }
        rows
    };
    lines('-', old) + &lines('+', new)
}

/// A call that may leave an artifact.
#[derive(Debug)]
pub(crate) struct Call {
    id: String,
    effect: Effect,
}

/// The artifact that a call may leave.
#[derive(Debug)]
enum Effect {
    File { path: String, whole: bool },
    Command { command: String },
}

/// A call that has ended, or continues in the background.
#[derive(Debug)]
pub(crate) struct ToolEnd {
    id: String,
    failed: bool,
    rejected: bool,
    /// Whether it created the file.
    created: bool,
    in_background: bool,
}

/// Returns the calls in a message that may leave artifacts.
pub(crate) fn calls(message: &MessageLine<'_>, project: &Project) -> Vec<Call> {
    let calls = message.blocks.iter().filter(|block| block.kind == BlockKind::ToolUse);
    calls
        .filter_map(|call| {
            let effect = effect(&call.name.decode(), call.input.as_ref()?, project)?;
            Some(Call { id: call.id.decode().into_owned(), effect })
        })
        .collect()
}

fn effect(tool: &str, input: &Input<'_>, project: &Project) -> Option<Effect> {
    let text = |key: &str| {
        let at = SUBJECTS.iter().position(|name| *name == key);
        at.and_then(|at| input.subjects[at]).map_or_else(Cow::default, Str::decode)
    };
    let file = |key, whole| {
        let path = one_line(project.name(&text(key)), MAX_SUBJECT);
        Effect::File { path, whole }
    };
    Some(match tool {
        "Write" => file("file_path", true),
        "Edit" | "MultiEdit" => file("file_path", false),
        "NotebookEdit" => file("notebook_path", false),
        "Bash" => {
            Effect::Command { command: one_line(&middle_cut(&text("command"), MAX_SUBJECT - 8), MAX_SUBJECT) }
        }
        _ => return None,
    })
}

/// Returns the calls whose results are in a message.
pub(crate) fn ended(message: &MessageLine<'_>) -> Vec<ToolEnd> {
    let results = message.blocks.iter().filter(|block| block.kind == BlockKind::ToolResult);
    results
        .map(|result| {
            let id = result.tool_use_id.decode().into_owned();
            let rejected = message.rejected.iter().any(|rejected| **rejected == id);
            let in_background = message.tool_result.in_background;
            ToolEnd {
                id,
                failed: result.is_error,
                rejected,
                created: is_creation(message, result),
                in_background,
            }
        })
        .collect()
}

fn is_creation(message: &MessageLine<'_>, result: &Block<'_>) -> bool {
    const CREATED: &str = "File created";
    match (message.tool_result.kind, &result.content) {
        (Some(kind), _) => kind.is("create"),
        // A sub-agent's line contains only this text.
        (None, Content::Text(words)) => words.beginning(CREATED.len()).starts_with(CREATED),
        (None, _) => false,
    }
}

/// The tool calls without a result.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls {
    open: HashMap<String, Effect>,
    /// The commands that run in the background, by the call that started them.
    background: HashMap<String, String>,
}

impl ToolCalls {
    /// Adds calls.
    pub(crate) fn called(&mut self, calls: Vec<Call>) {
        for Call { id, effect } in calls {
            if self.open.len() < MAX_OPEN {
                self.open.insert(id, effect);
            }
        }
    }

    /// Removes a call that will not be executed.
    pub(crate) fn refused(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// Returns the artifacts of calls that have ended.
    pub(crate) fn ended(&mut self, ended: Vec<ToolEnd>) -> Vec<Artifact> {
        ended.into_iter().filter_map(|ended| self.left_by(ended)).collect()
    }

    /// Returns the command of a background task that has ended.
    pub(crate) fn background_ended(&mut self, notification: &Value) -> Option<Artifact> {
        let command = self.background.remove(text(notification, "tool_use_id"))?;
        let succeeded = Some(text(notification, "status") == "completed");
        Some(Artifact::Command { command, succeeded })
    }

    fn left_by(&mut self, ended: ToolEnd) -> Option<Artifact> {
        let effect = self.open.remove(&ended.id)?;
        if ended.rejected {
            return None;
        }
        match effect {
            Effect::File { .. } if ended.failed => None,
            Effect::File { path, whole } => {
                let change = if whole && ended.created { FileChange::Created } else { FileChange::Modified };
                Some(Artifact::File { path, change })
            }
            Effect::Command { command } if ended.in_background => {
                if self.background.len() < MAX_OPEN {
                    self.background.insert(ended.id, command.clone());
                }
                Some(Artifact::Command { command, succeeded: None })
            }
            Effect::Command { command } => {
                Some(Artifact::Command { command, succeeded: Some(!ended.failed) })
            }
        }
    }
}

//! Tool calls: what they are about, as it is shown to people, and what they leave behind.

use std::collections::HashMap;

use codewalk_core::call::{Artifact, FileChange};
use serde_json::Value;

use super::wire::{blocks, list, text};
use crate::project::Project;
use crate::text::{MAX_SUBJECT, one_line};

/// Where the tools that are known name what they are about, the likeliest first.
const SUBJECTS: [&str; 10] = [
    "command",
    "file_path",
    "notebook_path",
    "path",
    "pattern",
    "url",
    "query",
    "description",
    "skill",
    "plan",
];
/// How many calls may be open at once; later ones leave no artifacts.
const MAX_OPEN: usize = 1_000;

/// Returns what a tool call is about: a command, a path, a pattern. Not fit to be shown yet.
pub(crate) fn subject(input: &Value, project: &Project) -> String {
    let named = SUBJECTS.iter().find_map(|key| Some((*key, input.get(key)?.as_str()?)));
    match named {
        Some(("file_path" | "notebook_path" | "path", path)) => project.name(path).to_owned(),
        Some((_, subject)) => subject.to_owned(),
        None => match list(input, "questions").first() {
            Some(question) => text(question, "question").to_owned(),
            None if input.as_object().is_none_or(serde_json::Map::is_empty) => String::new(),
            None => input.to_string(),
        },
    }
}

/// Returns what a tool call would write or run, where its subject does not say all of it. Not fit to be shown yet.
pub(crate) fn detail(tool: &str, input: &Value, project: &Project) -> String {
    match tool {
        "Write" => text(input, "content").to_owned(),
        "NotebookEdit" => text(input, "new_source").to_owned(),
        "Edit" => change(input),
        "MultiEdit" => list(input, "edits").iter().map(change).collect::<Vec<_>>().join("\n"),
        "Bash" => command(input),
        _ => {
            let only_its_subject = input.as_object().is_none_or(|fields| fields.len() <= 1)
                && !subject(input, project).starts_with('{');
            if only_its_subject { String::new() } else { format!("{input:#}") }
        }
    }
}

/// Shows a command where it does not fit the subject, and how it would be run; not what the agent says it was for.
fn command(input: &Value) -> String {
    let command = text(input, "command");
    let fits = command.len() <= MAX_SUBJECT && !command.trim().contains('\n');
    let fields = input.as_object().into_iter().flatten();
    let how = fields.filter(|(key, _)| !matches!(key.as_str(), "command" | "description" | "timeout"));
    let how = how.map(|(key, value)| format!("{key}: {value}"));
    (!fits).then(|| command.to_owned()).into_iter().chain(how).collect::<Vec<_>>().join("\n")
}

fn change(edit: &Value) -> String {
    let lines =
        |sign: char, text: &str| text.lines().map(|line| format!("{sign} {line}\n")).collect::<String>();
    lines('-', text(edit, "old_string")) + &lines('+', text(edit, "new_string"))
}

/// What a call may leave behind.
#[derive(Clone, Debug)]
enum Effect {
    File { path: String, whole: bool },
    Command { command: String },
}

/// The tool calls whose results are still to come.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls {
    open: HashMap<String, Effect>,
    /// Commands that go on in the background, by the call that started them.
    background: HashMap<String, String>,
}

impl ToolCalls {
    /// Takes note of the calls in an `assistant` line.
    pub(crate) fn called(&mut self, line: &Value, project: &Project) {
        for block in blocks(line).iter().filter(|block| text(block, "type") == "tool_use") {
            let Some(input) = block.get("input") else { continue };
            let file = |key, whole| {
                let path = one_line(project.name(text(input, key)), MAX_SUBJECT);
                Effect::File { path, whole }
            };
            let effect = match text(block, "name") {
                "Write" => file("file_path", true),
                "Edit" | "MultiEdit" => file("file_path", false),
                "NotebookEdit" => file("notebook_path", false),
                "Bash" => Effect::Command { command: one_line(text(input, "command"), MAX_SUBJECT) },
                _ => continue,
            };
            if self.open.len() < MAX_OPEN {
                self.open.insert(text(block, "id").to_owned(), effect);
            }
        }
    }

    /// Forgets a call that will not be carried out.
    pub(crate) fn refused(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// Returns what the calls whose results are in a `user` line left behind.
    pub(crate) fn ended(&mut self, line: &Value) -> Vec<Artifact> {
        let results = blocks(line);
        let results = results.iter().filter(|block| text(block, "type") == "tool_result");
        results.filter_map(|result| self.result(result, line)).collect()
    }

    /// Returns the command that a background task was, now that it has ended.
    pub(crate) fn background_ended(&mut self, notification: &Value) -> Option<Artifact> {
        let command = self.background.remove(text(notification, "tool_use_id"))?;
        let succeeded = Some(text(notification, "status") == "completed");
        Some(Artifact::Command { command, succeeded })
    }

    fn result(&mut self, result: &Value, line: &Value) -> Option<Artifact> {
        let id = text(result, "tool_use_id");
        let effect = self.open.remove(id)?;
        let failed = result.get("is_error").and_then(Value::as_bool).unwrap_or(false);
        if was_rejected(line, id) {
            return None;
        }
        match effect {
            Effect::File { .. } if failed => None,
            Effect::File { path, whole } => {
                let change = if whole && is_creation(line, result) {
                    FileChange::Created
                } else {
                    FileChange::Modified
                };
                Some(Artifact::File { path, change })
            }
            Effect::Command { command } => {
                if line.pointer("/tool_use_result/backgroundTaskId").is_some() {
                    if self.background.len() < MAX_OPEN {
                        self.background.insert(id.to_owned(), command.clone());
                    }
                    return Some(Artifact::Command { command, succeeded: None });
                }
                Some(Artifact::Command { command, succeeded: Some(!failed) })
            }
        }
    }
}

fn was_rejected(line: &Value, id: &str) -> bool {
    list(line, "tool_result_meta").iter().any(|meta| {
        text(meta, "id") == id
            && meta.pointer("/permission_decision/decision").and_then(Value::as_str) == Some("reject")
    })
}

fn is_creation(line: &Value, result: &Value) -> bool {
    match line.pointer("/tool_use_result/type").and_then(Value::as_str) {
        Some(kind) => kind == "create",
        // A sub-agent's line has only the words.
        None => text(result, "content").starts_with("File created"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    fn project() -> Project {
        Project::of_run(Path::new("/shop"))
    }

    #[test]
    fn a_subject_says_what_a_call_is_about() {
        for (input, subject) in [
            (json!({"description": "Run it", "command": "make"}), "make"),
            (json!({"content": "x", "file_path": "/shop/a.rs"}), "a.rs"),
            (json!({"file_path": "/shop/../etc/passwd"}), "/shop/../etc/passwd"),
            (json!({"pattern": "x", "path": "/shop/src"}), "src"),
            (json!({"questions": [{"question": "Which?"}, {"question": "When?"}]}), "Which?"),
            (json!({}), ""),
            (json!(null), ""),
            (json!({"amount": 3}), r#"{"amount":3}"#),
        ] {
            assert_eq!(super::subject(&input, &project()), subject);
        }
    }

    #[test]
    fn a_detail_shows_what_would_be_done_and_nothing_twice() {
        for (tool, input, detail) in [
            ("Write", json!({"file_path": "/a", "content": "x\ny"}), "x\ny"),
            ("Edit", json!({"file_path": "/a", "old_string": "a\nb", "new_string": "c"}), "- a\n- b\n+ c\n"),
            ("Bash", json!({"command": "make", "description": "harmless, trust me"}), ""),
            ("Bash", json!({"command": "make\nreboot"}), "make\nreboot"),
            ("Bash", json!({"command": "make", "run_in_background": true}), "run_in_background: true"),
            ("WebFetch", json!({"url": "https://x"}), ""),
            ("mcp__shop__buy", json!({"amount": 3}), "{\n  \"amount\": 3\n}"),
            ("ReadMcp", json!({"path": "/a", "all": true}), "{\n  \"all\": true,\n  \"path\": \"/a\"\n}"),
        ] {
            assert_eq!(super::detail(tool, &input, &project()), detail, "{tool}");
        }
    }

    fn call(id: &str, name: &str, input: &Value) -> Value {
        json!({"message": {"content": [{"type": "tool_use", "id": id, "name": name, "input": input}]}})
    }

    fn result(id: &str, is_error: bool, more: &Value) -> Value {
        let mut line = json!({"message": {"content": [
            {"type": "tool_result", "tool_use_id": id, "content": "File created successfully", "is_error": is_error},
        ]}});
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    }

    #[test]
    fn only_what_was_done_is_left_behind() {
        let file = |change| Some(Artifact::File { path: "a".to_owned(), change });
        let command = |succeeded| Some(Artifact::Command { command: "make".to_owned(), succeeded });
        let (write, bash) = (json!({"file_path": "/shop/a"}), json!({"command": "make"}));
        let rejected =
            json!({"tool_result_meta": [{"id": "1", "permission_decision": {"decision": "reject"}}]});
        for (tool, input, is_error, more, expected) in [
            ("Write", &write, false, json!({}), file(FileChange::Created)),
            (
                "Write",
                &write,
                false,
                json!({"tool_use_result": {"type": "update"}}),
                file(FileChange::Modified),
            ),
            ("Edit", &write, false, json!({}), file(FileChange::Modified)),
            ("Write", &write, true, json!({}), None),
            ("Read", &write, false, json!({}), None),
            ("Bash", &bash, false, json!({}), command(Some(true))),
            ("Bash", &bash, true, json!({}), command(Some(false))),
            ("Bash", &bash, true, rejected, None),
            ("Bash", &bash, false, json!({"tool_use_result": {"backgroundTaskId": "b"}}), command(None)),
        ] {
            let mut calls = ToolCalls::default();
            calls.called(&call("1", tool, input), &project());
            assert_eq!(calls.ended(&result("1", is_error, &more)), Vec::from_iter(expected), "{tool} {more}");
            assert_eq!(calls.ended(&result("1", is_error, &json!({}))), [], "a result counts once");
        }
    }

    #[test]
    fn the_end_of_a_background_command_is_told() {
        let mut calls = ToolCalls::default();
        calls.called(&call("1", "Bash", &json!({"command": "make"})), &project());
        calls.ended(&result("1", false, &json!({"tool_use_result": {"backgroundTaskId": "b"}})));
        let notification = json!({"tool_use_id": "1", "status": "failed"});
        let ended = Some(Artifact::Command { command: "make".to_owned(), succeeded: Some(false) });
        assert_eq!(calls.background_ended(&notification), ended);
        assert_eq!(calls.background_ended(&notification), None);
    }

    #[test]
    fn open_calls_are_bounded() {
        let mut calls = ToolCalls::default();
        for id in 0..=MAX_OPEN {
            calls.called(&call(&id.to_string(), "Bash", &json!({"command": "make"})), &project());
        }
        assert_eq!(calls.open.len(), MAX_OPEN);
    }
}

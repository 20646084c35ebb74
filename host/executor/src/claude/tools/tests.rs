//! Tests of `tools`.

use std::path::Path;

use serde_json::json;

use super::*;
use crate::claude::output::{Line, parse};

fn project() -> Project {
    Project::of_run(Path::new("/shop"))
}

fn spoken<T>(mut line: Value, kind: &str, take: impl FnOnce(&Spoken<'_>) -> T) -> T {
    line["type"] = kind.into();
    match parse(line.to_string().as_bytes()).unwrap() {
        Line::Assistant(spoken) | Line::User(spoken) => take(&spoken),
        other => panic!("{other:?}"),
    }
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
        let told = spoken(call("1", "x", &input), "assistant", |said| {
            subject_of_call(&said.blocks[0], &project()).into_owned()
        });
        assert_eq!(told, subject);
    }
}

#[test]
fn a_detail_shows_what_would_be_done_and_nothing_twice() {
    for (tool, input, detail) in [
        ("Write", json!({"file_path": "/a", "content": "x\ny"}), "x\ny"),
        ("Edit", json!({"file_path": "/a", "old_string": "a\nb", "new_string": "c"}), "- a\n- b\n+ c\n"),
        ("Bash", json!({"command": "make", "description": "harmless"}), ""),
        ("Bash", json!({"command": "make\nreboot"}), ""),
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

fn tell(calls: &mut ToolCalls, line: Value) {
    calls.called(spoken(line, "assistant", |said| super::calls(said, &project())));
}

fn end(calls: &mut ToolCalls, line: Value) -> Vec<Artifact> {
    calls.ended(spoken(line, "user", ended))
}

#[test]
fn only_what_was_done_is_left_behind() {
    let file = |change| Some(Artifact::File { path: "a".to_owned(), change });
    let command = |succeeded| Some(Artifact::Command { command: "make".to_owned(), succeeded });
    let (write, bash) = (json!({"file_path": "/shop/a"}), json!({"command": "make"}));
    let rejected = json!({"tool_result_meta": [{"id": "1", "permission_decision": {"decision": "reject"}}]});
    for (tool, input, is_error, more, expected) in [
        ("Write", &write, false, json!({}), file(FileChange::Created)),
        ("Write", &write, false, json!({"tool_use_result": {"type": "update"}}), file(FileChange::Modified)),
        ("Edit", &write, false, json!({}), file(FileChange::Modified)),
        ("Write", &write, true, json!({}), None),
        ("Read", &write, false, json!({}), None),
        ("Bash", &bash, false, json!({}), command(Some(true))),
        ("Bash", &bash, true, json!({}), command(Some(false))),
        ("Bash", &bash, true, rejected, None),
        ("Bash", &bash, false, json!({"tool_use_result": {"backgroundTaskId": "b"}}), command(None)),
    ] {
        let mut calls = ToolCalls::default();
        tell(&mut calls, call("1", tool, input));
        assert_eq!(end(&mut calls, result("1", is_error, &more)), Vec::from_iter(expected), "{tool} {more}");
        assert_eq!(end(&mut calls, result("1", is_error, &json!({}))), [], "a result counts once");
    }
}

#[test]
fn the_end_of_a_background_command_is_told() {
    let mut calls = ToolCalls::default();
    tell(&mut calls, call("1", "Bash", &json!({"command": "make"})));
    end(&mut calls, result("1", false, &json!({"tool_use_result": {"backgroundTaskId": "b"}})));
    let notification = json!({"tool_use_id": "1", "status": "failed"});
    let ended = Some(Artifact::Command { command: "make".to_owned(), succeeded: Some(false) });
    assert_eq!(calls.background_ended(&notification), ended);
    assert_eq!(calls.background_ended(&notification), None);
}

#[test]
fn open_calls_are_bounded() {
    let mut calls = ToolCalls::default();
    for id in 0..=MAX_OPEN {
        tell(&mut calls, call(&id.to_string(), "Bash", &json!({"command": "make"})));
    }
    assert_eq!(calls.open.len(), MAX_OPEN);
}

#[test]
fn an_edit_of_line_ends_and_blanks_alone_is_seen() {
    let edit = |old: &str, new: &str| {
        let input = json!({"file_path": "/shop/a", "old_string": old, "new_string": new});
        detail("Edit", &input, &project())
    };
    for (old, new, detail) in [
        ("a", "a\n", "- a\n+ a\u{23ce}\n"),
        ("a\n", "a", "- a\u{23ce}\n+ a\n"),
        ("a\n", "a\n\n", "- a\u{23ce}\n+ a\u{23ce}\n+ \u{23ce}\n"),
        ("a", "a ", "- a\n+ a\u{b7}\n"),
        ("a  \t", "a", "- a\u{b7}\u{b7}\u{21e5}\n+ a\n"),
        ("\ta", "    a", "- \u{21e5}a\n+ \u{b7}\u{b7}\u{b7}\u{b7}a\n"),
        ("a b", "a  b", "- a\u{b7}b\n+ a\u{b7}\u{b7}b\n"),
        ("a\nb", "c\nd \n", "- a\n- b\n+ c\n+ d\u{b7}\u{23ce}\n"),
        ("\ta", "\tb\n", "- \ta\n+ \tb\u{23ce}\n"),
        ("a", "", "- a\n"),
    ] {
        assert_eq!(edit(old, new), detail, "{old:?} {new:?}");
    }
}

#[test]
fn what_an_agent_says_a_command_is_for_is_one_line_and_no_part_of_it() {
    let input = json!({"command": "make", "description": "harmless,\ntrust\u{202e} me"});
    assert_eq!(detail("Bash", &input, &project()), "");
    assert_eq!(said("Bash", &input), "harmless,\u{23ce}trust<U+202E> me");
    assert_eq!(said("Bash", &json!({"command": "make"})), "");
    assert_eq!(said("mcp__shop__buy", &input), "");
}

#[test]
fn a_file_of_somebodys_home_is_outside_the_project() {
    let (root, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(home.path().join(".bashrc"), "").unwrap();
    let project = Project::open(root.path()).unwrap().at_home(home.path());
    let (outside, overwrites) = ("outside the project", "overwrites the file that is there");
    for (path, expected) in [
        ("~/.bashrc", &[outside, overwrites][..]),
        ("~/new", &[outside]),
        ("~", &[outside, overwrites]),
        (" ~/.bashrc", &[outside, overwrites]),
        ("\t~/new ", &[outside]),
        (" /etc/passwd", &[outside, overwrites]),
        ("~root/.profile", &[outside]),
        ("new", &[]),
        ("a~/new", &[]),
    ] {
        assert_eq!(marks("Write", &json!({"file_path": path, "content": "x"}), &project), expected, "{path}");
    }
}

//! Tests of `tools`.

use std::path::Path;

use serde_json::json;

use super::*;
use crate::claude::output::{Line, parse};

fn project() -> Project {
    Project::of_run(Path::new("/shop"))
}

fn message<T>(mut line: Value, kind: &str, take: impl FnOnce(&MessageLine<'_>) -> T) -> T {
    line["type"] = kind.into();
    match parse(line.to_string().as_bytes()).unwrap() {
        Line::Assistant(message) | Line::User(message) => take(&message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_is_shown_by_its_subject() {
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
        let told = message(call("1", "x", &input), "assistant", |said| {
            subject_of_call(&said.blocks[0], &project()).into_owned()
        });
        assert_eq!(told, subject);
    }
}

#[test]
fn a_detail_shows_every_effect_once() {
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
        {"type": "tool_result", "tool_use_id": id, "is_error": is_error,
            "content": "File created successfully"},
    ]}});
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line
}

fn tell(calls: &mut ToolCalls, line: Value) {
    calls.called(message(line, "assistant", |said| super::calls(said, &project())));
}

fn end(calls: &mut ToolCalls, line: Value) -> Vec<Artifact> {
    calls.ended(message(line, "user", ended))
}

#[test]
fn only_executed_calls_leave_artifacts() {
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
fn the_end_of_a_background_command_is_reported() {
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
fn an_edit_of_only_line_ends_and_blanks_is_visible() {
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
fn a_description_is_one_line_apart_from_the_command() {
    let input = json!({"command": "make", "description": "harmless,\ntrust\u{202e} me"});
    assert_eq!(detail("Bash", &input, &project()), "");
    assert_eq!(said("Bash", &input), "harmless,\u{23ce}trust<U+202E> me");
    assert_eq!(said("Bash", &json!({"command": "make"})), "");
    assert_eq!(said("mcp__shop__buy", &input), "");
}

#[test]
fn a_file_in_a_home_directory_is_outside_the_project() {
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
        let marks = marks("Write", &json!({"file_path": path, "content": "x"}), &project);
        let marks: Vec<&str> = marks.iter().map(|mark| mark.split(" (").next().unwrap()).collect();
        assert_eq!(marks, expected, "{path}");
    }
}

#[test]
fn overwriting_a_text_of_the_project_is_shown_as_a_diff() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let project = Project::open(&root).unwrap();
    let old = "1\n2\n3\n4\n5 \n6\n7\n8\n9\nlast";
    std::fs::write(root.join("a.txt"), old).unwrap();
    let shown = |path: &str, content: &str| {
        detail("Write", &json!({"file_path": path, "content": content}), &project)
    };
    let header = "as a diff against the file that is on disk now:\n";
    let changed = "1\n2\n3\n4\n5\u{1b}\n6\n7\n8\n9\nlast\n";
    let diff = "@@ -2,9 +2,9 @@\n  2\n  3\n  4\n- 5\u{b7}\n+ 5\u{1b}\n  6\n  7\n  8\n  9\n\
                - last\n\\ no line end here\n+ last\n";
    assert_eq!(shown("a.txt", changed), format!("{header}{diff}"));
    assert_eq!(shown(root.join("a.txt").to_str().unwrap(), changed), format!("{header}{diff}"));
    assert_eq!(
        shown("a.txt", ""),
        format!("{header}@@ -1,10 +0,0 @@\n{}", {
            let lines: String =
                old.lines().map(|line| format!("- {}\n", line.replace(' ', "\u{b7}"))).collect();
            lines + "\\ no line end here\n"
        })
    );
    assert_eq!(shown("a.txt", old), "the file that is on disk now has this very text");
    let input = json!({"file_path": "a.txt", "content": "x", "mode": "777"});
    assert!(detail("Write", &input, &project).ends_with("\nmode: \"777\""));
}

#[test]
fn without_a_diff_the_new_text_and_the_size_of_the_old_one_are_shown() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = folder.path().canonicalize().unwrap();
    let project = Project::open(&root).unwrap();
    let there = |path: std::path::PathBuf, text: &[u8]| std::fs::write(path, text).unwrap();
    there(outside.path().join("x"), b"secret");
    there(root.join("binary"), b"a\0b");
    there(root.join("latin"), b"caf\xe9");
    there(root.join("large"), &vec![b'x'; 1024 * 1024 + 1]);
    there(root.join("blank"), b"other");
    std::os::unix::fs::symlink(outside.path().join("x"), root.join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path(), root.join("around")).unwrap();
    std::os::unix::fs::symlink("blank", root.join("inner")).unwrap();
    std::fs::create_dir(root.join("folder")).unwrap();
    let absolute = outside.path().join("x").to_string_lossy().into_owned();
    for (path, size) in [
        ("new", None),
        ("binary", Some(" (3 bytes)")),
        ("latin", Some(" (4 bytes)")),
        ("large", Some(" (1048577 bytes)")),
        ("link", Some(" (6 bytes)")),
        ("inner", Some(" (5 bytes)")),
        ("around/x", Some(" (6 bytes)")),
        ("blank ", Some(" (5 bytes)")),
        (absolute.as_str(), Some(" (6 bytes)")),
        ("folder", Some("")),
    ] {
        let input = json!({"file_path": path, "content": "new text"});
        assert_eq!(detail("Write", &input, &project), "new text", "{path}");
        let marks = marks("Write", &input, &project);
        let overwrites = marks.iter().find(|mark| mark.starts_with("overwrites"));
        let expected = size.map(|size| format!("overwrites the file that is there{size}"));
        assert_eq!(overwrites, expected.as_ref(), "{path}");
    }
    // The client may drop blanks around a path, even if a file has them in its name.
    there(root.join("odd "), b"other");
    assert_eq!(detail("Write", &json!({"file_path": "odd ", "content": "new text"}), &project), "new text");
    // Large files are not compared, however small the change.
    let line = format!("{}\n", "x".repeat(1023));
    there(root.join("lines"), line.repeat(1025).as_bytes());
    let shorter = line.repeat(1023);
    assert_eq!(detail("Write", &json!({"file_path": "lines", "content": shorter}), &project), shorter);
    // A diff that is too long to show is not shown either.
    there(root.join("many"), "a\n".repeat(300_000).as_bytes());
    let input = json!({"file_path": "many", "content": "b\n".repeat(300_000)});
    assert!(detail("Write", &input, &project).starts_with("b\nb\n"));
}

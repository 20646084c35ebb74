//! The whole program with its store in a folder of plain files.

use std::fs;

use crate::support::User;
use serde_json::Value;

#[test]
fn sessions_stored_in_files_are_listed_shown_and_extended() {
    let user = User::new();
    user.configure("default_agent = \"demo\"\nstore = \"files:walks\"\n");
    let (status, first, stderr) = user.request(&["--yes", "fix the flaky login test"]);
    assert_eq!(status, Some(1), "nobody is there to allow it anything: {first:#} {stderr}");
    assert_eq!(user.sessions(), std::slice::from_ref(&first["session"]));
    let (status, second, stderr) = user.request(&["--yes", "fix the slow search"]);
    assert_eq!(status, Some(1), "{second:#} {stderr}");
    let listed = user.sessions();
    assert_eq!(listed, [second["session"].clone(), first["session"].clone()]);

    let id = first["session"]["id"].as_str().unwrap();
    let shown = user.run(&["sessions", "show", id]);
    assert_eq!(shown.status, Some(0), "{shown:?}");
    assert!(shown.stdout.contains("state    completed"), "{shown:?}");

    let walks = user.home().join("walks");
    let events = walks.join("sessions").join(id).join("events.jsonl");
    let lines = fs::read_to_string(&events).unwrap();
    let kept: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(kept[0]["event"]["type"], "starting");
    assert_eq!(kept[0]["event"]["text"], "fix the flaky login test");
    assert_eq!(fs::read_dir(walks.join("utterances")).unwrap().count(), 2);
    assert!(!user.home().join("codewalk.db").exists());

    // Damaged in the middle, with the snapshot that would hide this removed.
    fs::write(&events, lines.replacen("\"seq\"", "\"sec\"", 1)).unwrap();
    fs::remove_file(events.with_file_name("session.json")).unwrap();
    let folder = events.parent().unwrap();
    let told = |text: &str| {
        text.contains("events.jsonl")
            && text.contains("line 1")
            && text.contains(&format!("move {folder:?} away"))
    };
    let said = user.run(&["sessions", "list"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.stdout.contains("fix the slow search") && !said.stdout.contains("flaky"), "{said:?}");
    assert!(told(&said.stderr), "it is left out, and that is said: {said:?}");
    for command in ["show", "log"] {
        let said = user.run(&["sessions", command, id]);
        assert_eq!(said.status, Some(4), "{said:?}");
        assert!(told(&said.stderr), "{said:?}");
    }
    let said = user.run(&["doctor", "--json"]);
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    let named = |problem: &Value| told(problem["what"].as_str().unwrap());
    assert!(found["problems"].as_array().unwrap().iter().any(named), "{found:#}");
    let (status, third, stderr) = user.request(&["--yes", "fix the logout"]);
    assert_eq!(status, Some(1), "{third:#} {stderr}");
    assert_eq!(user.sessions(), [third["session"].clone(), second["session"].clone()]);

    // As the error suggests.
    fs::rename(folder, user.home().join("broken")).unwrap();
    let said = user.run(&["sessions", "list"]);
    assert_eq!((said.status, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    let said = user.run(&["doctor", "--json"]);
    assert!(!said.stdout.contains("events.jsonl"), "{said:?}");
    assert_eq!(user.run(&["sessions", "show", id]).status, Some(2));
}

#[test]
fn a_folder_that_contains_something_else_is_not_a_store() {
    let user = User::new();
    // The configuration folder itself.
    user.configure("store = \"files:.\"\n");
    let said = user.run(&["sessions", "list"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(said.stderr.contains("config.toml") && said.stderr.contains("empty folder"), "{said:?}");
    assert_eq!(fs::read_dir(user.home()).unwrap().count(), 1, "nothing was put there");
}

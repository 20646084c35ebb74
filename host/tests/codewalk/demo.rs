//! `codewalk demo`, as a new user sees it.

use crate::support::User;

/// Returns the output without the parts that differ between runs: folders, sessions and processes.
fn steady(said: &str) -> String {
    let is_id = |word: &str| word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit());
    let is_number = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
    let mut before = "";
    let mut words = Vec::new();
    for word in said.split(' ') {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/' && c != '_');
        let steady = if bare.contains("/demo/") && bare.starts_with('/') {
            word.replace(bare, "FOLDER")
        } else if is_id(bare) {
            word.replace(bare, "SESSION")
        } else if before == "process" && is_number(bare.split(')').next().unwrap()) {
            word.replace(bare.split(')').next().unwrap(), "PROCESS")
        } else {
            word.to_owned()
        };
        before = word;
        words.push(steady);
    }
    words.join(" ")
}

#[test]
fn the_demonstration_shows_each_step_and_leaves_a_session() {
    let user = User::new();
    let said = user.run(&["demo"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    for step in [
        "scripted",
        "router  local-router (",
        "Start demo in playground",
        "answered by the demo",
        "consent",
        "Allow demo to use Write: hello-from-codewalk.txt",
        "created hello-from-codewalk.txt",
        "demo completed",
        "Show it again: codewalk sessions show",
    ] {
        assert!(said.stdout.contains(step), "{step:?} is missing: {said:?}");
    }
    assert!(!said.stdout.contains('\u{1b}'), "no styles without a terminal");
    let documented = include_str!("../../../docs/pictures/demo.txt");
    assert_eq!(steady(documented), steady(&said.stdout), "`cargo xtask pictures` renders the demo again");
    let sessions = user.sessions();
    assert_eq!(sessions.len(), 1);
    let shown = user.run(&["sessions", "show", "last"]);
    assert_eq!(shown.status, Some(0));
    assert!(
        shown.stdout.contains("state    completed") && shown.stdout.contains("hello-from-codewalk.txt"),
        "{shown:?}"
    );
    let id = sessions[0]["id"].as_str().unwrap();
    assert_eq!(
        user.run(&["sessions", "show", &id[28..]]).stdout,
        shown.stdout,
        "the end of the identifier is enough"
    );
}

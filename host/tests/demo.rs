//! `codewalk demo`, as a new user sees it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod support;

use support::User;

#[test]
fn the_demonstration_shows_each_step_and_leaves_a_session() {
    let user = User::new();
    let said = user.run(&["demo"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    for step in [
        "scripted",
        "router  local-router is",
        "May it start demo in playground",
        "the demonstration answers itself",
        "consent",
        "demo asks: may it use Write on hello-from-codewalk.txt",
        "created hello-from-codewalk.txt",
        "demo completed",
        "See it again with: codewalk sessions show",
    ] {
        assert!(said.stdout.contains(step), "{step:?} is missing: {said:?}");
    }
    assert!(!said.stdout.contains('\u{1b}'), "no styles without a terminal");
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

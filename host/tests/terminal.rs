//! `codewalk run` at a real pseudo-terminal: questions, answers, Ctrl-C.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod support;

use support::screen::Screen;
use support::{User, script};

#[test]
fn a_launch_and_a_tool_are_consented_to_at_the_terminal() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("May it start demo in shop", 1);
    screen.type_in("perhaps\n");
    screen.wait_for("That was not clear", 1);
    screen.type_in("yes\n");
    screen.wait_for("may it use Write on hello-from-codewalk.txt", 1);
    screen.type_in("yes\n");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert!(user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn a_no_at_the_terminal_declines_the_launch() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("May it start demo in shop", 1);
    screen.type_in("no, don't start\n");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 3, "{text}");
    assert!(user.sessions().is_empty());
}

#[test]
fn a_tool_that_is_denied_at_the_terminal_does_not_run() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("may it use Write on hello-from-codewalk.txt", 1);
    screen.type_in("no\n");
    let (_, text) = screen.exit_status();
    assert!(text.contains("denied"), "{text}");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn ctrl_c_at_a_question_ends_with_130_and_starts_nothing() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("May it start demo in shop", 1);
    screen.type_in("\u{3}");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 130, "{text}");
    assert!(user.sessions().is_empty());
}

#[test]
fn ctrl_c_once_interrupts_a_conversation() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("may it use Write on hello-from-codewalk.txt", 1);
    screen.type_in("\u{3}");
    screen.wait_for("interrupting", 1);
    let (status, text) = screen.exit_status();
    assert_eq!(status, 130, "{text}");
    assert_eq!(user.sessions()[0]["state"], "cancelled");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn ctrl_c_twice_stops_an_agent_that_does_not_listen() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "trap '' INT; echo ready; while true; do sleep 1; done");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!("[agents.tool]\nkind = \"command\"\ncommand = [{program:?}]\n"));
    let mut screen = Screen::start(&user, &["run", "--yes", "--agent", "tool", "fix the login test"]);
    screen.wait_for("ready", 1);
    screen.type_in("\u{3}");
    screen.wait_for("press Ctrl-C again", 1);
    screen.type_in("\u{3}");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 130, "{text}");
    assert_eq!(user.sessions()[0]["state"], "cancelled");
}

#[test]
fn a_summarizer_that_does_not_answer_is_named_whether_the_next_one_does_or_not() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo done");
    let program = program.to_string_lossy().into_owned();
    std::fs::write(user.home().join("broken.wasm"), b"\0asm no component").unwrap();
    for chain in ["\"./broken.wasm\", \"local-summarizer\"", "\"./broken.wasm\""] {
        user.configure(&format!(
            "[agents.tool]\nkind = \"command\"\ncommand = [{program:?}]\n[summarizer]\nchain = [{chain}]\n"
        ));
        let screen = Screen::start(&user, &["run", "--yes", "--agent", "tool", "fix the login test"]);
        let (status, text) = screen.exit_status();
        assert_eq!(status, 0, "{text}");
        let said = text.lines().find(|line| line.contains("broken.wasm"));
        assert!(said.is_some_and(|line| line.contains("summarizer")), "{chain}: {text}");
    }
}

#[test]
fn what_is_typed_while_an_agent_works_is_answered() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("may it use Write on hello-from-codewalk.txt", 1);
    screen.type_in("status\n");
    screen.wait_for("waits for you", 1);
    screen.wait_for("may it use Write on hello-from-codewalk.txt", 2);
    screen.type_in("yes\n");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
}

#[test]
fn whoever_leaves_the_terminal_denies_what_is_asked() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("may it use Write on hello-from-codewalk.txt", 1);
    screen.type_in("\u{4}");
    let (_, text) = screen.exit_status();
    assert!(text.contains("denied"), "{text}");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn whoever_leaves_the_terminal_declines_the_launch() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("May it start demo in shop", 1);
    screen.type_in("\u{4}");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 3, "{text}");
}

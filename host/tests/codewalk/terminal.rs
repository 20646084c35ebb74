//! `codewalk run` at a real pseudo-terminal: questions, answers, Ctrl-C.

use crate::support::agent::talker;
use crate::support::screen::Screen;
use crate::support::{User, script};

#[test]
fn a_user_consents_to_a_launch_and_a_tool_at_the_terminal() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("Start demo in shop", 1);
    screen.answer("perhaps");
    screen.wait_for("Not understood", 1);
    screen.answer("yes");
    screen.wait_for("to use Write: hello-from-codewalk.txt", 1);
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert!(user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn a_no_at_the_terminal_declines_the_launch() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("Start demo in shop", 1);
    screen.answer("no, don't start");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 3, "{text}");
    assert!(user.sessions().is_empty());
}

#[test]
fn a_tool_denied_at_the_terminal_does_not_run() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("to use Write: hello-from-codewalk.txt", 1);
    screen.answer("no");
    let (_, text) = screen.exit_status();
    assert!(text.contains("denied"), "{text}");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn ctrl_c_at_a_question_ends_with_130_and_starts_nothing() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("Start demo in shop", 1);
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
    screen.wait_for("to use Write: hello-from-codewalk.txt", 1);
    screen.type_in("\u{3}");
    screen.wait_for("interrupting", 1);
    let (status, text) = screen.exit_status();
    assert_eq!(status, 130, "{text}");
    assert_eq!(user.sessions()[0]["state"], "cancelled");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn ctrl_c_twice_stops_an_agent_that_ignores_the_first() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "trap '' INT; echo ready; while true; do sleep 1; done");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!("[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n"));
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
fn a_silent_summarizer_is_named_even_if_the_next_one_answers() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo done");
    let program = program.to_string_lossy().into_owned();
    std::fs::write(user.home().join("broken.wasm"), b"\0asm no component").unwrap();
    for chain in ["\"./broken.wasm\", \"local-summarizer\"", "\"./broken.wasm\""] {
        user.configure(&format!(
            "[agents.tool]\nkind = \"command\"\n\
             command = [{program:?}, \"{{prompt}}\"]\n[summarizer]\nchain = [{chain}]\n"
        ));
        let screen = Screen::start(&user, &["run", "--yes", "--agent", "tool", "fix the login test"]);
        let (status, text) = screen.exit_status();
        assert_eq!(status, 0, "{text}");
        let said = text.lines().find(|line| line.contains("broken.wasm"));
        assert!(said.is_some_and(|line| line.contains("summarizer")), "{chain}: {text}");
    }
}

#[test]
fn input_typed_while_an_agent_works_is_answered() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("to use Write: hello-from-codewalk.txt", 1);
    screen.answer("status");
    screen.wait_for("needs input", 1);
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
}

#[test]
fn leaving_the_terminal_denies_an_open_approval() {
    let user = User::new();
    let mut screen =
        Screen::start(&user, &["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("to use Write: hello-from-codewalk.txt", 1);
    screen.type_in("\u{4}");
    screen.wait_for("Press Ctrl-D again to leave it running", 1);
    screen.type_in("\u{4}");
    let (_, text) = screen.exit_status();
    assert!(text.contains("denied"), "{text}");
    assert!(!user.shop().join("hello-from-codewalk.txt").exists());
}

#[test]
fn leaving_the_terminal_declines_the_launch() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "--agent", "demo", "write a greeting into a new file"]);
    screen.wait_for("Start demo in shop", 1);
    screen.type_in("\u{4}");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 3, "{text}");
}

/// Gives a user an agent that plays a script, and configures confirmations for follow-ups.
fn confirmed_talker(user: &User, body: &str) {
    user.configure("confirm_follow_ups = true\n");
    talker(user, body);
}

#[test]
fn ctrl_c_ends_codewalk_even_while_a_question_about_the_agent_is_open() {
    let user = User::new();
    confirmed_talker(&user, "read -r more");
    let mut screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
    screen.wait_for("claude started in", 1);
    screen.type_in("also do the rest\n");
    screen.wait_for("Tell the claude session", 1);
    screen.type_in("\u{3}");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 130, "{text}");
    assert_eq!(user.sessions()[0]["state"], "cancelled");
}

#[test]
fn a_question_about_an_agent_that_ends_is_withdrawn() {
    let user = User::new();
    confirmed_talker(&user, "while [ ! -e over ]; do sleep 0.1; done");
    let mut screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
    screen.wait_for("claude started in", 1);
    screen.type_in("also do the rest\n");
    screen.wait_for("Tell the claude session", 1);
    std::fs::write(user.shop().join("over"), "").unwrap();
    let (_, text) = screen.exit_status();
    assert!(text.contains("declined: claude has ended in the meantime"), "{text}");
    assert_eq!(user.sessions()[0]["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn an_open_confirmation_can_be_answered_after_an_agent_ends() {
    let user = User::new();
    confirmed_talker(&user, "while [ ! -e over ]; do sleep 0.1; done");
    let mut screen = Screen::start(&user, &["run", "--yes", "fix the login test"]);
    screen.wait_for("claude started in", 1);
    screen.type_in("start the demo agent to write a greeting into a new file\n");
    screen.wait_for("Start demo in shop", 1);
    std::fs::write(user.shop().join("over"), "").unwrap();
    screen.wait_for("claude failed", 1);
    screen.answer("no");
    screen.exit_status();
    assert_eq!(user.sessions().len(), 1);
}

#[test]
fn a_prompt_that_an_agent_cannot_receive_is_refused_without_asking() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo ready; while true; do sleep 1; done");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!("[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n"));
    let mut screen = Screen::start(&user, &["run", "--yes", "--agent", "tool", "fix the login test"]);
    screen.wait_for("ready", 1);
    screen.type_in("also do the rest\n");
    screen.wait_for("tool accepts only one prompt", 1);
    screen.type_in("\u{3}");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 130, "{text}");
    assert!(!text.contains("Tell the"), "{text}");
}

#[test]
fn an_edited_request_is_the_subject_of_the_session() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo \"told: $1\"");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!("[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n"));
    let mut screen = Screen::start(&user, &["run", "--agent", "tool", "fix the login"]);
    screen.wait_for("Start tool in shop", 1);
    screen.answer("edit: fix the logout");
    screen.wait_for("Start tool in shop", 2);
    screen.answer("yes");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("told: fix the logout") && text.contains("It is done: fix the logout"), "{text}");
    assert_eq!(user.sessions()[0]["utterance"], "fix the logout");
}

#[test]
fn codewalk_asks_for_a_missing_request_at_the_terminal() {
    for args in [&["run"][..], &[]] {
        let user = User::new();
        let mut screen = Screen::start(&user, args);
        screen.wait_for("What do you want to do?", 1);
        screen.answer("use demo to write a greeting into a new file");
        screen.wait_for("Start demo in shop", 1);
        screen.answer("nein");
        let (status, text) = screen.exit_status();
        assert_eq!(status, 3, "{text}");
        assert!(user.sessions().is_empty());
    }
}

#[test]
fn possible_work_is_offered_and_an_unclear_answer_keeps_the_question() {
    let user = User::new();
    let mut screen = Screen::start(&user, &["run", "use demo to frobnicate the quux of the blorb"]);
    screen.wait_for("Start demo in shop", 1);
    screen.answer("perhaps");
    screen.wait_for("Not understood", 1);
    screen.answer("perhaps");
    screen.wait_for("Not understood", 2);
    screen.answer("perhaps");
    let (status, text) = screen.exit_status();
    assert_eq!(status, 3, "{text}");
    let end = text.rsplit("no clear answer").next().unwrap();
    assert!(end.contains("use demo to frobnicate the quux of the blorb"), "{text}");
}

#[test]
fn no_prompt_remains_below_the_last_output_of_a_run() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo done");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!("[agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n"));
    assert_eq!(user.run(&["run", "--yes", "--agent", "tool", "fix the login test"]).status, Some(0));
    // The shorter the run, the sooner after its start the editor is abandoned.
    for _ in 0..60 {
        let (status, text) = Screen::start(&user, &["sessions", "resume", "last", "x"]).exit_status();
        assert_eq!(status, 2, "{text}");
        let after = text.rsplit("\u{1b}[?2004l").next().unwrap();
        assert!(!after.contains("> "), "{text:?}");
        assert!(text.matches("[?2004h").count() <= text.matches("[?2004l").count(), "{text:?}");
    }
}

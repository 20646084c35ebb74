//! Control of a session from another terminal: log, stop, interrupt, questions.

use std::process::{Child, Stdio};

use crate::support::{Said, User, endless, said, script};
use serde_json::Value;

fn ended(child: Child) -> (Said, Value) {
    let said = said(child.wait_with_output().unwrap());
    let result = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    (said, result)
}

#[test]
fn a_stop_from_another_terminal_is_reported_at_the_sessions_own() {
    let user = User::new();
    let (child, agent) = endless(&user, "");
    let stopped = user.run(&["sessions", "stop", "last"]);
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    assert!(stopped.stdout.starts_with("stopped tool in shop"), "{stopped:?}");
    let (owner, result) = ended(child);
    assert_eq!(owner.status, Some(130), "{owner:?}");
    assert_eq!(result["session"]["state"], "cancelled");
    assert!(!crate::support::is_alive(&agent));
    let again = user.run(&["sessions", "stop", "last"]);
    assert_eq!(again.status, Some(2), "{again:?}");
    assert!(again.stderr.contains("has already ended (cancelled)"), "{again:?}");
}

#[test]
fn an_interrupt_from_elsewhere_ends_a_run_like_ctrl_c() {
    let user = User::new();
    let (child, agent) = endless(&user, "");
    let interrupted = user.run(&["sessions", "interrupt", "last"]);
    assert_eq!(interrupted.status, Some(0), "{interrupted:?}");
    let (owner, result) = ended(child);
    assert_eq!(owner.status, Some(130), "{owner:?}");
    assert_eq!(result["session"]["state"], "cancelled");
    assert!(!crate::support::is_alive(&agent));
}

#[test]
fn a_request_stops_what_another_terminal_runs() {
    let user = User::new();
    let (child, _) = endless(&user, "");
    // The core's grammar understands it: no router proposes it, so it needs no confirmation.
    let stopped = user.run(&["run", "stop"]);
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    let id = user.sessions()[0]["id"].as_str().unwrap()[28..].to_owned();
    assert_eq!(stopped.stdout, format!("stopped: tool in shop (session {id})\n"), "{stopped:?}");
    assert!(!stopped.stderr.contains("answer it where it was started"), "{stopped:?}");
    let (owner, result) = ended(child);
    assert_eq!(owner.status, Some(130), "{owner:?}");
    assert_eq!(result["session"]["state"], "cancelled");
}

#[test]
fn an_agent_that_accepts_no_more_prompts_keeps_running() {
    let user = User::new();
    let (child, agent) = endless(&user, "");
    let without_words = user.run(&["sessions", "resume", "last"]);
    assert_eq!(without_words.status, Some(2), "{without_words:?}");
    assert!(without_words.stderr.contains("is still running"), "{without_words:?}");
    let with_words = user.run(&["sessions", "resume", "last", "use tabs"]);
    assert_eq!(with_words.status, Some(2), "{with_words:?}");
    assert!(with_words.stderr.contains("accepts only one prompt"), "{with_words:?}");
    assert!(crate::support::is_alive(&agent));
    let stopped = user.run(&["sessions", "stop", "last"]);
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    ended(child);
}

#[test]
fn a_question_is_answered_and_nothing_is_started_or_stopped() {
    let user = User::new();
    let nothing = user.run(&["ask", "what is it doing?"]);
    assert_eq!(nothing.status, Some(0), "{nothing:?}");
    assert!(nothing.stdout.contains("Nothing is running"), "{nothing:?}");
    let (child, agent) = endless(&user, "");
    for question in ["what is it doing?", "stop", "fix the login test"] {
        let answer = user.run(&["ask", question]);
        assert_eq!(answer.status, Some(0), "{answer:?}");
        assert!(!answer.stdout.trim().is_empty(), "{answer:?}");
    }
    assert!(crate::support::is_alive(&agent));
    assert_eq!(user.sessions().len(), 1);
    let stopped = user.run(&["sessions", "stop", "last"]);
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    ended(child);
}

#[test]
fn a_closed_output_ends_the_log_quietly() {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "i=0; while [ $i -lt 700 ]; do i=$((i+1)); echo line $i; done");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!(
        "default_agent = \"tool\"\nstore = \"files:kept\"\n\
         [agents.tool]\nkind = \"command\"\ncommand = [{program:?}, \"{{prompt}}\"]\n"
    ));
    let (status, result, _) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0), "{result:#}");
    // An entry far below the first lines cannot be read, which is reported once the reader gets there.
    let entries = user.home().join("kept/sessions").join(result["session"]["id"].as_str().unwrap());
    let entries = entries.join("entries.jsonl");
    let sound = std::fs::read_to_string(&entries).unwrap();
    let broken = sound.replace("\"line 690", "\"line 690\", \"");
    assert_ne!(broken, sound);
    std::fs::write(&entries, broken).unwrap();
    assert_eq!(user.run(&["sessions", "log", "last"]).status, Some(4));
    for form in [&["sessions", "log", "last"][..], &["sessions", "log", "last", "--json"]] {
        let (reader, gone) = std::io::pipe().unwrap();
        drop(reader);
        let said = said(
            user.codewalk(form)
                .stdout(gone)
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
                .wait_with_output()
                .unwrap(),
        );
        assert_eq!((said.status, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    }
}

#[test]
fn the_log_includes_output_that_a_killed_owner_had_not_read() {
    let user = User::new();
    let (mut child, _) = endless(&user, "");
    child.kill().unwrap();
    child.wait().unwrap();
    let log = user.run(&["sessions", "log", "last"]);
    assert_eq!(log.status, Some(0), "{log:?}");
    assert!(log.stdout.contains("building"), "{log:?}");
    assert!(!log.stdout.contains('\u{1b}'), "{log:?}");
    let json = user.run(&["sessions", "log", "last", "--json"]);
    let entry: Value = serde_json::from_str(json.stdout.lines().next().unwrap()).unwrap();
    assert_eq!((&entry["run"], &entry["kind"]["type"]), (&1.into(), &"output".into()));
    assert_eq!(user.sessions()[0]["state"], "lost");
}

#[test]
fn stopping_a_session_whose_codewalk_is_dead_stops_its_agent() {
    let user = User::new();
    let (mut child, agent) = endless(&user, "");
    child.kill().unwrap();
    child.wait().unwrap();
    let stopped = user.run(&["sessions", "stop", "last"]);
    assert_eq!(stopped.status, Some(0), "{stopped:?}");
    assert!(stopped.stdout.starts_with("stopped tool in shop"), "{stopped:?}");
    assert!(!crate::support::is_alive(&agent));
    assert_eq!(user.sessions()[0]["state"], "lost");
}

#[test]
fn an_empty_list_of_sessions_is_not_requested() {
    let refused = User::new().run(&["sessions", "list", "--limit", "0"]);
    assert_eq!((refused.status, &*refused.stdout), (Some(2), ""), "{refused:?}");
}

//! Sessions whose codewalk dies at a bad moment.

use crate::support::{User, endless, is_alive, said};

#[test]
fn a_session_whose_owner_was_killed_is_lost_and_its_agent_ended() {
    let user = User::new();
    let (mut child, agent) = endless(&user, "");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(user.sessions()[0]["state"], "lost");
    assert!(!is_alive(&agent), "the agent works on for nobody");
    assert_eq!(user.sessions()[0]["state"], "lost", "it is recorded");
}

#[test]
fn unreadable_entries_do_not_prevent_a_session_from_being_settled() {
    let user = User::new();
    let (mut child, agent) = endless(&user, "store = \"files:walks\"");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut folders = std::fs::read_dir(user.home().join("walks/sessions")).unwrap();
    let entries = folders.next().unwrap().unwrap().path().join("entries.jsonl");
    std::fs::write(&entries, "garbage\n").unwrap();
    assert_eq!(user.sessions()[0]["state"], "lost");
    assert!(!is_alive(&agent), "the agent works on for nobody");
    let said = user.run(&["sessions", "log", "last"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(said.stderr.contains(&format!("move {entries:?} away")), "{said:?}");
    std::fs::remove_file(entries).unwrap();
    assert_eq!(user.run(&["sessions", "log", "last"]).status, Some(0));
}

#[test]
fn a_termination_stops_the_agent_and_is_recorded() {
    let user = User::new();
    let (child, agent) = endless(&user, "");
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let said = said(child.wait_with_output().unwrap());
    assert_eq!(said.status, Some(130), "{said:?}");
    assert_eq!(user.sessions()[0]["state"], "cancelled");
    assert!(!is_alive(&agent));
}

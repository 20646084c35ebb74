//! Stores that were removed, emptied or damaged while session folders remain, and other reports that appear
//! only once.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::support::agent::talker;
use crate::support::stores::STORES;
use crate::support::{User, said, script};
use serde_json::Value;

const REQUEST: &str = "fix the flaky login test";

/// A user with this many sessions in a store.
fn user(sessions: usize, store: &str) -> User {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo working");
    user.configure(&format!(
        "store = {store:?}\ndefault_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\n\
         command = [{:?}, \"{{prompt}}\"]\n",
        program.to_string_lossy()
    ));
    for _ in 0..sessions {
        let done = user.run(&["run", "--yes", REQUEST]);
        assert_eq!(done.status, Some(0), "{done:?}");
    }
    user
}

fn database(user: &User) -> PathBuf {
    user.home().join("codewalk.db")
}

fn remove(path: &Path) {
    let _ = std::fs::remove_dir_all(path);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(PathBuf::from(format!("{}{suffix}", path.display())));
    }
}

fn rebuild(user: &User, sessions: usize) -> String {
    let rebuilt = user.run(&["sessions", "rebuild", "--yes"]);
    assert_eq!(rebuilt.status, Some(0), "{rebuilt:?}");
    assert!(rebuilt.stdout.contains(&format!("Sessions rebuilt: {sessions}.")), "{rebuilt:?}");
    assert_eq!(user.sessions().len(), sessions);
    rebuilt.stdout
}

#[test]
fn a_removed_store_is_reported_and_rebuilt_with_a_yes() {
    for (store, place) in STORES.into_iter().zip(["codewalk.db", "kept"]) {
        let user = user(1, store);
        let place = user.home().join(place);
        remove(&place);
        for args in [&["sessions", "list"][..], &["run", "--yes", REQUEST], &["sessions", "show", "last"]] {
            let refused = user.run(args);
            assert_eq!(refused.status, Some(4), "{refused:?}");
            assert!(refused.stderr.contains("is missing, but"), "{refused:?}");
            assert!(refused.stderr.contains("codewalk sessions rebuild"), "{refused:?}");
        }
        let doctor = user.run(&["doctor"]);
        assert_eq!(doctor.status, Some(4), "{doctor:?}");
        assert!(doctor.stdout.contains("is missing, but"), "{doctor:?}");
        let unasked = user.run(&["sessions", "rebuild"]);
        assert_eq!(unasked.status, Some(3), "{unasked:?}");
        assert!(!place.exists(), "nothing without a yes");
        rebuild(&user, 1);
    }
}

#[test]
fn a_user_without_sessions_has_lost_nothing() {
    for store in STORES {
        let user = user(0, store);
        assert_eq!(user.sessions(), [] as [Value; 0]);
    }
}

#[test]
fn a_rebuilt_session_keeps_its_request() {
    let user = user(0, STORES[0]);
    let program = user.home().join("tool.sh");
    script(&program, "true");
    // Its output does not contain the prompt.
    talker(&user, "end");
    let config = std::fs::read_to_string(user.home().join("config.toml")).unwrap();
    let mut agents = String::new();
    for (name, args) in [("first", "\"--message={prompt}\", \"--quiet\""), ("silent", "\"--\", \"{prompt}\"")]
    {
        agents.push_str(&format!("[agents.{name}]\nkind = \"command\"\ncommand = [{program:?}, {args}]\n"));
    }
    user.configure(&format!("{config}\n{agents}"));
    for agent in ["claude", "first", "silent"] {
        let done = user.run(&["run", "--yes", "--agent", agent, &format!("{REQUEST} with {agent}")]);
        assert_eq!(done.status, Some(0), "{done:?}");
    }
    remove(&database(&user));
    rebuild(&user, 3);
    let list = user.run(&["sessions", "list"]).stdout;
    for agent in ["claude", "first", "silent"] {
        assert!(list.contains(&format!("{REQUEST} with {agent}\n")), "{list}");
    }
    // As records were before they contained the prompt.
    for session in std::fs::read_dir(user.home().join("sessions")).unwrap() {
        std::fs::remove_file(session.unwrap().path().join("runs/1/prompt")).unwrap();
    }
    remove(&database(&user));
    rebuild(&user, 3);
    let list = user.run(&["sessions", "list"]).stdout;
    assert!(list.lines().any(|line| line.contains("claude") && line.ends_with("  (unknown)")), "{list}");
}

#[test]
fn a_damaged_database_is_moved_aside_and_rebuilt_with_a_yes() {
    let user = user(2, STORES[0]);
    let database = database(&user);
    // It begins as before, and ends too soon.
    let whole = std::fs::read(&database).unwrap();
    let cut = &whole[..whole.len().min(5_000)];
    for (number, bytes) in [(1, cut), (2, b"this is no database".as_slice())] {
        remove(&database);
        std::fs::write(&database, bytes).unwrap();
        let refused = user.run(&["sessions", "list"]);
        assert_eq!(refused.status, Some(4), "{refused:?}");
        assert!(refused.stderr.contains("rebuild the sessions: codewalk sessions rebuild"), "{refused:?}");
        let unasked = user.run(&["sessions", "rebuild"]);
        assert_eq!(unasked.status, Some(3), "{unasked:?}");
        assert_eq!(std::fs::read(&database).unwrap(), bytes, "nothing without a yes");
        let said = rebuild(&user, 2);
        let aside = format!("{}.damaged-{number}", database.display());
        assert!(said.contains("is damaged") && said.contains(&aside), "{said}");
        assert_eq!(std::fs::read(aside).unwrap(), bytes);
    }
}

#[test]
fn a_database_moved_away_without_its_log_is_rebuilt() {
    let user = user(1, STORES[0]);
    let database = database(&user);
    for suffix in ["-wal", "-shm"] {
        std::fs::write(format!("{}{suffix}", database.display()), "left behind").unwrap();
    }
    std::fs::rename(&database, user.home().join("moved.db")).unwrap();
    rebuild(&user, 1);
}

#[test]
fn why_the_current_folder_is_not_a_project_is_reported_once() {
    let user = user(0, STORES[0]);
    let odd = user.shop().with_file_name(OsString::from_vec(b"caf\xe9".to_vec()));
    std::fs::create_dir(&odd).unwrap();
    let run = |args: &[&str]| said(user.codewalk(args).current_dir(&odd).output().unwrap());
    let nowhere = run(&["run", "--yes", REQUEST]);
    assert_eq!(nowhere.status, Some(3), "{nowhere:?}");
    assert_eq!(nowhere.stderr.matches("error: ").count(), 1, "{nowhere:?}");
    assert!(nowhere.stderr.contains("its name is not UTF-8"), "{nowhere:?}");
    assert!(!nowhere.stderr.contains("the project is unclear"), "{nowhere:?}");
    let root = said(user.codewalk(&["run", "--yes", REQUEST]).current_dir("/").output().unwrap());
    assert_eq!(
        root.stderr,
        "error: the project is unclear\n hint: name one, or start codewalk in its folder\n"
    );
    let other = run(&["run", "is anything running?"]);
    assert!(!other.stderr.contains("UTF-8"), "{other:?}");
}

#[test]
fn unreadable_certificates_are_a_problem_before_anything_is_sent() {
    let user = User::new();
    user.configure("default_agent = \"demo\"\n[network]\nca_file = \"/nowhere/ca.pem\"\n");
    let doctor = user.run(&["doctor", "--json"]);
    assert_eq!(doctor.status, Some(4), "{doctor:?}");
    let found: Value = serde_json::from_str(&doctor.stdout).unwrap();
    let problems = found["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0]["what"].as_str().unwrap().contains("ca_file = \"/nowhere/ca.pem\" cannot be read"));
    assert!(problems[0]["remedy"].as_str().unwrap().contains("correct ca_file"), "{problems:#?}");
}

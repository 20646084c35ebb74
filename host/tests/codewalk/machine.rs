//! Machines in unusual states: folders without git, names that are not text, input at the size limits, an
//! emptied store.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{Said, User, said, script};
use serde_json::Value;

const REQUEST: &str = "fix the flaky login test";

/// A user whose agent is a plain command that runs `body` with the prompt as `$1`.
fn user(body: &str) -> User {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, body);
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\ncommand = [{:?}, \"{{prompt}}\"]\n",
        program.to_string_lossy()
    ));
    user
}

fn run_in(user: &User, folder: &Path, args: &[&str]) -> Said {
    said(user.codewalk(args).current_dir(folder).output().unwrap())
}

/// A folder next to the home folder, without git.
fn folder(user: &User, name: impl Into<OsString>) -> PathBuf {
    let path = user.shop().with_file_name(name.into());
    std::fs::create_dir(&path).unwrap();
    path
}

#[test]
fn the_current_folder_is_a_project_without_git_except_home() {
    let user = user("echo done > done.txt");
    let plain = folder(&user, "plain");
    let done = run_in(&user, &plain, &["run", "--yes", REQUEST]);
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(plain.join("done.txt").exists());
    assert_eq!(user.sessions()[0]["project"], plain.to_string_lossy().as_ref());
    assert_eq!(user.sessions()[0]["artifacts"][0]["path"], "done.txt");

    for nowhere in [user.home(), PathBuf::from("/")] {
        let done = run_in(&user, &nowhere, &["run", "--yes", REQUEST]);
        assert_eq!(done.status, Some(3), "{nowhere:?} {done:?}");
        assert!(done.stderr.contains("the project is unclear"), "{done:?}");
    }
}

#[test]
fn only_a_folder_whose_name_is_not_utf8_is_refused() {
    let user = user("echo done > done.txt");
    let odd = folder(&user, OsString::from_vec(b"caf\xe9".to_vec()));
    let refused = run_in(&user, &odd, &["run", "--yes", "--project", ".", REQUEST]);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("caf\\xE9\" cannot be a project: its name is not UTF-8"), "{refused:?}");
    assert_eq!(user.sessions(), [] as [Value; 0]);

    let nowhere = run_in(&user, &odd, &["run", "--yes", REQUEST]);
    assert_eq!(nowhere.status, Some(3), "{nowhere:?}");
    assert!(nowhere.stderr.contains("its name is not UTF-8"), "{nowhere:?}");

    let shop = user.shop().to_string_lossy().into_owned();
    let elsewhere = run_in(&user, &odd, &["run", "--yes", "--project", &shop, REQUEST]);
    assert_eq!((elsewhere.status, elsewhere.stderr.contains("UTF-8")), (Some(0), false), "{elsewhere:?}");
}

#[test]
fn a_home_whose_name_is_not_utf8_is_refused_with_its_name() {
    let user = user("true");
    let odd = folder(&user, OsString::from_vec(b"caf\xe9".to_vec()));
    for (set, unset) in [("HOME", "CODEWALK_HOME"), ("CODEWALK_HOME", "HOME")] {
        let mut command = user.codewalk(&["sessions", "list"]);
        let refused = said(command.env_remove(unset).env(set, &odd).output().unwrap());
        assert_eq!(refused.status, Some(4), "{set}: {refused:?}");
        assert!(refused.stderr.contains("caf\\xE9\" is not UTF-8"), "{set}: {refused:?}");
        assert!(refused.stderr.contains("hint: set CODEWALK_HOME"), "{set}: {refused:?}");
    }
}

#[test]
fn a_relative_home_is_reported_with_its_escaped_value() {
    let user = user("true");
    let mut command = user.codewalk(&["sessions", "list"]);
    let refused = said(command.env_remove("CODEWALK_HOME").env("HOME", "home/\u{1b}[2Jme").output().unwrap());
    assert_eq!(refused.status, Some(4), "{refused:?}");
    assert_eq!(
        refused.stderr,
        "error: HOME=\"home/\\u{1b}[2Jme\" is not an absolute path, so codewalk has no folder for its \
         files\n \
         hint: set HOME to a path that starts with /, or set CODEWALK_HOME to a folder for codewalk\n"
    );
}

#[test]
fn a_request_of_any_excessive_length_is_reported_as_too_long() {
    let user = user("true");
    let mut command = user.codewalk(&["run", "--yes"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The reader stops early.
    let _ = stdin.write_all(&vec![b'x'; 13 << 20]);
    drop(stdin);
    let refused = said(child.wait_with_output().unwrap());
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("more than 65536 bytes") && !refused.stderr.contains("65537"),
        "{refused:?}"
    );
}

#[test]
fn a_list_says_that_there_are_older_sessions() {
    let user = user("true");
    for _ in 0..3 {
        assert_eq!(user.run(&["run", "--yes", REQUEST]).status, Some(0));
    }
    let list = |limit: &str| user.run(&["sessions", "list", "--limit", limit]).stdout;
    assert_eq!(list("2").lines().last(), Some("Older sessions: codewalk sessions list --limit 10"));
    assert_eq!(list("2").lines().count(), 3);
    assert!(!list("3").contains("Older"), "{}", list("3"));
    let json = user.run(&["sessions", "list", "--json", "--limit", "2"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["sessions"].as_array().unwrap().len(), &json["more"]), (2, &true.into()));
}

#[test]
fn doctor_reports_missing_projects_and_the_file_system_of_the_store() {
    let user = User::new();
    user.configure("default_agent = \"demo\"\n[[projects]]\nname = \"gone\"\npath = \"/nowhere/gone\"\n");
    let said = user.run(&["doctor", "--json"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    let problems = found["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0]["what"].as_str().unwrap().contains("/nowhere/gone of the project gone"),
        "{problems:#?}"
    );
    assert!(problems[0]["remedy"].as_str().unwrap().contains("[[projects]]"), "{problems:#?}");
    let named = found["store"]["file_system"].as_str().unwrap();
    assert!(user.run(&["doctor"]).stdout.contains(&format!("codewalk.db, on {named}: ok")));
}

/// The parts of sessions that both the store and the run folders contain.
fn lasting(sessions: &[Value]) -> Vec<Value> {
    let of_one = |session: &Value| {
        let runs = session["runs"].as_array().unwrap().iter();
        let runs = runs.map(|run| (&run["number"], &run["exit_code"], &run["usage"]));
        serde_json::json!([
            session["id"],
            session["agent"],
            session["project"],
            session["utterance"],
            session["state"],
            session["usage"],
            runs.collect::<Vec<_>>(),
        ])
    };
    let mut lasting: Vec<Value> = sessions.iter().map(of_one).collect();
    lasting.sort_by_key(|session| session[0].to_string());
    lasting
}

#[test]
fn an_emptied_store_is_reported_and_rebuilt_with_a_yes() {
    let user = user("echo working; exit 3");
    assert_eq!(user.run(&["run", "--yes", REQUEST]).status, Some(1));
    let scripted = user.run(&["run", "--yes", "--agent", "demo", "write a greeting into a new file"]);
    assert_eq!(scripted.status, Some(1), "{scripted:?}");
    let before = user.sessions();
    let log = user.run(&["sessions", "log", "last"]).stdout;
    assert_eq!(before.len(), 2);
    let store = user.home().join("codewalk.db");
    for file in ["codewalk.db-wal", "codewalk.db-shm"] {
        let _ = std::fs::remove_file(user.home().join(file));
    }
    std::fs::write(&store, "").unwrap();

    for args in [&["sessions", "list"][..], &["run", "--yes", REQUEST], &["sessions", "show", "last"]] {
        let refused = user.run(args);
        assert_eq!(refused.status, Some(4), "{refused:?}");
        assert!(refused.stderr.contains("is empty (0 bytes), but"), "{refused:?}");
        assert!(refused.stderr.contains("codewalk sessions rebuild"), "{refused:?}");
    }
    let doctor = user.run(&["doctor"]);
    assert!(doctor.stdout.contains("codewalk sessions rebuild"), "{doctor:?}");
    let unasked = user.run(&["sessions", "rebuild"]);
    assert_eq!(unasked.status, Some(3), "{unasked:?}");
    assert_eq!(std::fs::metadata(&store).unwrap().len(), 0, "nothing without a yes");

    let rebuilt = user.run(&["sessions", "rebuild", "--yes"]);
    assert_eq!(rebuilt.status, Some(0), "{rebuilt:?}");
    assert!(rebuilt.stdout.contains("Sessions rebuilt: 2."), "{rebuilt:?}");
    let after = user.sessions();
    assert_eq!(lasting(&after), lasting(&before));
    for session in &after {
        // As of then, not as of now.
        let was = before.iter().find(|was| was["id"] == session["id"]).unwrap();
        let (ended, had_ended) = (session["ended_at"].as_u64().unwrap(), was["ended_at"].as_u64().unwrap());
        assert!(
            session["started_at"].as_u64().unwrap() <= ended && ended <= had_ended,
            "{session:#} {was:#}"
        );
    }
    assert_eq!(user.run(&["sessions", "log", "last"]).stdout, log);
    let again = user.run(&["sessions", "rebuild", "--yes"]);
    assert!(again.stdout.contains("No sessions are missing from the store"), "{again:?}");
}

#[test]
fn globally_ignored_files_are_not_artifacts() {
    let user = user("echo x > a.swp; echo x > done.txt");
    let ignored = user.home().join(".config/git/ignore");
    std::fs::create_dir_all(ignored.parent().unwrap()).unwrap();
    std::fs::write(ignored, "*.swp\n").unwrap();
    // An ignore file that the repository names is not the user's.
    let config = user.shop().join(".git/config");
    let elsewhere = user.home().join("elsewhere");
    std::fs::write(&elsewhere, "done.txt\n").unwrap();
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(config, format!("{text}[core]\n\texcludesFile = {}\n", elsewhere.display())).unwrap();
    let (status, result, _) = user.request(&["--yes", REQUEST]);
    assert_eq!(status, Some(0), "{result:#}");
    let left = result["session"]["artifacts"].as_array().unwrap();
    assert_eq!((left.len(), &left[0]["path"]), (1, &"done.txt".into()), "{left:#?}");
}

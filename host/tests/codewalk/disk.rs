//! Full disks and unwritable folders: a clear error, nothing half done, and the next run works.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::stores::STORES;
use crate::support::{Said, User, is_alive, said, script, stores};
use serde_json::{Value, json};

const REQUEST: [&str; 5] = ["run", "--yes", "--output-format", "json", "fix the flaky login test"];

/// An agent that creates a file in its working folder.
fn user(store: &str) -> User {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo working; touch ran.txt");
    let command = ["sh".into(), program.to_string_lossy(), "--".into(), "{prompt}".into()];
    user.configure(&format!(
        "default_agent = \"tool\"\nstore = {store:?}\n[agents.tool]\nkind = \"command\"\n\
         command = {command:?}\n"
    ));
    user
}

/// Compiles the adapters, and creates the store.
fn user_with_a_store(store: &str) -> User {
    let user = user(store);
    assert_eq!(user.request(&["what is running?"]).0, Some(0));
    user
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Makes a folder and its contents read-only, or writable again.
fn set_writable(folder: &Path, writable: bool) {
    let bits = if writable { 0o200 } else { 0 };
    set_mode(folder, 0o500 | bits);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { set_writable(&path, writable) } else { set_mode(&path, 0o400 | bits) }
    }
}

/// Makes a program respect permissions even if root runs the tests.
fn without_privileges(command: &mut Command) -> &mut Command {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
        if rustix::process::geteuid().is_root() {
            let give_up = || {
                remove_capability_from_bounding_set(CapabilitySet::DAC_OVERRIDE)?;
                remove_capability_from_bounding_set(CapabilitySet::DAC_READ_SEARCH)?;
                Ok(())
            };
            // SAFETY: these are two system calls that do not access memory.
            unsafe { command.pre_exec(give_up) };
        }
    }
    command
}

fn result(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

/// Asserts that codewalk reports the problem with the store and the remedy, and has started nothing.
fn assert_refused(user: &User, said: &Said, words: &[&str]) {
    assert_eq!(said.status, Some(4), "{said:?}");
    let result = result(said);
    assert_eq!(result["error"]["kind"], "store", "{said:?}");
    let message = result["error"]["message"].as_str().unwrap();
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
    assert!(!user.shop().join("ran.txt").exists());
}

/// Asserts that the next run works as usual.
fn assert_works(user: &User) {
    let (status, result, stderr) = user.request(&["--yes", "fix the flaky login test"]);
    assert_eq!((status, &result["session"]["state"]), (Some(0), &json!("completed")), "{result:#} {stderr}");
}

#[test]
fn unwritable_folders_are_reported_and_nothing_starts() {
    for user in STORES.into_iter().flat_map(|store| [user(store), user_with_a_store(store)]) {
        set_writable(&user.home(), false);
        let said = said(without_privileges(&mut user.codewalk(&REQUEST)).output().unwrap());
        set_writable(&user.home(), true);
        assert_refused(&user, &said, &["CODEWALK_HOME", &*user.home().to_string_lossy()]);
        assert_works(&user);
    }
}

#[test]
fn an_unwritable_store_is_reported_and_left_unchanged() {
    let user = user_with_a_store(STORES[0]);
    let database = user.home().join("codewalk.db");
    let before = std::fs::read(&database).unwrap();
    set_mode(&database, 0o400);
    let said = said(without_privileges(&mut user.codewalk(&REQUEST)).output().unwrap());
    assert_refused(&user, &said, &["read-only", "CODEWALK_HOME"]);
    assert_eq!(std::fs::read(&database).unwrap(), before);
    set_mode(&database, 0o600);
    assert_works(&user);
}

#[test]
fn a_path_that_cannot_be_a_folder_is_reported() {
    let user = user(STORES[0]);
    let config = user.home().join("config.toml");
    let said = said(user.codewalk(&REQUEST).env("CODEWALK_HOME", config.join("state")).output().unwrap());
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(result(&said)["error"]["message"].as_str().unwrap().contains("config.toml/state"), "{said:?}");
}

#[test]
fn sessions_without_a_writable_folder_fail_with_the_reason() {
    let user = user_with_a_store(STORES[0]);
    let sessions = user.home().join("sessions");
    let _ = std::fs::remove_dir_all(&sessions);
    std::fs::write(&sessions, "in the way").unwrap();
    let (status, result, _) = user.request(&["--yes", "fix the flaky login test"]);
    assert_eq!(status, Some(1), "{result:#}");
    assert_eq!(result["session"]["state"], "failed");
    assert!(result["error"]["message"].as_str().unwrap().contains("sessions/"), "{result:#}");
    assert!(!user.shop().join("ran.txt").exists());
    std::fs::remove_file(&sessions).unwrap();
    assert_works(&user);
}

#[test]
fn an_unwritable_cache_is_not_needed() {
    let user = user(STORES[0]);
    std::fs::write(user.home().join("cache"), "in the way").unwrap();
    assert_works(&user);
}

/// Returns the problems and remedies reported by doctor, and its whole output.
fn problems(said: &Said) -> (Vec<(String, String)>, Value) {
    assert_eq!(said.status, Some(4), "{said:?}");
    let found = result(said);
    let text = |problem: &Value, field: &str| problem[field].as_str().unwrap().to_owned();
    let rows = found["problems"].as_array().unwrap().iter();
    (rows.map(|problem| (text(problem, "what"), text(problem, "remedy"))).collect(), found)
}

/// Returns the names of the entries in a folder.
fn names(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(self::names(&path));
        }
        names.push(path);
    }
    names.sort();
    names
}

#[test]
fn doctor_tests_write_access_and_leaves_nothing_behind() {
    for user in STORES.into_iter().flat_map(|store| [user(store), user_with_a_store(store)]) {
        let is_empty = !user.home().join("adapters").exists();
        set_writable(&user.home(), false);
        let said = said(without_privileges(&mut user.codewalk(&["doctor", "--json"])).output().unwrap());
        set_writable(&user.home(), true);
        let (problems, found) = problems(&said);
        assert_eq!(found["agents"].as_array().unwrap().len(), 3, "all else is said: {found:#}");
        assert!(found["store"]["problem"].is_string(), "{found:#}");
        for folder in ["/sessions", "/cache/components"] {
            let is_said = problems.iter().any(|(what, _)| what.contains(folder));
            assert!(is_said, "{folder}: {problems:#?}");
        }
        let adapters = problems.iter().find(|(what, _)| what.contains("cannot use the adapter folder"));
        assert_eq!(adapters.is_some(), is_empty, "{problems:#?}");
        assert!(problems.iter().all(|(_, remedy)| !remedy.is_empty()), "{problems:#?}");

        let well = user.run(&["doctor"]);
        assert_eq!(well.status, Some(0), "{well:?}");
        let before = names(&user.home());
        assert_eq!(user.run(&["doctor"]).status, Some(0));
        assert_eq!(names(&user.home()), before);
    }
    let user = user_with_a_store(STORES[0]);
    let database = user.home().join("codewalk.db");
    set_mode(&database, 0o400);
    let said = said(without_privileges(&mut user.codewalk(&["doctor", "--json"])).output().unwrap());
    let (problems, found) = problems(&said);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(found["store"]["problem"].as_str().is_some_and(|said| said.contains("read-only")), "{found:#}");
}

#[test]
fn doctor_reports_an_unwritable_cache_with_a_remedy() {
    let user = user(STORES[0]);
    std::fs::write(user.home().join("cache"), "in the way").unwrap();
    let (problems, _) = problems(&user.run(&["doctor", "--json"]));
    let [(what, remedy)] = &*problems else { panic!("{problems:#?}") };
    assert!(what.contains("/cache/components") && what.contains("Not a directory"), "{what}");
    assert!(remedy.contains("recompiles its adapters"), "{remedy}");
}

/// Starts a shell script with codewalk's arguments for [`REQUEST`].
fn shell(user: &User, program: &str, args: &[&str], body: &str) -> Command {
    let codewalk = user.codewalk(&[]).get_program().to_owned();
    let mut shell = Command::new(program);
    shell.args(args).args(["-c", body, "sh"]).arg(codewalk).args(REQUEST).current_dir(user.shop());
    shell.env_clear().envs(user.environment()).stdin(Stdio::null());
    // SAFETY: setsid is async-signal-safe and does not access memory. It detaches the process from the
    // terminal on which the tests run.
    unsafe {
        shell.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
    }
    shell
}

/// Makes the agent write its process ID and run forever.
fn make_endless(user: &User) {
    let body = "echo $$ > agent.tmp; mv agent.tmp agent.pid; while true; do echo working; sleep 0.01; done";
    script(&user.home().join("agent.sh"), body);
}

/// Returns whether the agent was started, and asserts that it is gone.
fn was_stopped(user: &User) -> bool {
    let file = user.shop().join("agent.pid");
    let Ok(pid) = std::fs::read_to_string(&file) else { return false };
    assert!(!is_alive(pid.trim()), "the agent works on although nothing of it is kept");
    std::fs::remove_file(file).unwrap();
    true
}

#[test]
fn a_full_disk_stops_the_agent_and_leaves_nothing_half_done() {
    let user = user_with_a_store(STORES[0]);
    make_endless(&user);
    let mut stopped = 0;
    // In blocks of 512 bytes: more than a component's memory needs, and less than the log stored for it.
    for blocks in (1024..).step_by(256) {
        // The signal would kill codewalk, while a full disk only fails the write.
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let said = said(shell(&user, "sh", &[], &limit).output().unwrap());
        assert_eq!(said.status, Some(4), "{blocks}: {said:?}");
        assert_eq!(result(&said)["error"]["kind"], "store", "{blocks}: {said:?}");
        stores::consistent(stores::store(&user).as_ref());
        stopped += u32::from(was_stopped(&user));
        if stopped == 3 {
            break;
        }
    }
    script(&user.home().join("agent.sh"), "echo working");
    assert_works(&user);
}

/// A small private disk.
#[cfg(target_os = "linux")]
const UNSHARE: [&str; 4] = ["--user", "--map-root-user", "--mount", "sh"];

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs to mount a disk: run `cargo xtask test`"]
fn a_full_disk_is_reported_and_the_next_run_works_once_there_is_room() {
    for store in STORES {
        fill_the_disk(&user_with_a_store(store));
    }
}

#[cfg(target_os = "linux")]
fn fill_the_disk(user: &User) {
    let body =
        "echo $$ > agent.tmp; mv agent.tmp agent.pid; for i in $(seq 50); do echo working; sleep 0.02; done";
    script(&user.home().join("agent.sh"), body);
    // The stored files move to the small disk, which is then filled; each attempt gets a little more room.
    let body = r#"
        set -e
        mkdir ../kept; cp -r "$CODEWALK_HOME/." ../kept
        mount -t tmpfs -o size=64M tmpfs "$CODEWALK_HOME"; cp -r ../kept/. "$CODEWALK_HOME"
        cat /dev/zero > "$CODEWALK_HOME/filler" 2> /dev/null || true
        for try in $(seq 12); do
            if "$@"; then exit 0; fi
            kill -0 "$(cat agent.pid 2> /dev/null)" 2> /dev/null && exit 2
            truncate -s "-$((try * 8))K" "$CODEWALK_HOME/filler"
        done
        rm "$CODEWALK_HOME/filler"; exec "$@"
    "#;
    let said = said(shell(user, "unshare", &UNSHARE, body).output().unwrap());
    assert_eq!(said.status, Some(0), "2 says that an agent works on: {said:?}");
    let results: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, refused) = results.split_last().unwrap();
    assert_eq!(last["session"]["state"], "completed");
    assert!(!refused.is_empty(), "the disk was not full");
    for result in refused {
        let message = result["error"]["message"].as_str().unwrap();
        let expected = match result["error"]["kind"].as_str().unwrap() {
            "store" => "disk is full",
            // There was still room to report it.
            _ => "No space left on device",
        };
        assert!(message.contains(expected), "{result:#}");
    }
}

//! A disk that is full, and folders that may not be written: a clear error, nothing half done, and the next run works.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{Said, User, said, script};

const WISH: [&str; 5] = ["run", "--yes", "--output-format", "json", "fix the flaky login test"];

/// An agent that leaves a file where it ran.
fn user() -> User {
    let user = User::new();
    let program = user.home().join("agent.sh");
    script(&program, "echo working; touch ran.txt");
    let program = program.to_string_lossy().into_owned();
    user.configure(&format!(
        "default_agent = \"tool\"\n[agents.tool]\nkind = \"command\"\ncommand = [{program:?}]\n"
    ));
    user
}

/// Compiles the adapters, and makes the store.
fn user_with_a_store() -> User {
    let user = user();
    assert_eq!(user.wish(&["what is running?"]).0, Some(0));
    user
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Lets a program respect permissions, whoever runs the tests: root's right to pass over them is given up.
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
            // SAFETY: these are two system calls that touch no memory.
            unsafe { command.pre_exec(give_up) };
        }
    }
    command
}

fn result(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

/// It says what is wrong with the store and what to do, and has started nothing.
fn assert_refused(user: &User, said: &Said, words: &[&str]) {
    assert_eq!(said.status, Some(4), "{said:?}");
    let result = result(said);
    assert_eq!(result["error"]["kind"], "store", "{said:?}");
    let message = result["error"]["message"].as_str().unwrap();
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
    assert!(!user.shop().join("ran.txt").exists());
}

/// The next run is as good as ever.
fn assert_works(user: &User) {
    let (status, result, stderr) = user.wish(&["--yes", "fix the flaky login test"]);
    assert_eq!((status, &result["session"]["state"]), (Some(0), &json!("completed")), "{result:#} {stderr}");
}

#[test]
fn a_folder_that_may_not_be_written_is_said_and_nothing_is_started() {
    for user in [user(), user_with_a_store()] {
        set_mode(&user.home(), 0o500);
        let said = said(without_privileges(&mut user.codewalk(&WISH)).output().unwrap());
        set_mode(&user.home(), 0o700);
        assert_refused(&user, &said, &["CODEWALK_HOME", &*user.home().to_string_lossy()]);
        assert_works(&user);
    }
}

#[test]
fn a_store_that_may_not_be_written_is_said_and_left_as_it_is() {
    let user = user_with_a_store();
    let database = user.home().join("codewalk.db");
    let before = std::fs::read(&database).unwrap();
    set_mode(&database, 0o400);
    let said = said(without_privileges(&mut user.codewalk(&WISH)).output().unwrap());
    assert_refused(&user, &said, &["read-only", "CODEWALK_HOME"]);
    assert_eq!(std::fs::read(&database).unwrap(), before);
    set_mode(&database, 0o600);
    assert_works(&user);
}

#[test]
fn a_place_where_no_folder_can_be_is_said() {
    let user = user();
    let config = user.home().join("config.toml");
    let said = said(user.codewalk(&WISH).env("CODEWALK_HOME", config.join("state")).output().unwrap());
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(result(&said)["error"]["message"].as_str().unwrap().contains("config.toml/state"), "{said:?}");
}

#[test]
fn sessions_that_cannot_have_a_folder_fail_and_say_so() {
    let user = user_with_a_store();
    let sessions = user.home().join("sessions");
    let _ = std::fs::remove_dir_all(&sessions);
    std::fs::write(&sessions, "in the way").unwrap();
    let (status, result, _) = user.wish(&["--yes", "fix the flaky login test"]);
    assert_eq!(status, Some(1), "{result:#}");
    assert_eq!(result["session"]["state"], "failed");
    assert!(result["error"]["message"].as_str().unwrap().contains("sessions/"), "{result:#}");
    assert!(!user.shop().join("ran.txt").exists());
    std::fs::remove_file(&sessions).unwrap();
    assert_works(&user);
}

#[test]
fn a_cache_that_cannot_be_written_is_done_without() {
    let user = user();
    std::fs::write(user.home().join("cache"), "in the way").unwrap();
    assert_works(&user);
}

/// Runs a wish whose files cannot become longer than that. An agent that was started goes on for ever if it is let.
fn limited(user: &User, bytes: usize) -> Said {
    let mut command = user.codewalk(&[]);
    let program = command.get_program().to_owned();
    // The limit of the shell is in blocks of 512 bytes. The signal would end codewalk where a full disk only refuses.
    let mut shell = Command::new("sh");
    let limit = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", bytes / 512);
    shell.args(["-c", &limit, "sh"]).arg(program).args(WISH).current_dir(user.shop());
    shell.env_clear().envs(user.environment()).stdin(Stdio::null());
    command = shell;
    // SAFETY: setsid is async-signal-safe and touches no memory.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
    }
    said(command.output().unwrap())
}

#[test]
fn wherever_the_store_is_refused_more_room_the_agent_is_stopped_and_nothing_is_half_done() {
    let user = user_with_a_store();
    let program = user.home().join("agent.sh");
    script(&program, "echo $$ > agent.pid; while true; do echo working; sleep 0.01; done");
    let mut after_the_start = 0;
    for bytes in (0..).map(|step| step * 16 * 1024).skip(1) {
        let said = limited(&user, bytes);
        assert_eq!(said.status, Some(4), "{bytes}: {said:?}");
        assert_eq!(result(&said)["error"]["kind"], "store", "{bytes}: {said:?}");
        if let Ok(pid) = std::fs::read_to_string(user.shop().join("agent.pid")) {
            assert!(!is_alive(pid.trim()), "{bytes}: the agent works on although nothing of it is kept");
            std::fs::remove_file(user.shop().join("agent.pid")).unwrap();
            after_the_start += 1;
        }
        if after_the_start == 3 {
            break;
        }
    }
    script(&program, "echo working");
    assert_works(&user);
}

fn is_alive(pid: &str) -> bool {
    std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

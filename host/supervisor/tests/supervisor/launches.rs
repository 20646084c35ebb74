//! What a launch hands over, and why it fails.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use codewalk_supervisor::{ExitReason, StartError};

use super::support::{PROGRAM, Stage, call, until};

/// Returns the message of a launch that fails, which `exit` has too.
fn failure(stage: &mut Stage) -> String {
    let started = stage.try_start();
    let Err(StartError::Agent(message)) = started else { panic!("{started:?}") };
    let exit = stage.ended();
    assert_eq!((exit.reason, exit.code), (ExitReason::LaunchFailed, None));
    assert_eq!(exit.message.as_deref(), Some(message.as_str()));
    assert_eq!(stage.run.meta().unwrap(), None);
    message
}

#[test]
fn a_launch_that_fails_says_why() {
    let mut stage = Stage::new("");
    stage.launch.argv = vec!["/nowhere/agent".to_owned()];
    let expected = r#"cannot execute /nowhere/agent: No such file or directory"#;
    assert!(failure(&mut stage).starts_with(expected));

    let mut stage = Stage::new("");
    stage.launch.cwd = "/nowhere/project".into();
    let expected = r#"cannot use folder /nowhere/project: No such file or directory"#;
    assert!(failure(&mut stage).starts_with(expected));

    let mut stage = Stage::new("");
    let program = stage.path("program");
    fs::write(&program, "").unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o644)).unwrap();
    stage.launch.argv = vec![program.to_str().unwrap().to_owned()];
    assert!(failure(&mut stage).contains("Permission denied"));

    let mut stage = Stage::new("");
    stage.launch.argv.clear();
    assert_eq!(failure(&mut stage), "it has no command line");
}

#[test]
fn a_newer_launch_is_refused() {
    let mut stage = Stage::new("exit 0");
    stage.launch.version = 2;
    let expected = "launch.json has version 2; this codewalk reads versions up to 1";
    assert_eq!(failure(&mut stage), expected);
}

#[test]
fn a_host_that_dies_before_it_has_handed_over_starts_nothing() {
    let stage = Stage::new("echo x > ran");
    stage.run.create(&stage.launch).unwrap();
    let (host, supervisor) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut command = Command::new(PROGRAM);
    command.arg("supervise").arg(stage.run.path()).stdin(std::os::fd::OwnedFd::from(supervisor));
    command.status().unwrap();
    drop(command);
    std::io::Write::write_all(&mut &host, b"codwalk1\x10").unwrap();
    drop(host);
    until("it is recorded", || stage.run.exit().unwrap().is_some());
    let exit = stage.ended();
    assert_eq!(exit.reason, ExitReason::LaunchFailed);
    assert!(exit.message.unwrap().starts_with("cannot receive the environment: "));
    assert!(!stage.path("ran").exists());
}

#[test]
fn a_supervisor_is_not_started_by_hand() {
    let stage = Stage::new("exit 0");
    stage.run.create(&stage.launch).unwrap();
    let supervise = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        let output = command.arg("supervise").args(arguments).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, message) = supervise(&[stage.run.path().to_str().unwrap()]);
    assert_eq!(status, Some(2));
    assert!(message.contains("its standard input is not a socket of the host"), "{message}");
    assert_eq!(supervise(&[]).0, Some(2));
    assert_eq!(stage.run.exit().unwrap(), None);
}

#[test]
fn a_run_is_started_once() {
    let mut stage = Stage::new("cat");
    stage.start();
    let again = || stage.run.start(Path::new(PROGRAM), &stage.handover).unwrap_err().to_string();
    assert_eq!(again(), "the run was started before");
    stage.sender().close_input(&call("a")).unwrap();
    let exit = stage.ended();
    assert_eq!(again(), "the run was started before");
    assert_eq!(stage.ended(), exit);
}

#[test]
fn a_run_that_was_given_up_is_not_started_late() {
    let mut stage = Stage::new("exit 0");
    stage.run.create(&stage.launch).unwrap();
    assert!(stage.run.give_up().unwrap());
    let late = stage.run.start(Path::new(PROGRAM), &stage.handover).unwrap_err();
    assert_eq!(late.to_string(), "the run was given up");

    stage = Stage::new("cat");
    stage.start();
    assert!(!stage.run.give_up().unwrap());
    stage.sender().close_input(&call("a")).unwrap();
    stage.ended();
    assert!(stage.run.give_up().unwrap());
    assert!(stage.run.launch().unwrap().is_some(), "it was started");
}

#[test]
fn the_agent_gets_the_environment_umask_and_folder_of_its_launch_and_no_more() {
    // A descriptor that the host leaks.
    let null = fs::File::open("/dev/null").unwrap();
    let leaked = rustix::io::fcntl_dupfd_cloexec(&null, 200).unwrap();
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
    let script = "env | sort | grep -v -e ^_= -e ^PWD= -e ^PATH=; umask; pwd
        cut -d' ' -f5,6 /proc/$$/stat; echo $$; echo /proc/self/fd/*; ls -l /proc/self/fd/0";
    let mut stage = Stage::new(script);
    stage.launch.umask = 0o027;
    stage.launch.takes_input = false;
    stage.handover.set("LETTERS", "a b=c");
    stage.start();
    stage.ended();
    let stdout = stage.stdout();
    let lines: Vec<&str> = stdout.lines().collect();
    let folder = stage.launch.cwd.to_str().unwrap();
    assert_eq!(lines[..4], [&format!("DIR={folder}"), "LETTERS=a b=c", "0027", folder], "{stdout}");
    assert_eq!(lines[4], format!("{0} {0}", lines[5]), "it leads a session: {stdout}");
    let descriptors = ["0", "1", "2", "3"].map(|number| format!("/proc/self/fd/{number}")).join(" ");
    assert_eq!(lines[6], descriptors);
    assert!(lines[7].ends_with("/dev/null"));
}

#[test]
fn a_link_in_the_place_of_a_file_is_not_followed() {
    let stage = Stage::new("echo printed");
    stage.run.create(&stage.launch).unwrap();
    let target = stage.path("target");
    fs::write(&target, "").unwrap();
    fs::remove_file(stage.run.stdout()).unwrap();
    std::os::unix::fs::symlink(&target, stage.run.stdout()).unwrap();
    assert!(stage.run.start(Path::new(PROGRAM), &stage.handover).is_err());
    stage.ended();
    assert_eq!(fs::read(target).unwrap(), b"");
}

#[test]
fn a_supervisor_is_detached_from_its_host() {
    let mut stage = Stage::new("cat");
    let supervisor = stage.start().supervisor.pid;
    let stat = fs::read_to_string(format!("/proc/{supervisor}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
    assert_ne!(fields[1], std::process::id().to_string(), "it is no child of its host");
    assert_eq!(fields[3], supervisor.to_string(), "it leads its session");
    assert_eq!(fields[4], "0", "it has no terminal");
    stage.sender().close_input(&call("a")).unwrap();
    stage.ended();
}

#[test]
fn secrets_are_in_no_file_of_the_run() {
    let canary = "canary-7d41c6e0b2";
    let script = r#"IFS= read -r line; [ "$line" = "$SECRET" ] && echo same; exec cat"#;
    let mut stage = Stage::new(script);
    stage.handover.set("SECRET", canary);
    stage.handover.first_input = Some((call("first"), format!("{canary}\n").into_bytes()));
    let supervisor = stage.start().supervisor.pid;
    until("the agent has both", || stage.stdout() == "same\n");
    let holds = |bytes: &[u8]| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
    let mut files = 0;
    let mut check = || {
        for file in fs::read_dir(stage.run.path()).unwrap() {
            let file = file.unwrap();
            let mut bytes = Vec::new();
            if file.file_type().unwrap().is_file() {
                fs::File::open(file.path()).unwrap().read_to_end(&mut bytes).unwrap();
                files += 1;
            }
            assert!(!holds(&bytes), "{:?}", file.path());
        }
    };
    check();
    for file in ["environ", "cmdline"] {
        // Only root may read the environment.
        let bytes = fs::read(format!("/proc/{supervisor}/{file}")).unwrap_or_default();
        assert!(!holds(&bytes), "{file}");
    }
    stage.sender().close_input(&call("a")).unwrap();
    stage.ended();
    check();
    assert!(files >= 16, "{files} files were searched");
}

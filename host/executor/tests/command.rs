//! Programs as agents: their output, their exits, their artifacts.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod support;

use std::collections::BTreeMap;

use codewalk_core::command::Decision;
use codewalk_core::entry::EntryKind;
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Executor, Launch, LogMonitor};
use codewalk_core::session::{Artifact, Exit, FileChange, Observation, UnsearchedFolders};
use codewalk_executor::{AgentSpec, ExecutorConfig, ReportBody};
use support::{DEADLINE, Host, call, command, git, mode, sh};

const SUCCESS: Exit = Exit { code: Some(0), signal: None };

#[tokio::test]
async fn a_program_gets_prompt_and_project_and_its_lines_and_exit_are_reported() {
    let mut host = Host::new(command(&[
        "sh",
        "-c",
        "echo \"$1\"; pwd; echo oh >&2; exit 3",
        "sh",
        "{prompt} in {project}",
    ]));
    let project = host.project.canonicalize().unwrap().display().to_string();
    let (launch, exit) = host.run("fix $(it); 'now'").await;
    assert_eq!(exit, Exit { code: Some(3), signal: None });
    let stdout: Vec<_> =
        host.entries().filter(|e| matches!(e.kind, EntryKind::Output { stderr: false, .. })).collect();
    let first = format!("fix $(it); 'now' in {project}");
    assert_eq!((stdout[0].offset, stdout[0].length), (0, first.len() as u64));
    assert_eq!(stdout[1].offset, first.len() as u64 + 1);
    let mut lines = host.lines();
    lines.sort_unstable();
    let mut expected = [project.as_str(), &first, "oh"];
    expected.sort_unstable();
    assert_eq!(lines, expected);
    let record = host.folder(&launch).exit().unwrap().unwrap();
    assert_eq!((record.code, record.signal), (Some(3), None));
    assert_eq!(host.failures(), [Some("oh (exit status 3)")]);
}

#[tokio::test]
async fn the_run_folder_has_the_facts_and_only_the_user_can_read_it() {
    let mut host = Host::new(command(&["sh", "-c", "echo one; echo two >&2", "{prompt}"]));
    let launch = host.launch("a prompt");
    let started = host.start(&launch).await;
    host.exited().await;
    let folder = host.folder(&launch);
    let meta = folder.meta().unwrap().unwrap();
    assert_eq!((meta.agent.as_str(), meta.started()), ("it", started));
    assert_eq!(meta.argv[1..], ["-c", "echo one; echo two >&2", "a prompt"]);
    assert!(meta.argv[0].ends_with("/sh"));
    assert_eq!(std::fs::read(folder.stdout()).unwrap(), b"one\n");
    assert_eq!(std::fs::read(folder.stderr()).unwrap(), b"two\n");
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{path:?}");
    }
    for path in folder.path().ancestors().take(4) {
        assert_eq!(mode(path), 0o700, "{path:?}");
    }
    assert_eq!(mode(&host.settings.sessions.join(launch.session.to_string()).join("lock")), 0o600);
}

#[tokio::test]
async fn all_output_is_reported_before_the_exit_which_comes_once_and_last() {
    let mut host =
        Host::new(sh("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; printf 'no end'"));
    host.run("x").await;
    let lines = host.lines();
    assert_eq!((lines.len(), lines[19_999], lines[20_000]), (20_001, "line 19999", "no end"));
    assert!(host.is_silent());
    let ends = host.observations().filter(|o| matches!(o, Observation::ProcessExited(_))).count();
    assert_eq!(ends, 1);
    assert!(matches!(
        host.seen.last().unwrap().body,
        ReportBody::Observed(Observation::ProcessExited(SUCCESS))
    ));
}

#[tokio::test]
async fn lines_are_reported_while_the_program_runs() {
    let mut host = Host::new(sh("echo ready; read -r _ < \"$PWD/fifo\"; echo done"));
    std::process::Command::new("mkfifo").arg(host.project.join("fifo")).status().unwrap();
    let launch = host.launch("x");
    host.start(&launch).await;
    host.said("ready").await;
    std::fs::write(host.project.join("fifo"), "go\n").unwrap();
    assert_eq!(host.exited().await, SUCCESS);
    assert_eq!(host.lines(), ["ready", "done"]);
}

#[tokio::test]
async fn a_programs_input_is_empty_and_it_takes_nothing_more() {
    let mut host = Host::new(sh("cat; read -r _ < \"$PWD/fifo\""));
    std::process::Command::new("mkfifo").arg(host.project.join("fifo")).status().unwrap();
    let launch = host.launch("x");
    host.start(&launch).await;
    let told = [
        host.agents.send(call(), launch.session, "more").await,
        host.answer(launch.session, "1", &Decision::allow()).await,
    ];
    for result in told {
        assert!(matches!(result, Err(PortError::InvalidRequest { .. })), "{result:?}");
    }
    std::fs::write(host.project.join("fifo"), "go\n").unwrap();
    assert_eq!(host.exited().await, SUCCESS);
    let late = host.agents.interrupt(call(), launch.session).await;
    assert!(matches!(late, Err(PortError::Unavailable { .. })), "{late:?}");
}

#[tokio::test]
async fn an_interrupt_sends_the_signal_of_ctrl_c() {
    let mut host =
        Host::new(sh("trap 'echo interrupted; exit 7' INT; echo ready; while :; do sleep 0.05; done"));
    let launch = host.launch("x");
    host.start(&launch).await;
    host.said("ready").await;
    host.agents.interrupt(call(), launch.session).await.unwrap();
    assert_eq!(host.exited().await.code, Some(7));
}

#[tokio::test]
async fn codewalks_credentials_and_the_marks_of_nesting_are_kept_from_an_agent() {
    // A separate process, because the environment is shared by all tests of this one.
    if std::env::var_os("CLAUDECODE").is_none() {
        let name = "codewalks_credentials_and_the_marks_of_nesting_are_kept_from_an_agent";
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", name]).env("CLAUDECODE", "1").env("CLAUDE_CODE_ENTRYPOINT", "cli");
        let done = again.env("CODEWALK_SECRET", "s3cret").env("INHERITED", "yes").output().unwrap();
        assert!(
            done.status.success() && String::from_utf8_lossy(&done.stdout).contains("1 passed"),
            "{done:?}"
        );
        return;
    }
    let env = BTreeMap::from([("OWN".to_owned(), "yes".to_owned())]);
    let argv = ["sh", "-c", "env"].map(str::to_owned).to_vec();
    let remove = |settings: &mut ExecutorConfig| settings.removed_env = vec!["CODEWALK_SECRET".to_owned()];
    let mut host = Host::with(AgentSpec::Command { argv, env }, remove);
    let (launch, _) = host.run("x").await;
    let lines = host.lines();
    let session = format!("CODEWALK_SESSION_ID={}", launch.session);
    for expected in ["OWN=yes", "INHERITED=yes", &session] {
        assert!(lines.contains(&expected), "{expected} in {lines:?}");
    }
    for name in ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CODEWALK_SECRET"] {
        assert!(!lines.iter().any(|line| line.starts_with(name)), "{name}");
    }
}

#[tokio::test]
async fn a_failed_start_tells_what_to_do_and_leaves_no_run() {
    let host = Host::new(command(&["no-such-program-of-codewalk"]));
    let launch = host.launch("x");
    let missing = host.start_error(&launch).await;
    assert!(missing.to_string().contains("install it, or correct the command"), "{missing}");
    let mut elsewhere = launch.clone();
    elsewhere.project.path = "/no/such/folder".to_owned();
    let error = host.start_error(&elsewhere).await.to_string();
    assert!(error.contains("/no/such/folder") && error.contains("choose another project"), "{error}");

    let host = Host::new(command(&["sh", "{prompt}"]));
    let launch = host.launch("a prompt with a NUL\0");
    let error = host.start_error(&launch).await.to_string();
    assert!(error.contains("cannot execute"), "{error}");
    assert!(!host.folder(&launch).path().exists());
}

#[tokio::test]
async fn twenty_agents_run_at_once() {
    let mut host = Host::new(command(&["sh", "-c", "echo \"$0\"", "{prompt}"]));
    for n in 0..20 {
        host.start(&host.launch(&format!("prompt {n}"))).await;
    }
    for _ in 0..20 {
        assert_eq!(host.exited().await, SUCCESS);
    }
    let mut lines = host.lines();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 20);
}

#[tokio::test]
async fn another_codewalk_can_follow_a_run_from_any_offset_to_its_end() {
    let mut host = Host::new(sh("echo one; echo two; read -r _ < \"$PWD/fifo\"; echo three"));
    std::process::Command::new("mkfifo").arg(host.project.join("fifo")).status().unwrap();
    let launch = host.launch("x");
    host.start(&launch).await;
    host.said("two").await;
    let (other, mut reports) = host.other();
    other.watch(launch.session, 1, 4).await.unwrap();
    let mut next = async || {
        let report = tokio::time::timeout(DEADLINE, reports.recv()).await.unwrap().unwrap();
        match report.body {
            ReportBody::Entries { entries, next_offset, .. } => (entries[0].offset, next_offset),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(next().await, (4, 8));
    std::fs::write(host.project.join("fifo"), "go\n").unwrap();
    assert_eq!(next().await, (8, 14));
    host.exited().await;
    other.unwatch(launch.session, 1).await.unwrap();
    drop(other);
    let more = tokio::time::timeout(DEADLINE, reports.recv()).await.unwrap();
    assert_eq!(more, None, "a watch tells nothing but entries, and ends");
}

#[tokio::test]
async fn changes_of_a_run_are_reported_without_earlier_ones() {
    let mut host = Host::new(sh(
        "echo new > new; echo more >> changed; rm removed; echo x >> dirty; mkdir d; echo x > d/deep; \
         echo x > ignored/x; echo x > d/kept; cp same copy; mv copy same; touch same; \
         git stash -q -- tracked; git stash pop -q; echo c > committed; git add committed; \
         git -c user.name=x -c user.email=x@localhost commit -qm more committed",
    ));
    git(&host.project, &["init", "-q"]);
    for file in ["changed", "removed", "dirty", "same", "tracked"] {
        std::fs::write(host.project.join(file), "before\n").unwrap();
    }
    std::fs::write(host.project.join(".gitignore"), "ignored/\nkept\n").unwrap();
    std::fs::create_dir(host.project.join("ignored")).unwrap();
    git(&host.project, &["add", "."]);
    git(&host.project, &["commit", "-qm", "start"]);
    for file in ["dirty", "tracked", "untracked"] {
        std::fs::write(host.project.join(file), "changed by a person\n").unwrap();
    }
    let (_, exit) = host.run("x").await;
    assert_eq!(exit, SUCCESS);
    let made = |path: &str, change| Artifact::File { path: path.to_owned(), change };
    let expected = [
        made("changed", FileChange::Modified),
        made("committed", FileChange::Created),
        made("d/deep", FileChange::Created),
        made("dirty", FileChange::Modified),
        made("new", FileChange::Created),
        made("removed", FileChange::Deleted),
    ];
    assert_eq!(host.made(), expected.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn changes_are_reported_without_a_repository_and_in_an_enclosing_one() {
    let mut host = Host::new(sh("echo x > file"));
    host.run("x").await;
    assert_eq!(host.made(), [&Artifact::File { path: "file".to_owned(), change: FileChange::Created }]);

    let mut host = Host::new(sh("echo x > ../beside"));
    git(&host.project, &["init", "-q"]);
    let beside = host.project.join("beside").display().to_string();
    host.project.push("part");
    std::fs::create_dir(&host.project).unwrap();
    host.run("x").await;
    assert_eq!(host.made(), [&Artifact::File { path: beside, change: FileChange::Created }]);

    // A project that the enclosing repository ignores.
    let mut host = Host::new(sh("echo x > file"));
    git(&host.project, &["init", "-q"]);
    std::fs::write(host.project.join(".gitignore"), "/out\n").unwrap();
    host.project.push("out/part");
    std::fs::create_dir_all(&host.project).unwrap();
    host.run("x").await;
    assert_eq!(host.made(), [&Artifact::File { path: "file".to_owned(), change: FileChange::Created }]);
}

/// Starts two agents in one repository. Each writes a file and then waits for the file of the other.
async fn two_at_once(host: &mut Host) -> [Launch; 2] {
    git(&host.project, &["init", "-q"]);
    let both = [host.launch("one two"), host.launch("two one")];
    for launch in &both {
        host.start(launch).await;
    }
    for _ in &both {
        host.exited().await;
    }
    both
}

#[tokio::test]
async fn files_changed_while_two_agents_work_are_counted_and_claimed_by_neither() {
    let wait = "set -- $1; echo mine > $1.txt; while [ ! -e $2.txt ]; do sleep 0.01; done";
    let mut host = Host::new(command(&["sh", "-c", wait, "sh", "{prompt}"]));
    let both = two_at_once(&mut host).await;
    assert_eq!(host.made(), [] as [&Artifact; 0]);
    for launch in &both {
        let counted = host.seen.iter().filter(|report| report.session == launch.session);
        let counted = counted.filter(|report| {
            matches!(report.body, ReportBody::Observed(Observation::FilesChangedConcurrently { files: 1.. }))
        });
        assert_eq!(counted.count(), 1, "{:#?}", host.seen);
    }
    // A later run that is alone has its own changes and no earlier ones.
    host.seen.clear();
    host.run("three one").await;
    let three = Artifact::File { path: "three.txt".to_owned(), change: FileChange::Created };
    assert_eq!(host.made(), [&three]);
}

#[tokio::test]
async fn an_agent_in_another_repository_does_not_claim_these_files() {
    let wait = "set -- $1; echo mine > $1.txt; while [ ! -e $2.txt ]; do sleep 0.01; done";
    let mut host = Host::new(command(&["sh", "-c", wait, "sh", "{prompt}"]));
    git(&host.project, &["init", "-q"]);
    let other = host.project.with_file_name("other");
    std::fs::create_dir(&other).unwrap();
    git(&other, &["init", "-q"]);
    let mut elsewhere = host.launch("far end");
    elsewhere.project.path = other.display().to_string();
    host.start(&elsewhere).await;
    let (launch, _) = host.run("near near").await;
    std::fs::write(other.join("end.txt"), "").unwrap();
    host.exited().await;
    let of_here = host.seen.iter().filter(|report| report.session == launch.session);
    let made = of_here
        .filter(|report| matches!(report.body, ReportBody::Observed(Observation::ArtifactRecorded(_))));
    assert_eq!(made.count(), 1, "{:#?}", host.seen);
}

#[tokio::test]
async fn artifacts_are_counted_exactly_although_not_all_are_reported() {
    let mut host = Host::new(sh("i=0; while [ $i -lt 3000 ]; do : > file$i; i=$((i+1)); done"));
    git(&host.project, &["init", "--quiet"]);
    host.run("x").await;
    let counted = host.observations().find_map(|observation| match observation {
        Observation::ArtifactsCounted { artifacts } => Some(*artifacts),
        _ => None,
    });
    assert_eq!((host.made().len(), counted), (1_000, Some(3_000)));
}

#[tokio::test]
async fn folders_that_could_not_be_searched_are_reported() {
    // So deep that the path is longer than the system allows.
    let mut host = Host::new(sh(
        "d=$(printf %0200d 0); i=0; while [ $i -lt 24 ]; do mkdir $d; cd $d; i=$((i+1)); done; echo x > x",
    ));
    host.run("x").await;
    let mut told = host.observations().filter_map(|observation| match observation {
        Observation::FoldersNotSearched(told) => Some(told),
        _ => None,
    });
    let UnsearchedFolders { folders, more } = told.next().unwrap();
    assert!(folders.len() == 1 && folders[0].starts_with("000"), "{folders:?}");
    assert_eq!((*more, told.next()), (0, None));
}

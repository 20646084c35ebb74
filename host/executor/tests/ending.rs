//! Ends agents with everything they started, and finds those whose owner died.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]
#![cfg(target_os = "linux")]

mod support;

use std::process::{Child, Command, Stdio};

use codewalk_core::port_reply::PortError;
use codewalk_core::ports::{Executor, Launch};
use codewalk_core::session::{AgentProcess, Exit};
use codewalk_core::time::Timestamp;
use codewalk_executor::{OrphanStatus, RunFolder, SessionLock};
use support::{Host, call, eventually, is_alive, sh};

/// Starts a tool in a session of its own, as agents do, and one that ignores signals. Prints their
/// identifiers.
const WITH_TOOLS: &str = "\
    setsid sh -c 'echo tool $$; while :; do sleep 0.1; done' & \
    setsid sh -c 'trap \"\" TERM INT HUP; echo deaf $$; while :; do sleep 0.1; done' & \
    wait";

/// Waits for the line with the identifier of a process.
async fn pid_of(host: &mut Host, name: &str) -> u32 {
    let number = |line: &str| line.strip_prefix(name)?.trim().parse().ok();
    if let Some(pid) = host.lines().into_iter().find_map(number) {
        return pid;
    }
    host.said(name).await;
    host.lines().into_iter().find_map(number).unwrap()
}

/// A process that carries the mark of a session and lives until it is stopped.
struct Orphan(Child);

impl Orphan {
    fn of(launch: &Launch) -> Self {
        let mut command = Command::new("setsid");
        command.args(["sh", "-c", "echo ready; while :; do sleep 0.1; done"]).stdout(Stdio::piped());
        let mut child = command.env("CODEWALK_SESSION_ID", launch.session.to_string()).spawn().unwrap();
        // Its mark can be read only when it runs.
        let mut ready = [0; 6];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
        Self(child)
    }

    fn is_alive(&self) -> bool {
        is_alive(self.0.id())
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn stopping_an_agent_ends_all_it_started_and_nothing_else() {
    let mut host = Host::new(sh(WITH_TOOLS));
    let (launch, other) = (host.launch("x"), Orphan::of(&host.launch("another")));
    let started = host.start(&launch).await;
    let tools = [pid_of(&mut host, "tool").await, pid_of(&mut host, "deaf").await];
    assert!(tools.iter().all(|pid| is_alive(*pid)));
    host.agents.stop(call(), launch.session).await.unwrap();
    assert!(!is_alive(started.pid) && !tools.iter().any(|pid| is_alive(*pid)));
    assert!(!std::path::Path::new(&format!("/proc/{}", started.pid)).exists(), "it is reaped as well");
    assert_eq!(host.exited().await, Exit { code: None, signal: Some(2) });
    let record = host.folder(&launch).exit().unwrap().unwrap();
    assert_eq!((record.code, record.signal), (None, Some(2)));
    assert!(other.is_alive());
}

#[tokio::test]
async fn a_tool_without_the_session_variable_ends_with_its_agent() {
    let bare = "setsid env -i /bin/sh -c 'echo bare $$; while :; do sleep 0.1; done' & wait";
    let mut host = Host::new(sh(bare));
    let launch = host.launch("x");
    host.start(&launch).await;
    let tool = pid_of(&mut host, "bare").await;
    host.agents.stop(call(), launch.session).await.unwrap();
    assert!(!is_alive(tool));
}

#[tokio::test]
async fn a_session_has_one_owner_at_a_time() {
    let mut host = Host::new(sh("while :; do sleep 0.1; done"));
    let launch = host.launch("x");
    let started = host.start(&launch).await;
    let (other, _reports) = host.other();
    for agents in [&other, &host.agents] {
        let refused = Executor::start(agents, call(), &Launch { run: 2, ..launch.clone() }).await;
        assert!(matches!(refused, Err(PortError::Unavailable { .. })), "{refused:?}");
        assert_eq!(agents.recover(launch.session, 1, None).await.unwrap(), OrphanStatus::Owned);
    }
    assert!(matches!(other.stop(call(), launch.session).await, Err(PortError::Unavailable { .. })));
    assert!(is_alive(started.pid));
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
    let exit = Some(Exit { code: None, signal: Some(2) });
    assert_eq!(other.recover(launch.session, 1, None).await.unwrap(), OrphanStatus::Gone { exit });
}

#[tokio::test]
async fn a_session_is_free_when_its_exit_is_reported() {
    let mut host = Host::new(sh("true"));
    let (launch, _) = host.run("x").await;
    host.start(&Launch { run: 2, ..launch.clone() }).await;
    host.exited().await;
    let again = host.start_error(&Launch { run: 2, ..launch }).await;
    assert!(again.to_string().contains("exists"), "a run happens once: {again}");
}

#[tokio::test]
async fn an_agent_whose_owner_died_is_stopped_before_its_session_is_called_lost() {
    let host = Host::new(sh("true"));
    let launch = host.launch("x");
    let orphan = Orphan::of(&launch);
    let recovered = host.agents.recover(launch.session, 1, None).await.unwrap();
    assert_eq!(recovered, OrphanStatus::Gone { exit: None });
    assert!(!orphan.is_alive());
}

#[tokio::test]
async fn a_process_that_only_has_an_agents_old_number_is_left_alone() {
    let host = Host::new(sh("true"));
    let launch = host.launch("x");
    let (orphan, stranger) = (Orphan::of(&launch), Orphan::of(&host.launch("another")));
    let started = AgentProcess { pid: stranger.0.id(), started_at: Timestamp(1) };
    host.agents.recover(launch.session, 1, Some(started)).await.unwrap();
    assert!(!orphan.is_alive() && stranger.is_alive());
}

#[tokio::test]
async fn an_agent_is_known_again_by_its_number_and_its_start() {
    // The caller knows nothing of its session any longer, but its start was recorded.
    let mut host = Host::new(sh("exec env -i sh -c 'echo ready; while :; do sleep 0.1; done'"));
    let launch = host.launch("x");
    let started = host.start(&launch).await;
    host.said("ready").await;
    let (folder, elsewhere) = (host.folder(&launch), tempfile::tempdir().unwrap());
    // As the owner would leave it.
    let left = RunFolder::of(elsewhere.path(), launch.session, 1);
    std::fs::create_dir_all(left.path()).unwrap();
    for file in ["launch.json", "meta.json", "lock"] {
        std::fs::copy(folder.path().join(file), left.path().join(file)).unwrap();
    }
    let sessions = elsewhere.path().to_owned();
    let other = Host::with(sh("true"), |settings| settings.sessions = sessions);
    let recovered = other.agents.recover(launch.session, 1, None).await.unwrap();
    assert_eq!(recovered, OrphanStatus::Gone { exit: None });
    assert!(!is_alive(started.pid));
    host.exited().await;
}

#[tokio::test]
async fn a_new_run_begins_only_when_nothing_of_the_last_one_is_left() {
    let mut host = Host::new(sh("true"));
    let launch = host.launch("x");
    let orphan = Orphan::of(&launch);
    std::fs::create_dir_all(host.folder(&launch).path()).unwrap();
    host.start(&Launch { run: 2, ..launch }).await;
    assert!(!orphan.is_alive());
    host.exited().await;
}

#[tokio::test]
async fn a_background_program_survives_an_agent_that_ends_by_itself() {
    let mut host = Host::new(sh("setsid sh -c 'echo server $$; while :; do sleep 0.1; done' & sleep 0.1"));
    let launch = host.launch("x");
    host.start(&launch).await;
    let server = pid_of(&mut host, "server").await;
    host.exited().await;
    assert!(is_alive(server));
    let lock = SessionLock::try_take(&host.settings.sessions, launch.session).unwrap();
    assert!(lock.is_some(), "it does not hold the lock either");
    Command::new("kill").arg(server.to_string()).status().unwrap();
    eventually("the server ends", || !is_alive(server)).await;
}

#[tokio::test]
async fn an_agent_whose_run_folder_was_removed_can_be_stopped() {
    let mut host = Host::new(sh("echo ready; while :; do sleep 0.1; done"));
    let launch = host.launch("x");
    let started = host.start(&launch).await;
    host.said("ready").await;
    std::fs::remove_dir_all(host.folder(&launch).path()).unwrap();
    host.agents.stop(call(), launch.session).await.unwrap();
    assert!(!is_alive(started.pid));
}

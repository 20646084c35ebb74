//! An agent is signalled as long as its number is its own.

#![cfg(target_os = "linux")]

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codewalk_core::call::AgentProcess;
use codewalk_core::ids::Id;

use super::*;
use crate::agents::give_up;
use crate::project::Project;

const SESSION: SessionId = SessionId(Id::from_u128(7));

/// A process that leads a group of its own and has nothing to do with any agent.
struct Stranger(Child);

impl Stranger {
    fn new() -> Self {
        Self(Command::new("sleep").arg("600").process_group(0).stdout(Stdio::null()).spawn().unwrap())
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

async fn until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_number_of_an_agent_that_was_reaped_is_not_signalled_though_its_end_is_not_known_yet() {
    let mut stranger = Stranger::new();
    let running = Running {
        session: SESSION,
        run: 1,
        pid: stranger.0.id(),
        talk: None,
        told: Told::default(),
        exited: watch::channel(None).1,
        reaped: Arc::new(RwLock::new(true)),
    };
    assert!(matches!(running.interrupt(), Err(ExecutorError::NotRunning { .. })));
    running.stop().await.unwrap();
    assert!(stranger.is_alive());
    let unreaped = Running { reaped: Arc::default(), ..running };
    unreaped.interrupt().unwrap();
    until(|| state(unreaped.pid) == Some('Z')).await;
}

#[tokio::test]
async fn an_agent_that_has_ended_is_not_reaped_while_it_is_signalled() {
    let child = Command::new("true").spawn().unwrap();
    let (pid, reaped) = (child.id(), Arc::new(RwLock::new(false)));
    let signalling = reaped.clone().read_owned().await;
    let end = process::end_of(&child).unwrap();
    let ended = tokio::spawn(Process { child, end, reaped: reaped.clone() }.ended());
    // Whoever would reap it waits: nobody else is let in.
    until(|| reaped.try_read().is_err()).await;
    assert_eq!(state(pid), Some('Z'), "its number is still its own");
    drop(signalling);
    assert_eq!(ended.await.unwrap().unwrap(), Exit { code: Some(0), signal: None });
    assert!(*reaped.read().await && state(pid).is_none());
}

#[tokio::test]
async fn a_process_with_the_number_of_one_that_ended_long_ago_is_left_alone() {
    let mut stranger = Stranger::new();
    let started_at = codewalk_core::time::Timestamp(1_000);
    let gone = AgentProcess { pid: stranger.0.id(), started_at };
    assert!(tree::terminate(Some(Leader::AgentProcess(gone)), SESSION).await, "there is nobody to end");
    assert!(stranger.is_alive());
}

#[tokio::test]
async fn an_agent_whose_conversation_cannot_begin_is_ended_and_reaped() {
    let child = Command::new("sleep").arg("600").process_group(0).stdout(Stdio::null()).spawn().unwrap();
    let pid = child.id();
    let started = AgentProcess { pid, started_at: tree::start_time(pid).unwrap() };
    let folder = tempfile::tempdir().unwrap();
    let project = Project::open(folder.path()).unwrap();
    // No pipe.
    let input = OwnedFd::from(tempfile::tempfile().unwrap());
    let talk = Some((Conversation::new(project, false), input, "fix it"));
    let begun = Running::begin((SESSION, 1), child, RunFolder::at(folder.path().to_owned()), talk);
    let Err((child, error)) = begun else { panic!("it has begun") };
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    // It may still be about to sleep.
    assert!(state(pid).is_some_and(|state| state != 'Z'), "it is not let go of");
    give_up(child, started, SESSION).await;
    assert_eq!(state(pid), None);
}

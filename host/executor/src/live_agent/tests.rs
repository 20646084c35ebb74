//! An agent is signalled only while its number is its own.

#![cfg(target_os = "linux")]

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codewalk_core::ids::Id;
use codewalk_core::session::AgentProcess;

use super::*;
use crate::plain::PlainProtocol;
use crate::recovery::give_up;

const SESSION: SessionId = SessionId(Id::from_u128(7));

/// A process in a group of its own that is unrelated to any agent.
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
async fn a_reaped_agent_is_not_signalled_before_its_end_is_known() {
    let mut stranger = Stranger::new();
    let agent = LiveAgent {
        session: SESSION,
        run: 1,
        pid: stranger.0.id(),
        protocol: SharedProtocol::new(Box::new(PlainProtocol)),
        input: Input::None,
        notes: PendingNotes::default(),
        exited: watch::channel(None).1,
        reaped: Arc::new(RwLock::new(true)),
    };
    assert!(matches!(agent.interrupt(), Err(ExecutorError::NotRunning { .. })));
    agent.stop().await.unwrap();
    assert!(stranger.is_alive());
    let unreaped = LiveAgent { reaped: Arc::default(), ..agent };
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
    // The reaper waits, so a new reader is not let in.
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
    let started = AgentProcess { pid, started_at: process::leader::start_time(pid).unwrap() };
    let folder = tempfile::tempdir().unwrap();
    // Not a pipe.
    let input = OwnedFd::from(tempfile::tempfile().unwrap());
    let protocol = SharedProtocol::new(Box::new(PlainProtocol));
    let folder = RunFolder::at(folder.path().to_owned());
    let begun = LiveAgent::begin((SESSION, 1), child, folder, protocol, Some((input, "fix it")));
    let Err((child, error)) = begun else { panic!("it has begun") };
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    // It may not be asleep yet.
    assert!(state(pid).is_some_and(|state| state != 'Z'), "it is not let go of");
    give_up(child, started, SESSION).await;
    assert_eq!(state(pid), None);
}

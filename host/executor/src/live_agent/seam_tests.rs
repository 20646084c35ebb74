//! The handle and the follower of an agent, with a fake protocol and without a process: files stand for its
//! input and its output.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::ids::Id;
use codewalk_core::session::Stall;
use rustix::fs::{Mode, OFlags};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::changes::Snapshot;
use crate::clock::now;
use crate::fake_protocol::{DIGEST, FakeProtocol, REQUEST};
use crate::log::reader::Reader;
use crate::neighbours::Neighbours;
use crate::project::Project;
use crate::report::{Report, ReportBody};
use crate::run_folder::SessionLock;
use crate::stall::Vigil;
use crate::testing;

const SESSION: SessionId = SessionId(Id::from_u128(7));
const DEADLINE: Duration = Duration::from_secs(60);

/// An agent that is followed, and both ends of it.
struct Stage {
    agent: Arc<LiveAgent>,
    folder: RunFolder,
    /// How many messages to it were looked at.
    seen: usize,
    reports: mpsc::Receiver<Report>,
    following: JoinHandle<End>,
    stdout: File,
    /// Says whether a supervisor lives.
    _supervisor: watch::Sender<bool>,
    /// Held so that a message finds a listener.
    _bell: File,
    _folders: [tempfile::TempDir; 2],
}

/// Returns the messages to an agent, oldest first: their payloads, or their kinds if they have none.
fn messages(folder: &RunFolder) -> Vec<String> {
    let told = std::fs::read_to_string(folder.path().join("told")).unwrap();
    let message = |line: &str| {
        let mut words = line.splitn(4, ' ').skip(1);
        let (kind, payload) = (words.next()?, words.nth(1)?);
        Some(if payload.is_empty() { kind.to_owned() } else { payload.replace("\\n", "\n") })
    };
    told.lines().filter_map(message).collect()
}

fn call(n: u128) -> CallId {
    CallId(Id::from_u128(n))
}

impl Stage {
    /// Starts with a first prompt, `fix it`.
    async fn new() -> Self {
        let (sessions, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = RunFolder::of(sessions.path(), SESSION, 1);
        folder.create(&testing::launch("/"), "").unwrap();
        let bell = rustix::fs::open(folder.path().join("bell"), OFlags::RDWR, Mode::empty()).unwrap().into();
        let protocol = SharedProtocol::new(Box::new(FakeProtocol::default()));
        let (sender, reports) = mpsc::channel(100);
        let watches = Arc::default();
        let reader =
            Reader::open((SESSION, 1), &folder, protocol.clone(), (0, Some(0)), &watches, sender.clone())
                .await
                .unwrap();
        let (supervisor, gone) = watch::channel(false);
        let end = RunEnd::new(folder.clone(), gone);
        let agent = LiveAgent::new((SESSION, 1), &folder, protocol, true, &end).unwrap();
        agent.send(call(1), "fix it").unwrap();
        let mut follower = Follower {
            agent: Arc::clone(&agent),
            end,
            reader,
            project: Project::open(project.path()).unwrap(),
            snapshot: Some(Snapshot::begin(project.path()).await),
            neighbours: Neighbours::since(sessions.path(), &folder, now()),
            reports: sender,
            vigil: Vigil::new(None),
            _lock: SessionLock::try_take(sessions.path(), SESSION).unwrap().unwrap(),
        };
        let stdout = File::options().append(true).open(folder.stdout()).unwrap();
        let following = tokio::spawn(async move { follower.follow(Vec::new()).await });
        let (_supervisor, _bell, _folders) = (supervisor, bell, [sessions, project]);
        Self { agent, folder, seen: 0, reports, following, stdout, _supervisor, _bell, _folders }
    }

    fn print(&mut self, lines: &str) {
        self.stdout.write_all(lines.as_bytes()).unwrap();
    }

    /// Waits for the next message to the agent.
    async fn written(&mut self) -> String {
        let wait = async {
            loop {
                if let Some(message) = messages(&self.folder).get(self.seen) {
                    return message.clone();
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let message = tokio::time::timeout(DEADLINE, wait).await.unwrap();
        self.seen += 1;
        message
    }

    async fn reported(&mut self) -> ReportBody {
        tokio::time::timeout(DEADLINE, self.reports.recv()).await.unwrap().unwrap().body
    }

    async fn observed(&mut self) -> Observation {
        match self.reported().await {
            ReportBody::Observed(observation) => observation,
            other => panic!("{other:?}"),
        }
    }

    /// Ends the agent, and returns the last observations.
    async fn end(mut self) -> Vec<Observation> {
        let exit = serde_json::to_vec(&testing::exit(now())).unwrap();
        std::fs::write(self.folder.path().join("new"), exit).unwrap();
        std::fs::rename(self.folder.path().join("new"), self.folder.path().join("exit")).unwrap();
        tokio::time::timeout(DEADLINE, self.following).await.unwrap().unwrap();
        let mut last = Vec::new();
        while let Ok(Report { body: ReportBody::Observed(observation), .. }) = self.reports.try_recv() {
            last.push(observation);
        }
        last
    }
}

#[tokio::test]
async fn a_prompt_is_written_once_the_protocol_is_ready_for_it() {
    let mut stage = Stage::new().await;
    stage.print("ready\n");
    assert_eq!(stage.written().await, "prompt fix it\n");
    stage.agent.send(call(2), "and test it").unwrap();
    assert_eq!(stage.written().await, "prompt and test it\n");
}

#[tokio::test]
async fn a_request_is_reported_and_its_answer_written() {
    let mut stage = Stage::new().await;
    stage.print("ask\n");
    assert_eq!(stage.observed().await, FakeProtocol::request());
    stage.agent.answer(call(3), REQUEST, DIGEST, &Decision::allow()).unwrap();
    assert_eq!(stage.written().await, "yes\n");
    let again = stage.agent.answer(call(4), REQUEST, DIGEST, &Decision::allow());
    assert!(matches!(again, Err(ExecutorError::NoRequest { .. })), "{again:?}");
}

#[tokio::test]
async fn a_decision_that_does_not_fit_reports_the_request_again() {
    let mut stage = Stage::new().await;
    stage.print("ask\n");
    stage.observed().await;
    let unfit = stage.agent.answer(call(5), REQUEST, DIGEST, &Decision::Answers { answers: Vec::new() });
    assert!(matches!(unfit, Err(ExecutorError::Unfit { .. })), "{unfit:?}");
    assert_eq!(stage.observed().await, FakeProtocol::request());
    let stale = stage.agent.answer(call(6), REQUEST, "d0", &Decision::allow());
    assert!(matches!(stale, Err(ExecutorError::Replaced { .. })), "{stale:?}");
    assert_eq!(stage.observed().await, FakeProtocol::request());
}

#[tokio::test]
async fn an_interruption_is_written_if_the_protocol_has_words_for_it() {
    let mut stage = Stage::new().await;
    stage.agent.interrupt(call(7)).unwrap();
    assert_eq!(stage.written().await, "stop\n");
}

#[tokio::test]
async fn the_input_of_an_idle_agent_is_closed_after_its_last_words() {
    let mut stage = Stage::new().await;
    stage.print("done\n");
    assert_eq!(stage.observed().await, Observation::TurnEnded { failure: None });
    assert_eq!(stage.written().await, "bye\n");
    assert_eq!(stage.written().await, "close-input");
    let late = stage.agent.send(call(8), "one more");
    assert!(matches!(late, Err(ExecutorError::NotRunning { .. })), "{late:?}");
}

#[tokio::test]
async fn an_exit_in_a_turn_is_a_failure_and_names_lost_prompts() {
    let last = Stage::new().await.end().await;
    let [Observation::TurnEnded { failure: Some(failure) }, Observation::PromptsUndelivered(lost)] =
        &last[..]
    else {
        panic!("{last:?}")
    };
    assert_eq!(failure, "the agent ended in the middle of its turn");
    assert_eq!(lost.messages, ["prompt fix it\n"]);
}

#[tokio::test]
async fn lines_of_unknown_form_are_plain_text() {
    let mut stage = Stage::new().await;
    stage.print("hello\nwarning: x\n");
    let ReportBody::Entries { entries, .. } = stage.reported().await else { panic!() };
    let [Entry { kind: EntryKind::AgentText { .. }, .. }, Entry { kind: plain, offset: 6, .. }] =
        &entries[..]
    else {
        panic!("{entries:?}")
    };
    assert!(matches!(plain, EntryKind::Output { stderr: false, text } if text.as_str() == "warning: x"));
}

#[tokio::test]
async fn a_pause_of_the_agent_is_reported_until_it_gets_on() {
    let mut stage = Stage::new().await;
    stage.print("busy\n");
    let stalled = stage.observed().await;
    assert!(matches!(stalled, Observation::AgentStalled(Stall::Retrying { .. })), "{stalled:?}");
    stage.print("ready\n");
    assert_eq!(stage.observed().await, Observation::StallEnded);
}

#[tokio::test]
async fn a_call_that_comes_again_sends_nothing() {
    let mut stage = Stage::new().await;
    // The protocol holds it back.
    stage.agent.send(call(1), "fix it").unwrap();
    stage.print("ready\nask\n");
    stage.observed().await;
    for _ in 0..2 {
        stage.agent.send(call(20), "test it").unwrap();
        stage.agent.answer(call(21), REQUEST, DIGEST, &Decision::allow()).unwrap();
        stage.agent.interrupt(call(22)).unwrap();
    }
    let messages = messages(&stage.folder);
    assert_eq!(messages, ["prompt fix it\n", "prompt test it\n", "yes\n", "stop\n"]);
}

#[tokio::test]
async fn a_run_without_a_supervisor_and_without_a_record_is_lost() {
    let stage = Stage::new().await;
    stage._supervisor.send_replace(true);
    assert_eq!(tokio::time::timeout(DEADLINE, stage.following).await.unwrap().unwrap(), End::Lost);
}

//! The tasks around an agent, with a fake protocol and without a process: a file stands for its output.

use std::io::Write;
use std::time::Duration;

use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::ids::Id;
use codewalk_core::session::Stall;
use tokio::sync::mpsc::UnboundedReceiver;

use super::*;
use crate::changes::Snapshot;
use crate::fake_protocol::{DIGEST, FakeProtocol, REQUEST};
use crate::log::reader::Reader;
use crate::neighbours::Neighbours;
use crate::project::Project;
use crate::report::{Report, ReportBody};
use crate::run_folder::SessionLock;
use crate::stall::Vigil;

const SESSION: SessionId = SessionId(Id::from_u128(7));
const DEADLINE: Duration = Duration::from_secs(60);

/// An agent that is followed, and both ends of it.
struct Stage {
    agent: Arc<LiveAgent>,
    /// What was written to it.
    written: UnboundedReceiver<String>,
    exit: watch::Sender<Option<Exit>>,
    reports: mpsc::Receiver<Report>,
    following: JoinHandle<Exit>,
    stdout: std::fs::File,
    _folders: [tempfile::TempDir; 2],
}

impl Stage {
    /// Starts with a first prompt, `fix it`.
    async fn new() -> Self {
        let (sessions, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = RunFolder::of(sessions.path(), SESSION, 1);
        folder.create(false).unwrap();
        let protocol = SharedProtocol::new(Box::new(FakeProtocol::default()));
        let (sender, reports) = mpsc::channel(100);
        let watches = Arc::default();
        let reader =
            Reader::open((SESSION, 1), &folder, protocol.clone(), 0, &watches, sender.clone()).await.unwrap();
        let (exit, exited) = watch::channel(None);
        let (input, written) = mpsc::unbounded_channel();
        let agent = Arc::new(LiveAgent {
            session: SESSION,
            run: 1,
            pid: u32::MAX,
            protocol,
            input: Input::Fifo(Mutex::new(Some(input))),
            notes: PendingNotes::default(),
            exited,
            reaped: Arc::new(RwLock::new(true)),
        });
        agent.send("fix it").unwrap();
        let mut follower = Follower {
            agent: Arc::clone(&agent),
            reader,
            project: Project::open(project.path()).unwrap(),
            snapshot: Snapshot::begin(project.path()).await,
            neighbours: Neighbours::from_now_on(sessions.path(), &folder),
            reports: sender,
            vigil: Vigil::new(None),
            _lock: SessionLock::try_take(sessions.path(), SESSION).unwrap().unwrap(),
        };
        let stdout = std::fs::File::options().append(true).open(folder.stdout()).unwrap();
        let following = tokio::spawn(async move { follower.follow().await });
        Self { agent, written, exit, reports, following, stdout, _folders: [sessions, project] }
    }

    fn print(&mut self, lines: &str) {
        self.stdout.write_all(lines.as_bytes()).unwrap();
    }

    async fn written(&mut self) -> Option<String> {
        tokio::time::timeout(DEADLINE, self.written.recv()).await.unwrap()
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
        self.exit.send_replace(Some(Exit { code: Some(0), signal: None }));
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
    assert_eq!(stage.written().await.as_deref(), Some("prompt fix it\n"));
    stage.agent.send("and test it").unwrap();
    assert_eq!(stage.written().await.as_deref(), Some("prompt and test it\n"));
}

#[tokio::test]
async fn a_request_is_reported_and_its_answer_written() {
    let mut stage = Stage::new().await;
    stage.print("ask\n");
    assert_eq!(stage.observed().await, FakeProtocol::request());
    stage.agent.answer(REQUEST, DIGEST, &Decision::allow()).unwrap();
    assert_eq!(stage.written().await.as_deref(), Some("yes\n"));
    let again = stage.agent.answer(REQUEST, DIGEST, &Decision::allow());
    assert!(matches!(again, Err(ExecutorError::NoRequest { .. })), "{again:?}");
}

#[tokio::test]
async fn a_decision_that_does_not_fit_reports_the_request_again() {
    let mut stage = Stage::new().await;
    stage.print("ask\n");
    stage.observed().await;
    let unfit = stage.agent.answer(REQUEST, DIGEST, &Decision::Answers { answers: Vec::new() });
    assert!(matches!(unfit, Err(ExecutorError::Unfit { .. })), "{unfit:?}");
    assert_eq!(stage.observed().await, FakeProtocol::request());
    let stale = stage.agent.answer(REQUEST, "d0", &Decision::allow());
    assert!(matches!(stale, Err(ExecutorError::Replaced { .. })), "{stale:?}");
    assert_eq!(stage.observed().await, FakeProtocol::request());
}

#[tokio::test]
async fn an_interruption_is_written_if_the_protocol_has_words_for_it() {
    let mut stage = Stage::new().await;
    stage.agent.interrupt().unwrap();
    assert_eq!(stage.written().await.as_deref(), Some("stop\n"));
}

#[tokio::test]
async fn the_input_of_an_idle_agent_is_closed_after_its_last_words() {
    let mut stage = Stage::new().await;
    stage.print("done\n");
    assert_eq!(stage.observed().await, Observation::TurnEnded { failure: None });
    assert_eq!(stage.written().await.as_deref(), Some("bye\n"));
    assert_eq!(stage.written().await, None);
    let late = stage.agent.send("one more");
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

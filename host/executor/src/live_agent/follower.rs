//! Follows an agent to its end: reports what it does, and ends it if it does not end after its last turn.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codewalk_core::session::artifacts::MAX_ARTIFACTS;
use codewalk_core::session::{Artifact, Exit, Observation, UnsearchedFolders};
use codewalk_supervisor::ExitReason;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::messages::END;
use super::{End, LiveAgent, RunEnd, lock};
use crate::changes::{Changes, Snapshot};
use crate::log::reader::{LineStep, News, Reader};
use crate::log::tail::Amount;
use crate::neighbours::Neighbours;
use crate::project::Project;
use crate::protocol::{Activity, Progress, Step, Unfinished};
use crate::report::{Report, ReportBody};
use crate::run_folder::{ExitRecord, SessionLock};
use crate::stall::Vigil;
use crate::tally::Tally;
use crate::text::{MAX_DETAIL, MAX_SUBJECT, one_line};

/// The time an agent has to end after its input was closed, counted from its last output.
const CLOSING: Duration = Duration::from_secs(10);
/// How many of the folders not searched for changes are named.
const MAX_NOT_SEARCHED: usize = 5;
/// Longer than any wait: no deadline.
const NEVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Follows one agent.
#[derive(Debug)]
pub(crate) struct Follower {
    pub agent: Arc<LiveAgent>,
    pub end: RunEnd,
    pub reader: Reader,
    pub project: Project,
    /// The files when the run began; `None` if they are not known.
    pub snapshot: Option<Snapshot>,
    pub neighbours: Neighbours,
    pub reports: mpsc::Sender<Report>,
    pub vigil: Vigil,
    /// Held until the run has ended.
    pub _lock: SessionLock,
}

/// What is known of a run so far.
#[derive(Debug, Default)]
struct Findings {
    artifacts: Tally,
    failure: Option<String>,
    /// Whether the exit status only repeats the error of a turn that never began.
    has_empty_error: bool,
    /// When the agent became idle.
    resting: Option<Instant>,
    last_news: Option<Instant>,
    /// Whether the agent was ended because it did not end.
    stopped: bool,
}

impl Follower {
    /// Follows the agent to its end and reports everything but the end itself.
    pub(crate) async fn follow(&mut self, earlier: Vec<LineStep>) -> End {
        let mut findings = Findings::default();
        self.take(earlier, &mut findings).await;
        let mut is_gone = false;
        let end = loop {
            // Before the read, so that all output before the end is read.
            let ended = self.end.look();
            let news = self.reader.read().await.unwrap_or_else(|error| {
                tracing::error!(session = %self.agent.session, %error, "cannot read the output of an agent");
                News::default()
            });
            if news.amount != Amount::Nothing {
                let has_recovered = self.vigil.printed();
                self.recovered(has_recovered).await;
            }
            self.take(news.steps, &mut findings).await;
            match ended {
                _ if news.amount != Amount::Nothing => findings.last_news = Some(Instant::now()),
                Some(end) => break end,
                None => {}
            }
            let deadline = self.deadline(&mut findings);
            let silent_at = self.vigil.silent_at(self.is_at_work()).unwrap_or_else(|| Instant::now() + NEVER);
            let agent = Arc::clone(&self.agent);
            tokio::select! {
                () = self.reader.changed(news.amount) => {}
                () = self.end.gone(), if !is_gone => is_gone = true,
                () = agent.notes.notify.notified() => self.sent().await,
                () = tokio::time::sleep_until(silent_at), if news.amount == Amount::Nothing => {
                    let stall = self.vigil.silent();
                    self.observed(Observation::AgentStalled(stall)).await;
                }
                // Not before all output is read.
                () = tokio::time::sleep_until(deadline), if news.amount == Amount::Nothing => {
                    self.finish(&mut findings).await;
                }
            }
        };
        let last = self.reader.finish().await;
        self.take(last, &mut findings).await;
        self.report_changes(&mut findings).await;
        self.report_count(&findings).await;
        if let End::Recorded(record) = end {
            self.report_limit(record, &mut findings).await;
            self.report_silent_failure(record.exit(), &findings).await;
            self.report_unfinished(record.exit(), &findings).await;
        }
        end
    }

    /// Returns whether the agent is expected to make progress.
    fn is_at_work(&self) -> bool {
        self.agent.protocol.lock().activity() == Activity::Working
    }

    /// Handles that something was sent to the agent.
    async fn sent(&mut self) {
        self.vigil.sent();
        let reopened = std::mem::take(&mut *lock(&self.agent.notes.reopened));
        for request in reopened {
            self.observed(request).await;
        }
    }

    async fn recovered(&self, has_recovered: bool) {
        if has_recovered {
            self.observed(Observation::StallEnded).await;
        }
    }

    async fn take(&mut self, steps: Vec<LineStep>, findings: &mut Findings) {
        for LineStep { call, step } in steps {
            match step {
                Step::Progress(Progress::Unknown) => {}
                Step::Progress(Progress::Made) => {
                    let has_recovered = self.vigil.got_on();
                    self.recovered(has_recovered).await;
                }
                // The end of the turn is reported anyway.
                Step::Progress(Progress::TurnFailed) => drop(self.vigil.got_on()),
                Step::Write(line) => self.agent.write(&call, line),
                Step::Observed(observation) => {
                    if findings.note(&observation) {
                        self.observed(observation).await;
                    }
                }
                Step::Retrying { reason, pause } => {
                    let stall = self.vigil.retrying(reason, pause);
                    self.observed(Observation::AgentStalled(stall)).await;
                }
            }
        }
    }

    /// Returns when the input has to be closed or the agent to be ended, if nothing happens before.
    fn deadline(&self, findings: &mut Findings) -> Instant {
        let now = Instant::now();
        let protocol = self.agent.protocol.lock();
        let Activity::Idle { close_after } = protocol.activity() else {
            findings.resting = None;
            return now + NEVER;
        };
        if !self.agent.is_open() {
            return findings.last_news.unwrap_or(now).max(*findings.resting.get_or_insert(now)) + CLOSING;
        }
        *findings.resting.get_or_insert(now) + close_after
    }

    /// Closes the input of an idle agent. Ends the agent if its input is closed already.
    async fn finish(&self, findings: &mut Findings) {
        {
            let mut protocol = self.agent.protocol.lock();
            // A prompt may have been sent since.
            if !matches!(protocol.activity(), Activity::Idle { .. }) {
                return;
            }
            if self.agent.is_open() {
                self.agent.close(&protocol.close());
                findings.resting = Some(Instant::now());
                return;
            }
        }
        if !std::mem::replace(&mut findings.stopped, true) {
            let failure = "the agent did not end after its last turn and was stopped".to_owned();
            findings.failure = Some(failure.clone());
            self.observed(Observation::TurnEnded { failure: Some(failure) }).await;
        }
        if let Err(error) = self.agent.stop_as(END.to_owned()).await {
            tracing::error!(%error, "cannot end an agent");
        }
        // If it still lives, it is ended again after a while.
        findings.resting = Some(Instant::now());
    }

    /// Reports changed files that no tool call reported. They belong to this run only if no other run worked
    /// there at the same time.
    async fn report_changes(&mut self, findings: &mut Findings) {
        let Some(snapshot) = &mut self.snapshot else { return };
        let Changes { files, not_searched } = snapshot.changes().await;
        let root = snapshot.root().to_owned();
        let name = |path: &Path| one_line(self.project.name(&path.to_string_lossy()), MAX_SUBJECT);
        if !not_searched.is_empty() {
            let folders: Vec<String> =
                not_searched.iter().take(MAX_NOT_SEARCHED).map(|folder| name(folder)).collect();
            let more = not_searched.len().saturating_sub(folders.len()).try_into().unwrap_or(u32::MAX);
            self.observed(Observation::FoldersNotSearched(UnsearchedFolders { folders, more })).await;
        }
        let changes = files.into_iter().map(|(path, change)| (name(&path), change));
        let unreported: Vec<_> =
            changes.filter(|(path, change)| findings.artifacts.change_of(path) != Some(*change)).collect();
        if unreported.is_empty() {
            return;
        }
        if self.neighbours.were_at_work(&root).await {
            let unclaimed =
                unreported.iter().filter(|(path, _)| findings.artifacts.change_of(path).is_none()).count();
            if let Ok(files @ 1..) = u32::try_from(unclaimed) {
                self.observed(Observation::FilesChangedConcurrently { files }).await;
            }
            return;
        }
        for (path, change) in unreported {
            let artifact = Artifact::File { path, change };
            if findings.artifacts.add(&artifact) {
                self.observed(Observation::ArtifactRecorded(artifact)).await;
            }
        }
    }

    /// Reports the number of artifacts if there are more than are stored.
    async fn report_count(&self, findings: &Findings) {
        let artifacts = findings.artifacts.count();
        if usize::try_from(artifacts).is_ok_and(|count| count > MAX_ARTIFACTS) {
            self.observed(Observation::ArtifactsCounted { artifacts }).await;
        }
    }

    /// Reports that the supervisor ended the agent because of its output.
    async fn report_limit(&self, record: ExitRecord, findings: &mut Findings) {
        let why = match record.reason {
            Some(ExitReason::OutputLimit) => "the agent printed more than its output limit and was stopped",
            Some(ExitReason::DiskFloor) => "the disk was almost full, so the agent was stopped",
            _ => return,
        };
        let failure = Some(why.to_owned());
        findings.failure.clone_from(&failure);
        self.observed(Observation::TurnEnded { failure }).await;
    }

    /// Reports the last line of the error stream as the reason if the agent failed without one.
    async fn report_silent_failure(&self, exit: Exit, findings: &Findings) {
        let (Some(code @ 1..), None) = (exit.code, &findings.failure) else { return };
        if findings.has_empty_error && code == 1 {
            return;
        }
        if let Some(last) = self.reader.last_stderr() {
            let failure = format!("{} (exit status {code})", one_line(last, MAX_DETAIL));
            self.observed(Observation::TurnEnded { failure: Some(failure) }).await;
        }
    }

    /// Reports a turn that the agent exited from although its exit status is 0, and the prompts that it never
    /// started.
    async fn report_unfinished(&self, exit: Exit, findings: &Findings) {
        let Unfinished { in_turn, undelivered } = self.agent.protocol.lock().unfinished();
        if in_turn && exit.code == Some(0) && findings.failure.is_none() {
            let failure = "the agent ended in the middle of its turn".to_owned();
            self.observed(Observation::TurnEnded { failure: Some(failure) }).await;
        }
        if let Some(undelivered) = undelivered {
            self.observed(Observation::PromptsUndelivered(undelivered)).await;
        }
    }

    async fn observed(&self, observation: Observation) {
        let (session, run) = (self.agent.session, self.agent.run);
        // If that fails the host is gone; the agent is still followed to its end.
        let _ = self.reports.send(Report { session, run, body: ReportBody::Observed(observation) }).await;
    }
}

impl Findings {
    /// Notes an observation. Returns whether to report it.
    fn note(&mut self, observation: &Observation) -> bool {
        match observation {
            Observation::ArtifactRecorded(artifact) => return self.artifacts.add(artifact),
            Observation::TurnEnded { failure } => {
                self.failure.clone_from(failure);
                self.has_empty_error = false;
            }
            Observation::EmptyErrorReported => self.has_empty_error = true,
            _ => {}
        }
        true
    }
}

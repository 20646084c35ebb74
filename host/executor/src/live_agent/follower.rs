//! Following an agent to its end: what it does is told, and it is ended where it does not end by itself.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use codewalk_core::call::{Artifact, Exit, Observation, UnsearchedFolders};
use codewalk_core::session::artifacts::MAX_ARTIFACTS;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Running;
use crate::changes::{Changes, Snapshot};
use crate::claude::conversation::{Message, Output, Rest, Sign};
use crate::log::reader::{News, Reader};
use crate::log::tail::Amount;
use crate::neighbours::Neighbours;
use crate::project::Project;
use crate::report::{Report, ReportBody};
use crate::run_folder::SessionLock;
use crate::stall::Vigil;
use crate::tally::Tally;
use crate::text::{MAX_DETAIL, MAX_SUBJECT, one_line};

/// How long an agent has to end after its input was closed, counted from what it last printed.
const CLOSING: Duration = Duration::from_secs(10);
/// How many folders are named in which it was not looked for changes.
const MAX_NOT_SEARCHED: usize = 5;
/// Longer than any wait; stands for no deadline.
const NEVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What is needed to follow an agent to its end.
#[derive(Debug)]
pub(crate) struct Follower {
    pub running: Arc<Running>,
    pub reader: Reader,
    pub project: Project,
    pub snapshot: Snapshot,
    pub neighbours: Neighbours,
    pub reports: mpsc::Sender<Report>,
    pub vigil: Vigil,
    /// Makes the session ours as long as this lives.
    pub _lock: SessionLock,
}

/// What is remembered while an agent is followed.
#[derive(Debug, Default)]
struct Progress {
    made: Tally,
    failure: Option<String>,
    /// Whether the exit status only repeats an error of a turn that never began.
    has_empty_error: bool,
    /// Since when the conversation may end.
    resting: Option<Instant>,
    last_news: Option<Instant>,
    /// Whether it was ended because it did not end.
    stopped: bool,
}

impl Follower {
    /// Follows the agent to its end, and tells of everything it did; not of the end itself.
    pub(crate) async fn follow(&mut self) -> Exit {
        let mut progress = Progress::default();
        let mut exited = self.running.exited.clone();
        let exit = loop {
            // Looked at before reading: what was printed before the end is read.
            let ended = *exited.borrow_and_update();
            let news = self.reader.read().await.unwrap_or_else(|error| {
                tracing::error!(session = %self.running.session, %error, "cannot read what an agent printed");
                News::default()
            });
            if news.amount != Amount::Nothing {
                let has_recovered = self.vigil.printed();
                self.recovered(has_recovered).await;
            }
            self.take(news.messages, &mut progress).await;
            match ended {
                _ if news.amount != Amount::Nothing => progress.last_news = Some(Instant::now()),
                Some(exit) => break exit,
                None => {}
            }
            let deadline = self.deadline(&mut progress);
            let silent_at = self.vigil.silent_at(self.is_at_work()).unwrap_or_else(|| Instant::now() + NEVER);
            let running = Arc::clone(&self.running);
            tokio::select! {
                () = self.reader.changed(news.amount) => {}
                _ = exited.changed() => {}
                () = running.told.notify.notified() => self.told().await,
                () = tokio::time::sleep_until(silent_at), if news.amount == Amount::Nothing => {
                    let stall = self.vigil.silent();
                    self.observed(Observation::AgentStalled(stall)).await;
                }
                // Not before everything that was printed is read.
                () = tokio::time::sleep_until(deadline), if news.amount == Amount::Nothing => {
                    self.end(&mut progress).await;
                }
            }
        };
        let last = self.reader.finish().await;
        self.take(last, &mut progress).await;
        self.report_changes(&mut progress).await;
        self.report_count(&progress).await;
        self.report_silent_failure(exit, &progress).await;
        self.report_broken_turn(exit, &progress).await;
        self.report_undelivered().await;
        exit
    }

    /// Returns whether the agent is supposed to get on: a program without a conversation as long as it runs.
    fn is_at_work(&self) -> bool {
        self.running.talk().map_or(true, |talk| talk.conversation.is_at_work())
    }

    /// Takes note that the agent was told something, and asks again what was answered in a way that does not fit.
    async fn told(&mut self) {
        self.vigil.told();
        let again =
            std::mem::take(&mut *self.running.told.again.lock().unwrap_or_else(PoisonError::into_inner));
        for asked in again {
            self.observed(asked).await;
        }
    }

    async fn recovered(&self, has_recovered: bool) {
        if has_recovered {
            self.observed(Observation::StallEnded).await;
        }
    }

    async fn take(&mut self, messages: Vec<Message>, progress: &mut Progress) {
        for message in messages {
            let sign = message.sign();
            let outputs = match self.running.talk() {
                Ok(mut talk) => {
                    let outputs = talk.conversation.line(message);
                    for output in &outputs {
                        if let Output::Write(line) = output {
                            talk.write(line);
                        }
                    }
                    outputs
                }
                Err(_) => return,
            };
            match sign {
                Sign::None => {}
                Sign::GotOn => {
                    let has_recovered = self.vigil.got_on();
                    self.recovered(has_recovered).await;
                }
                // The end of the turn says the rest.
                Sign::TurnFailed => drop(self.vigil.got_on()),
            }
            for output in outputs {
                match output {
                    Output::Observed(observation) => {
                        if progress.note(&observation) {
                            self.observed(observation).await;
                        }
                    }
                    Output::Retrying { reason, pause } => {
                        let stall = self.vigil.retrying(reason, pause);
                        self.observed(Observation::AgentStalled(stall)).await;
                    }
                    Output::Write(_) => {}
                }
            }
        }
    }

    /// Returns when something has to be done about the end, unless something happens before.
    fn deadline(&self, progress: &mut Progress) -> Instant {
        let now = Instant::now();
        let Ok(talk) = self.running.talk() else { return now + NEVER };
        let Rest::After(pause) = talk.conversation.rest() else {
            progress.resting = None;
            return now + NEVER;
        };
        if talk.stdin.is_none() {
            return progress.last_news.unwrap_or(now).max(*progress.resting.get_or_insert(now)) + CLOSING;
        }
        *progress.resting.get_or_insert(now) + pause
    }

    /// Closes the agent's input; where that is done already and did not help, ends the agent.
    async fn end(&self, progress: &mut Progress) {
        {
            let Ok(mut talk) = self.running.talk() else { return };
            // It may have been told something since.
            if talk.conversation.rest() == Rest::Busy {
                return;
            }
            if talk.stdin.is_some() {
                for line in talk.conversation.wind_down() {
                    talk.write(&line);
                }
                talk.stdin = None;
                progress.resting = Some(Instant::now());
                return;
            }
        }
        if !std::mem::replace(&mut progress.stopped, true) {
            let failure = "the agent did not end after its last turn and was stopped".to_owned();
            progress.failure = Some(failure.clone());
            self.observed(Observation::TurnEnded { failure: Some(failure) }).await;
        }
        if let Err(error) = self.running.stop().await {
            tracing::error!(%error, "an agent cannot be ended");
        }
    }

    /// Tells of the files that changed and no tool call told of. They are this run's only where no other run was
    /// at work there meanwhile.
    async fn report_changes(&mut self, progress: &mut Progress) {
        let Changes { files, not_searched } = self.snapshot.changes().await;
        let name = |path: &Path| one_line(self.project.name(&path.to_string_lossy()), MAX_SUBJECT);
        if !not_searched.is_empty() {
            let folders: Vec<String> =
                not_searched.iter().take(MAX_NOT_SEARCHED).map(|folder| name(folder)).collect();
            let more = not_searched.len().saturating_sub(folders.len()).try_into().unwrap_or(u32::MAX);
            self.observed(Observation::FoldersNotSearched(UnsearchedFolders { folders, more })).await;
        }
        let changes = files.into_iter().map(|(path, change)| (name(&path), change));
        let untold: Vec<_> =
            changes.filter(|(path, change)| progress.made.change_of(path) != Some(*change)).collect();
        if untold.is_empty() {
            return;
        }
        if self.neighbours.were_at_work(self.snapshot.root()).await {
            let unclaimed = untold.iter().filter(|(path, _)| progress.made.change_of(path).is_none()).count();
            if let Ok(files @ 1..) = u32::try_from(unclaimed) {
                self.observed(Observation::FilesChangedConcurrently { files }).await;
            }
            return;
        }
        for (path, change) in untold {
            let made = Artifact::File { path, change };
            if progress.made.add(&made) {
                self.observed(Observation::ArtifactRecorded(made)).await;
            }
        }
    }

    /// Tells how much the run made, where that is more than is kept.
    async fn report_count(&self, progress: &Progress) {
        let artifacts = progress.made.count();
        if usize::try_from(artifacts).is_ok_and(|count| count > MAX_ARTIFACTS) {
            self.observed(Observation::ArtifactsCounted { artifacts }).await;
        }
    }

    /// Tells why an agent failed that has not said so itself: by the last line on its error stream.
    async fn report_silent_failure(&self, exit: Exit, progress: &Progress) {
        let (Some(code @ 1..), None) = (exit.code, &progress.failure) else { return };
        if progress.has_empty_error && code == 1 {
            return;
        }
        if let Some(last) = self.reader.last_stderr() {
            let failure = format!("{} (exit status {code})", one_line(last, MAX_DETAIL));
            self.observed(Observation::TurnEnded { failure: Some(failure) }).await;
        }
    }

    /// Tells that an agent left in the middle of a turn, where its exit status says that all is well.
    async fn report_broken_turn(&self, exit: Exit, progress: &Progress) {
        let is_broken = self.running.talk().is_ok_and(|talk| talk.conversation.is_in_turn());
        if is_broken && exit.code == Some(0) && progress.failure.is_none() {
            let failure = "the agent ended in the middle of its turn".to_owned();
            self.observed(Observation::TurnEnded { failure: Some(failure) }).await;
        }
    }

    /// Tells what the agent was told and did not take up.
    async fn report_undelivered(&self) {
        let undelivered = self.running.talk().ok().and_then(|talk| talk.conversation.undelivered());
        if let Some(undelivered) = undelivered {
            self.observed(Observation::PromptsUndelivered(undelivered)).await;
        }
    }

    async fn observed(&self, observation: Observation) {
        let (session, run) = (self.running.session, self.running.run);
        // An error means that nobody listens any more; the agent is still followed to its end.
        let _ = self.reports.send(Report { session, run, body: ReportBody::Observed(observation) }).await;
    }
}

impl Progress {
    /// Takes note of what is observed. Returns whether it is to be told.
    fn note(&mut self, observation: &Observation) -> bool {
        match observation {
            Observation::ArtifactRecorded(artifact) => return self.made.add(artifact),
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

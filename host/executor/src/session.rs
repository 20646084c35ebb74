//! One running agent: what it is told, what it says, and its end.
//!
//! Three tasks and a handle: one waits for the process and records its exit, one writes to the agent's input, one follows its
//! output. The process is reaped while nobody signals it: after that its number may be another's. What is told to an agent never waits for the host to take reports.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use codewalk_core::call::{Artifact, Exit, FileChange, Observation};
use codewalk_core::command::Decision;
use codewalk_core::ids::SessionId;
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::sync::{Notify, RwLock, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

use crate::claude::conversation::{Conversation, DecideError, Message, Output, Rest};
use crate::claude::requests::Shown;
use crate::error::ExecutorError;
use crate::git::Snapshot;
use crate::log::reader::{News, Reader};
use crate::log::tail::Amount;
use crate::neighbours::Neighbours;
use crate::process;
use crate::process::tree::{self, Leader};
use crate::project::Project;
use crate::report::{Report, ReportBody};
use crate::run_folder::{ExitRecord, RunFolder, SessionLock};
use crate::stall::Vigil;
use crate::text::{MAX_DETAIL, MAX_SUBJECT, one_line};

/// How long an agent has to end after its input was closed, counted from what it last printed.
const CLOSING: Duration = Duration::from_secs(10);
/// Longer than any wait; stands for no deadline.
const NEVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A running agent, as the host speaks to it.
#[derive(Debug)]
pub(crate) struct Running {
    session: SessionId,
    run: u32,
    pid: u32,
    talk: Option<Mutex<Talk>>,
    /// What the agent was told that whoever follows it has to know.
    told: Told,
    exited: watch::Receiver<Option<Exit>>,
    /// Whether the process was reaped. Who holds this signals it, and keeps it from being reaped meanwhile.
    reaped: Arc<RwLock<bool>>,
}

/// What an agent was told, for whoever follows it.
#[derive(Debug, Default)]
struct Told {
    notify: Notify,
    /// What it still asks for: it was answered in a way that does not fit.
    again: Mutex<Vec<Observation>>,
}

/// A conversation and where its lines go; no longer anywhere once the input is closed.
#[derive(Debug)]
struct Talk {
    conversation: Conversation,
    stdin: Option<mpsc::UnboundedSender<String>>,
}

impl Talk {
    /// Writes to an agent whose input is open; to one that has just ended it makes no difference.
    fn write(&self, line: &Value) {
        if let Some(stdin) = &self.stdin {
            let _ = stdin.send(format!("{line}\n"));
        }
    }
}

impl Running {
    /// Takes a process that has just been started and, where it holds a conversation, says the first prompt.
    pub(crate) fn begin(
        (session, run): (SessionId, u32),
        pid: u32,
        child: Child,
        folder: RunFolder,
        talk: Option<(Conversation, OwnedFd, &str)>,
    ) -> std::io::Result<Arc<Self>> {
        let (exit, exited) = watch::channel(None);
        let reaped = Arc::new(RwLock::new(false));
        let end = process::end_of(&child)?;
        let process = Process { child, end, reaped: Arc::clone(&reaped) };
        let talk = match talk {
            Some((mut conversation, fifo, prompt)) => {
                let (stdin, lines) = mpsc::unbounded_channel();
                let writer = tokio::spawn(write(pipe::Sender::from_owned_fd(fifo)?, lines));
                tokio::spawn(wait(process, folder, exit, Some(writer)));
                let first = conversation.prompt(&Uuid::now_v7().to_string(), prompt);
                let talk = Talk { conversation, stdin: Some(stdin) };
                talk.write(&first);
                Some(Mutex::new(talk))
            }
            None => {
                tokio::spawn(wait(process, folder, exit, None));
                None
            }
        };
        Ok(Arc::new(Self { session, run, pid, talk, told: Told::default(), exited, reaped }))
    }

    /// Tells the agent something more.
    pub(crate) fn send(&self, prompt: &str) -> Result<(), ExecutorError> {
        let mut talk = self.open_talk()?;
        let line = talk.conversation.prompt(&Uuid::now_v7().to_string(), prompt);
        talk.write(&line);
        self.told.notify.notify_one();
        Ok(())
    }

    /// Answers a request of the agent. What an answer does not fit is asked again.
    pub(crate) fn answer(&self, request: &str, decision: &Decision) -> Result<(), ExecutorError> {
        let mut talk = self.open_talk()?;
        self.told.notify.notify_one();
        let line = talk.conversation.decide(request, decision).map_err(|error| {
            if let Some(Shown { digest, kind }) = talk.conversation.asked_again(request) {
                let asked = Observation::Asked { request: request.to_owned(), digest, kind };
                self.told.again.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
            }
            let request = one_line(request, MAX_SUBJECT);
            match error {
                DecideError::NotOpen => ExecutorError::NoRequest { request },
                DecideError::Unfit(expected) => ExecutorError::Unfit { request, expected },
            }
        })?;
        talk.write(&line);
        if let Decision::Allow { tell: Some(words), .. } = decision
            && !words.trim().is_empty()
        {
            let line = talk.conversation.prompt(&Uuid::now_v7().to_string(), words);
            talk.write(&line);
        }
        Ok(())
    }

    /// Ends the agent's present turn. A program without a conversation gets what Ctrl-C would send it.
    pub(crate) fn interrupt(&self) -> Result<(), ExecutorError> {
        if self.talk.is_none() {
            // Where somebody waits to reap it, it has ended.
            let Some(_unreaped) = self.reaped.try_read().ok().filter(|reaped| !**reaped) else {
                return Err(ExecutorError::NotRunning { session: self.session });
            };
            let group = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
            let sent = group.map_or(Ok(()), |group| rustix::process::kill_process_group(group, Signal::INT));
            return sent
                .map_err(|source| ExecutorError::Signal { session: self.session, source: source.into() });
        }
        let mut talk = self.open_talk()?;
        let line = talk.conversation.interrupt();
        talk.write(&line);
        Ok(())
    }

    /// Ends the agent and everything it started.
    pub(crate) async fn stop(&self) -> Result<(), ExecutorError> {
        let reaped = self.reaped.read().await;
        let leader = (!*reaped).then_some(Leader::Unreaped(self.pid));
        if tree::terminate(leader, self.session).await {
            drop(reaped);
            // It is reaped now: whoever ends next leaves nothing of it to the system.
            let mut exited = self.exited.clone();
            let _ = tokio::time::timeout(tree::GRACE, exited.wait_for(Option::is_some)).await;
            return Ok(());
        }
        Err(ExecutorError::Orphans { session: self.session, pids: tree::orphans(self.session, None) })
    }

    /// Returns whose agent it is.
    pub(crate) const fn session(&self) -> SessionId {
        self.session
    }

    /// Returns which run it is.
    pub(crate) const fn run(&self) -> u32 {
        self.run
    }

    fn talk(&self) -> Result<MutexGuard<'_, Talk>, ExecutorError> {
        let talk = self.talk.as_ref().ok_or(ExecutorError::NoConversation { session: self.session })?;
        Ok(talk.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the conversation as long as the agent can be told anything.
    fn open_talk(&self) -> Result<MutexGuard<'_, Talk>, ExecutorError> {
        let talk = self.talk()?;
        if talk.stdin.is_none() || self.exited.borrow().is_some() {
            return Err(ExecutorError::NotRunning { session: self.session });
        }
        Ok(talk)
    }
}

/// Writes lines to the agent. When there are no more its input is closed.
async fn write(mut fifo: pipe::Sender, mut lines: mpsc::UnboundedReceiver<String>) {
    while let Some(line) = lines.recv().await {
        if let Err(error) = fifo.write_all(line.as_bytes()).await {
            tracing::warn!(%error, "cannot write to an agent");
            return;
        }
    }
}

/// The process of an agent, for whoever waits for it.
struct Process {
    child: Child,
    /// Is told when it has ended and is not reaped yet.
    end: oneshot::Receiver<()>,
    reaped: Arc<RwLock<bool>>,
}

impl Process {
    /// Waits until it has ended and nobody signals it any more, and reaps it.
    async fn ended(mut self) -> std::io::Result<Exit> {
        let _ = self.end.await;
        let mut reaped = self.reaped.write().await;
        let status = self.child.wait()?;
        *reaped = true;
        Ok(process::exit(status))
    }
}

/// Waits for the process, and records its exit before anyone is told.
async fn wait(
    process: Process,
    folder: RunFolder,
    exit: watch::Sender<Option<Exit>>,
    writer: Option<JoinHandle<()>>,
) {
    let ended = process.ended().await.unwrap_or_else(|error| {
        tracing::error!(%error, "cannot wait for an agent");
        Exit { code: None, signal: None }
    });
    let record = ExitRecord { code: ended.code, signal: ended.signal, ended_at: now() };
    if let Err(error) = folder.write_exit(record) {
        tracing::error!(folder = %folder.path().display(), %error, "cannot record how an agent ended");
    }
    if let Some(writer) = writer {
        // We hold the reading side too, so writing to a full FIFO would never end.
        writer.abort();
    }
    exit.send_replace(Some(ended));
}

/// Returns the milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What is needed to follow an agent to its end.
#[derive(Debug)]
pub(crate) struct Follower {
    pub running: Arc<Running>,
    pub reader: Reader,
    pub project: Project,
    pub snapshot: Option<Snapshot>,
    pub neighbours: Neighbours,
    pub reports: mpsc::Sender<Report>,
    pub vigil: Vigil,
    /// Makes the session ours as long as this lives.
    pub _lock: SessionLock,
}

/// What is remembered while an agent is followed.
#[derive(Debug, Default)]
struct Progress {
    made: BTreeMap<String, FileChange>,
    failure: Option<String>,
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
                    self.observed(Observation::Stalled(stall)).await;
                }
                // Not before everything that was printed is read.
                () = tokio::time::sleep_until(deadline), if news.amount == Amount::Nothing => {
                    self.end(&mut progress).await;
                }
            }
        };
        let last = self.reader.finish().await;
        self.take(last, &mut progress).await;
        self.report_changes(&progress).await;
        self.report_silent_failure(exit, &progress).await;
        self.report_broken_turn(exit, &progress).await;
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
            self.observed(Observation::Recovered).await;
        }
    }

    async fn take(&mut self, messages: Vec<Message>, progress: &mut Progress) {
        for message in messages {
            let says_something = !matches!(message, Message::Nothing);
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
            let retries = outputs.iter().any(|output| matches!(output, Output::Retrying { .. }));
            if says_something && !retries {
                let has_recovered = self.vigil.got_on();
                self.recovered(has_recovered).await;
            }
            for output in outputs {
                match output {
                    Output::Observed(observation) => {
                        progress.note(&observation);
                        self.observed(observation).await;
                    }
                    Output::Retrying { reason, pause } => {
                        let stall = self.vigil.retrying(reason, pause);
                        self.observed(Observation::Stalled(stall)).await;
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

    /// Tells of the files that git sees changed and no tool call told of. They are this run's only where no other run was
    /// at work there meanwhile.
    async fn report_changes(&self, progress: &Progress) {
        let Some(snapshot) = &self.snapshot else { return };
        let changes = snapshot.changes().await.into_iter().map(|(path, change)| {
            let path = one_line(self.project.name(&path.to_string_lossy()), MAX_SUBJECT);
            (path, change)
        });
        let untold: Vec<_> =
            changes.filter(|(path, change)| progress.made.get(path) != Some(change)).collect();
        if untold.is_empty() {
            return;
        }
        if self.neighbours.were_at_work(snapshot.root()).await {
            let unclaimed = untold.iter().filter(|(path, _)| !progress.made.contains_key(path)).count();
            if let Ok(files @ 1..) = u32::try_from(unclaimed) {
                self.observed(Observation::ChangedMeanwhile { files }).await;
            }
            return;
        }
        for (path, change) in untold {
            self.observed(Observation::Made(Artifact::File { path, change })).await;
        }
    }

    /// Tells why an agent failed that has not said so itself: by the last line on its error stream.
    async fn report_silent_failure(&self, exit: Exit, progress: &Progress) {
        let (Some(code @ 1..), None) = (exit.code, &progress.failure) else { return };
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

    async fn observed(&self, observation: Observation) {
        let (session, run) = (self.running.session, self.running.run);
        // An error means that nobody listens any more; the agent is still followed to its end.
        let _ = self.reports.send(Report { session, run, body: ReportBody::Observed(observation) }).await;
    }
}

impl Progress {
    fn note(&mut self, observation: &Observation) {
        match observation {
            Observation::Made(Artifact::File { path, change }) => {
                self.made.insert(path.clone(), *change);
            }
            Observation::TurnEnded { failure } => self.failure.clone_from(failure),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;

//! A running agent: the handle that the host uses, and the tasks that belong to its process.
//!
//! One task waits for the process and records its exit, one writes to its input, one follows its output. The
//! process is not reaped while it is signalled, because its number may then belong to another process.
//! Sending something to an agent never waits for the host to take reports.

mod follower;

use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codewalk_core::command::Decision;
use codewalk_core::ids::SessionId;
use codewalk_core::session::{Exit, Observation};
use rustix::process::{Pid, Signal};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::sync::{Notify, RwLock, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::clock::now;
use crate::error::ExecutorError;
use crate::process;
use crate::process::leader::Leader;
use crate::process::tree;
use crate::protocol::{AgentProtocol, DecideError, Interrupt, SharedProtocol};
use crate::run_folder::{ExitRecord, RunFolder};
use crate::text::{MAX_SUBJECT, one_line};

pub(crate) use follower::Follower;

/// The handle of a running agent.
#[derive(Debug)]
pub(crate) struct LiveAgent {
    session: SessionId,
    run: u32,
    pid: u32,
    /// Locked before `input`.
    protocol: SharedProtocol,
    input: Input,
    notes: PendingNotes,
    exited: watch::Receiver<Option<Exit>>,
    /// Whether the process was reaped. It is not reaped while this is locked for reading.
    reaped: Arc<RwLock<bool>>,
}

/// The standard input of an agent.
#[derive(Debug)]
enum Input {
    /// The agent takes nothing after its first prompt.
    None,
    /// Where its lines go. `None` once it is closed.
    Fifo(Mutex<Option<mpsc::UnboundedSender<String>>>),
}

/// News for the follower about what was sent to the agent.
#[derive(Debug, Default)]
struct PendingNotes {
    notify: Notify,
    /// Requests to show again, because the decision did not fit.
    reopened: Mutex<Vec<Observation>>,
}

impl Input {
    fn is_open(&self) -> bool {
        matches!(self, Self::Fifo(lines) if lock(lines).is_some())
    }

    /// Writes lines if the input is open. An agent that has just ended does not read them.
    fn write(&self, lines: Vec<String>) {
        if let Self::Fifo(fifo) = self
            && let Some(fifo) = &*lock(fifo)
        {
            for line in lines {
                let _ = fifo.send(line);
            }
        }
    }

    fn close(&self) {
        if let Self::Fifo(fifo) = self {
            lock(fifo).take();
        }
    }
}

impl LiveAgent {
    /// Takes a process that has just been started and sends the first prompt if it reads its input.
    pub(crate) fn begin(
        (session, run): (SessionId, u32),
        child: Child,
        folder: RunFolder,
        protocol: SharedProtocol,
        input: Option<(OwnedFd, &str)>,
    ) -> Result<Arc<Self>, (Child, std::io::Error)> {
        let (exit, exited) = watch::channel(None);
        let (pid, reaped) = (child.id(), Arc::new(RwLock::new(false)));
        let opened = input.map(|(fifo, prompt)| Ok((pipe::Sender::from_owned_fd(fifo)?, prompt)));
        let (end, input) = match (process::end_of(&child), opened.transpose()) {
            (Ok(end), Ok(input)) => (end, input),
            // The caller ends and reaps it.
            (Err(error), _) | (_, Err(error)) => return Err((child, error)),
        };
        let process = Process { child, end, reaped: Arc::clone(&reaped) };
        let (writer, input) = match input {
            Some((fifo, prompt)) => {
                let (sender, lines) = mpsc::unbounded_channel();
                let input = Input::Fifo(Mutex::new(Some(sender)));
                input.write(protocol.lock().prompt(&new_prompt(), prompt));
                (Some(tokio::spawn(write(fifo, lines))), input)
            }
            None => (None, Input::None),
        };
        tokio::spawn(wait(process, folder, exit, writer));
        let notes = PendingNotes::default();
        Ok(Arc::new(Self { session, run, pid, protocol, input, notes, exited, reaped }))
    }

    /// Sends another prompt.
    pub(crate) fn send(&self, prompt: &str) -> Result<(), ExecutorError> {
        let mut protocol = self.open_protocol()?;
        self.input.write(protocol.prompt(&new_prompt(), prompt));
        self.notes.notify.notify_one();
        Ok(())
    }

    /// Answers a request of the agent. A request that the decision does not fit is shown again.
    pub(crate) fn answer(
        &self,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<(), ExecutorError> {
        let mut protocol = self.open_protocol()?;
        self.notes.notify.notify_one();
        let lines = protocol.decide(request, digest, decision).map_err(|error| {
            lock(&self.notes.reopened).extend(protocol.still_open(request));
            let request = one_line(request, MAX_SUBJECT);
            match error {
                DecideError::NotOpen => ExecutorError::NoRequest { request },
                DecideError::Replaced => ExecutorError::Replaced { request },
                DecideError::Unfit(expected) => ExecutorError::Unfit { request, expected },
            }
        })?;
        self.input.write(lines);
        if let Decision::Allow { tell: Some(words), .. } = decision
            && !words.trim().is_empty()
        {
            self.input.write(protocol.prompt(&new_prompt(), words));
        }
        Ok(())
    }

    /// Ends the current turn of the agent.
    pub(crate) fn interrupt(&self) -> Result<(), ExecutorError> {
        if matches!(self.input, Input::Fifo(_)) {
            let mut protocol = self.open_protocol()?;
            return match protocol.interrupt() {
                Interrupt::Write(lines) => {
                    self.input.write(lines);
                    Ok(())
                }
                Interrupt::Signal => self.signal(),
            };
        }
        self.signal()
    }

    /// Sends the signal that Ctrl-C sends.
    fn signal(&self) -> Result<(), ExecutorError> {
        // The process has ended if a task waits to reap it.
        let Some(_unreaped) = self.reaped.try_read().ok().filter(|reaped| !**reaped) else {
            return Err(ExecutorError::NotRunning { session: self.session });
        };
        let group = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let sent = group.map_or(Ok(()), |group| rustix::process::kill_process_group(group, Signal::INT));
        sent.map_err(|source| ExecutorError::Signal { session: self.session, source: source.into() })
    }

    /// Ends the agent and everything it started.
    pub(crate) async fn stop(&self) -> Result<(), ExecutorError> {
        let reaped = self.reaped.read().await;
        let leader = (!*reaped).then_some(Leader::Unreaped(self.pid));
        if tree::terminate(leader, self.session).await {
            drop(reaped);
            // Wait until it is reaped, so that the system keeps nothing of it.
            let mut exited = self.exited.clone();
            let _ = tokio::time::timeout(tree::GRACE, exited.wait_for(Option::is_some)).await;
            return Ok(());
        }
        Err(ExecutorError::Orphans { session: self.session, pids: tree::orphans(self.session, None) })
    }

    /// Returns the session of the agent.
    pub(crate) const fn session(&self) -> SessionId {
        self.session
    }

    /// Returns the run of the session.
    pub(crate) const fn run(&self) -> u32 {
        self.run
    }

    /// Returns the protocol while the agent reads its input.
    fn open_protocol(&self) -> Result<MutexGuard<'_, Box<dyn AgentProtocol>>, ExecutorError> {
        if matches!(self.input, Input::None) {
            return Err(ExecutorError::NoConversation { session: self.session });
        }
        let protocol = self.protocol.lock();
        if !self.input.is_open() || self.exited.borrow().is_some() {
            return Err(ExecutorError::NotRunning { session: self.session });
        }
        Ok(protocol)
    }
}

fn new_prompt() -> String {
    Uuid::now_v7().to_string()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes lines to the agent. Its input is closed when the sender of the lines is dropped.
async fn write(mut fifo: pipe::Sender, mut lines: mpsc::UnboundedReceiver<String>) {
    while let Some(line) = lines.recv().await {
        if let Err(error) = fifo.write_all(line.as_bytes()).await {
            tracing::warn!(%error, "cannot write to an agent");
            return;
        }
    }
}

/// The process of an agent, for the task that waits for it.
struct Process {
    child: Child,
    /// Resolves when it has ended and is not reaped yet.
    end: oneshot::Receiver<()>,
    reaped: Arc<RwLock<bool>>,
}

impl Process {
    /// Waits until it has ended and is not being signalled, and reaps it.
    async fn ended(mut self) -> std::io::Result<Exit> {
        let _ = self.end.await;
        let mut reaped = self.reaped.write().await;
        let status = self.child.wait()?;
        *reaped = true;
        Ok(process::exit(status))
    }
}

/// Waits for the process, and records its exit before it is reported.
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
        tracing::error!(folder = %folder.path().display(), %error, "cannot record the exit of an agent");
    }
    if let Some(writer) = writer {
        // This process has the reading side too, so a write to a full FIFO would never end.
        writer.abort();
    }
    exit.send_replace(Some(ended));
}

#[cfg(test)]
mod seam_tests;
#[cfg(test)]
mod tests;

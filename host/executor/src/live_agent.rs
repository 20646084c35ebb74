//! One running agent: what it is told, what it says, and its end.
//!
//! Three tasks and a handle: one waits for the process and records its exit, one writes to the agent's input, one follows its
//! output. The process is reaped while nobody signals it: after that its number may be another's. What is told to an agent never waits for the host to take reports.

mod follower;

use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use codewalk_core::call::{Exit, Observation};
use codewalk_core::command::Decision;
use codewalk_core::ids::SessionId;
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::sync::{Notify, RwLock, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::claude::conversation::{Conversation, DecideError};
use crate::claude::requests::Shown;
use crate::claude::wire;
use crate::error::ExecutorError;
use crate::process;
use crate::process::tree::{self, Leader};
use crate::run_folder::{ExitRecord, RunFolder};
use crate::text::{MAX_SUBJECT, one_line};

pub(crate) use follower::Follower;

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
            let _ = stdin.send(wire::written(line) + "\n");
        }
    }
}

impl Running {
    /// Takes a process that has just been started and, where it holds a conversation, says the first prompt.
    pub(crate) fn begin(
        (session, run): (SessionId, u32),
        child: Child,
        folder: RunFolder,
        talk: Option<(Conversation, OwnedFd, &str)>,
    ) -> Result<Arc<Self>, (Child, std::io::Error)> {
        let (exit, exited) = watch::channel(None);
        let (pid, reaped) = (child.id(), Arc::new(RwLock::new(false)));
        let opened = talk.map(|(conversation, fifo, prompt)| {
            Ok((conversation, pipe::Sender::from_owned_fd(fifo)?, prompt))
        });
        let (end, talk) = match (process::end_of(&child), opened.transpose()) {
            (Ok(end), Ok(talk)) => (end, talk),
            // Whoever started it ends it and reaps it.
            (Err(error), _) | (_, Err(error)) => return Err((child, error)),
        };
        let process = Process { child, end, reaped: Arc::clone(&reaped) };
        let talk = match talk {
            Some((mut conversation, fifo, prompt)) => {
                let (stdin, lines) = mpsc::unbounded_channel();
                let writer = tokio::spawn(write(fifo, lines));
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
    pub(crate) fn answer(
        &self,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<(), ExecutorError> {
        let mut talk = self.open_talk()?;
        self.told.notify.notify_one();
        let line = talk.conversation.decide(request, digest, decision).map_err(|error| {
            if let Some(Shown { digest, kind }) = talk.conversation.asked_again(request) {
                let asked = Observation::RequestOpened { request: request.to_owned(), digest, kind };
                self.told.again.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
            }
            let request = one_line(request, MAX_SUBJECT);
            match error {
                DecideError::NotOpen => ExecutorError::NoRequest { request },
                DecideError::Replaced => ExecutorError::Replaced { request },
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

#[cfg(test)]
mod tests;

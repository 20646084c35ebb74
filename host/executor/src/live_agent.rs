//! A running agent: the handle that the host uses, and the task that follows it.
//!
//! The agent belongs to its supervisor, which needs neither of them. Both only use the run folder: the handle
//! appends messages, the task reads output until the end is recorded. Sending something to an agent never
//! waits for the host to take reports.

mod end;
mod follower;
mod messages;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codewalk_core::command::Decision;
use codewalk_core::ids::{CallId, SessionId};
use codewalk_core::session::Observation;
use codewalk_supervisor::SendError;
use tokio::sync::{Notify, watch};

use crate::error::ExecutorError;
use crate::process::tree;
use crate::protocol::{AgentProtocol, DecideError, Interrupt, SharedProtocol};
use crate::run_folder::RunFolder;
use crate::text::{MAX_SUBJECT, one_line};

pub(crate) use end::{End, RunEnd, STOPPING, watch_supervisor};
pub(crate) use follower::Follower;
use messages::Messages;
pub(crate) use messages::name;

/// The handle of a running agent.
#[derive(Debug)]
pub(crate) struct LiveAgent {
    session: SessionId,
    run: u32,
    takes_input: bool,
    /// Locked before `messages`.
    protocol: SharedProtocol,
    messages: Mutex<Messages>,
    notes: PendingNotes,
    ended: watch::Receiver<Option<End>>,
    /// Whether no supervisor lives.
    gone: watch::Receiver<bool>,
}

/// News for the follower about what was sent to the agent.
#[derive(Debug, Default)]
struct PendingNotes {
    notify: Notify,
    /// Requests to show again, because the decision did not fit.
    reopened: Mutex<Vec<Observation>>,
}

impl LiveAgent {
    /// Takes the handle of a run that has a supervisor.
    pub(crate) fn new(
        (session, run): (SessionId, u32),
        folder: &RunFolder,
        protocol: SharedProtocol,
        takes_input: bool,
        end: &RunEnd,
    ) -> std::io::Result<Arc<Self>> {
        let messages = Mutex::new(Messages::open(folder, takes_input)?);
        let notes = PendingNotes::default();
        let (ended, gone) = (end.announced(), end.supervisor());
        Ok(Arc::new(Self { session, run, takes_input, protocol, messages, notes, ended, gone }))
    }

    /// Sends another prompt.
    pub(crate) fn send(&self, call: CallId, prompt: &str) -> Result<(), ExecutorError> {
        if lock(&self.messages).is_done(call) {
            return Ok(());
        }
        let mut protocol = self.open_protocol()?;
        let lines = protocol.prompt(&call.to_string(), prompt);
        self.sent(lock(&self.messages).send(call, &lines))?;
        self.notes.notify.notify_one();
        Ok(())
    }

    /// Answers a request of the agent. A request that the decision does not fit is shown again.
    pub(crate) fn answer(
        &self,
        call: CallId,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<(), ExecutorError> {
        if lock(&self.messages).is_done(call) {
            return Ok(());
        }
        let mut protocol = self.open_protocol()?;
        self.notes.notify.notify_one();
        let mut lines = protocol.decide(request, digest, decision).map_err(|error| {
            lock(&self.notes.reopened).extend(protocol.still_open(request));
            let request = one_line(request, MAX_SUBJECT);
            match error {
                DecideError::NotOpen => ExecutorError::NoRequest { request },
                DecideError::Replaced => ExecutorError::Replaced { request },
                DecideError::Unfit(expected) => ExecutorError::Unfit { request, expected },
            }
        })?;
        if let Decision::Allow { tell: Some(words), .. } = decision
            && !words.trim().is_empty()
        {
            // One message, so that neither arrives without the other.
            lines.extend(protocol.prompt(&call.to_string(), words));
        }
        self.sent(lock(&self.messages).send(call, &lines))
    }

    /// Ends the current turn of the agent.
    pub(crate) fn interrupt(&self, call: CallId) -> Result<(), ExecutorError> {
        if lock(&self.messages).is_done(call) {
            return Ok(());
        }
        if self.takes_input {
            let mut protocol = self.open_protocol()?;
            if let Interrupt::Write(lines) = protocol.interrupt() {
                return self.sent(lock(&self.messages).send(call, &lines));
            }
        }
        self.sent(lock(&self.messages).interrupt(call))
    }

    /// Ends the agent and everything it started.
    pub(crate) async fn stop(&self, call: CallId) -> Result<(), ExecutorError> {
        self.stop_as(call.to_string()).await
    }

    async fn stop_as(&self, call: String) -> Result<(), ExecutorError> {
        let told = lock(&self.messages).stop(call);
        match told {
            // Without a supervisor nothing of it lives, or what is left is ended when that is noticed.
            Ok(()) | Err(SendError::Ended) => {}
            // The run folder is gone, perhaps. The supervisor ends with everything it supervises.
            Err(error) => {
                tracing::warn!(session = %self.session, %error, "cannot reach the supervisor of an agent");
                tree::terminate(None, self.session).await;
            }
        }
        let mut gone = self.gone.clone();
        match tokio::time::timeout(STOPPING, gone.wait_for(|gone| *gone)).await {
            Ok(_) => Ok(()),
            Err(_) => {
                let pids = tree::orphans(self.session, None);
                Err(ExecutorError::Orphans { session: self.session, pids })
            }
        }
    }

    fn sent(&self, sent: Result<(), SendError>) -> Result<(), ExecutorError> {
        let session = self.session;
        sent.map_err(|error| match error {
            SendError::Ended => ExecutorError::NotRunning { session },
            source => ExecutorError::Message { session, source },
        })
    }

    /// Writes a line that the protocol answers to the agent. `call` names it.
    fn write(&self, call: &str, line: String) {
        let written = lock(&self.messages).write(call, &[line]);
        if let Err(error) = written {
            tracing::warn!(session = %self.session, %error, "cannot write to an agent");
        }
    }

    fn is_open(&self) -> bool {
        lock(&self.messages).is_open()
    }

    /// Closes the input of the agent after some last lines.
    fn close(&self, last: &[String]) {
        let closed = lock(&self.messages).close(last);
        if let Err(error) = closed {
            tracing::warn!(session = %self.session, %error, "cannot close the input of an agent");
        }
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
        if !self.takes_input {
            return Err(ExecutorError::NoConversation { session: self.session });
        }
        let protocol = self.protocol.lock();
        if !self.is_open() || self.ended.borrow().is_some() {
            return Err(ExecutorError::NotRunning { session: self.session });
        }
        Ok(protocol)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod seam_tests;

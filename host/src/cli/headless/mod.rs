//! `codewalk headless`: the whole of codewalk for another program, as JSON lines on standard input and
//! output.
//!
//! Architecture invariant: a command is acknowledged once all its effects are decided, stored and applied.
//! Its events are sent before the acknowledgement, and a page includes every earlier event.
//!
//! Architecture invariant: a slow reader never blocks anything. Neither agents nor the driver know about
//! standard output. Output waits in memory, and a front end that is too far behind, or has closed its end,
//! counts as disconnected ([`output`]). The store keeps agent output, which queries read from there; it does
//! not pass through here. In the other direction, at most [`MAX_UNANSWERED`] lines wait for their answers.
//!
//! A front end disconnects at the end of file. From then on it cannot answer: open and later questions are
//! declined, and the program ends once all its sessions have ended. The first signal stops the sessions, the
//! second ends the program immediately.

mod output;
mod reader;

use std::collections::BTreeMap;
use std::io::{self, BufReader, IsTerminal};
use std::process::ExitCode;

use codewalk_core::command::{Answer, Command, ControlAction, Decision};
use codewalk_core::event::{ConsentEvent, EventKind, SessionEvent, StoredEvent};
use codewalk_core::ids::{ConfirmationId, SessionId};
use codewalk_core::origin::{Channel, Origin};
use codewalk_protocol::follow::Follow;
use codewalk_protocol::input::{self, CallerId, InvalidLine, Line, Request};
use codewalk_protocol::output::{Accepted, OutputLine};
use codewalk_protocol::{SCHEMA, digest};
use tokio::signal::unix::{Signal, SignalKind};
use tokio::sync::mpsc;

use self::output::Writer;
use super::front_end::origin;
use super::projects::Projects;
use super::signals::listen;
use crate::compose::{self, AdapterStatsGuard, App};
use crate::config::Config;
use crate::driver::{CommandOutcome, Handle, Output, Token};
use crate::error::{CommandError, ErrorKind};

/// The maximum number of unanswered lines. Further lines are not read until some are answered.
const MAX_UNANSWERED: usize = 16;

pub(super) fn execute(config: &Config) -> Result<ExitCode, CommandError> {
    let mut projects = Projects::new(config);
    // A front end has no current folder, but codewalk itself may run in a repository.
    let default_project = projects.repository_here().unwrap_or_else(|error| {
        error.say();
        None
    });
    compose::block_on(async {
        let mut signals = Signals::listen()?;
        let running = compose::start(config, &projects.added).await?;
        Headless::new(running, default_project)?.serve(&mut signals).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The signals that request a shutdown.
struct Signals([Signal; 3]);

impl Signals {
    fn listen() -> Result<Self, CommandError> {
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

/// Whether a front end is connected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// It sends commands and answers.
    Connected,
    /// It has disconnected; its sessions continue until they end.
    Disconnected,
    /// Everything is being stopped.
    Stopping,
}

struct Headless {
    counted: AdapterStatsGuard,
    handle: Handle,
    outputs: mpsc::UnboundedReceiver<Output>,
    lines: mpsc::Receiver<Line>,
    writer: Writer,
    origin: Origin,
    default_project: Option<String>,
    follow: Follow,
    unanswered: BTreeMap<Token, CallerId>,
    /// The number of lines read.
    line: u64,
    stage: Stage,
}

impl Headless {
    fn new(running: App, default_project: Option<String>) -> Result<Self, CommandError> {
        let App { handle, outputs, sessions, counted, .. } = running;
        let origin = origin(Channel::Script, "headless");
        let no_thread =
            |error: io::Error| CommandError::because(ErrorKind::Internal, "cannot start a thread", error);
        let mut writer = Writer::start(io::stdout(), io::stdout().is_terminal()).map_err(no_thread)?;
        writer.tell(&OutputLine::Schema { schema: SCHEMA });
        Ok(Self {
            counted,
            handle,
            outputs,
            lines: reader::start(BufReader::new(io::stdin())).map_err(no_thread)?,
            writer,
            follow: Follow::new(origin.clone(), sessions),
            origin,
            default_project,
            unanswered: BTreeMap::new(),
            line: 0,
            stage: Stage::Connected,
        })
    }

    /// Serves the front end until it has disconnected and its sessions have ended.
    async fn serve(mut self, signals: &mut Signals) -> Result<(), CommandError> {
        let interrupted = || CommandError::new(ErrorKind::Interrupted, "interrupted");
        while self.stage == Stage::Connected || !self.unanswered.is_empty() || !self.follow.is_idle() {
            let is_served = self.stage == Stage::Connected;
            let is_ready = is_served && self.unanswered.len() < MAX_UNANSWERED;
            tokio::select! {
                // A second signal ends it, however much output is waiting.
                biased;
                () = signals.next() => {
                    if self.stage == Stage::Stopping {
                        return Err(interrupted());
                    }
                    self.stop();
                }
                output = self.outputs.recv() => self.output(output)?,
                () = self.writer.unheard(), if is_served => self.leave(),
                line = self.lines.recv(), if is_ready => match line {
                    Some(line) => self.line(line),
                    None => self.leave(),
                },
            }
        }
        let is_stopped = self.stage == Stage::Stopping;
        tokio::select! {
            biased;
            () = signals.next() => return Err(interrupted()),
            written = self.writer.finish() => written?,
        }
        if is_stopped {
            return Err(interrupted());
        }
        // Otherwise the next codewalk would have to start these compilations again.
        tokio::select! {
            () = signals.next() => {}
            () = self.counted.loaded() => {}
        }
        Ok(())
    }

    fn line(&mut self, line: Line) {
        self.line += 1;
        match input::parse(&line) {
            Ok((id, input)) => {
                let token = match input {
                    Request::Command(command, digest) => {
                        if let Err(why) = digest::check(&command, digest.as_deref(), &self.follow) {
                            return self.writer.tell(&OutputLine::Refused { reply: Some(&id), refused: why });
                        }
                        self.handle.command(&self.origin, self.completed(command))
                    }
                    Request::Query(query) => self.handle.query(query),
                };
                self.unanswered.insert(token, id);
            }
            Err(InvalidLine { id, why }) => {
                let refused = format!("line {}: {why}", self.line);
                self.writer.tell(&OutputLine::Refused { reply: id.as_deref(), refused: &refused });
            }
        }
    }

    /// Adds the default project, as `codewalk run` does.
    fn completed(&self, mut command: Command) -> Command {
        if let Command::Say(utterance) = &mut command
            && utterance.default_project.is_none()
        {
            utterance.default_project.clone_from(&self.default_project);
        }
        command
    }

    fn output(&mut self, output: Option<Output>) -> Result<(), CommandError> {
        match output {
            None => return Err(compose::driver_stopped()),
            Some(Output::StoreFailed(error)) => return Err(error.into()),
            Some(Output::StoredEvent(step)) => self.recorded(&step),
            Some(Output::Handled(token, handled)) => self.handled(token, handled),
            Some(Output::Page(token, page)) => {
                let Some(id) = self.unanswered.remove(&token) else { return Ok(()) };
                match page {
                    Ok(page) => {
                        let digests = digest::of_page(&page, &self.follow);
                        self.writer.tell(&OutputLine::Page { reply: &id, page: &page, digests });
                    }
                    Err(error) => {
                        self.writer
                            .tell(&OutputLine::Refused { reply: Some(&id), refused: &error.to_string() });
                    }
                }
            }
            Some(Output::Notice(origin, notice)) if origin == self.origin => {
                self.writer.tell(&OutputLine::Notice { notice: &notice });
            }
            Some(Output::Notice(..) | Output::Entries(..)) => {}
        }
        Ok(())
    }

    fn handled(&mut self, token: Token, handled: CommandOutcome) {
        // Commands sent on behalf of the front end do not belong to a line.
        let Some(id) = self.unanswered.remove(&token) else { return };
        match handled {
            CommandOutcome::Accepted { recorded } => {
                let (stream, seq) = recorded.unzip();
                self.writer.tell(&OutputLine::Accepted { reply: &id, accepted: Accepted { stream, seq } });
            }
            CommandOutcome::Refused { message } => {
                self.writer.tell(&OutputLine::Refused { reply: Some(&id), refused: &message });
            }
        }
    }

    fn recorded(&mut self, step: &[StoredEvent]) {
        for recorded in step {
            if let Err(error) = self.follow.absorb(recorded) {
                tracing::warn!(%error, "an event does not fit its session");
            }
            let digest = digest::of_event(recorded, &self.follow);
            self.writer.tell(&OutputLine::Event { event: recorded, digest });
        }
        for recorded in step {
            match &recorded.event.kind {
                EventKind::Consent {
                    event: ConsentEvent::ConfirmationRequested { confirmation, .. },
                    ..
                } if self.stage > Stage::Connected => {
                    self.decline(*confirmation);
                }
                EventKind::Session { session, event: SessionEvent::RequestOpened { request, .. } }
                    if self.stage > Stage::Connected =>
                {
                    self.deny(*session, request);
                }
                EventKind::Session { session, event: SessionEvent::RunStarting { .. } }
                    if self.stage == Stage::Stopping =>
                {
                    self.end(*session);
                }
                _ => {}
            }
        }
    }

    /// Answers on behalf of a disconnected front end: no to everything, now and later.
    fn leave(&mut self) {
        self.stage = self.stage.max(Stage::Disconnected);
        if let Some(open) = self.follow.confirmation() {
            self.decline(open.id);
        }
        for session in self.follow.live() {
            for request in &session.pending {
                self.deny(session.id, &request.id);
            }
        }
    }

    fn stop(&mut self) {
        self.stage = Stage::Stopping;
        self.leave();
        for session in self.follow.live() {
            self.end(session.id);
        }
    }

    fn decline(&self, confirmation: ConfirmationId) {
        self.handle.command(&self.origin, Command::Answer { confirmation, answer: Answer::No });
    }

    fn deny(&self, session: SessionId, request: &str) {
        let (request, digest) = (request.to_owned(), String::new());
        let decision = Decision::deny("The front end has disconnected.");
        self.handle.command(&self.origin, Command::Decide { session, request, digest, decision });
    }

    fn end(&self, session: SessionId) {
        let command = Command::Control { session, action: ControlAction::Stop, flag: None };
        self.handle.command(&self.origin, command);
    }
}

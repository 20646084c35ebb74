//! `codewalk headless`: the whole of codewalk for a program, as lines of JSON on standard input and output.
//!
//! Architecture invariant: a command is acknowledged when everything it led to is decided, stored and applied. The events
//! are told before the acknowledgement, and a page holds as of the events before it.
//!
//! Architecture invariant: nobody who reads slowly is waited for. Neither agents nor the driver know of standard output:
//! what is told waits in memory, and a front end that is far behind, or has closed its end, counts as one that has left
//! ([`output`]). What agents print is kept by the store and is read from there by queries; it does not pass through here.
//! The other way round at most [`MAX_UNANSWERED`] lines are taken in that are not answered yet.
//!
//! A front end leaves by the end of file. Nobody can answer from then on: what is open is declined, what is asked later as
//! well, and the program ends when all that was started has ended. The first signal stops what runs, the second one ends
//! the program at once.

mod digest;
mod input;
mod output;

use std::collections::BTreeMap;
use std::io::{BufReader, IsTerminal};
use std::process::ExitCode;

use codewalk_core::command::{Answer, Channel, Command, ControlAction, Decision, Origin};
use codewalk_core::event::{ConsentEvent, EventKind, SessionEvent, StoredEvent};
use codewalk_core::ids::{ConfirmationId, SessionId};
use tokio::signal::unix::{Signal, SignalKind};
use tokio::sync::mpsc;

use self::input::{Asked, CallerId, Line, Refusal};
use self::output::{Accepted, Told, Writer};
use super::follow::Follow;
use super::front_end::origin;
use super::projects::Projects;
use super::signals::listen;
use crate::compose::{self, Counted, Running};
use crate::config::Config;
use crate::driver::{Handle, Handled, Output, Token};
use crate::error::{CommandError, ErrorKind};

/// The version of what is read and told here; it counts up with each change that could break a front end.
const SCHEMA: u32 = 3;
/// How many lines may wait for their answers; more are not read until then.
const MAX_UNANSWERED: usize = 16;

pub(super) fn execute(config: &Config) -> Result<ExitCode, CommandError> {
    let mut projects = Projects::new(config);
    // Whoever serves a program stands nowhere.
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

/// The signals that ask for the end.
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

/// Whether a front end is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// It gives commands and answers.
    Served,
    /// It has left; what it started goes on to its end.
    Left,
    /// All is to end.
    Stopping,
}

struct Headless {
    counted: Counted,
    handle: Handle,
    outputs: mpsc::UnboundedReceiver<Output>,
    lines: mpsc::Receiver<Line>,
    writer: Writer,
    origin: Origin,
    default_project: Option<String>,
    follow: Follow,
    unanswered: BTreeMap<Token, CallerId>,
    /// How many lines were read.
    line: u64,
    stage: Stage,
}

impl Headless {
    fn new(running: Running, default_project: Option<String>) -> Result<Self, CommandError> {
        let Running { handle, outputs, sessions, counted, .. } = running;
        let origin = origin(Channel::Script, "headless");
        let no_thread =
            |error| CommandError::new(ErrorKind::Internal, format!("cannot start a thread: {error}"));
        let mut writer =
            Writer::start(std::io::stdout(), std::io::stdout().is_terminal()).map_err(no_thread)?;
        writer.tell(&Told::Schema { schema: SCHEMA });
        Ok(Self {
            counted,
            handle,
            outputs,
            lines: input::start(BufReader::new(std::io::stdin())).map_err(no_thread)?,
            writer,
            follow: Follow::new(origin.clone(), sessions),
            origin,
            default_project,
            unanswered: BTreeMap::new(),
            line: 0,
            stage: Stage::Served,
        })
    }

    /// Serves the front end until it has left and all is done.
    async fn serve(mut self, signals: &mut Signals) -> Result<(), CommandError> {
        let interrupted = || CommandError::new(ErrorKind::Interrupted, "interrupted");
        while self.stage == Stage::Served || !self.unanswered.is_empty() || !self.follow.is_idle() {
            let is_served = self.stage == Stage::Served;
            let is_ready = is_served && self.unanswered.len() < MAX_UNANSWERED;
            tokio::select! {
                // A second signal ends it, however much there is to tell.
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
        // What is half compiled now would be compiled anew by the next codewalk.
        tokio::select! {
            () = signals.next() => {}
            () = self.counted.loaded() => {}
        }
        Ok(())
    }

    fn line(&mut self, line: Line) {
        self.line += 1;
        match input::parse(&line) {
            Ok((id, asked)) => {
                let token = match asked {
                    Asked::Command(command, digest) => {
                        if let Err(why) = digest::check(&command, digest.as_deref(), &self.follow) {
                            return self.writer.tell(&Told::Refused { reply: Some(&id), refused: why });
                        }
                        self.handle.command(&self.origin, self.completed(command))
                    }
                    Asked::Query(query) => self.handle.query(query),
                };
                self.unanswered.insert(token, id);
            }
            Err(Refusal { id, why }) => {
                let refused = format!("line {}: {why}", self.line);
                self.writer.tell(&Told::Refused { reply: id.as_deref(), refused: &refused });
            }
        }
    }

    /// Adds what `codewalk run` would add: the project that codewalk was started in.
    fn completed(&self, mut command: Command) -> Command {
        if let Command::Say(said) = &mut command
            && said.default_project.is_none()
        {
            said.default_project.clone_from(&self.default_project);
        }
        command
    }

    fn output(&mut self, output: Option<Output>) -> Result<(), CommandError> {
        match output {
            None => return Err(compose::driver_stopped()),
            Some(Output::StoreFailed(error)) => return Err(compose::store_error(&error)),
            Some(Output::StoredEvent(step)) => self.recorded(&step),
            Some(Output::Handled(token, handled)) => self.handled(token, handled),
            Some(Output::Page(token, page)) => {
                let Some(id) = self.unanswered.remove(&token) else { return Ok(()) };
                match page {
                    Ok(page) => {
                        let digests = digest::of_page(&page, &self.follow);
                        self.writer.tell(&Told::Page { reply: &id, page: &page, digests });
                    }
                    Err(error) => {
                        self.writer.tell(&Told::Refused { reply: Some(&id), refused: &error.to_string() });
                    }
                }
            }
            Some(Output::Notice(origin, notice)) if origin == self.origin => {
                self.writer.tell(&Told::Notice { notice: &notice });
            }
            Some(Output::Notice(..) | Output::Entries(..)) => {}
        }
        Ok(())
    }

    fn handled(&mut self, token: Token, handled: Handled) {
        // What is said here in the front end's place has no line that waits.
        let Some(id) = self.unanswered.remove(&token) else { return };
        match handled {
            Handled::Accepted { recorded } => {
                let (stream, seq) = recorded.unzip();
                self.writer.tell(&Told::Accepted { reply: &id, accepted: Accepted { stream, seq } });
            }
            Handled::Refused { message } => {
                self.writer.tell(&Told::Refused { reply: Some(&id), refused: &message });
            }
        }
    }

    fn recorded(&mut self, step: &[StoredEvent]) {
        for recorded in step {
            self.follow.absorb(recorded);
            let digest = digest::of_event(recorded, &self.follow);
            self.writer.tell(&Told::Event { event: recorded, digest });
        }
        for recorded in step {
            match &recorded.event.kind {
                EventKind::Consent {
                    event: ConsentEvent::ConfirmationRequested { confirmation, .. },
                    ..
                } if self.stage > Stage::Served => {
                    self.decline(*confirmation);
                }
                EventKind::Session { session, event: SessionEvent::RequestOpened { request, .. } }
                    if self.stage > Stage::Served =>
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

    /// Answers in the place of a front end that has left: no to everything that is asked, now and later.
    fn leave(&mut self) {
        self.stage = self.stage.max(Stage::Left);
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

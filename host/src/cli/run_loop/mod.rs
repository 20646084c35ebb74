//! The loop of one run: prints progress, asks questions and handles answers.

mod about;
mod answers;
mod asking;
mod ending;
mod output;
mod waiting;

use std::io::IsTerminal;
use std::time::Duration;

use codewalk_core::command::{Command, Constraints, Utterance};
use codewalk_core::origin::Origin;
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::Session;
use codewalk_protocol::follow::Follow;
use codewalk_store::StoreError;
use tokio::signal::unix::{Signal, SignalKind};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::args::TIMEOUT_FLAG;
use super::deferred_error::DeferredError;
use super::open_question::{OnScreen, OpenQuestion};
use super::progress::Progress;
use super::signals::listen;
use super::terminal::{Input, Inputs, PrintWatch, Terminal, TypedLine};
use crate::compose::{AdapterStatsGuard, App, Patience};
use crate::driver::{Handle, Output, Token};
use crate::error::CommandError;
use waiting::WaitNotice;

/// How long an agent may take to end before the program ends without it.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// How long the withdrawal of a request that has not started anything may take.
const WITHDRAWAL: Duration = Duration::from_secs(2);

/// The signal that resumes a stopped process.
const SIGCONT: SignalKind = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());

/// How a run ended.
pub enum End {
    /// Everything is done.
    Finished,
    /// The user interrupted it before it started anything.
    Interrupted,
    /// It timed out before it started anything.
    TimedOut,
    /// The request was refused.
    Refused(String),
    /// The store failed.
    StoreFailed(StoreError),
    /// The driver has stopped.
    Stopped,
}

/// Who answers questions.
enum Answerer {
    /// No one, so the core declines.
    Nobody,
    /// A person.
    Person(Box<Terminal>, Inputs),
}

/// The loop of one run.
pub struct RunLoop {
    _counted: AdapterStatsGuard,
    handle: Handle,
    outputs: mpsc::UnboundedReceiver<Output>,
    origin: Origin,
    follow: Follow,
    progress: Progress,
    deferred_error: DeferredError,
    answerer: Answerer,
    /// The question that is on the screen.
    on_screen: Option<OnScreen>,
    /// The question that was just answered, which must not be asked again in the meantime.
    answered: Option<OpenQuestion>,
    /// The answers given so far to an agent's questions.
    answers: Vec<String>,
    /// Whether the user knows that disconnecting denies everything.
    is_leaving: bool,
    continuations: Signal,
    interrupts: Signal,
    terminations: Signal,
    hang_ups: Signal,
    interrupted: u32,
    /// The command that resumes a session.
    resuming: Option<Token>,
    default_project: Option<String>,
    /// The router and the summarizer, and their time limits.
    patience: [Patience; 2],
    waiting: WaitNotice,
    /// The permission given by the flag.
    pub permission: Option<PermissionMode>,
    deadline: Option<Instant>,
    /// When the program ends even if agents are still running.
    last_words: Option<Instant>,
    /// How the run ends once everything is withdrawn and stopped.
    ending: Option<End>,
    stopping: bool,
    /// Whether the user has disconnected.
    deserted: bool,
    /// Whether each event is printed as a line of JSON.
    pub stream: bool,
    /// The time limit.
    pub timeout: Option<Duration>,
}

impl RunLoop {
    /// Creates the loop of a run.
    pub fn new(running: App, origin: Origin, progress: Progress) -> Result<Self, CommandError> {
        let App { handle, outputs, sessions, counted, patience } = running;
        Ok(Self {
            _counted: counted,
            handle,
            outputs,
            follow: Follow::new(origin.clone(), sessions),
            origin,
            progress,
            deferred_error: DeferredError::default(),
            answerer: Answerer::Nobody,
            on_screen: None,
            answered: None,
            answers: Vec::new(),
            is_leaving: false,
            continuations: listen(SIGCONT)?,
            interrupts: listen(SignalKind::interrupt())?,
            terminations: listen(SignalKind::terminate())?,
            hang_ups: listen(SignalKind::hangup())?,
            interrupted: 0,
            resuming: None,
            default_project: None,
            patience,
            waiting: WaitNotice::default(),
            permission: None,
            deadline: None,
            last_words: None,
            ending: None,
            stopping: false,
            deserted: false,
            stream: false,
            timeout: None,
        })
    }

    /// Enables a person to answer.
    pub fn attend(&mut self, mut terminal: Terminal) {
        let inputs = terminal.inputs();
        self.answerer = Answerer::Person(Box::new(terminal), inputs);
    }

    /// Sends the request, and runs until everything is done. If there is no request, asks the person for one.
    pub async fn carry_out(mut self, mut utterance: Utterance) -> (Follow, End) {
        self.default_project.clone_from(&utterance.default_project);
        if utterance.text.is_empty() && matches!(self.answerer, Answerer::Person(..)) {
            match self.ask_for_request().await {
                Ok(typed) => (utterance.text, utterance.pasted) = (typed.text, typed.pasted),
                Err(end) => return (self.follow, end),
            }
        }
        self.handle.command(&self.origin, Command::Say(utterance));
        self.stay().await
    }

    /// Resumes an ended session and runs until it has ended again.
    pub async fn resume(
        mut self,
        session: Session,
        prompt: String,
        permission: PermissionMode,
    ) -> (Follow, End) {
        let attended = matches!(self.answerer, Answerer::Person(..));
        let command = Command::Prompt { session: session.id, prompt, attended, permission };
        self.follow.resume(session);
        self.resuming = Some(self.handle.command(&self.origin, command));
        self.stay().await
    }

    async fn stay(mut self) -> (Follow, End) {
        self.deadline = self.timeout.map(|timeout| Instant::now() + timeout);
        let watched = match &self.answerer {
            Answerer::Nobody => None,
            Answerer::Person(terminal, _) => Some(terminal.watched()),
        };
        let end = loop {
            let end = tokio::select! {
                // An agent that never stops printing must not block the user.
                biased;
                _ = self.interrupts.recv() => self.interrupt(),
                _ = self.terminations.recv() => self.stop(None, End::Interrupted),
                _ = self.hang_ups.recv() => {
                    self.desert();
                    self.stop(None, End::Interrupted)
                }
                () = until(self.last_words) => Some(self.ending.take().unwrap_or(End::Interrupted)),
                () = until(self.deadline) => {
                    self.deadline = None;
                    self.stop(Some(TIMEOUT_FLAG), End::TimedOut)
                }
                () = until(self.waiting.due()) => {
                    self.say_waiting();
                    None
                }
                input = next_input(&mut self.answerer) => self.input(input),
                _ = self.continuations.recv() => {
                    if let Answerer::Person(terminal, _) = &self.answerer {
                        terminal.continued();
                    }
                    None
                }
                () = printed(watched.as_deref()) => {
                    // The page counts as visible since it was first shown.
                    self.is_seen();
                    self.remind();
                    None
                }
                output = self.outputs.recv() => self.output(output),
            };
            if let Some(end) = end {
                break end;
            }
        };
        (self.follow, end)
    }

    /// Asks the person for a request.
    async fn ask_for_request(&mut self) -> Result<TypedLine, End> {
        self.tell("What do you want to do? (Enter sends; Alt-Enter starts a new line.)\n");
        loop {
            let input = tokio::select! {
                biased;
                _ = self.interrupts.recv() => return Err(End::Interrupted),
                _ = self.terminations.recv() => return Err(End::Interrupted),
                _ = self.hang_ups.recv() => return Err(End::Interrupted),
                input = next_input(&mut self.answerer) => input,
            };
            match input {
                Input::Text(typed) if !typed.text.trim().is_empty() => return Ok(typed),
                Input::Interrupt => return Err(End::Interrupted),
                // A closed terminal ends the input too, perhaps before its signal arrives.
                Input::EndOfFile if !std::io::stdin().is_terminal() => return Err(End::Interrupted),
                Input::EndOfFile => return Err(End::Refused("no request given".to_owned())),
                other => drop(self.input(other)),
            }
        }
    }

    /// Flags apply only to the request, not to later utterances.
    fn utterance(&self, text: String) -> Utterance {
        Utterance {
            text,
            constraints: Constraints::default(),
            default_project: self.default_project.clone(),
            permission: PermissionMode::Ask,
            consent_flag: None,
            attended: true,
            question: false,
            answers: None,
            pasted: false,
        }
    }

    /// Prints a message at the terminal.
    fn tell(&mut self, text: &str) {
        if let Answerer::Person(terminal, _) = &mut self.answerer {
            terminal.write(text);
        }
    }
}

async fn next_input(answerer: &mut Answerer) -> Input {
    match answerer {
        Answerer::Nobody => std::future::pending().await,
        Answerer::Person(_, inputs) => inputs.next().await.unwrap_or(Input::EndOfFile),
    }
}

/// Waits until the text above the input line is printed.
async fn printed(watched: Option<&PrintWatch>) {
    match watched {
        None => std::future::pending().await,
        Some(watched) => watched.printed.notified().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

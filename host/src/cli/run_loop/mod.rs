//! The loop of one run: prints progress, asks questions and handles answers.

mod about;
mod answers;
mod asking;
mod ending;
mod waiting;

use std::io::IsTerminal;
use std::time::Duration;

use codewalk_core::command::{Command, Constraints, ControlAction, Utterance};
use codewalk_core::consent::Plan;
use codewalk_core::event::{ConsentEvent, EventKind, SessionEvent, StoredEvent};
use codewalk_core::orchestrator::Notice;
use codewalk_core::origin::Origin;
use codewalk_core::permission::PermissionMode;
use codewalk_core::session::Session;
use codewalk_core::terminal_text::visible;
use codewalk_protocol::follow::Follow;
use codewalk_store::StoreError;
use tokio::signal::unix::{Signal, SignalKind};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::args::TIMEOUT_FLAG;
use super::deferred_error::DeferredError;
use super::open_question::{OnScreen, OpenQuestion};
use super::print::{json_line, offer_line};
use super::progress::{Progress, after};
use super::signals::listen;
use super::terminal::{Input, Inputs, Kind, PrintWatch, Terminal, TypedLine};
use super::{permission, terminal};
use crate::compose::{AdapterStatsGuard, App, Patience};
use crate::driver::{CommandOutcome, Handle, Output, Token};
use crate::error::CommandError;
use waiting::WaitNotice;

/// How long an agent may take to end before the program ends without it.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// How long the withdrawal of a request may take that has started nothing.
const WITHDRAWAL: Duration = Duration::from_secs(2);

/// The signal that continues a stopped process.
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
    /// The driver is gone.
    Stopped,
}

/// Who answers questions.
enum Answerer {
    /// Nobody: the core declines.
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
    /// The question that was just answered, which is not asked again meanwhile.
    answered: Option<OpenQuestion>,
    /// The answers given so far to an agent's questions.
    answers: Vec<String>,
    /// Whether the person knows that leaving denies everything.
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
    /// The permission of the flag.
    pub permission: Option<PermissionMode>,
    deadline: Option<Instant>,
    /// When the program ends even if agents are still running.
    last_words: Option<Instant>,
    /// How the run ends once everything is withdrawn and stopped.
    ending: Option<End>,
    stopping: bool,
    /// Whether the person has left.
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

    /// Lets a person answer.
    pub fn attend(&mut self, mut terminal: Terminal) {
        let inputs = terminal.inputs();
        self.answerer = Answerer::Person(Box::new(terminal), inputs);
    }

    /// Sends the request and runs until everything is done. Asks the person for a request if there is none.
    pub async fn carry_out(mut self, mut said: Utterance) -> (Follow, End) {
        self.default_project.clone_from(&said.default_project);
        if said.text.is_empty() && matches!(self.answerer, Answerer::Person(..)) {
            match self.ask_for_request().await {
                Ok(typed) => (said.text, said.pasted) = (typed.text, typed.pasted),
                Err(end) => return (self.follow, end),
            }
        }
        self.handle.command(&self.origin, Command::Say(said));
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
                // An agent that never stops printing must not block the person.
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
                    // It counts as visible since it was first shown.
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
            match next_input(&mut self.answerer).await {
                Input::Text(typed) if !typed.text.trim().is_empty() => return Ok(typed),
                Input::Interrupt => return Err(End::Interrupted),
                Input::EndOfFile => return Err(End::Refused("no request given".to_owned())),
                other => drop(self.input(other)),
            }
        }
    }

    fn output(&mut self, output: Option<Output>) -> Option<End> {
        match output {
            None => return Some(End::Stopped),
            Some(Output::StoreFailed(error)) => return Some(End::StoreFailed(error)),
            Some(Output::Handled(_, CommandOutcome::Refused { message })) => return self.refused(&message),
            // A session that is resumed here starts before the acknowledgement.
            Some(Output::Handled(token, CommandOutcome::Accepted { .. }))
                if self.resuming == Some(token) && !self.follow.is_received() =>
            {
                self.progress.important("another codewalk process has just resumed this session; your prompt was sent to its agent");
                return Some(End::Finished);
            }
            Some(Output::Handled(_, CommandOutcome::Accepted { .. }) | Output::Page(..)) => {}
            Some(Output::Notice(origin, notice)) if origin == self.origin => self.notice(notice),
            Some(Output::Notice(..)) => {}
            // The output of an agent that is being stopped is not needed.
            Some(Output::Entries(..)) if self.stopping => {}
            Some(Output::Entries(entries, _room)) => {
                entries.iter().for_each(|entry| self.deferred_error.entry(entry, self.progress));
            }
            Some(Output::StoredEvent(step)) => step.iter().for_each(|recorded| self.recorded(recorded)),
        }
        // Of questions that are withdrawn and asked in one step, the last one is shown.
        self.ask();
        self.end()
    }

    /// Returns the end of the run if nothing is left to wait for.
    fn end(&mut self) -> Option<End> {
        // A withdrawn request is done as well, but did not end by itself.
        if self.follow.closed().is_some()
            && self.follow.own_session().is_none()
            && let Some(end) = self.ending.take()
        {
            return Some(end);
        }
        if self.ending.is_some() && !self.stopping && !self.follow.live().is_empty() {
            // The agent was started just before the stop.
            self.stop_live(None);
        }
        self.follow.is_finished().then_some(End::Finished)
    }

    fn refused(&mut self, message: &str) -> Option<End> {
        if !self.follow.is_received() {
            return Some(End::Refused(message.to_owned()));
        }
        self.progress.important(&after("refused: ", message));
        None
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Refused { message } => {
                self.progress.important(&after("refused: ", &message));
                // The answer did not count.
                self.answered = None;
            }
            Notice::Answer { text } => self.tell(&format!("{}\n", visible(&text))),
        }
    }

    fn recorded(&mut self, recorded: &StoredEvent) {
        if self.stream {
            print_event(recorded);
        }
        self.deferred_error.event(recorded, &self.follow, self.progress);
        if let Err(error) = self.follow.absorb(recorded) {
            tracing::warn!(%error, "an event does not fit its session");
        }
        self.wait_for(recorded);
        match &recorded.event.kind {
            EventKind::Consent { utterance, event: ConsentEvent::Granted { plan, .. } }
                if self.follow.is_request(*utterance) =>
            {
                self.tell_permission(plan);
            }
            EventKind::Consent { event: ConsentEvent::ConfirmationRepeated { .. }, .. } => {
                self.tell("Not understood.\n");
                self.answered = None;
            }
            EventKind::Session {
                event: SessionEvent::RequestDecided { .. } | SessionEvent::RequestWithdrawn { .. },
                ..
            } => {
                self.answers.clear();
            }
            _ => {}
        }
    }

    /// Warns if a session does not get the permission of the flag.
    fn tell_permission(&self, plan: &Plan) {
        let is_told_more = match plan {
            Plan::FollowUp { .. } => true,
            Plan::Control { action, .. } => *action == ControlAction::Resume,
            Plan::Launch { .. } => false,
        };
        let session = plan.session().filter(|_| is_told_more).and_then(|id| self.follow.session(id));
        if let (Some(session), Some(asked)) = (session, self.permission)
            && let Some(other) = permission::other_than(session, asked)
        {
            self.progress.important(&other);
        }
    }

    /// Later utterances have no flags: those were given for the request.
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

/// Waits until something was printed above the input line.
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

fn print_event(recorded: &StoredEvent) {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        r#type: &'static str,
        #[serde(flatten)]
        recorded: &'a StoredEvent,
    }
    let Ok(line) = json_line(&Line { r#type: "event", recorded }) else { return };
    // A closed output is noticed at the result.
    if !(std::io::stdout().is_terminal() && terminal::above(&line, Kind::Agent)) {
        let _ = offer_line(&line);
    }
}

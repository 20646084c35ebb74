//! A conversation with a person, or with nobody, about one wish: what is told, what is asked, what is answered.

use std::time::Duration;

use codewalk_core::command::{
    Answer, Channel, Command, Constraints, ControlAction, Decision, Origin, Utterance,
};
use codewalk_core::event::{ConsentEvent, EventKind, Recorded, SessionEvent, UtteranceEvent};
use codewalk_core::ids::SessionId;
use codewalk_core::orchestrator::Notice;
use codewalk_core::permission::PermissionMode;
use codewalk_core::routing::grammar::{self, TypedAnswer};
use codewalk_core::session::{Question, RequestKind, Session};
use codewalk_core::text::printable;
use codewalk_store::StoreError;
use tokio::signal::unix::{Signal, SignalKind};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::follow::Follow;
use super::held::Held;
use super::listen;
use super::progress::{Progress, launch_question, request_question};
use super::run::TIMEOUT_FLAG;
use super::terminal::Terminal;
use crate::compose::{Counted, Running};
use crate::driver::{Handle, Handled, Output, Token};
use crate::error::CommandError;

/// How long the end of an agent may take once it was asked for, before the program ends without it.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// How long the withdrawal of a wish may take that nothing was started for.
const WITHDRAWAL: Duration = Duration::from_secs(2);

/// How a conversation ended.
pub enum End {
    /// Everything is dealt with.
    Finished,
    /// The user interrupted it before anything was started.
    Interrupted,
    /// The time was over before anything was started.
    TimedOut,
    /// The wish was not taken in.
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
    Person(Terminal, mpsc::UnboundedReceiver<String>),
}

/// A conversation about one wish.
pub struct Conversation {
    _counted: Counted,
    handle: Handle,
    outputs: mpsc::UnboundedReceiver<Output>,
    origin: Origin,
    follow: Follow,
    progress: Progress,
    held: Held,
    answerer: Answerer,
    /// The answers given so far to an agent's questions.
    answers: Vec<String>,
    interrupts: Signal,
    terminations: Signal,
    hang_ups: Signal,
    interrupted: u32,
    wish: String,
    /// The command that resumes a session.
    resuming: Option<Token>,
    default_project: Option<String>,
    deadline: Option<Instant>,
    /// When the program ends whatever is still going on.
    last_words: Option<Instant>,
    /// How the conversation ends once all is withdrawn and stopped.
    ending: Option<End>,
    stopping: bool,
    /// Whether whoever was there has left.
    deserted: bool,
    /// Whether each event is printed as a line of JSON.
    pub stream: bool,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

impl Conversation {
    /// Begins a conversation.
    pub fn new(running: Running, origin: Origin, progress: Progress) -> Result<Self, CommandError> {
        let Running { handle, outputs, sessions, counted } = running;
        Ok(Self {
            _counted: counted,
            handle,
            outputs,
            follow: Follow::new(origin.clone(), sessions),
            origin,
            progress,
            held: Held::default(),
            answerer: Answerer::Nobody,
            answers: Vec::new(),
            interrupts: listen(SignalKind::interrupt())?,
            terminations: listen(SignalKind::terminate())?,
            hang_ups: listen(SignalKind::hangup())?,
            interrupted: 0,
            wish: String::new(),
            resuming: None,
            default_project: None,
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
        let lines = terminal.lines();
        self.answerer = Answerer::Person(terminal, lines);
    }

    /// Says the wish and stays until everything is dealt with.
    pub async fn carry_out(mut self, said: Utterance) -> (Follow, End) {
        self.wish.clone_from(&said.text);
        self.default_project.clone_from(&said.default_project);
        self.handle.command(&self.origin, Command::Say(said));
        self.stay().await
    }

    /// Resumes a session that has ended and stays until it has ended again.
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
        let end = loop {
            let end = tokio::select! {
                // What has happened is taken in before anything is made of a signal.
                biased;
                output = self.outputs.recv() => self.output(output),
                line = next_line(&mut self.answerer) => {
                    self.typed(line);
                    None
                }
                _ = self.interrupts.recv() => self.interrupt(),
                _ = self.terminations.recv() => self.stop(None, End::Interrupted),
                _ = self.hang_ups.recv() => self.stop(None, End::Interrupted),
                () = until(self.deadline) => {
                    self.deadline = None;
                    self.stop(Some(TIMEOUT_FLAG), End::TimedOut)
                }
                () = until(self.last_words) => Some(self.ending.take().unwrap_or(End::Interrupted)),
            };
            if let Some(end) = end {
                break end;
            }
        };
        (self.follow, end)
    }

    fn output(&mut self, output: Option<Output>) -> Option<End> {
        match output {
            None => return Some(End::Stopped),
            Some(Output::StoreFailed(error)) => return Some(End::StoreFailed(error)),
            Some(Output::Handled(_, Handled::Refused { message })) => return self.refused(&message),
            // What is resumed here begins before that is acknowledged.
            Some(Output::Handled(token, Handled::Accepted { .. }))
                if self.resuming == Some(token) && !self.follow.is_received() =>
            {
                self.progress.important("another codewalk has just resumed it; its agent was told that");
                return Some(End::Finished);
            }
            Some(Output::Handled(_, Handled::Accepted { .. }) | Output::Page(..)) => {}
            Some(Output::Notice(origin, notice)) if origin == self.origin => self.notice(notice),
            Some(Output::Notice(..)) => {}
            Some(Output::Entries(entries)) => {
                entries.iter().for_each(|entry| self.held.entry(entry, self.progress));
            }
            Some(Output::Recorded(step)) => {
                step.iter().for_each(|recorded| self.recorded(recorded));
                // What an agent said last stands below the question that is left.
                if step.iter().any(ends_a_session) && self.follow.confirmation().is_some() {
                    self.confirm();
                }
            }
        }
        self.end()
    }

    /// Returns how it ends, where there is nothing left to wait for.
    fn end(&mut self) -> Option<End> {
        // A wish that was withdrawn is dealt with as well, but not as the user wished.
        if self.follow.closed().is_some()
            && self.follow.own_session().is_none()
            && let Some(end) = self.ending.take()
        {
            return Some(end);
        }
        if self.ending.is_some() && !self.stopping && !self.follow.live().is_empty() {
            // Started at the last moment, before it was told that all is to end.
            self.stop_live(None);
        }
        self.follow.is_finished().then_some(End::Finished)
    }

    fn refused(&mut self, message: &str) -> Option<End> {
        if !self.follow.is_received() {
            return Some(End::Refused(message.to_owned()));
        }
        self.progress.important(&format!("not done: {}", printable(message)));
        None
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Refused { message } => {
                self.progress.important(&format!("not done: {}", printable(&message)))
            }
            Notice::Answer { text } => {
                self.tell(&format!("{}\n", printable(&text)));
                self.ask_again();
            }
        }
    }

    fn recorded(&mut self, recorded: &Recorded) {
        if self.stream {
            print_event(recorded);
        }
        self.held.event(recorded, &self.follow, self.progress);
        self.follow.absorb(recorded);
        match &recorded.event.kind {
            EventKind::Consent {
                event: ConsentEvent::Asked { .. } | ConsentEvent::Changed { .. }, ..
            } => {
                self.confirm();
            }
            EventKind::Consent {
                event: ConsentEvent::Granted { .. } | ConsentEvent::Declined { .. },
                ..
            } => self.ask_again(),
            EventKind::Consent { event: ConsentEvent::Reasked { .. }, .. } => {
                self.tell("That was not clear.\n");
                self.confirm();
            }
            // What is still open is asked again below the answer to something else.
            EventKind::Utterance { utterance, event: UtteranceEvent::Closed { .. } }
                if !self.follow.is_wish(*utterance) =>
            {
                self.ask_again();
            }
            EventKind::Session { session, event: SessionEvent::Asked { request, kind } } => {
                self.requested(*session, request, kind);
            }
            EventKind::Session {
                event: SessionEvent::Decided { .. } | SessionEvent::Withdrawn { .. },
                ..
            } => {
                self.answers.clear();
                self.ask_again();
            }
            _ => {}
        }
    }

    /// Asks for the consent that is open.
    fn confirm(&mut self) {
        let Some((confirmation, plans)) = self.follow.confirmation() else { return };
        let question = launch_question(plans, &self.follow, &self.wish);
        if self.origin.channel == Channel::Demo {
            self.progress.line(&format!("{question}\n> yes (the demonstration answers itself)"));
            let answer = Answer::Yes;
            self.handle.command(&self.origin, Command::Answer { confirmation, answer });
            return;
        }
        if self.deserted || self.ending.is_some() {
            return self.withdraw();
        }
        self.tell(&question);
    }

    fn requested(&mut self, session: SessionId, request: &str, kind: &RequestKind) {
        if self.origin.channel == Channel::Demo {
            let agent = self.follow.session(session).map_or("the agent", |s| s.agent.as_str());
            let question = request_question(agent, kind);
            self.progress.line(&format!("{question}\n> yes (the demonstration answers itself)"));
            let (request, decision) = (request.to_owned(), Decision::Allow);
            self.handle.command(&self.origin, Command::Decide { session, request, decision });
            return;
        }
        if self.deserted {
            return self.deny(session, request);
        }
        // One question at a time: the others follow when this one is answered.
        let is_focused = self.follow.confirmation().is_none()
            && self.follow.focused().is_some_and(|(s, p)| s.id == session && p.id == request);
        if is_focused {
            self.ask_again();
        }
    }

    /// Asks what is open; what is typed answers the same: a launch first, then what has waited longest.
    fn ask_again(&mut self) {
        if self.follow.confirmation().is_some() {
            return self.confirm();
        }
        if let Some((session, pending)) = self.follow.focused() {
            let question = match &pending.kind {
                RequestKind::Questions { questions } => {
                    let left = questions.iter().skip(self.answers.len()).cloned().collect();
                    request_question(&session.agent, &RequestKind::Questions { questions: left })
                }
                kind => request_question(&session.agent, kind),
            };
            self.tell(&question);
        }
    }

    /// Says no to everything that is asked, now and later: whoever could answer has left.
    fn desert(&mut self) {
        self.answerer = Answerer::Nobody;
        self.deserted = true;
        self.withdraw();
        let pending: Vec<(SessionId, String)> = self
            .follow
            .live()
            .iter()
            .flat_map(|session| session.pending.iter().map(|request| (session.id, request.id.clone())))
            .collect();
        for (session, request) in pending {
            self.deny(session, &request);
        }
    }

    fn deny(&self, session: SessionId, request: &str) {
        let decision = Decision::Deny { message: "The user has left the terminal.".to_owned() };
        self.handle.command(&self.origin, Command::Decide { session, request: request.to_owned(), decision });
    }

    fn typed(&mut self, line: Option<String>) {
        let Some(line) = line else {
            return self.desert();
        };
        if line.trim().is_empty() {
            return self.ask_again();
        }
        if self.follow.confirmation().is_none()
            && let Some((session, pending)) = self.follow.focused()
        {
            let (session, request) = (session.id, pending.id.clone());
            let kind = pending.kind.clone();
            if let Some(decision) = self.decision(&kind, &line) {
                self.handle.command(&self.origin, Command::Decide { session, request, decision });
            }
            return;
        }
        self.handle.command(&self.origin, Command::Say(self.utterance(line)));
    }

    /// Reads a line as an answer to what an agent asks; none where it takes more, or was not clear.
    fn decision(&mut self, kind: &RequestKind, line: &str) -> Option<Decision> {
        if let RequestKind::Questions { questions } = kind {
            if let Some(question) = questions.get(self.answers.len()) {
                self.answers.push(chosen(question, line));
            }
            if self.answers.len() < questions.len() {
                self.ask_again();
                return None;
            }
            return Some(Decision::Answers { answers: std::mem::take(&mut self.answers) });
        }
        match grammar::answer(line, 1) {
            TypedAnswer::Yes => Some(Decision::Allow),
            // The agent is told why, in the user's own words.
            TypedAnswer::No => Some(Decision::Deny { message: format!("The user said: {line}") }),
            TypedAnswer::Status => {
                self.handle.command(&self.origin, Command::Say(self.utterance(line.to_owned())));
                None
            }
            TypedAnswer::Choose(_) | TypedAnswer::Edit(_) | TypedAnswer::Unclear => {
                self.tell("Say yes to allow it, or no. ");
                None
            }
        }
    }

    /// What is typed later has none of the wish's flags: they were given for that wish.
    fn utterance(&self, text: String) -> Utterance {
        Utterance {
            text,
            constraints: Constraints::default(),
            default_project: self.default_project.clone(),
            permission: PermissionMode::Ask,
            consent_flag: None,
            attended: true,
            question: false,
        }
    }

    /// Does what Ctrl-C asks for: the first time the agents' turns end, the second time the agents, the third time this
    /// program at once.
    fn interrupt(&mut self) -> Option<End> {
        self.interrupted += 1;
        match self.interrupted {
            1 if !self.follow.live().is_empty() => {
                for session in self.follow.live() {
                    let command = Command::Control {
                        session: session.id,
                        action: ControlAction::Interrupt,
                        flag: None,
                    };
                    self.handle.command(&self.origin, command);
                }
                self.withdraw();
                self.progress.important("\ninterrupting; press Ctrl-C again to stop it");
                None
            }
            1 | 2 => self.stop(None, End::Interrupted),
            _ => Some(End::Interrupted),
        }
    }

    /// Stops every agent that was started here and waits for their ends; where there is none, ends with `end` once the open
    /// question is withdrawn.
    fn stop(&mut self, flag: Option<&str>, end: End) -> Option<End> {
        if !self.follow.live().is_empty() {
            self.stop_live(flag);
        } else if self.follow.closed().is_some() {
            // Only the summary is missing.
            return Some(End::Finished);
        } else {
            self.withdraw();
            self.last_words = Some(Instant::now() + WITHDRAWAL);
        }
        self.ending = Some(end);
        None
    }

    fn stop_live(&mut self, flag: Option<&str>) {
        self.stopping = true;
        self.last_words = Some(Instant::now() + LAST_WORDS);
        self.withdraw();
        for session in self.follow.live() {
            let flag = flag.map(str::to_owned);
            let command = Command::Control { session: session.id, action: ControlAction::Stop, flag };
            self.handle.command(&self.origin, command);
        }
    }

    /// Declines what is still asked.
    fn withdraw(&self) {
        if let Some((confirmation, _)) = self.follow.confirmation() {
            self.handle.command(&self.origin, Command::Answer { confirmation, answer: Answer::No });
        }
    }

    /// Tells the person at the terminal something.
    fn tell(&mut self, text: &str) {
        if let Answerer::Person(terminal, _) = &mut self.answerer {
            terminal.write(text);
        }
    }
}

const fn ends_a_session(recorded: &Recorded) -> bool {
    matches!(&recorded.event.kind, EventKind::Session { event: SessionEvent::Ended { .. }, .. })
}

async fn next_line(answerer: &mut Answerer) -> Option<String> {
    match answerer {
        Answerer::Nobody => std::future::pending().await,
        Answerer::Person(_, lines) => lines.recv().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Returns the option with a typed number, or the words themselves.
fn chosen(question: &Question, line: &str) -> String {
    let by_number =
        |text: &str| text.trim().parse::<usize>().ok()?.checked_sub(1).and_then(|n| question.options.get(n));
    if question.multiple {
        let parts =
            line.split(',').map(|part| by_number(part).map_or_else(|| part.trim().to_owned(), Clone::clone));
        return parts.collect::<Vec<_>>().join(", ");
    }
    by_number(line).map_or_else(|| line.trim().to_owned(), Clone::clone)
}

fn print_event(recorded: &Recorded) {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        r#type: &'static str,
        #[serde(flatten)]
        recorded: &'a Recorded,
    }
    // A reader that has gone away is noticed at the result.
    let _ = super::print_json_line(&Line { r#type: "event", recorded });
}

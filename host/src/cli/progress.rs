//! Progress in words, printed while a request is processed.

mod text;

use std::io::{IsTerminal, Write};

use codewalk_core::command::Decision;
use codewalk_core::consent::{self, Plan};
use codewalk_core::event::{
    ConsentEvent, EventKind, SessionEvent, StoredEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use codewalk_core::intent::Proposal;
use codewalk_core::origin::Actor;
use codewalk_core::port_reply::{AdapterReply, Fallback};
use codewalk_core::session::{RequestKind, Session, SessionState, Stall};
use codewalk_core::terminal_text::{shortened, visible, visible_line};
use codewalk_protocol::follow::Follow;
use codewalk_protocol::words::short_id;

use super::args::OutputFormat;
use super::clock::Clock;
use super::terminal;
use super::terminal::Kind;
use super::words::{FAILURE, LINE, NAME, call};
use crate::screen::{self, PROGRESS, labelled};
use text::{actor, foreign, not_answered, request_line, whole};
pub use text::{after, entry_line};

/// Where progress goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nowhere, except for important lines that are not part of the result.
    Quiet,
    /// To standard error, but only important lines.
    Essential,
    /// To standard error, next to the result on standard output.
    Beside,
    /// To standard output, as the result.
    Shown,
}

impl Progress {
    /// Returns where progress goes for an output format.
    pub fn for_format(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Text if std::io::stderr().is_terminal() => Self::Beside,
            OutputFormat::Text => Self::Essential,
            OutputFormat::Json | OutputFormat::StreamJson => Self::Quiet,
        }
    }

    /// Prints a line, without styles if the output does not support them.
    pub fn line(self, line: &str) {
        self.print(line, Kind::Own);
    }

    /// Prints an agent's line. If there are too many, some are omitted.
    pub fn agent(self, line: &str) {
        self.print(line, Kind::Agent);
    }

    fn print(self, line: &str, kind: Kind) {
        match self {
            Self::Quiet | Self::Essential => {}
            Self::Beside if std::io::stderr().is_terminal() => {
                let line = screen::wrapped(line, terminal::columns(std::io::stderr()), PROGRESS);
                if !terminal::above(&line, kind) {
                    terminal::count(&line);
                    drop(writeln!(anstream::stderr(), "{line}"));
                }
            }
            // A closed output must not stop the work.
            Self::Beside => drop(writeln!(anstream::stderr(), "{line}")),
            Self::Shown if std::io::stdout().is_terminal() => {
                let line = screen::wrapped(line, terminal::columns(std::io::stdout()), PROGRESS);
                drop(writeln!(anstream::stdout(), "{line}"));
            }
            Self::Shown => drop(writeln!(anstream::stdout(), "{line}")),
        }
    }

    /// Prints an important line, even in quiet mode.
    pub fn important(self, line: &str) {
        match self {
            Self::Shown => self.line(line),
            Self::Quiet | Self::Essential | Self::Beside => Self::Beside.line(line),
        }
    }

    /// Prints an important line that is also part of a result for programs.
    fn notable(self, line: &str) {
        if self != Self::Quiet {
            self.important(line);
        }
    }

    /// Reports an event that `follow` has not absorbed yet.
    pub fn event(self, recorded: &StoredEvent, follow: &Follow) {
        match &recorded.event.kind {
            EventKind::Utterance { event: UtteranceEvent::Routed { reply: answered }, .. } => {
                self.routed(answered)
            }
            EventKind::Utterance { utterance, event: UtteranceEvent::Closed { result } } => {
                if !follow.is_request(*utterance) {
                    self.closed(result);
                }
            }
            EventKind::Consent { event: ConsentEvent::Granted { plan, by, .. }, .. } => {
                let session = plan.session().and_then(|id| follow.session(id));
                self.line(&format!(
                    "{NAME}consent{NAME:#} {}: {}",
                    actor(by),
                    visible_line(&consent::describe(plan, session))
                ));
                if let Plan::Launch { prompt, .. } | Plan::FollowUp { prompt, .. } = plan {
                    self.line(&format!("        prompt: {}", visible_line(&shortened(prompt, LINE))));
                }
            }
            EventKind::Session { session, event } => {
                if let Some(session) = follow.session(*session) {
                    self.session(session, event);
                }
            }
            EventKind::Summary { session, event } => {
                let has_ended = follow.session(*session).is_none_or(|session| session.state.has_ended());
                self.summary(has_ended, event);
            }
            EventKind::Utterance { .. } | EventKind::Consent { .. } => {}
        }
    }

    fn routed(self, answered: &AdapterReply<Proposal>) {
        self.fallbacks("router", &answered.fallback_from);
        self.line(&format!(
            "{NAME}router{NAME:#}  {} ({}% sure): {}",
            visible_line(&shortened(&answered.adapter, 60)),
            answered.answer.confidence,
            visible_line(&shortened(&answered.answer.reason, LINE))
        ));
    }

    fn summary(self, has_ended: bool, event: &SummaryEvent) {
        match event {
            SummaryEvent::SummaryProduced { reply: answered } => {
                self.fallbacks("summarizer", &answered.fallback_from);
                // The last summary is the result.
                if !has_ended {
                    let text = visible_line(&shortened(&answered.answer.text, 4 * LINE));
                    self.line(&format!("{NAME}so far{NAME:#}  {text}"));
                }
            }
            // The message contains each adapter's error.
            SummaryEvent::SummaryFailed { error } => {
                self.notable(&format!("{FAILURE}summarizer{FAILURE:#}  {}", whole(&error.to_string())));
            }
            SummaryEvent::SummaryScheduled { .. } | SummaryEvent::SummaryRequested { .. } => {}
        }
    }

    fn fallbacks(self, port: &str, fallback_from: &[Fallback]) {
        for fallback in fallback_from {
            self.notable(&format!("{FAILURE}{port}{FAILURE:#}  {}", not_answered(fallback)));
        }
    }

    /// Reports the result of a later utterance.
    fn closed(self, result: &UtteranceResult) {
        match result {
            UtteranceResult::Done { .. } => {}
            UtteranceResult::Answered { text, by: Some(_) } => self.important(&labelled("answer", text)),
            UtteranceResult::Answered { text, by: None } => self.important(&visible(text)),
            UtteranceResult::Declined { reason } => self.important(&after("declined: ", reason)),
            UtteranceResult::NotUnderstood { hint } => self.important(&after("not understood: ", hint)),
            UtteranceResult::Unstartable { reason } => self.important(&after("not started: ", reason)),
            UtteranceResult::Failed { error } => self.important(&after("failed: ", &error.to_string())),
        }
    }

    fn session(self, session: &Session, event: &SessionEvent) {
        let agent = visible_line(&session.agent);
        match event {
            SessionEvent::AgentStarted { started, .. } => self.line(&format!(
                "{NAME}agent{NAME:#}   {agent} started in {} (session {}, process {})",
                visible_line(&session.project.path),
                short_id(session.id),
                started.pid
            )),
            SessionEvent::RequestDecided { request, decision, by, .. } => {
                let asked = session.pending.iter().find(|p| p.id == *request);
                self.decided(asked.map(|p| &p.kind), decision, by);
            }
            SessionEvent::DeliveryFailed { call, error } => {
                let delivery = session.deliveries.iter().find(|delivery| delivery.call == *call);
                let message = delivery.map_or("the message", |delivery| delivery.message.noun());
                let why = format!("cannot deliver {message} to {agent}: {error}");
                self.important(&after("failed: ", &why));
            }
            // The agent's own output says that it is retrying.
            SessionEvent::AgentStalled { stall: stall @ Stall::Silent { .. } } => {
                let words = stall.words(Clock::here().of_core());
                self.line(&format!("{FAILURE}agent{FAILURE:#}   {agent}: {}", foreign(&words)));
            }
            SessionEvent::AgentContinued => {
                self.line(&format!("{NAME}agent{NAME:#}   {agent} continues with an earlier prompt"));
            }
            SessionEvent::StallEnded => self.line(&format!("{NAME}agent{NAME:#}   {agent} continues")),
            SessionEvent::RequestRefused { what, why } => {
                self.important(&format!("{FAILURE}refused{FAILURE:#} {} ({})", foreign(what), foreign(why)))
            }
            SessionEvent::ToolCallDenied { denial } => {
                let what = call(&denial.tool, &denial.subject);
                match &denial.by {
                    Some(Actor::Policy { name }) => {
                        self.important(&format!("{FAILURE}denied{FAILURE:#}  {what} ({})", foreign(name)))
                    }
                    _ => self.line(&format!(
                        "{FAILURE}denied{FAILURE:#}  {what} ({agent} did not ask for approval)"
                    )),
                }
            }
            SessionEvent::InterruptRequested { .. } => {
                self.line(&format!("{NAME}agent{NAME:#}   interrupting {agent}"))
            }
            SessionEvent::StopRequested { .. } => {
                self.line(&format!("{NAME}agent{NAME:#}   stopping {agent}"))
            }
            SessionEvent::RunEnded { outcome, .. } => {
                let was_denied = session.run().is_some_and(|run| !run.denied.is_empty());
                let (style, how) = match outcome.state() {
                    SessionState::Completed if was_denied => (FAILURE, "ended; some actions were denied"),
                    SessionState::Completed => (NAME, SessionState::Completed.as_str()),
                    other => (FAILURE, other.as_str()),
                };
                self.line(&format!("{style}agent{style:#}   {agent} {how}"));
            }
            _ => {}
        }
    }

    fn decided(self, pending: Option<&RequestKind>, decision: &Decision, by: &Actor) {
        let what = pending.map_or_else(String::new, request_line);
        match decision {
            Decision::Allow { .. } => self.line(&format!("{NAME}consent{NAME:#} {}: {what}", actor(by))),
            Decision::Answers { .. } => self.line(&format!("{NAME}answer{NAME:#}  {}: {what}", actor(by))),
            Decision::Deny { .. } => match by {
                Actor::Policy { name } => {
                    self.important(&format!("{FAILURE}denied{FAILURE:#}  {what} ({name}; see --permission)"));
                }
                Actor::Person { .. } | Actor::Flag { .. } => {
                    self.line(&format!("{FAILURE}denied{FAILURE:#}  {what}"))
                }
            },
        }
    }
}

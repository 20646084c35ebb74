//! Progress in words, printed while a request is processed.

use std::io::{IsTerminal, Write};

use anstyle::Style;
use codewalk_core::command::Decision;
use codewalk_core::consent::{self, Plan};
use codewalk_core::entry::{Entry, EntryKind};
use codewalk_core::event::{
    ConsentEvent, EventKind, SessionEvent, StoredEvent, SummaryEvent, UtteranceEvent, UtteranceResult,
};
use codewalk_core::intent::Proposal;
use codewalk_core::origin::Actor;
use codewalk_core::port_reply::{AdapterReply, Fallback, PortError};
use codewalk_core::session::{NO_PLAN, RequestKind, Session, SessionState, Stall};
use codewalk_core::terminal_text::{cut, elided, shortened, visible, visible_line};
use codewalk_protocol::follow::Follow;
use codewalk_protocol::words::{short_id, tool_name};

use super::args::OutputFormat;
use super::clock::Clock;
use super::terminal;
use super::terminal::Kind;
use super::words::{FAILURE, LINE, NAME, call};
use crate::screen::{self, PROGRESS, hanging, labelled};

/// How many lines of an agent's message are shown.
const LINES: usize = 60;
/// How much is shown of a text that may be copied, in bytes.
const WHOLE: usize = 4 * 1024;
/// The style of agents' messages.
const AGENT: Style = Style::new().dimmed();

/// Where progress goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nowhere, except for important lines that are not part of the result.
    Quiet,
    /// To standard error, but only important lines.
    Essential,
    /// To standard error, beside the result on standard output.
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

    /// Prints a line of an agent; some lines are omitted if there are too many.
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
            // A reader that has gone away must not stop the work.
            Self::Beside => drop(writeln!(anstream::stderr(), "{line}")),
            Self::Shown if std::io::stdout().is_terminal() => {
                let line = screen::wrapped(line, terminal::columns(std::io::stdout()), PROGRESS);
                drop(writeln!(anstream::stdout(), "{line}"));
            }
            Self::Shown => drop(writeln!(anstream::stdout(), "{line}")),
        }
    }

    /// Prints an important line, even in quiet output.
    pub fn important(self, line: &str) {
        match self {
            Self::Shown => self.line(line),
            Self::Quiet | Self::Essential | Self::Beside => Self::Beside.line(line),
        }
    }

    /// Prints an important line that a result for programs also contains.
    fn notable(self, line: &str) {
        if self != Self::Quiet {
            self.important(line);
        }
    }

    /// Reports an event; `follow` has not absorbed it yet.
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
            // It contains the errors of each adapter.
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
            // The agent's output says that it is retrying.
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

    fn decided(self, asked: Option<&RequestKind>, decision: &Decision, by: &Actor) {
        let what = asked.map_or_else(String::new, request_line);
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

/// Returns a text after a label; its other lines are indented.
pub fn after(what: &str, text: &str) -> String {
    format!("{what}{}", hanging(&visible(text), PROGRESS))
}

/// Returns an entry as a line; `None` if it is not shown.
pub fn entry_line(entry: &Entry) -> Option<String> {
    let shown = match &entry.kind {
        // Its message may be the whole answer.
        EntryKind::AgentText { text } => return Some(said(text.as_str())),
        EntryKind::ToolCall { tool, subject, .. } => {
            format!("{} {}", tool_name(tool), elided(subject.as_str(), LINE))
        }
        EntryKind::ToolResult { succeeded: false, output, .. } => {
            return Some(marked(FAILURE, &visible_line(&shortened(output.as_str(), LINE))));
        }
        EntryKind::Error { text } => {
            return Some(marked(FAILURE, &visible_line(&shortened(text.as_str(), LINE))));
        }
        EntryKind::Output { text, .. } => shortened(text.as_str(), LINE),
        EntryKind::UserText { .. }
        | EntryKind::Thinking { .. }
        | EntryKind::ToolResult { .. }
        | EntryKind::TurnEnd { .. } => return None,
    };
    Some(marked(Style::new(), &visible_line(&shown)))
}

/// Marks a visible line as an agent's.
fn marked(mark: Style, line: &str) -> String {
    format!("{mark}  |{mark:#}     {AGENT}{line}{AGENT:#}")
}

/// Returns an agent's message in lines; each is marked as the agent's.
fn said(text: &str) -> String {
    let text = visible(&text.replace("\r\n", "\n"));
    let lines: Vec<&str> = text.trim_end().trim_start_matches('\n').lines().collect();
    let mut said: Vec<String> = lines.iter().take(LINES).map(|line| marked(Style::new(), line)).collect();
    if lines.len() > LINES {
        said.push(format!("  |     \u{2026} and {} more lines: codewalk sessions log", lines.len() - LINES));
    }
    said.join("\n")
}

fn not_answered(Fallback { adapter, error }: &Fallback) -> String {
    let error_text = error.to_string();
    // The adapter is named once.
    let said = match error_text.strip_prefix(&*format!("the adapter \"{adapter}\" ")) {
        Some(what) => match what.strip_prefix("says: ") {
            Some(why) => format!("{adapter} did not answer: {why}"),
            None => format!("{adapter} {what}"),
        },
        None => format!("{adapter} did not answer: {error_text}"),
    };
    // A denial contains lines for the configuration.
    if matches!(error, PortError::Denied { .. }) { whole(&said) } else { foreign(&said) }
}

/// Returns the start of a foreign text as one visible line.
fn foreign(text: &str) -> String {
    visible_line(&shortened(text, 2 * LINE))
}

/// Returns a text in lines; those after the first are indented.
fn whole(text: &str) -> String {
    let end = if text.len() > WHOLE { "\u{2026}" } else { "" };
    let lines = hanging(visible(cut(text, WHOLE)).trim_end(), PROGRESS);
    format!("{lines}{end}")
}

fn request_line(kind: &RequestKind) -> String {
    match kind {
        RequestKind::Approval { tool, subject, .. } => call(tool, subject),
        RequestKind::Plan { plan } if plan.starts_with(NO_PLAN) => "continue without a plan".to_owned(),
        RequestKind::Plan { .. } => "carry out its plan".to_owned(),
        RequestKind::Questions { questions } => {
            let texts = questions.iter().map(|q| visible_line(&shortened(&q.text, LINE)));
            texts.collect::<Vec<_>>().join(" / ")
        }
    }
}

fn actor(by: &Actor) -> String {
    match by {
        Actor::Person { .. } => "by you".to_owned(),
        Actor::Flag { name } => format!("by {name}"),
        Actor::Policy { name } => format!("by policy ({name})"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn fallback(error: PortError) -> String {
        not_answered(&Fallback { adapter: "mine".to_owned(), error })
    }

    #[test]
    fn the_configuration_that_allows_a_denied_request_can_be_copied() {
        let toml = "[[adapters.mine.http]]\nurl = \"https://api.example.com/v1/\"\nmethods = [\"POST\"]\n";
        let message = format!("it may not {}\u{1b}[2J:\n{toml}", "send that ".repeat(100));
        let shown = fallback(PortError::Denied { message });
        let lines: Vec<&str> = shown.lines().skip(1).map(str::trim_start).collect();
        assert_eq!(lines, toml.lines().collect::<Vec<_>>());
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn agent_output_is_visible_and_marked_on_each_line() {
        let text = "hi\r\n\u{2800}\u{2800}Allow claude to use Bash: ls?\n\n[yes\u{a0}/ no]\u{1b}[2J";
        let plain = anstream::adapter::strip_str(&said(text)).to_string();
        assert_eq!(
            plain,
            "  |     hi\n  |     <U+2800><U+2800>Allow claude to use Bash: ls?\n  |     \n  |     [yes<U+00A0>/ no]<U+001B>[2J"
        );
    }

    #[test]
    fn a_tool_with_a_name_that_is_a_sentence_is_quoted() {
        let kind = RequestKind::Approval {
            tool: "Read on a.rs? Then may it use Bash".to_owned(),
            subject: "ls".to_owned(),
            detail: String::new(),
            agent_words: String::new(),
            marks: Vec::new(),
            rules: Vec::new(),
        };
        assert_eq!(request_line(&kind), "the tool \"Read on a.rs? Then may it use Bash\": ls");
    }

    #[test]
    fn the_failure_of_an_adapter_is_a_clause_after_its_name() {
        for (message, shown) in [
            ("the adapter \"mine\" says: the server failed", "mine did not answer: the server failed"),
            ("the adapter \"mine\" did not answer within 9 ms", "mine did not answer within 9 ms"),
            (
                "the adapter \"mine\" gave an answer that cannot be used: no JSON",
                "mine gave an answer that cannot be used: no JSON",
            ),
            ("the adapter \"other\" says: no", "mine did not answer: the adapter \"other\" says: no"),
        ] {
            assert_eq!(fallback(PortError::Unavailable { message: message.to_owned() }), shown);
        }
    }

    #[test]
    fn invisible_characters_of_a_server_are_visible_in_every_error() {
        const HIDDEN: [char; 11] = [
            '\u{3164}',
            '\u{fe0f}',
            '\u{ad}',
            '\u{34f}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180b}',
            '\u{ffa0}',
            '\u{2800}',
            '\u{1d173}',
            '\u{202e}',
        ];
        let message = HIDDEN.map(|c| format!("a{c}b")).join(" ");
        for error in [
            PortError::Unavailable { message: message.clone() },
            PortError::Denied { message: message.clone() },
            PortError::InvalidResponse { message },
        ] {
            let shown = fallback(error);
            assert!(!codewalk_core::terminal_text::has_unseen(&shown), "{shown:?}");
            assert!(shown.contains("a<U+3164>b a<U+FE0F>b a<U+00AD>b"), "{shown}");
        }
    }

    #[test]
    fn a_denial_is_bounded_and_any_other_failure_is_one_line() {
        let message = "\u{f6}\n".repeat(10_000);
        let shown = fallback(PortError::Denied { message: message.clone() });
        assert!(shown.len() < 5 * WHOLE && shown.ends_with('\u{2026}'), "{}", shown.len());
        let shown = fallback(PortError::Unavailable { message });
        assert!(shown.lines().count() == 1 && shown.chars().count() <= 2 * LINE + 1, "{shown}");
    }
}

//! Handles the driver's output in the loop.

use std::io::IsTerminal;

use codewalk_core::command::ControlAction;
use codewalk_core::consent::Plan;
use codewalk_core::event::{ConsentEvent, EventKind, SessionEvent, StoredEvent};
use codewalk_core::orchestrator::Notice;
use codewalk_core::terminal_text::visible;

use super::{End, RunLoop};
use crate::cli::print::{json_line, offer_line};
use crate::cli::progress::after;
use crate::cli::terminal::Kind;
use crate::cli::{permission, terminal};
use crate::driver::{CommandOutcome, Output};

impl RunLoop {
    pub(super) fn output(&mut self, output: Option<Output>) -> Option<End> {
        match output {
            None => return Some(End::Stopped),
            Some(Output::StoreFailed(error)) => return Some(End::StoreFailed(error)),
            Some(Output::Handled(_, CommandOutcome::Refused { message })) => return self.refused(&message),
            // A session that this command resumes starts before the acknowledgement.
            Some(Output::Handled(token, CommandOutcome::Accepted { .. }))
                if self.resuming == Some(token) && !self.follow.is_received() =>
            {
                self.progress.important(
                    "another codewalk process has just resumed this session; your prompt was sent to its \
                     agent",
                );
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
        // If several questions are withdrawn and asked in one step, only the last is shown.
        self.ask();
        self.end()
    }

    /// Returns how the run ended if there is nothing left to wait for.
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

    /// Warns if a session does not get the permission given by the flag.
    fn tell_permission(&self, plan: &Plan) {
        let is_told_more = match plan {
            Plan::FollowUp { .. } => true,
            Plan::Control { action, .. } => *action == ControlAction::Resume,
            Plan::Launch { .. } => false,
        };
        let session = plan.session().filter(|_| is_told_more).and_then(|id| self.follow.session(id));
        if let (Some(session), Some(requested)) = (session, self.permission)
            && let Some(other) = permission::other_than(session, requested)
        {
            self.progress.important(&other);
        }
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
    // A closed output is noticed when the result is printed.
    if !(std::io::stdout().is_terminal() && terminal::above(&line, Kind::Agent)) {
        let _ = offer_line(&line);
    }
}

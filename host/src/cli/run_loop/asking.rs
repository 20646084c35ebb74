//! Asks the user one question at a time, and keeps it on the screen.

use codewalk_core::command::{Answer, Command, Decision};
use codewalk_core::event::{EventKind, StoredEvent, SummaryEvent, UtteranceEvent};
use codewalk_core::origin::Channel;
use codewalk_protocol::questions::{self, Text};
use tokio::time::Instant;

use super::{Answerer, RunLoop};
use crate::cli::clock::Clock;
use crate::cli::open_question::{OnScreen, OpenQuestion};
use crate::cli::progress::Progress;
use crate::cli::terminal;

impl RunLoop {
    /// Asks the next open question: a confirmation first, then the oldest one. The others follow once it is
    /// answered.
    pub(super) fn ask(&mut self) {
        if self.origin.channel == Channel::Demo {
            return self.answer_as_the_demonstration();
        }
        if self.deserted || self.ending.is_some() {
            return self.decline();
        }
        let open = self.open();
        let is = |question: &OpenQuestion| open.as_ref().is_some_and(|(open, _)| open == question);
        if self.answered.as_ref().is_some_and(|answered| !is(answered)) {
            self.answered = None;
        }
        match (&self.on_screen, open) {
            (_, Some((open, _))) if self.answered.as_ref() == Some(&open) => self.on_screen = None,
            // The question about rules replaces the approval.
            (Some(shown), Some((open, _))) if shown.open == open || is_about_rules(&shown.open, &open) => {
                return self.remind();
            }
            (_, Some((open, text))) => return self.show(open, text),
            (_, None) => self.on_screen = None,
        }
        self.show_beside();
    }

    /// Returns the next open question and its text.
    fn open(&self) -> Option<(OpenQuestion, Text)> {
        if let Some(open) = self.follow.confirmation() {
            return Some((
                OpenQuestion::Confirmation(open.id),
                questions::confirmation(open, &self.follow, Clock::here().now()),
            ));
        }
        let (session, pending) = self.follow.focused()?;
        let (request, digest) = (pending.id.clone(), pending.digest.clone());
        let question = self.answers.len();
        let allowed = session.run().map_or(&[][..], |run| run.rules.as_slice());
        let text = questions::request(&session.agent, &pending.kind, question, allowed);
        Some((OpenQuestion::Request { session: session.id, request, digest, question }, text))
    }

    /// Shows a new question.
    pub(super) fn show(&mut self, open: OpenQuestion, text: Text) {
        if let Answerer::Person(terminal, _) = &self.answerer {
            terminal.forget_what_is_typed();
        }
        self.on_screen = Some(OnScreen::new(open, text));
        self.show_page();
    }

    /// Shows the next page of the question, or its first page again.
    pub(super) fn show_page(&mut self) {
        self.write_page(OnScreen::page);
    }

    /// Shows the last page again.
    pub(super) fn show_page_again(&mut self) {
        self.write_page(OnScreen::page_again);
    }

    fn write_page(&mut self, page: impl FnOnce(&mut OnScreen, (usize, usize)) -> String) {
        self.show_beside();
        let Answerer::Person(terminal, _) = &mut self.answerer else { return };
        let Some(question) = &mut self.on_screen else { return };
        let page = page(question, terminal.window());
        if terminal.keeps_the_question() {
            terminal.write_page(&format!("{page}\n"));
        } else {
            terminal.write_page(&format!("{page}\n{} ", question.text.beside(usize::MAX)));
        }
    }

    /// Returns how many rows were printed since the question was shown, or 0 if it is not visible yet.
    fn covered(&self) -> usize {
        let Answerer::Person(terminal, _) = &self.answerer else { return 0 };
        terminal.seen().map_or(0, |seen| terminal::printed().saturating_sub(seen.printed))
    }

    /// Returns whether the question has left the screen.
    pub(super) fn is_gone(&self) -> bool {
        let (Answerer::Person(terminal, _), Some(question)) = (&self.answerer, &self.on_screen) else {
            return false;
        };
        question.is_gone(self.covered(), terminal.rows())
    }

    /// Shows next to the input line which question an answer is for, or what codewalk is waiting for.
    pub(super) fn show_beside(&self) {
        if let Answerer::Person(terminal, _) = &self.answerer {
            let question = self.on_screen.as_ref().map(|shown| shown.text.beside(terminal.room()));
            let waited_for = || match self.progress {
                Progress::Beside => self.waiting.shown().to_owned(),
                _ => String::new(),
            };
            terminal.show_beside(&question.unwrap_or_else(waited_for));
        }
    }

    /// Repeats the question if something was printed below it. If it has scrolled off the screen, repeats all
    /// of it. It remains the same question.
    pub(super) fn remind(&mut self) {
        let (covered, is_gone) = (self.covered(), self.is_gone());
        let (Answerer::Person(terminal, _), Some(question)) = (&mut self.answerer, &self.on_screen) else {
            return;
        };
        if covered == 0 {
            return;
        }
        if !terminal.keeps_the_question() {
            terminal.write(&format!("{} ", question.text.beside(usize::MAX)));
        } else if is_gone && question.height() <= terminal.rows() / 2 {
            terminal.write_page(&format!("{}\n", question.whole()));
        }
    }

    /// Updates the wait notice after an event.
    pub(super) fn wait_for(&mut self, recorded: &StoredEvent) {
        let [router, summarizer] = &self.patience;
        let patience = match &recorded.event.kind {
            EventKind::Utterance { event, .. } => match event {
                UtteranceEvent::Received { .. } => Some(router),
                UtteranceEvent::SummarizerAsked { .. } => Some(summarizer),
                UtteranceEvent::Routed { .. } | UtteranceEvent::Closed { .. } => None,
            },
            EventKind::Summary { session, event } => match event {
                // A running session produces output to read.
                SummaryEvent::SummaryRequested { .. }
                    if self.follow.session(*session).is_some_and(|session| session.state.has_ended()) =>
                {
                    Some(summarizer)
                }
                SummaryEvent::SummaryProduced { .. } | SummaryEvent::SummaryFailed { .. } => None,
                SummaryEvent::SummaryRequested { .. } | SummaryEvent::SummaryScheduled { .. } => return,
            },
            EventKind::Consent { .. } | EventKind::Session { .. } => return,
        };
        let was_shown = self.waiting.end();
        if let Some(patience) = patience {
            self.waiting.begin(patience, Instant::now());
        }
        if was_shown {
            self.show_waiting();
        }
    }

    /// Shows the wait notice if a person sees the progress.
    pub(super) fn say_waiting(&mut self) {
        self.waiting.say();
        self.show_waiting();
    }

    fn show_waiting(&self) {
        self.show_beside();
        if let (Answerer::Person(terminal, _), Progress::Beside) = (&self.answerer, self.progress) {
            terminal.redraw();
        }
    }

    fn answer_as_the_demonstration(&mut self) {
        let Some((open, text)) = self.open() else { return };
        if self.answered.as_ref() == Some(&open) {
            return;
        }
        self.progress.line(&format!("{}\n[{}] > yes (answered by the demo)", text.whole, text.answers));
        self.answered = Some(open.clone());
        match open {
            OpenQuestion::Confirmation(confirmation) => {
                self.handle.command(&self.origin, Command::Answer { confirmation, answer: Answer::Yes });
            }
            OpenQuestion::Request { session, request, digest, .. }
            | OpenQuestion::Rules { session, request, digest } => {
                let decision = Decision::allow();
                self.handle.command(&self.origin, Command::Decide { session, request, digest, decision });
            }
        }
    }
}

/// Returns whether a question about rules replaces this approval.
fn is_about_rules(shown: &OpenQuestion, open: &OpenQuestion) -> bool {
    match (shown, open) {
        (
            OpenQuestion::Rules { session, request, digest },
            OpenQuestion::Request { session: s, request: r, digest: d, .. },
        ) => session == s && request == r && digest == d,
        _ => false,
    }
}

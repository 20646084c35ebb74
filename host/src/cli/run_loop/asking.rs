//! What a person is asked, one question at a time, and how it stays on the screen.

use codewalk_core::command::{Answer, Channel, Command, Decision};

use super::{Answerer, Conversation};
use crate::cli::clock::Clock;
use crate::cli::open_question::{Asked, OnScreen};
use crate::cli::progress::Progress;
use crate::cli::questions::Text;
use crate::cli::{questions, terminal};

impl Conversation {
    /// Asks what is open: a launch first, then what has waited longest. One question at a time: the others follow when this
    /// one is answered.
    pub(super) fn ask(&mut self) {
        if self.origin.channel == Channel::Demo {
            return self.answer_as_the_demonstration();
        }
        if self.deserted || self.ending.is_some() {
            return self.decline();
        }
        let open = self.open();
        let is = |asked: &Asked| open.as_ref().is_some_and(|(open, _)| open == asked);
        if self.answered.as_ref().is_some_and(|answered| !is(answered)) {
            self.answered = None;
        }
        match (&self.on_screen, open) {
            (_, Some((open, _))) if self.answered.as_ref() == Some(&open) => self.on_screen = None,
            // The rules of a request are asked about in its place.
            (Some(shown), Some((open, _))) if shown.asked == open || is_about_rules(&shown.asked, &open) => {
                return self.remind();
            }
            (_, Some((asked, text))) => return self.show(asked, text),
            (_, None) => self.on_screen = None,
        }
        self.show_beside();
    }

    /// Returns what is open, and the question about it.
    fn open(&self) -> Option<(Asked, Text)> {
        if let Some(open) = self.follow.confirmation() {
            return Some((
                Asked::Confirmation(open.id),
                questions::confirmation(open, &self.follow, &Clock::here()),
            ));
        }
        let (session, pending) = self.follow.focused()?;
        let (request, digest) = (pending.id.clone(), pending.digest.clone());
        let question = self.answers.len();
        let allowed = session.run().map_or(&[][..], |run| run.rules.as_slice());
        let text = questions::request(&session.agent, &pending.kind, question, allowed);
        Some((Asked::Request { session: session.id, request, digest, question }, text))
    }

    /// Shows a question that was not on the screen before.
    pub(super) fn show(&mut self, asked: Asked, text: Text) {
        if let Answerer::Person(terminal, _) = &self.answerer {
            terminal.forget_what_is_typed();
        }
        self.on_screen = Some(OnScreen::new(asked, text));
        self.show_page();
    }

    /// Shows the next page of the question that is on the screen, or its first page again.
    pub(super) fn show_page(&mut self) {
        self.write_page(OnScreen::page);
    }

    /// Shows the page once more that was shown last: what a person did not ask for is not turned over.
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

    /// Returns how many rows were printed since the question was shown; none where it was not yet.
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

    /// Puts what an answer is for beside what is typed, or what is waited for.
    pub(super) fn show_beside(&self) {
        if let Answerer::Person(terminal, _) = &self.answerer {
            let asked = self.on_screen.as_ref().map(|shown| shown.text.beside(terminal.room()));
            let waited_for = || match self.progress {
                Progress::Beside => self.waiting.said().to_owned(),
                _ => String::new(),
            };
            terminal.show_beside(&asked.unwrap_or_else(waited_for));
        }
    }

    /// Says again what is asked, where something was printed below the question: all of it where it has left the screen, which
    /// makes it no other question.
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

    fn answer_as_the_demonstration(&mut self) {
        let Some((asked, text)) = self.open() else { return };
        if self.answered.as_ref() == Some(&asked) {
            return;
        }
        self.progress.line(&format!("{}\n[{}] > yes (answered by the demo)", text.whole, text.answers));
        self.answered = Some(asked.clone());
        match asked {
            Asked::Confirmation(confirmation) => {
                self.handle.command(&self.origin, Command::Answer { confirmation, answer: Answer::Yes });
            }
            Asked::Request { session, request, digest, .. } | Asked::Rules { session, request, digest } => {
                let decision = Decision::allow();
                self.handle.command(&self.origin, Command::Decide { session, request, digest, decision });
            }
        }
    }
}

/// Returns whether a question about rules stands in the place of the request that offers them.
fn is_about_rules(shown: &Asked, open: &Asked) -> bool {
    match (shown, open) {
        (
            Asked::Rules { session, request, digest },
            Asked::Request { session: s, request: r, digest: d, .. },
        ) => session == s && request == r && digest == d,
        _ => false,
    }
}

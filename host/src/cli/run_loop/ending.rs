//! How a run ends: by a signal, by its timeout, or because the user has disconnected.

use codewalk_core::command::{Answer, Command, ControlAction, Decision};
use tokio::time::Instant;

use super::{Answerer, End, LAST_WORDS, RunLoop, WITHDRAWAL};
use crate::cli::open_question::OpenQuestion;

impl RunLoop {
    /// Answers no to everything, now and later, because the user has disconnected.
    pub(super) fn desert(&mut self) {
        self.answerer = Answerer::Nobody;
        self.deserted = true;
        self.decline();
    }

    /// Declines the open question if the user has disconnected. Called again for each later question.
    pub(super) fn decline(&mut self) {
        self.withdraw();
        if !self.deserted {
            return;
        }
        let Some((session, pending)) = self.follow.focused() else { return };
        let (session, request, digest) = (session.id, pending.id.clone(), pending.digest.clone());
        let open =
            OpenQuestion::Request { session, request: request.clone(), digest: digest.clone(), question: 0 };
        if self.answered.as_ref() != Some(&open) {
            self.answered = Some(open);
            let decision = Decision::deny("The user has left the terminal.");
            self.handle.command(&self.origin, Command::Decide { session, request, digest, decision });
        }
    }

    /// Handles Ctrl-C: the first press ends the agents' turns, the second ends the agents, the third ends
    /// this program.
    pub(super) fn interrupt(&mut self) -> Option<End> {
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
                self.progress.important("\ninterrupting; press Ctrl-C again to stop the agent");
                None
            }
            1 | 2 => self.stop(None, End::Interrupted),
            _ => Some(End::Interrupted),
        }
    }

    /// Stops all agents of this run and waits until they end. If there are none, withdraws the open question
    /// and ends with `end`.
    pub(super) fn stop(&mut self, flag: Option<&str>, end: End) -> Option<End> {
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

    pub(super) fn stop_live(&mut self, flag: Option<&str>) {
        self.stopping = true;
        self.last_words = Some(Instant::now() + LAST_WORDS);
        self.withdraw();
        for session in self.follow.live() {
            let flag = flag.map(str::to_owned);
            let command = Command::Control { session: session.id, action: ControlAction::Stop, flag };
            self.handle.command(&self.origin, command);
        }
    }

    /// Declines the open confirmation.
    pub(super) fn withdraw(&mut self) {
        let Some(open) = self.follow.confirmation() else { return };
        let (confirmation, answer) = (open.id, Answer::No);
        let open = OpenQuestion::Confirmation(confirmation);
        if self.answered.as_ref() != Some(&open) {
            self.answered = Some(open);
            self.handle.command(&self.origin, Command::Answer { confirmation, answer });
        }
    }
}

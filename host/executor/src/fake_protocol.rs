//! A protocol of words, for tests of everything around protocols. Like protocols with a handshake, it keeps
//! prompts until the agent is ready.

use std::time::Duration;

use codewalk_core::command::Decision;
use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::session::{Observation, RequestKind, UndeliveredPrompts};

use crate::lines::Line;
use crate::protocol::{Activity, AgentProtocol, DecideError, Decoded, Interrupt, Progress, Step, Unfinished};

pub(crate) const REQUEST: &str = "r1";
pub(crate) const DIGEST: &str = "d1";

#[derive(Debug, Default)]
pub(crate) struct FakeProtocol {
    is_ready: bool,
    waiting_prompts: Vec<String>,
    is_asking: bool,
    in_turn: bool,
}

impl FakeProtocol {
    pub(crate) fn request() -> Observation {
        let kind = RequestKind::Plan { plan: "a plan".to_owned() };
        Observation::RequestOpened { request: REQUEST.to_owned(), digest: DIGEST.to_owned(), kind }
    }
}

impl AgentProtocol for FakeProtocol {
    fn decode(&mut self, line: &Line<'_>) -> Option<Decoded> {
        let mut decoded = Decoded { progress: Progress::Made, ..Decoded::default() };
        match &*line.bytes {
            b"ready" => {
                self.is_ready = true;
                decoded.steps.extend(self.waiting_prompts.drain(..).map(Step::Write));
            }
            b"ask" => {
                self.is_asking = true;
                decoded.steps.push(Step::Observed(Self::request()));
            }
            b"done" => {
                self.in_turn = false;
                decoded.steps.push(Step::Observed(Observation::TurnEnded { failure: None }));
            }
            b"hello" => {
                let text = Text::Whole { text: "hello".to_owned() };
                decoded.entries.push(EntryKind::AgentText { text });
            }
            b"busy" => {
                decoded.progress = Progress::Unknown;
                let pause = Duration::from_secs(3600);
                decoded.steps.push(Step::Retrying { reason: "busy".to_owned(), pause });
            }
            _ => return None,
        }
        Some(decoded)
    }

    fn prompt(&mut self, _: &str, text: &str) -> Vec<String> {
        self.in_turn = true;
        self.waiting_prompts.push(format!("prompt {text}\n"));
        if self.is_ready { std::mem::take(&mut self.waiting_prompts) } else { Vec::new() }
    }

    fn decide(
        &mut self,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<Vec<String>, DecideError> {
        if !self.is_asking || request != REQUEST {
            return Err(DecideError::NotOpen);
        }
        if digest != DIGEST {
            return Err(DecideError::Replaced);
        }
        let line = match decision {
            Decision::Allow { .. } => "yes\n",
            Decision::Deny { .. } => "no\n",
            Decision::Answers { .. } => return Err(DecideError::Unfit("allow or deny it")),
        };
        self.is_asking = false;
        Ok(vec![line.to_owned()])
    }

    fn still_open(&self, request: &str) -> Option<Observation> {
        (self.is_asking && request == REQUEST).then(Self::request)
    }

    fn interrupt(&mut self) -> Interrupt {
        Interrupt::Write(vec!["stop\n".to_owned()])
    }

    fn activity(&self) -> Activity {
        match (self.is_asking, self.in_turn) {
            (true, _) => Activity::Waiting,
            (false, true) => Activity::Working,
            (false, false) => Activity::Idle { close_after: Duration::ZERO },
        }
    }

    fn close(&mut self) -> Vec<String> {
        vec!["bye\n".to_owned()]
    }

    fn unfinished(&self) -> Unfinished {
        let messages = self.waiting_prompts.clone();
        let undelivered = (!messages.is_empty()).then_some(UndeliveredPrompts { messages, more: 0 });
        Unfinished { in_turn: self.in_turn, undelivered }
    }
}

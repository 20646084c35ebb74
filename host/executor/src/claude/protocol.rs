//! Claude Code as one [`AgentProtocol`]: the decoder together with the state of the conversation.

use codewalk_core::command::Decision;
use codewalk_core::session::Observation;
use serde_json::Value;

use super::conversation::{ConversationState, Output};
use super::decoder::Decoder;
use super::requests::RequestView;
use super::wire;
use crate::lines::Line;
use crate::project::Project;
use crate::protocol::{Activity, AgentProtocol, DecideError, Decoded, Interrupt, Progress, Step, Unfinished};

/// Claude Code's stream of JSON lines.
#[derive(Debug)]
pub(crate) struct ClaudeProtocol {
    decoder: Decoder,
    state: ConversationState,
}

impl ClaudeProtocol {
    /// Begins a conversation, or resumes one.
    pub(crate) fn new(project: Project, resumed: bool) -> Self {
        Self { decoder: Decoder::new(project.clone()), state: ConversationState::new(project, resumed) }
    }
}

impl AgentProtocol for ClaudeProtocol {
    fn decode(&mut self, line: &Line<'_>) -> Option<Decoded> {
        let mut decoded = self.decoder.decode(line)?;
        let entries = std::mem::take(&mut decoded.entries);
        let (mut progress, mut steps) = (Progress::Unknown, Vec::new());
        for message in decoded.messages() {
            progress = progress.max(message.progress());
            steps.extend(self.state.line(message).into_iter().map(Step::from));
        }
        Some(Decoded { entries, progress, steps })
    }

    fn prompt(&mut self, id: &str, text: &str) -> Vec<String> {
        vec![written(&self.state.prompt(id, text))]
    }

    fn restore(&mut self, sent: &str) {
        for line in sent.lines() {
            if let Ok(line) = serde_json::from_str(line) {
                self.state.restore(&line);
            }
        }
    }

    fn decide(
        &mut self,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<Vec<String>, DecideError> {
        Ok(vec![written(&self.state.decide(request, digest, decision)?)])
    }

    fn still_open(&self, request: &str) -> Option<Observation> {
        let RequestView { digest, kind } = self.state.asked_again(request)?;
        Some(Observation::RequestOpened { request: request.to_owned(), digest, kind })
    }

    fn interrupt(&mut self) -> Interrupt {
        Interrupt::Write(vec![written(&self.state.interrupt())])
    }

    fn activity(&self) -> Activity {
        self.state.activity()
    }

    fn close(&mut self) -> Vec<String> {
        self.state.wind_down().iter().map(written).collect()
    }

    fn unfinished(&self) -> Unfinished {
        Unfinished { in_turn: self.state.is_in_turn(), undelivered: self.state.undelivered() }
    }
}

impl From<Output> for Step {
    fn from(output: Output) -> Self {
        match output {
            Output::Write(line) => Self::Write(written(&line)),
            Output::Observed(observation) => Self::Observed(observation),
            Output::Retrying { reason, pause } => Self::Retrying { reason, pause },
        }
    }
}

fn written(line: &Value) -> String {
    wire::written(line) + "\n"
}

//! The state of a conversation with Claude Code: a state machine without I/O and without a clock.

mod asked;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use codewalk_core::command::Decision;
use codewalk_core::session::{Denial, MAX_DENIED, Observation, UndeliveredPrompts};
use codewalk_core::time::Timestamp;
use serde_json::{Value, json};

use super::elicitation::Elicitation;
use super::entries::{retry, was_interrupted};
use super::limits;
use super::message::Message;
use super::requests::{Pending, RequestView};
use super::results::EMPTY_RESULT;
use super::tools::{self, ToolCalls};
use super::usage::Meter;
use super::wire::{self, list, text};
use crate::project::Project;
use crate::protocol::{Activity, DecideError, is_conversation};
use crate::text::{MAX_DETAIL, MAX_SUBJECT, one_line};

/// How long a conversation stays open for background commands after its last turn. The agent itself waits for
/// the same time. A command may be a build whose result it needs, or a server that never ends.
const BACKGROUND_COMMANDS: Duration = Duration::from_secs(10 * 60);
/// How soon the agent starts a turn with the result of a background task.
const BACKGROUND_RESULT: Duration = Duration::from_secs(5);
/// The maximum number of requests that may be open at once. Further ones are rejected.
const MAX_PENDING: usize = 1_000;
/// The maximum number of decided tool calls that are remembered.
const MAX_DECIDED: usize = 10_000;
/// The maximum number of remembered prompts that the agent has not accepted.
const MAX_UNTAKEN: usize = 1_000;
/// How many of these prompts are reported at the end, and how many bytes of each.
const QUOTED: usize = 5;
const MAX_QUOTED: usize = 200;
/// Longer than any pause that the agent makes before it calls its model again.
const MAX_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// The reaction to a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// A line to write to the agent.
    Write(Value),
    /// Something to report.
    Observed(Observation),
    /// The agent calls its model again after a pause.
    Retrying { reason: String, pause: Duration },
}

/// The state of one conversation in one process of the agent.
#[derive(Debug)]
pub(crate) struct ConversationState {
    project: Project,
    /// The agent's identifier of the conversation, once reported.
    id: Option<String>,
    /// Our prompts that the agent has not completed.
    prompts: BTreeSet<String>,
    /// Whether the agent reports the state of prompts. If it does not, a result completes all of them.
    tells_prompts: bool,
    /// Whether a turn is running.
    in_turn: bool,
    /// The number of turns that the agent has queued.
    queued_turns: u64,
    pending: BTreeMap<String, Pending>,
    /// Forms that tool servers ask the user to fill in.
    elicited: BTreeMap<String, Elicitation>,
    /// The tool calls that the user decided on, or that were reported as denied.
    decided: BTreeSet<String>,
    /// The requests that were answered before this state existed, and whether each was denied.
    answered: BTreeMap<String, bool>,
    /// The number of reported rejections.
    refusals: usize,
    /// The usage limit reported in this turn, with its reset time.
    limit: Option<Option<Timestamp>>,
    /// The background tasks by identifier, and whether each is only a command.
    tasks: BTreeMap<String, bool>,
    /// Whether a background task has ended and its result is still pending.
    owes_result: bool,
    /// Whether codewalk has interrupted the current turn.
    interrupting: bool,
    /// Whether an interruption ended the last turn.
    was_interrupted: bool,
    /// Whether the first prompt was sent.
    is_begun: bool,
    /// The later prompts that the agent has not accepted, with their identifiers.
    untaken: Vec<(String, String)>,
    /// The number of requests sent to the agent.
    requests: u64,
    last_said: String,
    calls: ToolCalls,
    meter: Meter,
}

impl ConversationState {
    /// Starts a conversation, or resumes one.
    pub(crate) fn new(project: Project, resumed: bool) -> Self {
        Self {
            project,
            id: None,
            prompts: BTreeSet::new(),
            tells_prompts: false,
            in_turn: false,
            queued_turns: 0,
            pending: BTreeMap::new(),
            elicited: BTreeMap::new(),
            decided: BTreeSet::new(),
            answered: BTreeMap::new(),
            refusals: 0,
            limit: None,
            tasks: BTreeMap::new(),
            owes_result: false,
            interrupting: false,
            was_interrupted: false,
            is_begun: false,
            untaken: Vec::new(),
            requests: 0,
            last_said: String::new(),
            calls: ToolCalls::default(),
            meter: Meter::new(resumed),
        }
    }

    /// Sends a prompt. The identifier must be a new UUID.
    pub(crate) fn prompt(&mut self, id: &str, text: &str) -> Value {
        self.prompts.insert(id.to_owned());
        if std::mem::replace(&mut self.is_begun, true) && self.untaken.len() < MAX_UNTAKEN {
            self.untaken.push((id.to_owned(), one_line(text, MAX_QUOTED)));
        }
        wire::prompt(id, text)
    }

    /// Takes note of a line that was sent to the agent before this state existed.
    pub(crate) fn restore(&mut self, sent: &Value) {
        match text(sent, "type") {
            "user" => {
                let content = sent.get("message").map_or(&[][..], |message| list(message, "content"));
                let said = content.first().map_or("", |part| text(part, "text"));
                self.prompt(text(sent, "uuid"), said);
            }
            "control_response" => {
                let response = sent.get("response").unwrap_or(&Value::Null);
                let decision = response.get("response").map_or("", |decision| text(decision, "behavior"));
                self.answered.insert(wire::request_key(response), decision == "deny");
            }
            "control_request" => self.requests += 1,
            _ => {}
        }
    }

    /// Returns the prompts that the agent has not accepted.
    pub(crate) fn undelivered(&self) -> Option<UndeliveredPrompts> {
        let messages: Vec<String> = self.untaken.iter().take(QUOTED).map(|(_, said)| said.clone()).collect();
        let more = self.untaken.len().saturating_sub(QUOTED).try_into().unwrap_or(u32::MAX);
        (!messages.is_empty()).then_some(UndeliveredPrompts { messages, more })
    }

    /// Answers an agent's request, if its digest matches the given one.
    pub(crate) fn decide(
        &mut self,
        request: &str,
        digest: &str,
        decision: &Decision,
    ) -> Result<Value, DecideError> {
        if let Some(elicitation) = self.elicited.get(request) {
            if elicitation.digest != digest {
                return Err(DecideError::Replaced);
            }
            let response = elicitation.response(decision)?;
            self.elicited.remove(request);
            return Ok(wire::response(&wire::request_id(request), &response));
        }
        let pending = self.pending.get(request).ok_or(DecideError::NotOpen)?;
        if pending.digest != digest {
            return Err(DecideError::Replaced);
        }
        let response = pending.response(decision)?;
        if let Decision::Deny { end_turn, .. } = decision {
            self.calls.refused(&pending.tool_use_id);
            self.interrupting |= end_turn;
        }
        self.pending.remove(request);
        Ok(wire::response(&wire::request_id(request), &response))
    }

    /// Returns the digest of an open request.
    #[cfg(test)]
    pub(crate) fn digest(&self, request: &str) -> String {
        let pending = self.pending.get(request).map(|pending| &pending.digest);
        pending.or(self.elicited.get(request).map(|form| &form.digest)).cloned().unwrap_or_default()
    }

    /// Returns a form that is still open after an invalid answer.
    pub(crate) fn asked_again(&self, request: &str) -> Option<RequestView> {
        self.elicited.get(request).map(Elicitation::shown)
    }

    /// Interrupts the current turn.
    pub(crate) fn interrupt(&mut self) -> Value {
        self.interrupting = true;
        self.request(&json!({"subtype": "interrupt"}))
    }

    /// Stops background tasks before the conversation is closed.
    pub(crate) fn wind_down(&mut self) -> Vec<Value> {
        let tasks: Vec<String> = self.tasks.keys().cloned().collect();
        tasks.iter().map(|task| self.request(&json!({"subtype": "stop_task", "task_id": task}))).collect()
    }

    /// Returns whether a turn or a prompt has not ended yet.
    pub(crate) fn is_in_turn(&self) -> bool {
        self.in_turn || !self.prompts.is_empty()
    }

    /// Returns what the agent is doing.
    pub(crate) fn activity(&self) -> Activity {
        let has_subagents = self.tasks.values().any(|is_command| !is_command);
        let close_after = if !self.pending.is_empty() || !self.elicited.is_empty() {
            return Activity::Waiting;
        } else if self.is_in_turn() || self.queued_turns > 0 || has_subagents {
            return Activity::Working;
        } else if !self.tasks.is_empty() {
            BACKGROUND_COMMANDS
        } else if self.owes_result {
            BACKGROUND_RESULT
        } else {
            Duration::ZERO
        };
        Activity::Idle { close_after }
    }

    /// Handles a line of the agent.
    pub(crate) fn line(&mut self, message: Message) -> Vec<Output> {
        match message {
            Message::Nothing => Vec::new(),
            Message::Assistant { calls, text, of_sub_agent, .. } => {
                self.calls.called(calls);
                self.in_turn |= !of_sub_agent;
                if let Some(text) = text {
                    self.last_said = text;
                }
                Vec::new()
            }
            Message::User(ended) => artifacts_recorded(self.calls.ended(ended)),
            Message::Other(line) => self.other(&line),
            Message::SubagentFailed(subagent) => {
                vec![Output::Observed(Observation::SubagentFailed(subagent))]
            }
            Message::Unreadable { unreadable, why } => self.unreadable(unreadable, &why),
        }
    }

    fn other(&mut self, line: &Value) -> Vec<Output> {
        match text(line, "type") {
            "system" => self.system(line),
            "command_lifecycle" => {
                self.tells_prompts = true;
                let (id, state) = (text(line, "command_uuid"), text(line, "state"));
                if matches!(state, "completed" | "cancelled") {
                    self.prompts.remove(id);
                }
                if matches!(state, "started" | "completed") {
                    self.untaken.retain(|(untaken, _)| untaken != id);
                }
                Vec::new()
            }
            "control_request" => self.asked(line),
            "control_cancel_request" => self.withdrawn(&wire::request_key(line)),
            "result" => self.result(line, false),
            EMPTY_RESULT => self.result(line, true),
            "rate_limit_event" => {
                self.limit = limits::reached(line.get("rate_limit_info").unwrap_or(&Value::Null));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn request(&mut self, request: &Value) -> Value {
        self.requests += 1;
        wire::request(&format!("codewalk-{}", self.requests), request)
    }

    fn system(&mut self, line: &Value) -> Vec<Output> {
        match text(line, "subtype") {
            "init" => {
                self.in_turn = true;
                self.owes_result = false;
                let mut outputs = self.identified(text(line, "session_id"));
                if std::mem::take(&mut self.was_interrupted) {
                    outputs.push(Output::Observed(Observation::AgentContinued));
                }
                let name = one_line(text(line, "model"), 128);
                if !name.is_empty() {
                    outputs.push(Output::Observed(Observation::ModelReported { name }));
                }
                outputs
            }
            "api_retry" => {
                let pause = line.get("retry_delay_ms").and_then(Value::as_u64).unwrap_or(0);
                let pause = Duration::from_millis(pause).min(MAX_PAUSE);
                vec![Output::Retrying { reason: one_line(&retry(line), MAX_SUBJECT), pause }]
            }
            "background_tasks_changed" => {
                let before = self.tasks.len();
                let tasks = list(line, "tasks").iter();
                self.tasks = tasks
                    .map(|task| {
                        (text(task, "task_id").to_owned(), !text(task, "task_type").contains("agent"))
                    })
                    .collect();
                self.owes_result |= self.tasks.len() < before;
                Vec::new()
            }
            "task_notification" => artifacts_recorded(self.calls.background_ended(line)),
            _ => Vec::new(),
        }
    }

    fn identified(&mut self, id: &str) -> Vec<Output> {
        if !is_conversation(id) || self.id.as_deref() == Some(id) {
            return Vec::new();
        }
        self.id = Some(id.to_owned());
        vec![Output::Observed(Observation::ConversationIdentified { conversation: id.to_owned() })]
    }

    /// Handles the result of a turn, or of one that never started.
    fn result(&mut self, line: &Value, is_empty: bool) -> Vec<Output> {
        self.in_turn = false;
        self.queued_turns = line.get("queued_turn_count").and_then(Value::as_u64).unwrap_or(0);
        if !self.tells_prompts {
            self.prompts.clear();
            self.untaken.clear();
        }
        self.was_interrupted = self.interrupting && was_interrupted(line);
        let failure = self.failure(line).filter(|_| !is_empty);
        let limit = failure.clone().and_then(|reason| Some((limits::failed_at(line, self.limit)?, reason)));
        self.limit = None;
        self.interrupting = false;
        let mut observations = self.denied(line);
        observations.push(Observation::UsageReported(self.meter.add(line)));
        observations.push(match is_empty {
            true => Observation::EmptyErrorReported,
            false => Observation::TurnEnded { failure },
        });
        observations.extend(limit.map(|(until, reason)| Observation::UsageLimitReached { until, reason }));
        observations.into_iter().map(Output::Observed).collect()
    }

    /// Returns the tool calls that the agent denied without asking.
    fn denied(&mut self, result: &Value) -> Vec<Observation> {
        let mut denied = Vec::new();
        for call in list(result, "permission_denials").iter().take(MAX_DENIED) {
            let id = text(call, "tool_use_id");
            // Results of later turns list each of them again.
            if self.decided.len() < MAX_DECIDED && self.decided.insert(id.to_owned()) {
                let input = call.get("tool_input").unwrap_or(&Value::Null);
                let tool = text(call, "tool_name");
                let subject = tools::shown_subject(tool, input, &self.project);
                let denial = Denial { tool: tools::shown_name(tool), subject, by: None };
                denied.push(Observation::ToolCallDenied(denial));
            }
        }
        denied
    }

    /// Returns why a turn failed. Errors of the model's API are reported as a success, and a requested
    /// interruption is not a failure.
    fn failure(&self, result: &Value) -> Option<String> {
        let failed = result.get("is_error").and_then(Value::as_bool).unwrap_or(false);
        if !failed || (self.interrupting && was_interrupted(result)) {
            return None;
        }
        let errors = list(result, "errors").iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ");
        let reasons = [text(result, "result"), &errors, text(result, "subtype")];
        let reason = match reasons.into_iter().find(|reason| !reason.is_empty()) {
            _ if was_interrupted(result) => "the turn was interrupted",
            reason => reason.unwrap_or("the turn failed without a reason"),
        };
        Some(one_line(reason, MAX_DETAIL))
    }
}

fn artifacts_recorded(artifacts: impl IntoIterator<Item = codewalk_core::session::Artifact>) -> Vec<Output> {
    artifacts.into_iter().map(|artifact| Output::Observed(Observation::ArtifactRecorded(artifact))).collect()
}

//! The state of one conversation: lines and commands in, lines and observations out. No I/O, no clock.

mod asked;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use codewalk_core::call::{Observation, UndeliveredPrompts};
use codewalk_core::command::Decision;
use codewalk_core::session::{Denial, FailedSubagent, MAX_DENIED};
use codewalk_core::text::cut;
use codewalk_core::time::Timestamp;
use serde_json::{Value, json};

use super::elicitation::Elicitation;
use super::entries::{retry, was_interrupted};
use super::output::{BlockKind, Line};
use super::requests::{MAX_SHOWN, Pending, Shown};
use super::results::EMPTY_RESULT;
use super::tools::{self, Call, Ended, ToolCalls, calls, ended};
use super::unreadable::Unreadable;
use super::usage::Meter;
use super::wire::{self, list, text};
use super::{is_conversation, limits};
use crate::project::Project;
use crate::text::{MAX_DETAIL, MAX_SUBJECT, one_line};

/// How long a conversation stays open for background commands after its last turn, as the agent does by itself: a
/// command may be a build that it waits for, or a server that never ends.
const BACKGROUND_COMMANDS: Duration = Duration::from_secs(10 * 60);
/// How soon the agent takes up what came of a background task.
const BACKGROUND_RESULT: Duration = Duration::from_secs(5);
/// How many requests may be open at once; further ones are refused.
const MAX_PENDING: usize = 1_000;
/// How many tool calls are remembered that were asked about or denied.
const MAX_DECIDED: usize = 10_000;
/// How many messages are remembered that the agent has not taken up.
const MAX_UNTAKEN: usize = 1_000;
/// How many of them are quoted in the end, and how much of each, in bytes.
const QUOTED: usize = 5;
const MAX_QUOTED: usize = 200;
/// Longer than any agent waits before it asks its model again.
const MAX_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// What a line says to a conversation.
#[derive(Debug)]
pub(crate) enum Message {
    /// Nothing.
    Nothing,
    /// What the agent calls, and what it said last; a sub-agent's words are not for us.
    Assistant { calls: Vec<Call>, said: Option<String>, of_sub_agent: bool, is_api_error: bool },
    /// Calls have ended.
    User(Vec<Ended>),
    /// What is rare.
    Other(Value),
    /// A sub-agent did not come to its end.
    HelperFailed(FailedSubagent),
    /// What cannot be read, and why not.
    Unreadable { unreadable: Unreadable, why: String },
}

impl Message {
    /// Takes from a line what is of interest.
    pub(crate) fn of(line: Line<'_>, project: &Project) -> Self {
        match line {
            Line::Nothing => Self::Nothing,
            Line::Assistant(spoken) => {
                let of_sub_agent = spoken.of_sub_agent;
                let said = spoken.blocks.iter().rfind(|block| block.kind == BlockKind::Text && !of_sub_agent);
                let said = said.map(|said| cut(&said.text, MAX_SHOWN + 1).to_owned());
                let is_api_error = spoken.is_api_error;
                Self::Assistant { calls: calls(&spoken, project), said, of_sub_agent, is_api_error }
            }
            Line::User(spoken) => Self::User(ended(&spoken)),
            Line::Other(line) => Self::Other(line),
        }
    }

    /// Returns what it says of whether the agent gets on.
    pub(crate) fn sign(&self) -> Sign {
        match self {
            Self::Nothing | Self::Assistant { is_api_error: true, .. } => Sign::None,
            Self::Other(line) => match text(line, "type") {
                "command_lifecycle" | "rate_limit_event" => Sign::None,
                "system" if text(line, "subtype") == "api_retry" => Sign::None,
                "result" if line.get("is_error").and_then(Value::as_bool) == Some(true) => Sign::TurnFailed,
                _ => Sign::GotOn,
            },
            _ => Sign::GotOn,
        }
    }
}

/// What a line says of whether the agent gets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Nothing.
    None,
    /// It does.
    GotOn,
    /// It has given up.
    TurnFailed,
}

/// What comes of a line or a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// To be written to the agent, as one line.
    Write(Value),
    /// To be told.
    Observed(Observation),
    /// The agent asks its model again after that time, for that reason.
    Retrying { reason: String, pause: Duration },
}

/// Whether the conversation may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// There is more to come.
    Busy,
    /// It may, once that time has passed without anything.
    After(Duration),
}

/// Why a decision was not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecideError {
    /// There is no such request, or no longer.
    NotOpen,
    /// Another request has taken its place.
    Replaced,
    /// It does not fit; says what would.
    Unfit(&'static str),
}

/// One conversation with one process of the agent.
#[derive(Debug)]
pub(crate) struct Conversation {
    project: Project,
    /// The agent's own identifier of it, once confirmed.
    id: Option<String>,
    /// Our prompts that the agent has not dealt with.
    prompts: BTreeSet<String>,
    /// Whether the agent tells what becomes of prompts; otherwise a result answers all of them.
    tells_prompts: bool,
    /// Whether the agent is at work.
    in_turn: bool,
    /// Turns the agent has still to play.
    queued_turns: u64,
    pending: BTreeMap<String, Pending>,
    /// What servers ask for through the agent.
    elicited: BTreeMap<String, Elicitation>,
    /// The tool calls that were asked about, and those that were told of as denied.
    decided: BTreeSet<String>,
    /// How many requests were refused, of those that are told of.
    refusals: usize,
    /// The usage limit that the agent spoke of in this turn, with its end.
    limit: Option<Option<Timestamp>>,
    /// What goes on in the background: whether it is a mere command, by identifier.
    tasks: BTreeMap<String, bool>,
    /// Whether a background task has ended and the agent was not told yet.
    owes_result: bool,
    /// Whether we asked for the end of the present turn.
    interrupting: bool,
    /// Whether the turn before this one ended so.
    was_interrupted: bool,
    /// Whether it was told its first prompt.
    is_begun: bool,
    /// What it was told later and has not taken up, with the identifiers of the prompts.
    untaken: Vec<(String, String)>,
    /// How many requests we made.
    requests: u64,
    last_said: String,
    calls: ToolCalls,
    meter: Meter,
}

impl Conversation {
    /// Begins a conversation, or goes on with one.
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

    /// Tells the agent something. The identifier must be a UUID that was never used before.
    pub(crate) fn prompt(&mut self, id: &str, said: &str) -> Value {
        self.prompts.insert(id.to_owned());
        if std::mem::replace(&mut self.is_begun, true) && self.untaken.len() < MAX_UNTAKEN {
            self.untaken.push((id.to_owned(), one_line(said, MAX_QUOTED)));
        }
        wire::prompt(id, said)
    }

    /// Returns what it was told and has not taken up.
    pub(crate) fn undelivered(&self) -> Option<UndeliveredPrompts> {
        let messages: Vec<String> = self.untaken.iter().take(QUOTED).map(|(_, said)| said.clone()).collect();
        let more = self.untaken.len().saturating_sub(QUOTED).try_into().unwrap_or(u32::MAX);
        (!messages.is_empty()).then_some(UndeliveredPrompts { messages, more })
    }

    /// Answers a request of the agent, as long as it is the one that the digest names.
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
            let response = elicitation.response(decision).map_err(DecideError::Unfit)?;
            self.elicited.remove(request);
            return Ok(wire::response(&wire::request_id(request), &response));
        }
        let pending = self.pending.get(request).ok_or(DecideError::NotOpen)?;
        if pending.digest != digest {
            return Err(DecideError::Replaced);
        }
        let response = pending.response(decision).map_err(DecideError::Unfit)?;
        if let Decision::Deny { end_turn, .. } = decision {
            self.calls.refused(&pending.tool_use_id);
            self.interrupting |= end_turn;
        }
        self.pending.remove(request);
        Ok(wire::response(&wire::request_id(request), &response))
    }

    /// Returns what names the request that is open under an identifier.
    #[cfg(test)]
    pub(crate) fn digest(&self, request: &str) -> String {
        let pending = self.pending.get(request).map(|pending| &pending.digest);
        pending.or(self.elicited.get(request).map(|asked| &asked.digest)).cloned().unwrap_or_default()
    }

    /// Returns what is still asked for with a request that was answered in a way that does not fit.
    pub(crate) fn asked_again(&self, request: &str) -> Option<Shown> {
        self.elicited.get(request).map(Elicitation::shown)
    }

    /// Returns whether the agent is at work and nobody is to answer anything.
    pub(crate) fn is_at_work(&self) -> bool {
        let has_helpers = self.tasks.values().any(|is_command| !is_command);
        let is_at_work = self.is_in_turn() || self.queued_turns > 0 || has_helpers;
        is_at_work && self.pending.is_empty() && self.elicited.is_empty()
    }

    /// Ends the present turn.
    pub(crate) fn interrupt(&mut self) -> Value {
        self.interrupting = true;
        self.request(&json!({"subtype": "interrupt"}))
    }

    /// Ends what goes on in the background, before the conversation is closed.
    pub(crate) fn wind_down(&mut self) -> Vec<Value> {
        let tasks: Vec<String> = self.tasks.keys().cloned().collect();
        tasks.iter().map(|task| self.request(&json!({"subtype": "stop_task", "task_id": task}))).collect()
    }

    /// Returns whether something that was asked for has had no end yet.
    pub(crate) fn is_in_turn(&self) -> bool {
        self.in_turn || !self.prompts.is_empty()
    }

    /// Returns whether the conversation may end.
    pub(crate) fn rest(&self) -> Rest {
        let is_asked = !self.pending.is_empty() || !self.elicited.is_empty();
        let waits = !self.prompts.is_empty() || is_asked || self.queued_turns > 0;
        let sub_agents = self.tasks.values().any(|is_command| !is_command);
        if self.in_turn || waits || sub_agents {
            Rest::Busy
        } else if !self.tasks.is_empty() {
            Rest::After(BACKGROUND_COMMANDS)
        } else if self.owes_result {
            Rest::After(BACKGROUND_RESULT)
        } else {
            Rest::After(Duration::ZERO)
        }
    }

    /// Takes a line of the agent.
    pub(crate) fn line(&mut self, message: Message) -> Vec<Output> {
        match message {
            Message::Nothing => Vec::new(),
            Message::Assistant { calls, said, of_sub_agent, .. } => {
                self.calls.called(calls);
                self.in_turn |= !of_sub_agent;
                if let Some(said) = said {
                    self.last_said = said;
                }
                Vec::new()
            }
            Message::User(ended) => made(self.calls.ended(ended)),
            Message::Other(line) => self.other(&line),
            Message::HelperFailed(helper) => vec![Output::Observed(Observation::SubagentFailed(helper))],
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
            "task_notification" => made(self.calls.background_ended(line)),
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

    /// Takes the result of a turn, or of one that never began.
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

    /// Returns the tool calls that the agent did not allow without asking anybody.
    fn denied(&mut self, result: &Value) -> Vec<Observation> {
        let mut denied = Vec::new();
        for call in list(result, "permission_denials").iter().take(MAX_DENIED) {
            let id = text(call, "tool_use_id");
            // Each is listed again in the results of later turns.
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

    /// Returns why a turn failed. Errors of the model's API call themselves success, and an interruption that was
    /// asked for is no failure.
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

fn made(artifacts: impl IntoIterator<Item = codewalk_core::call::Artifact>) -> Vec<Output> {
    artifacts.into_iter().map(|artifact| Output::Observed(Observation::ArtifactRecorded(artifact))).collect()
}

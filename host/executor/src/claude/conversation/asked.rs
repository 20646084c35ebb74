//! Requests from the agent: shown to the user, or rejected if that is impossible.

use codewalk_core::origin::Actor;
use codewalk_core::session::{Denial, Observation};
use serde_json::{Value, json};

use super::{ConversationState, MAX_DECIDED, MAX_PENDING, Output};
use crate::claude::elicitation::Elicitation;
use crate::claude::refusal::{self, Refusal};
use crate::claude::refusals;
use crate::claude::requests::{Pending, RequestView, Unshowable};
use crate::claude::tools;
use crate::claude::unreadable::{self, Unreadable};
use crate::claude::wire::{self, text};

/// The maximum number of rejections that are reported.
const MAX_REFUSALS: usize = 100;
/// The tool name for a request that does not name a tool.
const UNNAMED: &str = "unnamed";

impl ConversationState {
    pub(super) fn asked(&mut self, line: &Value) -> Vec<Output> {
        let (key, request) = (wire::request_key(line), line.get("request").unwrap_or(&Value::Null));
        let id = key.as_str();
        if self.is_asked(id) {
            return self.asked_under_open(id, line);
        }
        if let Some(is_denied) = self.answered.remove(id) {
            return self.was_answered(request, is_denied);
        }
        if let Some(Refusal { what, why }) = refusals::of(request) {
            let error = match text(request, "subtype") {
                "can_use_tool" | "elicitation" => format!("Unsupported request: {why}"),
                subtype => format!("Unsupported control request subtype: {subtype}"),
            };
            return self.turned_down(line, &error, &what, &why);
        }
        let what = refusals::what(request);
        if !(1..=128).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = "its identifier is invalid";
            return self.turned_down(line, "Invalid request identifier", &what, why);
        }
        if self.pending.len() + self.elicited.len() >= MAX_PENDING {
            let why = "too many requests are open";
            return self.turned_down(line, "Too many requests are open", &what, why);
        }
        if text(request, "subtype") == "elicitation" {
            return self.elicitation(id, request);
        }
        if self.decided.len() < MAX_DECIDED {
            self.decided.insert(text(request, "tool_use_id").to_owned());
        }
        match Pending::read(request, &self.project, &self.last_said) {
            Ok((pending, RequestView { digest, kind })) => {
                self.pending.insert(id.to_owned(), pending);
                vec![Output::Observed(Observation::RequestOpened { request: id.to_owned(), digest, kind })]
            }
            Err(Unshowable::TooLong { bytes }) => {
                let message =
                    format!("This request has {bytes} bytes, too many to show. Do it in smaller steps.");
                let why = format!("it is too large to show ({bytes} bytes)");
                self.denied_unseen(id, request, &message, &what, &why)
            }
            Err(Unshowable::Questions(why)) => {
                self.denied_unseen(id, request, &format!("The user was not asked: {why}."), &what, why)
            }
        }
    }

    /// Takes note of a request that was answered before this state existed.
    fn was_answered(&mut self, request: &Value, is_denied: bool) -> Vec<Output> {
        let call = text(request, "tool_use_id");
        if self.decided.len() < MAX_DECIDED {
            self.decided.insert(call.to_owned());
        }
        if is_denied {
            self.calls.refused(call);
        }
        Vec::new()
    }

    /// Denies a request that cannot be shown. The agent continues after a denial, but not after an error.
    fn denied_unseen(
        &mut self,
        id: &str,
        request: &Value,
        message: &str,
        what: &str,
        why: &str,
    ) -> Vec<Output> {
        let denied = json!({"behavior": "deny", "message": message});
        let answer = wire::response(&wire::request_id(id), &denied);
        let denial = self.unasked(request, what, why);
        self.answered(answer, denial)
    }

    /// Opens a tool server's form, if the user can fill it in as text.
    fn elicitation(&mut self, id: &str, request: &Value) -> Vec<Output> {
        match Elicitation::read(request) {
            Ok(elicitation) => {
                let RequestView { digest, kind } = elicitation.shown();
                self.elicited.insert(id.to_owned(), elicitation);
                vec![Output::Observed(Observation::RequestOpened { request: id.to_owned(), digest, kind })]
            }
            Err(Refusal { what, why }) => {
                self.refused(id, &format!("Unsupported elicitation: {why}"), &what, &why)
            }
        }
    }

    /// Handles a request whose identifier is already open. A repetition changes nothing. A different request
    /// withdraws the first one and opens a new one, because the user may be looking at the first, and one
    /// answer would apply to both.
    fn asked_under_open(&mut self, id: &str, line: &Value) -> Vec<Output> {
        let request = line.get("request").unwrap_or(&Value::Null);
        let digest = match text(request, "subtype") {
            "elicitation" => Elicitation::read(request).ok().map(|elicitation| elicitation.digest),
            _ => {
                Pending::read(request, &self.project, &self.last_said).ok().map(|(pending, _)| pending.digest)
            }
        };
        let open = self.pending.get(id).map(|pending| &pending.digest);
        let open = open.or(self.elicited.get(id).map(|elicitation| &elicitation.digest));
        if digest.is_some() && digest.as_ref() == open {
            return Vec::new();
        }
        let mut outputs = self.withdrawn(id);
        outputs.extend(self.asked(line));
        outputs
    }

    /// Answers a request with an error and reports it.
    fn refused(&mut self, id: &str, error: &str, what: &str, why: &str) -> Vec<Output> {
        self.answered(wire::refusal(&wire::request_id(id), error), refusal(what, why))
    }

    /// Answers any request with an error and reports it.
    fn turned_down(&mut self, line: &Value, error: &str, what: &str, why: &str) -> Vec<Output> {
        let told = self.unasked(line.get("request").unwrap_or(&Value::Null), what, why);
        self.answered(wire::refusal(&wire::answer_id(line), error), told)
    }

    /// Answers a request without asking, and reports that up to a limit.
    fn answered(&mut self, answer: Value, observation: Observation) -> Vec<Output> {
        let mut outputs = vec![Output::Write(answer)];
        if self.refusals < MAX_REFUSALS {
            self.refusals += 1;
            outputs.push(Output::Observed(observation));
        }
        outputs
    }

    /// Returns the report of a request that was answered without asking. For a tool call it is a denial.
    fn unasked(&mut self, request: &Value, what: &str, why: &str) -> Observation {
        if text(request, "subtype") != "can_use_tool" {
            return refusal(what, why);
        }
        let call = text(request, "tool_use_id");
        self.calls.refused(call);
        if self.decided.len() < MAX_DECIDED {
            self.decided.insert(call.to_owned());
        }
        let tool = tools::shown_name(text(request, "tool_name"));
        let input = request.get("input").unwrap_or(&Value::Null);
        let subject = match input.is_object() {
            true => tools::shown_subject(&tool, input, &self.project),
            false => String::new(),
        };
        denial(tool, subject, why)
    }

    fn is_asked(&self, id: &str) -> bool {
        self.pending.contains_key(id) || self.elicited.contains_key(id)
    }

    /// Answers a request that cannot be read, so that the agent does not wait forever.
    pub(super) fn unreadable(&mut self, unreadable: Unreadable, why: &str) -> Vec<Output> {
        match unreadable {
            Unreadable::Result => self.result(&unreadable::failed_result(why), false),
            Unreadable::Request { id, what, tool } => {
                let error = format!("This request cannot be read: {why}");
                let told = match tool {
                    Some(tool) => denial(tool, String::new(), &format!("its request cannot be read: {why}")),
                    None => refusal(&what, why),
                };
                // The rejection also answers the open request with that identifier.
                let mut outputs = self.withdrawn(&id);
                outputs.extend(self.answered(wire::refusal(&wire::request_id(&id), &error), told));
                outputs
            }
        }
    }

    pub(super) fn withdrawn(&mut self, request: &str) -> Vec<Output> {
        if self.elicited.remove(request).is_some() {
            return vec![Output::Observed(Observation::RequestWithdrawn { request: request.to_owned() })];
        }
        let Some(pending) = self.pending.remove(request) else { return Vec::new() };
        self.calls.refused(&pending.tool_use_id);
        vec![Output::Observed(Observation::RequestWithdrawn { request: request.to_owned() })]
    }
}

/// Reports a rejected request.
fn refusal(what: &str, why: &str) -> Observation {
    Observation::RequestRefused { what: refusal::shown(what), why: refusal::shown(why) }
}

/// Reports a tool call that a rule denied.
fn denial(tool: String, subject: String, why: &str) -> Observation {
    let tool = if tool.is_empty() { UNNAMED.to_owned() } else { tool };
    let by = Some(Actor::Policy { name: refusal::shown(why) });
    Observation::ToolCallDenied(Denial { tool, subject, by })
}

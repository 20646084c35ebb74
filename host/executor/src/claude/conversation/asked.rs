//! What the agent asks a person for: passed on, or refused where nobody can be asked.

use codewalk_core::call::Observation;
use serde_json::{Value, json};

use super::{Conversation, MAX_DECIDED, MAX_PENDING, Output};
use crate::claude::elicitation::{self, Elicitation};
use crate::claude::requests::{Pending, Shown, TooLong};
use crate::claude::unreadable::{self, Unreadable};
use crate::claude::wire::{self, text};
use crate::text::{MAX_SUBJECT, one_line};

/// How many refusals are told of.
const MAX_REFUSALS: usize = 100;

impl Conversation {
    pub(super) fn asked(&mut self, line: &Value) -> Vec<Output> {
        let (id, request) = (text(line, "request_id"), line.get("request").unwrap_or(&Value::Null));
        let subtype = text(request, "subtype");
        if self.is_asked(id) {
            // A person may just be looking at it: what is allowed must be what was shown.
            return Vec::new();
        }
        if !(1..=128).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = "its identifier is none";
            return self.refused(id, "No proper request identifier", &format!("a request ({subtype})"), why);
        }
        if self.pending.len() + self.elicited.len() >= MAX_PENDING {
            let why = "too many requests are open";
            return self.refused(id, "Too many requests are open", &format!("a request ({subtype})"), why);
        }
        match subtype {
            "can_use_tool" => {}
            "elicitation" => return self.elicitation(id, request),
            _ => {
                let error = format!("Unsupported control request subtype: {subtype}");
                let (what, why) = elicitation::unknown(request);
                return self.refused(id, &error, &what, &why);
            }
        }
        if self.decided.len() < MAX_DECIDED {
            self.decided.insert(text(request, "tool_use_id").to_owned());
        }
        match Pending::read(request, &self.project, &self.last_said) {
            Ok((pending, Shown { digest, kind })) => {
                self.pending.insert(id.to_owned(), pending);
                vec![Output::Observed(Observation::Asked { request: id.to_owned(), digest, kind })]
            }
            Err(TooLong { bytes }) => {
                let message =
                    format!("Nobody can be shown {bytes} bytes to allow them. Do it in smaller steps.");
                let what = format!("{} with an input of {bytes} bytes", text(request, "tool_name"));
                let mut outputs = self.refused(id, &message, &what, "nobody can be shown so much");
                // The agent goes on with a denial, but would not with an error.
                let denied = json!({"behavior": "deny", "message": message});
                outputs[0] = Output::Write(wire::response(id, &denied));
                outputs
            }
        }
    }

    /// Asks what a server asks for, where a person can be asked for it in words.
    fn elicitation(&mut self, id: &str, request: &Value) -> Vec<Output> {
        match Elicitation::read(request) {
            Ok(elicitation) => {
                let Shown { digest, kind } = elicitation.shown();
                self.elicited.insert(id.to_owned(), elicitation);
                vec![Output::Observed(Observation::Asked { request: id.to_owned(), digest, kind })]
            }
            Err((what, why)) => self.refused(id, &format!("Unsupported elicitation: {why}"), &what, &why),
        }
    }

    /// Answers a request with an error, and tells of it; not of more than a person would read.
    fn refused(&mut self, id: &str, error: &str, what: &str, why: &str) -> Vec<Output> {
        let mut outputs = vec![Output::Write(wire::refusal(id, error))];
        if self.refusals < MAX_REFUSALS {
            self.refusals += 1;
            let (what, why) = (one_line(what, MAX_SUBJECT), one_line(why, MAX_SUBJECT));
            outputs.push(Output::Observed(Observation::Refused { what, why }));
        }
        outputs
    }

    fn is_asked(&self, id: &str) -> bool {
        self.pending.contains_key(id) || self.elicited.contains_key(id)
    }

    /// Answers a request that cannot be read, so that the agent does not wait for ever.
    pub(super) fn unreadable(&mut self, unreadable: Unreadable, why: &str) -> Vec<Output> {
        match unreadable {
            Unreadable::Result => self.result(&unreadable::failed_result(why)),
            Unreadable::Request { id, .. } if self.is_asked(&id) => Vec::new(),
            Unreadable::Request { id, what } => {
                self.refused(&id, &format!("This request cannot be read: {why}"), &what, why)
            }
        }
    }

    pub(super) fn withdrawn(&mut self, request: &str) -> Vec<Output> {
        if self.elicited.remove(request).is_some() {
            return vec![Output::Observed(Observation::Withdrawn { request: request.to_owned() })];
        }
        let Some(pending) = self.pending.remove(request) else { return Vec::new() };
        self.calls.refused(&pending.tool_use_id);
        vec![Output::Observed(Observation::Withdrawn { request: request.to_owned() })]
    }
}

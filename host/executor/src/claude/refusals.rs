//! Requests that no person can be asked: what they ask for and why nobody is asked. The agent is told so.

use codewalk_core::entry::{EntryKind, Text};
use codewalk_core::visible::visible_line;
use serde_json::Value;

use super::elicitation::Elicitation;
use super::tools;
use super::wire::text;
use codewalk_core::text::middle_cut;

/// How long what was asked for may be, in bytes, before what cannot be seen in it is named.
const MAX_ASKED: usize = 2 * 1024;

/// What was asked for, and why nobody was asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub what: String,
    pub why: String,
}

impl Refusal {
    /// Tells people of it.
    pub(crate) fn entry(&self) -> EntryKind {
        let text = format!("codewalk refused {} ({})", shown(&self.what), shown(&self.why));
        EntryKind::Error { text: Text::Whole { text } }
    }
}

/// Returns why a request is refused whatever else goes on; none where it can be asked.
pub(crate) fn of(request: &Value) -> Option<Refusal> {
    let why = match text(request, "subtype") {
        "can_use_tool" if text(request, "tool_name").trim().is_empty() => "it names no tool",
        "can_use_tool" if !request.get("input").is_some_and(Value::is_object) => {
            "it does not say what the tool is called with"
        }
        "can_use_tool" => return None,
        "elicitation" => return Elicitation::read(request).err(),
        _ => "codewalk does not know how to ask that",
    };
    Some(Refusal { what: what(request), why: why.to_owned() })
}

/// Says what a request asks for, in its own words where it has any.
pub(crate) fn what(request: &Value) -> String {
    let kind = match text(request, "subtype") {
        "can_use_tool" => {
            return format!("a request to use {}", tools::shown_name(text(request, "tool_name")));
        }
        "request_user_dialog" => format!("a dialog ({})", text(request, "dialog_kind")),
        "" => "a request".to_owned(),
        subtype => format!("a request ({subtype})"),
    };
    match said(request) {
        said if said.is_empty() => kind,
        said => format!("{kind}: {said}"),
    }
}

/// Returns the texts of a request that are for a person, or all of what it carries where it has none.
fn said(request: &Value) -> String {
    let payload = request.get("payload").unwrap_or(&Value::Null);
    let mut texts: Vec<&str> = Vec::new();
    for key in ["title", "message", "question", "description", "text", "body"] {
        for said in [text(request, key), text(payload, key)] {
            if !said.trim().is_empty() && !texts.contains(&said) {
                texts.push(said);
            }
        }
    }
    match payload {
        Value::Object(fields) if texts.is_empty() && !fields.is_empty() => payload.to_string(),
        _ => texts.join(" "),
    }
}

/// Makes a text fit to be shown: one line, bounded, all of it visible.
pub(crate) fn shown(text: &str) -> String {
    visible_line(&middle_cut(text.trim(), MAX_ASKED))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_request_is_named_with_what_it_says() {
        for (request, what) in [
            (
                json!({"subtype": "request_user_dialog", "dialog_kind": "poll",
                    "payload": {"title": "Like it?", "description": "Tell us."}}),
                "a dialog (poll): Like it? Tell us.",
            ),
            (
                json!({"subtype": "request_user_dialog", "dialog_kind": "poll", "payload": {"stars": 5}}),
                "a dialog (poll): {\"stars\":5}",
            ),
            (json!({"subtype": "hook_callback", "callback_id": "x"}), "a request (hook_callback)"),
            (json!({}), "a request"),
        ] {
            assert_eq!(of(&request).unwrap().what, what);
        }
    }

    #[test]
    fn a_request_without_a_tool_or_its_input_is_refused() {
        let request =
            |tool: Value, input: Value| json!({"subtype": "can_use_tool", "tool_name": tool, "input": input});
        for (tool, input, why) in [
            (json!(null), json!({}), "it names no tool"),
            (json!(" "), json!({}), "it names no tool"),
            (json!("Bash"), json!(null), "it does not say what the tool is called with"),
            (json!("Bash"), json!("ls"), "it does not say what the tool is called with"),
        ] {
            assert_eq!(of(&request(tool.clone(), input.clone())).unwrap().why, why, "{tool} {input}");
        }
        assert_eq!(of(&request(json!("Bash"), json!({}))), None);
    }

    #[test]
    fn what_was_asked_for_is_bounded_and_visible() {
        let long = shown(&format!("a\u{202e}b\n{}z", "x".repeat(100_000)));
        assert!(long.starts_with("a<U+202E>b\u{23ce}") && long.ends_with('z'), "{long}");
        assert!(long.len() < 2 * MAX_ASKED);
    }
}

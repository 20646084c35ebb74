//! Determines which requests cannot be shown to the user. The agent receives the reason.

use serde_json::Value;

use super::elicitation::Elicitation;
use super::refusal::Refusal;
use super::tools;
use super::wire::text;

/// Returns why a request is always rejected, or `None` if it can be shown.
pub(crate) fn of(request: &Value) -> Option<Refusal> {
    let why = match text(request, "subtype") {
        "can_use_tool" if text(request, "tool_name").trim().is_empty() => "it names no tool",
        "can_use_tool" if !request.get("input").is_some_and(Value::is_object) => {
            "it has no input for the tool"
        }
        "can_use_tool" => return None,
        "elicitation" => return Elicitation::read(request).err(),
        _ => "codewalk does not know how to ask that",
    };
    Some(Refusal { what: what(request), why: why.to_owned() })
}

/// Describes a request, in its own words if it has any.
pub(crate) fn what(request: &Value) -> String {
    let kind = match text(request, "subtype") {
        "can_use_tool" => {
            return format!("a request to use {}", tools::shown_name(text(request, "tool_name")));
        }
        "request_user_dialog" => format!("a dialog ({})", text(request, "dialog_kind")),
        "" => "a request".to_owned(),
        subtype => format!("a request ({subtype})"),
    };
    match texts_for_a_person(request) {
        texts if texts.is_empty() => kind,
        texts => format!("{kind}: {texts}"),
    }
}

/// Returns the texts of a request in human-readable form, or its whole payload if it has none.
fn texts_for_a_person(request: &Value) -> String {
    let payload = request.get("payload").unwrap_or(&Value::Null);
    let mut texts: Vec<&str> = Vec::new();
    for key in ["title", "message", "question", "description", "text", "body"] {
        for quoted in [text(request, key), text(payload, key)] {
            if !quoted.trim().is_empty() && !texts.contains(&quoted) {
                texts.push(quoted);
            }
        }
    }
    match payload {
        Value::Object(fields) if texts.is_empty() && !fields.is_empty() => payload.to_string(),
        _ => texts.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_request_is_described_in_its_own_words() {
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
            (json!("Bash"), json!(null), "it has no input for the tool"),
            (json!("Bash"), json!("ls"), "it has no input for the tool"),
        ] {
            assert_eq!(of(&request(tool.clone(), input.clone())).unwrap().why, why, "{tool} {input}");
        }
        assert_eq!(of(&request(json!("Bash"), json!({}))), None);
    }
}

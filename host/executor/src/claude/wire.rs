//! Lines of JSON: reading them as tolerantly as possible, and writing those the agent understands.

use std::borrow::Cow;

use serde_json::{Value, json};

/// Returns the object a line holds.
pub(crate) fn parse(line: &[u8]) -> Option<Value> {
    value(line).filter(|value| value.get("type").is_some_and(Value::is_string))
}

/// Returns a value.
///
/// Bad UTF-8 and halves of surrogate pairs, which models do produce, become replacement characters: better a
/// question with one wrong character than one that is never asked.
pub(crate) fn value(json: &[u8]) -> Option<Value> {
    let repaired = || without_lone_surrogates(&String::from_utf8_lossy(json));
    serde_json::from_slice(json).or_else(|_| serde_json::from_str(&repaired())).ok()
}

/// Returns a text of an object; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the elements of a list in an object.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the blocks of a message's content; a plain text is one block.
pub(crate) fn blocks(line: &Value) -> Cow<'_, [Value]> {
    match line.get("message").and_then(|message| message.get("content")) {
        Some(Value::Array(blocks)) => Cow::Borrowed(blocks),
        Some(Value::String(text)) => Cow::Owned(vec![json!({"type": "text", "text": text})]),
        _ => Cow::Borrowed(&[]),
    }
}

/// Says something to the agent.
pub(crate) fn prompt(id: &str, text: &str) -> Value {
    json!({
        "type": "user",
        "message": {"role": "user", "content": [{"type": "text", "text": text}]},
        "parent_tool_use_id": null,
        "uuid": id,
    })
}

/// Asks the agent's program for something.
pub(crate) fn request(id: &str, request: &Value) -> Value {
    json!({"type": "control_request", "request_id": id, "request": request})
}

/// How the key of a request begins whose identifier is a number.
const NUMBER: &str = "number:";

/// Returns what names a request of the agent: its identifier, which may be a number. It is empty where there is none.
pub(crate) fn request_key(line: &Value) -> String {
    match line.get("request_id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => format!("{NUMBER}{id}"),
        _ => String::new(),
    }
}

/// Returns the identifier of a request as the agent gave it.
pub(crate) fn request_id(key: &str) -> Value {
    let number = key.strip_prefix(NUMBER).and_then(|number| serde_json::from_str(number).ok());
    number.filter(Value::is_number).unwrap_or_else(|| key.into())
}

/// Answers a request of the agent's program.
pub(crate) fn response(request_id: &Value, response: &Value) -> Value {
    json!({
        "type": "control_response",
        "response": {"subtype": "success", "request_id": request_id, "response": response},
    })
}

/// Refuses a request of the agent's program.
pub(crate) fn refusal(request_id: &Value, error: &str) -> Value {
    json!({
        "type": "control_response",
        "response": {
            "subtype": "error", "request_id": request_id, "error": error, "error_code": "unsupported_request",
        },
    })
}

/// Returns JSON with every `\uD800`..`\uDFFF` that is not part of a pair replaced.
fn without_lone_surrogates(text: &str) -> String {
    const REPLACEMENT: &str = "\\ufffd";
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired.push_str(before);
        let (kept, length) = match surrogate(escape) {
            Some(0xd800..=0xdbff) if matches!(escape.get(6..).and_then(surrogate), Some(0xdc00..=0xdfff)) => {
                (&escape[..12], 12)
            }
            Some(_) => (REPLACEMENT, 6),
            None => {
                // The escaped character may be a backslash, or longer than a byte.
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                (&escape[..length], length)
            }
        };
        repaired.push_str(kept);
        rest = &escape[length..];
    }
    repaired + rest
}

/// Returns the code unit of an escape like `\ud83d`, where it is a surrogate.
fn surrogate(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..=0xdfff).contains(unit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_objects_with_a_type_are_messages() {
        for line in ["", "x", "1", "[]", "{}", r#"{"type":1}"#, r#"{"type":"a""#, "\0\0\0"] {
            assert_eq!(parse(line.as_bytes()), None, "{line:?}");
        }
        assert!(parse(br#" {"b":1,"type":"a"} "#).is_some());
    }

    #[test]
    fn halves_of_surrogate_pairs_and_bad_utf8_cost_one_character_each() {
        for (line, text) in [
            (r#"{"type":"a","text":"x\ud83dy"}"#.as_bytes(), "x\u{fffd}y"),
            (r#"{"type":"a","text":"\ude00\ud83d\ude00\ud83d"}"#.as_bytes(), "\u{fffd}😀\u{fffd}"),
            (r#"{"type":"a","text":"\\ud83d \ud83d\\"}"#.as_bytes(), "\\ud83d \u{fffd}\\"),
            (b"{\"type\":\"a\",\"text\":\"x\xffy\"}", "x\u{fffd}y"),
        ] {
            assert_eq!(super::text(&parse(line).unwrap(), "text"), text);
        }
    }

    #[test]
    fn an_identifier_that_is_a_number_is_given_back_as_that_number() {
        for id in [json!("r1"), json!(""), json!(7), json!(-3), json!(0.5), json!(u64::MAX), json!("7")] {
            let key = request_key(&json!({"request_id": id}));
            assert_eq!(request_id(&key), id, "{key}");
        }
        assert_eq!(request_key(&json!({"request_id": [1]})), "");
        assert_eq!(request_id("number:[1]"), json!("number:[1]"));
    }

    #[test]
    fn a_line_nested_without_end_is_no_message() {
        assert_eq!(parse("[".repeat(100_000).as_bytes()), None);
    }

    proptest! {
        #[test]
        fn no_line_panics(line in r#"(\\|u|d83d|dc00|"|[{}:,a]|ä){0,40}"#) {
            parse(line.as_bytes());
            without_lone_surrogates(&line);
        }
    }
}

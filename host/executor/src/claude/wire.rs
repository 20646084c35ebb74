//! Reads JSON as tolerantly as possible, and writes lines that the agent understands.

use serde_json::{Number, Value, json};

/// Returns the object in a line.
#[cfg(test)]
pub(crate) fn parse(line: &[u8]) -> Option<Value> {
    value(line).filter(|value| value.get("type").is_some_and(Value::is_string))
}

/// Parses a value.
///
/// Invalid UTF-8 and unpaired surrogates, which models do produce, become replacement characters. A request
/// with one wrong character is better than one that is never shown.
pub(crate) fn value(json: &[u8]) -> Option<Value> {
    let repaired = || without_lone_surrogates(&String::from_utf8_lossy(json));
    serde_json::from_slice(json).or_else(|_| serde_json::from_str(&repaired())).ok()
}

/// Parses an identifier. A number that would be written differently keeps its original form.
pub(crate) fn identifier(json: &[u8]) -> Option<Value> {
    match value(json) {
        Some(Value::Number(number)) if number.to_string().as_bytes() != json => {
            Some(format!("{NUMBER}{}", str::from_utf8(json).ok()?).into())
        }
        // This type cannot represent the number.
        None if json.first().is_some_and(|first| *first == b'-' || first.is_ascii_digit()) => {
            Some(format!("{NUMBER}{}", str::from_utf8(json).ok()?).into())
        }
        value => value,
    }
}

/// Returns a text of an object, or an empty one.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the elements of a list in an object.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns a prompt.
pub(crate) fn prompt(id: &str, text: &str) -> Value {
    json!({
        "type": "user",
        "message": {"role": "user", "content": [{"type": "text", "text": text}]},
        "parent_tool_use_id": null,
        "uuid": id,
    })
}

/// Returns a request to the agent.
pub(crate) fn request(id: &str, request: &Value) -> Value {
    json!({"type": "control_request", "request_id": id, "request": request})
}

/// The prefix of the key for a request whose identifier is a number.
const NUMBER: &str = "number:";

/// Returns the key of a request: its identifier, which may be a number. Empty if it has none.
pub(crate) fn request_key(line: &Value) -> String {
    match line.get("request_id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => format!("{NUMBER}{id}"),
        _ => String::new(),
    }
}

/// Returns the identifier to refuse a request with: that of the request, even if it is neither a text nor a
/// number, unless it is very long.
pub(crate) fn answer_id(line: &Value) -> Value {
    const MAX_ODD: usize = 1024;
    match request_key(line) {
        key if key.is_empty() => {
            line.get("request_id").filter(|id| id.to_string().len() <= MAX_ODD).cloned().unwrap_or_default()
        }
        key => request_id(&key),
    }
}

/// Returns the identifier for a key, in the form that the agent used.
pub(crate) fn request_id(key: &str) -> Value {
    let number = key.strip_prefix(NUMBER).and_then(|text| {
        let number: Number = serde_json::from_str(text).ok()?;
        (number.to_string() == text).then_some(Value::Number(number))
    });
    number.unwrap_or_else(|| key.into())
}

/// Serializes a line. The identifier of an answered request has the form that the agent used.
pub(crate) fn written(line: &Value) -> String {
    let written = line.to_string();
    let id = line.get("response").map_or("", |response| text(response, "request_id"));
    let number = id.strip_prefix(NUMBER).map(str::as_bytes);
    match number.filter(|number| super::json::number(number) == Some(number.len())) {
        Some(_) => {
            let (kept, number) = (format!("\"request_id\":\"{id}\""), &id[NUMBER.len()..]);
            // Text before it may contain the same characters, but with escaped quotation marks. The answered
            // input cannot.
            let at = written.rfind(&kept).filter(|_| written.matches(&kept).count() == 1);
            at.map_or(written.clone(), |at| {
                format!("{}\"request_id\":{number}{}", &written[..at], &written[at + kept.len()..])
            })
        }
        None => written,
    }
}

/// Returns the answer to a request of the agent.
pub(crate) fn response(request_id: &Value, response: &Value) -> Value {
    json!({
        "type": "control_response",
        "response": {"subtype": "success", "request_id": request_id, "response": response},
    })
}

/// Returns the error that rejects an agent's request.
pub(crate) fn refusal(request_id: &Value, error: &str) -> Value {
    json!({
        "type": "control_response",
        "response": {
            "subtype": "error", "request_id": request_id, "error": error, "error_code": "unsupported_request",
        },
    })
}

/// Replaces every unpaired surrogate escape in JSON.
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

/// Returns the code unit of an escape such as `\ud83d`, if it is a surrogate.
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
    fn an_identifier_that_is_a_number_is_sent_back_as_that_number() {
        for id in [json!("r1"), json!(""), json!(7), json!(-3), json!(0.5), json!(u64::MAX), json!("7")] {
            let key = request_key(&json!({"request_id": id}));
            assert_eq!(request_id(&key), id, "{key}");
        }
        assert_eq!(request_key(&json!({"request_id": [1]})), "");
        assert_eq!(request_id("number:[1]"), json!("number:[1]"));
    }

    #[test]
    fn an_identifier_is_sent_back_unchanged_however_long_the_number() {
        for raw in ["123456789012345678901234567890", "1e999", "7", "1.50", "-0", "\"r1\""] {
            let line = json!({"request_id": identifier(raw.as_bytes()).unwrap()});
            let answer = refusal(&request_id(&request_key(&line)), "no");
            let written = written(&answer);
            assert!(written.contains(&format!("\"request_id\":{raw},")), "{raw}: {written}");
        }
    }

    #[test]
    fn a_deeply_nested_line_is_not_a_message() {
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

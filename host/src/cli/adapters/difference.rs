//! The difference between two JSON values, line by line.

use std::time::Duration;

use codewalk_core::terminal_text::visible;
use serde_json::Value;
use similar::TextDiff;

/// How long to search for the smallest difference.
const PATIENCE: Duration = Duration::from_secs(1);

/// Returns the difference between two values in the format of `diff -u`, or `None` if they are equal.
pub(super) fn difference(before: &Value, after: &Value, names: (&str, &str)) -> Option<String> {
    if before == after {
        return None;
    }
    let (before, after) = (format!("{before:#}\n"), format!("{after:#}\n"));
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(&before, &after);
    Some(visible(diff.unified_diff().header(names.0, names.1).to_string().trim_end()))
}

/// Removes the fields for which no value is expected, in objects that have all expected fields.
pub(super) fn as_far_as_expected(there: &Value, expected: &Value) -> Value {
    match (there, expected) {
        (Value::Object(there), Value::Object(expected))
            if expected.keys().all(|key| there.contains_key(key)) =>
        {
            let fields = expected.iter().filter_map(|(key, expected)| {
                there.get(key).map(|value| (key.clone(), as_far_as_expected(value, expected)))
            });
            Value::Object(fields.collect())
        }
        (Value::Array(there), Value::Array(expected)) if there.len() == expected.len() => Value::Array(
            there.iter().zip(expected).map(|(value, expected)| as_far_as_expected(value, expected)).collect(),
        ),
        _ => there.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_is_shown_by_line_without_escape_sequences() {
        let (before, after) = (json!({"a": 1, "b": "x"}), json!({"a": 1, "b": "\u{9b}2J"}));
        assert_eq!(difference(&before, &before, ("then", "now")), None);
        let shown = difference(&before, &after, ("then", "now")).unwrap();
        assert!(shown.starts_with("--- then\n+++ now\n"), "{shown}");
        assert!(shown.contains("\n-  \"b\": \"x\"\n+  \"b\": \"<U+009B>2J\"\n"), "{shown}");
    }

    #[test]
    fn a_field_without_an_expectation_may_be_anything() {
        let there = json!({
            "intent": {"Launch": {"agent": "a", "prompt": "p"}}, "reason": "r", "n": [{"x": 1, "y": 2}]
        });
        for fits in [
            json!({}),
            json!({"intent": {"Launch": {"agent": "a"}}}),
            json!({"n": [{"x": 1}]}),
            there.clone(),
        ] {
            assert_eq!(as_far_as_expected(&there, &fits), fits);
        }
        for other in [
            json!({"intent": {"Launch": {"agent": "b"}}}),
            json!({"intent": {"FollowUp": {}}}),
            json!({"n": []}),
            json!({"n": [{"z": null}]}),
        ] {
            assert_ne!(as_far_as_expected(&there, &other), other, "{other}");
        }
        let whole = as_far_as_expected(&there, &json!({"intent": {"FollowUp": {}}}));
        assert_eq!(whole["intent"]["Launch"]["prompt"], "p", "what is there instead is shown");
    }
}

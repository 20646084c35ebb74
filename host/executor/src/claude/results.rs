//! Corrects misleading results.

use serde_json::Value;

use super::output::Line;
use super::wire::{list, text};

/// The prefix of diagnostic notes among the errors.
const DIAGNOSTIC: &str = "[ede_diagnostic]";

/// The type assigned to a result that only repeats that a turn never started. The agent itself never uses
/// this type.
pub(crate) const EMPTY_RESULT: &str = "empty_result";

/// The known facts about the results of a run.
#[derive(Debug, Default)]
pub(crate) struct Results {
    is_good: bool,
}

impl Results {
    /// Turns an empty error after a successful result into an [`EMPTY_RESULT`], because its turn never
    /// started.
    pub(crate) fn correct(&mut self, line: &mut Line<'_>) {
        let Line::Other(result) = line else { return };
        if text(result, "type") != "result" {
            return;
        }
        let is_error = result.get("is_error").and_then(Value::as_bool) == Some(true);
        if self.is_good && is_error && is_empty(result) {
            result["type"] = EMPTY_RESULT.into();
        } else {
            self.is_good = !is_error;
        }
    }
}

/// Returns whether a turn did nothing and reports nothing.
fn is_empty(result: &Value) -> bool {
    let errors = list(result, "errors").iter().map(|error| error.as_str().unwrap_or_default());
    result.get("num_turns").and_then(Value::as_u64) == Some(0)
        && text(result, "result").is_empty()
        && errors.into_iter().all(|error| error.is_empty() || error.starts_with(DIAGNOSTIC))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failures(results: &[Value]) -> Vec<bool> {
        let mut seen = Results::default();
        let corrected = results.iter().map(|result| {
            let mut line = Line::Other(result.clone());
            seen.correct(&mut line);
            let Line::Other(result) = line else { panic!("{line:?}") };
            result["is_error"].as_bool().unwrap() && result["type"] != EMPTY_RESULT
        });
        corrected.collect()
    }

    #[test]
    fn only_an_empty_error_after_a_good_result_is_ignored() {
        let good = json!({"type": "result", "is_error": false, "num_turns": 3, "result": "Done."});
        let empty = json!({"type": "result", "is_error": true, "num_turns": 0, "errors": []});
        let noted =
            json!({"type": "result", "is_error": true, "num_turns": 0, "errors": ["[ede_diagnostic] x"]});
        let unknown =
            json!({"type": "result", "is_error": true, "num_turns": 0, "errors": ["No conversation"]});
        let failed = json!({"type": "result", "is_error": true, "num_turns": 1, "result": "API Error: 400"});
        for second in [&empty, &noted] {
            assert_eq!(failures(&[good.clone(), second.clone(), second.clone()]), [false, false, false]);
            assert_eq!(
                failures(std::slice::from_ref(second)),
                [true],
                "the first one says that nothing was done"
            );
            assert_eq!(failures(&[failed.clone(), second.clone()]), [true, true]);
        }
        for second in [&unknown, &failed] {
            assert_eq!(failures(&[good.clone(), second.clone()]), [false, true], "{second}");
        }
    }
}

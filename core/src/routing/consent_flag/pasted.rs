//! Questions after pasted program output: a traceback, then "why?".

use super::phrases::begins;
use super::reading::words;

/// Returns whether the last line only asks for the reason of the output above it.
pub(super) fn asks_why(text: &str) -> bool {
    let Some((output, last)) = text.trim_end().rsplit_once('\n') else { return false };
    let last = words(last);
    let is_why = begins(&last, |l| l.whys).is_some_and(|taken| taken == last.len());
    is_why && output.lines().next().is_some_and(is_output)
}

/// Returns whether a line is the first one of an error message or a stack trace.
fn is_output(line: &str) -> bool {
    const BEGINNINGS: [&str; 5] = ["Traceback (", "error[", "error:", "thread '", "panic:"];
    let line = line.trim_start();
    let is_name = |name: &str| {
        let ends = ["Error", "Exception", "ERROR"].iter().any(|end| name.ends_with(end));
        ends && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
    };
    BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
        || line.split_once(':').is_some_and(|(name, _)| is_name(name))
}

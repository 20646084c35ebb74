//! The arguments of the command line.

use std::time::Duration;

/// The flag that limits the time.
pub(super) const TIMEOUT_FLAG: &str = "--timeout";

/// Says that the time limit has passed.
pub(super) fn timed_out(timeout: Option<Duration>) -> String {
    match timeout {
        Some(timeout) => format!("timed out ({TIMEOUT_FLAG} {})", typed(timeout)),
        None => format!("timed out ({TIMEOUT_FLAG})"),
    }
}

/// Returns a duration in the form in which it is typed.
fn typed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_named_as_it_is_typed() {
        for (seconds, shown) in [(8, "8s"), (90, "1m30s"), (3_600, "1h"), (5_401, "1h30m1s")] {
            let timeout = Duration::from_secs(seconds);
            assert_eq!(timed_out(Some(timeout)), format!("timed out (--timeout {shown})"));
        }
    }
}

//! Whether a replacement is an older version.

use codewalk_sandbox::AdapterState;

/// Returns why a component looks like an older version: it was replaced before, or its version is lower.
pub(super) fn is_old(
    known: &AdapterState,
    digest: &str,
    there: Option<&str>,
    version: Option<&str>,
) -> Option<String> {
    if known.history.iter().chain(&known.rejected).any(|before| before == digest) {
        return Some("It is an earlier version that was replaced.".to_owned());
    }
    let there = there?;
    let Some(version) = version else {
        return Some(format!("It has no version; the installed one is version {there}."));
    };
    let is_later_or_same = match (numbers(there), numbers(version)) {
        (Some(there), Some(version)) => version >= there,
        _ => there == version,
    };
    (!is_later_or_same).then(|| format!("It is version {version}; the installed one is version {there}."))
}

/// Returns the numbers of a version like `1.10.0`, or `None` for any other form.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let mut numbers = version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
    // 1.0 equals 1.
    while numbers.len() > 1 && numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_old_if_it_is_lower_or_cannot_be_compared() {
        let state = AdapterState::default();
        let is_old = |there, version| is_old(&state, "d", there, version).is_some();
        for (there, version) in
            [("1", "2"), ("1.9", "1.10"), ("1.0.0", "1"), ("1", "1"), ("1-beta", "1-beta")]
        {
            assert!(!is_old(Some(there), Some(version)), "{there} -> {version}");
        }
        for (there, version) in
            [("2", "1"), ("1.10", "1.9"), ("1.0.1", "1.0"), ("1", "2-beta"), ("1-beta", "1")]
        {
            assert!(is_old(Some(there), Some(version)), "{there} -> {version}");
        }
        assert!(is_old(Some("1"), None));
        assert!(!is_old(None, None) && !is_old(None, Some("1")));
    }

    #[test]
    fn a_component_that_was_replaced_before_is_old_whatever_its_version() {
        let mut state = AdapterState::default();
        state.history.push("d".to_owned());
        assert!(is_old(&state, "d", Some("1"), Some("2")).is_some());
        assert!(is_old(&state, "e", Some("1"), Some("2")).is_none());
    }
}

//! Why something failed, in plain words.

use crate::prose;
use crate::words;

/// The most words of a reason.
const REASON_WORDS: usize = 24;

/// What errors of model services mean, by words that are in them.
const MEANINGS: [(&[&str], &str); 8] = [
    (
        &["529 overloaded", "overloaded_error", "error: 529", "failed with 529"],
        "the model service is overloaded",
    ),
    (
        &["rate_limit", "rate limit", "error: 429", "failed with 429"],
        "the model service takes no more requests for now",
    ),
    (&["credit balance", "insufficient_quota"], "the account of the model service has no credit left"),
    (
        &[
            "invalid api key",
            "invalid x-api-key",
            "authentication_error",
            "error: 401",
            "failed with 401",
            "please run /login",
        ],
        "the model service refuses the login",
    ),
    (
        &["prompt is too long", "context_length", "context window"],
        "the conversation is too long for the model",
    ),
    (&["error_max_turns", "max turns", "maximum number of turns"], "it reaches its limit of turns"),
    (
        &["connection error", "econnrefused", "enotfound", "etimedout", "connection refused"],
        "the service cannot be reached",
    ),
    (&["enospc", "no space left"], "the disk is full"),
];

/// Returns a reason as it is said, without a mark at its end; nothing where there is none.
pub fn plain_reason(reason: &str) -> Option<String> {
    let lower = words::head(reason).to_ascii_lowercase();
    let meaning = MEANINGS.iter().find(|(signs, _)| signs.iter().any(|sign| lower.contains(sign)));
    if let Some((_, meaning)) = meaning {
        return Some((*meaning).to_owned());
    }
    quoted(reason)
}

fn quoted(text: &str) -> Option<String> {
    let said = prose::without_elapsed_time(&prose::paragraph(text, REASON_WORDS)?);
    Some(said.trim_end_matches(['.', '!', ':', ' ']).to_owned())
}

/// Returns the line of a command's output that tells most about its failure.
pub fn telling_line(output: &str) -> Option<String> {
    let output = words::plain(words::head(output));
    let lines =
        || output.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("Exit code"));
    let telling = lines().find(|line| {
        ["error", "Error", "FAILED", "panicked", "fatal", "not found", "No such file"]
            .iter()
            .any(|sign| line.contains(sign))
    });
    quoted(telling.or_else(|| lines().next())?)
}

/// Returns whether a failed tool call was refused rather than gone wrong.
pub fn is_refusal(output: &str) -> bool {
    let said = words::head(output).trim_start();
    said.starts_with("Denied by")
        || said.starts_with("The user doesn't want to proceed")
        || said.contains("haven't granted")
        || said.contains("needs approval")
        || said.contains("requires approval")
        || said.contains("rejected by user")
}

/// Returns whether a failed tool call was broken off by the user.
pub fn is_interruption(output: &str) -> bool {
    words::head(output).contains("[Request interrupted by user")
}

/// Returns whether the output of a test run tells of failures, whatever its exit status: at the end of a pipe it is
/// the status of the pager.
pub fn tells_of_failed_tests(output: &str) -> bool {
    let output = words::plain(words::head(output));
    let mut previous = "";
    output.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).any(|word| {
        let has_failures = previous.parse::<u32>().is_ok_and(|failures| failures > 0);
        previous = word;
        matches!(word, "FAILED" | "FAIL")
            || (has_failures && matches!(word, "failed" | "failing" | "failures"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_services_are_said_in_plain_words() {
        for (reason, said) in [
            (
                "API Error: Repeated 529 Overloaded errors. The API is at capacity",
                "the model service is overloaded",
            ),
            ("API Error: 400 Invalid request", "API Error: 400 Invalid request"),
            ("the agent exited with status 1", "the agent exited with status 1"),
            ("timed out after 600 s.", "timed out"),
            (
                "The model's API failed with 529 (overloaded); retry 3 of 10 in 4 s",
                "the model service is overloaded",
            ),
        ] {
            assert_eq!(plain_reason(reason).as_deref(), Some(said), "{reason}");
        }
        assert_eq!(plain_reason(" \n"), None);
    }

    #[test]
    fn a_failing_test_run_is_known_by_its_output() {
        for (output, fails) in [
            ("test result: FAILED. 3 passed; 1 failed; 0 ignored", true),
            ("1 failed, 3 passed in 0.12s", true),
            ("Tests: 2 failed, 7 total", true),
            ("--- FAIL: TestLogin", true),
            ("test result: ok. 12 passed; 0 failed; 0 ignored", false),
            ("10 passing", false),
        ] {
            assert_eq!(tells_of_failed_tests(output), fails, "{output}");
        }
    }

    #[test]
    fn the_line_with_the_error_tells_more_than_the_first_one() {
        let output =
            "Exit code 101\n   Compiling shop\nerror[E0308]: mismatched types\n  --> src/login.rs:3:5";
        assert_eq!(telling_line(output).as_deref(), Some("error[E0308]: mismatched types"));
    }
}

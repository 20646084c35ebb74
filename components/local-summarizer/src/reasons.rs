//! Explains failures in plain words. The host adds what to do about them.

use speech::prose;
use speech::words;

/// The maximum number of words in a reason.
const REASON_WORDS: usize = 24;

/// The meaning of an error.
struct Meaning {
    /// Words of the error, in lower case.
    signs: &'static [&'static str],
    meaning: &'static str,
}

const fn meaning(signs: &'static [&'static str], meaning: &'static str) -> Meaning {
    Meaning { signs, meaning }
}

/// The meanings of errors from agents and model services; the first match counts.
const MEANINGS: [Meaning; 12] = [
    meaning(
        &[
            "529 overloaded",
            "overloaded_error",
            "error: 529",
            "failed with 529",
            "(overloaded)",
            ": overloaded",
            "is at capacity",
            "experiencing high load",
        ],
        "the model service is overloaded",
    ),
    meaning(
        &["credit balance", "insufficient_quota", "out of usage credits", "out of extra usage"],
        "the account has no credit left",
    ),
    meaning(
        &["usage limit", "you've hit your", "you've reached your", "limited until"],
        "the usage limit has been reached",
    ),
    meaning(
        &["rate_limit", "rate limit", "error: 429", "failed with 429", "too many requests"],
        "the model service accepts no more requests for now",
    ),
    meaning(
        &[
            "invalid api key",
            "invalid x-api-key",
            "invalid auth token",
            "disabled organization",
            "organization has been disabled",
        ],
        "the model service rejects the API key",
    ),
    meaning(
        &[
            "not logged in",
            "please run /login",
            "authentication required",
            "login expired",
            "login reached its time limit",
            "session expired",
            "oauth token",
            "failed to authenticate",
            "authentication_error",
            "error: 401",
            "failed with 401",
        ],
        "the agent is not logged in",
    ),
    meaning(
        &["issue with the selected model", "model_not_found", "model not found", "unknown model"],
        "the model service does not know the model, or not for this account",
    ),
    meaning(
        &["prompt is too long", "context_length", "context window"],
        "the conversation is too long for the model",
    ),
    meaning(&["error_max_turns", "max turns", "maximum number of turns"], "it has reached its turn limit"),
    meaning(
        &["ssl certificate", "ssl error", "self-signed certificate"],
        "the certificate of the model service is not trusted",
    ),
    meaning(
        &[
            "connection error",
            "unable to connect to api",
            "can't reach the api server",
            "no internet route",
            "econnrefused",
            "connectionrefused",
            "econnreset",
            "enotfound",
            "etimedout",
            "connection refused",
        ],
        "the service cannot be reached",
    ),
    meaning(&["enospc", "no space left"], "the disk is full"),
];
/// Introduces a retry in a reason.
const RETRIES: &str = "; retry ";

/// Returns a reason in plain words, without punctuation at its end; empty if there is none.
pub fn plain_reason(reason: &str) -> Option<String> {
    let looked_at = words::head(reason);
    let Some(Meaning { meaning, .. }) = known(looked_at) else {
        return quoted(reason);
    };
    Some(if looked_at.contains(RETRIES) {
        format!("{meaning}; it retries automatically")
    } else if let Some(end) = end_of_limit(looked_at).filter(|_| meaning.starts_with("the usage limit")) {
        format!("{meaning} and resets at {end}")
    } else {
        (*meaning).to_owned()
    })
}

/// Returns the meaning of a reason, if it is known.
pub fn meaning_of(reason: &str) -> Option<&'static str> {
    known(words::head(reason)).map(|known| known.meaning)
}

fn known(reason: &str) -> Option<&'static Meaning> {
    let reason = reason.to_ascii_lowercase();
    MEANINGS.iter().find(|known| known.signs.iter().any(|sign| reason.contains(sign)))
}

/// Returns when a limit resets, according to an error: "resets 3pm (Europe/Rome)", "limited until 15:00", or,
/// after a vertical bar, in seconds since 1970.
fn end_of_limit(reason: &str) -> Option<String> {
    let after = ["resets at ", "resets ", "reset at ", "limited until "]
        .iter()
        .find_map(|sign| Some(&reason[reason.find(sign)? + sign.len()..]));
    if let Some(after) = after {
        let time = after.split(['\n', '·', ';']).next().unwrap_or_default();
        return quoted(time).map(|time| words::cut(&time, 6, 48));
    }
    let (_, seconds) = reason.split_once("limit reached|")?;
    let digits = seconds.bytes().take_while(u8::is_ascii_digit).count();
    utc(seconds[..digits].parse().ok()?)
}

/// Returns a time in seconds since 1970 as a date and an hour.
fn utc(seconds: u32) -> Option<String> {
    let (days, minutes) = (seconds / 86_400, seconds / 60 % 1440);
    // Years begin in March, so that a leap day comes last; 719,468 days precede 1970.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = 400 * era + year + next;
    (seconds > 0).then(|| format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60))
}

fn quoted(text: &str) -> Option<String> {
    let reason = prose::without_elapsed_time(&prose::paragraph(text, REASON_WORDS)?);
    Some(reason.trim_end_matches(['.', '!', ':', ' ']).to_owned())
}

/// Returns the most useful line of a failing command's output.
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

/// Texts with which agents report a denial by a person.
const SAID_NO: [&str; 3] = ["The user said", "The user doesn't want to proceed", "Permission denied by user"];
/// Texts with which agents report a denial by a rule or a setting, or that no person could be asked.
const DENIED: [&str; 10] = [
    "Denied",
    "Permission to ",
    "Permission for this ",
    "Permission denied by ",
    "The user has left",
    "Whoever could allow it",
    "Nobody is there",
    "nobody is there",
    "Nobody can be shown",
    "This request cannot be read",
];
/// Such texts that are not at the beginning of a result.
const NOT_ALLOWED: [&str; 5] =
    ["haven't granted", "needs approval", "requires approval", "rejected by user", "requests are open"];
/// How many bytes of a result are searched for these texts.
const BEGINNING: usize = 400;

/// Returns whether a failed tool call was denied.
pub fn is_refusal(output: &str) -> bool {
    let start = &output[..output.floor_char_boundary(BEGINNING)];
    // The command did run.
    let has_run = start.starts_with("Exit code");
    is_refused_by_user(start)
        || DENIED.iter().any(|beginning| start.trim_start().starts_with(beginning))
        || (!has_run && NOT_ALLOWED.iter().any(|sign| start.contains(sign)))
}

/// Returns whether the user denied it.
pub fn is_refused_by_user(output: &str) -> bool {
    let start = words::head(output).trim_start();
    SAID_NO.iter().any(|beginning| start.starts_with(beginning))
}

/// Returns whether a text reports an interruption by the user.
pub fn is_interruption(text: &str) -> bool {
    let start = words::head(text);
    ["[Request interrupted by user", "doesn't want to take this action right now", "The user interrupted it"]
        .iter()
        .any(|sign| start.contains(sign))
}

/// Returns whether the output of a test run reports failures, whatever its exit status: in a pipe, that is
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
    fn failures_of_services_are_explained_in_plain_words() {
        let not_logged_in = "the agent is not logged in";
        let no_key = "the model service rejects the API key";
        let no_credit = "the account has no credit left";
        let unreachable = "the service cannot be reached";
        let no_model = "the model service does not know the model, or not for this account";
        let overloaded = "the model service is overloaded";
        for (reason, expected) in [
            ("Not logged in · Please run /login", not_logged_in),
            ("Login expired · Please run /login", not_logged_in),
            ("OAuth token revoked · Please run /login", not_logged_in),
            ("Please run /login · API Error: 401 {\"type\":\"error\"}", not_logged_in),
            ("Failed to authenticate: OAuth token revoked. Please log in again", not_logged_in),
            ("Invalid API key · Please run /login", no_key),
            ("Invalid API key · Fix external API key", no_key),
            (
                "Your ANTHROPIC_API_KEY belongs to a disabled organization · Unset the environment variable",
                no_key,
            ),
            ("Credit balance is too low", no_credit),
            ("You're out of usage credits · /usage-credits to buy more", no_credit),
            ("API Error: Connection error.", unreachable),
            ("API Error: Unable to connect to API (ConnectionRefused)", unreachable),
            ("Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)", unreachable),
            ("Can't reach the API server — check your internet or DNS (ENOTFOUND)", unreachable),
            (
                "There's an issue with the selected model (nope). It may not exist or you may not have \
                    access to it.",
                no_model,
            ),
            ("API Error: Repeated 529 Overloaded errors. The API is at capacity", overloaded),
            ("retrying: overloaded", overloaded),
            (
                "The model's API failed with 529 (overloaded); retry 3 of 10 in 4 s",
                "the model service is overloaded; it retries automatically",
            ),
            ("API Error: 400 Invalid request", "API Error: 400 Invalid request"),
            ("the agent exited with status 1", "the agent exited with status 1"),
            ("timed out after 600 s.", "timed out"),
        ] {
            assert_eq!(plain_reason(reason).as_deref(), Some(expected), "{reason}");
        }
        assert_eq!(plain_reason(" \n"), None);
    }

    #[test]
    fn a_usage_limit_is_reported_with_its_reset_time() {
        for (reason, end) in [
            ("You've hit your limit · resets 3pm (Europe/Rome)", " and resets at 3pm (Europe/Rome)"),
            ("You've hit your session limit · resets Jan 30, 11:30am", " and resets at Jan 30, 11:30am"),
            ("Claude usage limit reached. Your limit will reset at 3pm.", " and resets at 3pm"),
            ("Claude AI usage limit reached|1760000400", " and resets at 2025-10-09 09:00 UTC"),
            ("Claude AI usage limit reached|1709164800", " and resets at 2024-02-29 00:00 UTC"),
            ("limited until 15:00", " and resets at 15:00"),
            ("You've hit your monthly spend limit.", ""),
            ("Claude AI usage limit reached|99999999999999", ""),
        ] {
            let expected = format!("the usage limit has been reached{end}");
            assert_eq!(plain_reason(reason), Some(expected), "{reason}");
        }
    }

    #[test]
    fn denied_interrupted_and_failed_calls_are_distinguished() {
        for (output, is_refused, by_user, is_interrupted) in [
            ("The user said: no, not that one", true, true, false),
            ("The user said no.", true, true, false),
            (
                "The user doesn't want to proceed with this tool use. The tool use was rejected",
                true,
                true,
                false,
            ),
            ("Permission to use Bash with command rm x has been denied.", true, false, false),
            ("Permission for this command was denied by a built-in safety check", true, false, false),
            (
                "Claude requested permissions to write to /p/x, but you haven't granted it yet.",
                true,
                false,
                false,
            ),
            ("touch in '/p/x' needs approval. The path is inside", true, false, false),
            ("Denied by the host", true, false, false),
            ("Nobody is there to allow it.", true, false, false),
            ("Whoever could allow it has left.", true, false, false),
            ("The user has left the terminal.", true, false, false),
            ("Too many requests are open.", true, false, false),
            ("[Request interrupted by user for tool use]", false, false, true),
            (
                "The user doesn't want to take this action right now. STOP what you are doing",
                false,
                false,
                true,
            ),
            ("The user interrupted it.", false, false, true),
            ("Exit code 1\nmerging needs approval by a reviewer", false, false, false),
            ("Exit code 1\nrm: cannot remove 'x': Permission denied", false, false, false),
        ] {
            assert_eq!(is_refusal(output), is_refused, "{output}");
            assert_eq!(is_refused_by_user(output), by_user, "{output}");
            assert_eq!(is_interruption(output), is_interrupted, "{output}");
        }
    }

    #[test]
    fn a_failing_test_run_is_recognised_by_its_output() {
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
    fn the_line_with_the_error_is_preferred_to_the_first_one() {
        let output =
            "Exit code 101\n   Compiling shop\nerror[E0308]: mismatched types\n  --> src/login.rs:3:5";
        assert_eq!(telling_line(output).as_deref(), Some("error[E0308]: mismatched types"));
    }
}

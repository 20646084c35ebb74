//! Remedies for failures, recognised by phrases in messages from agents and the services behind them. Only
//! this module has remedies; summaries explain reasons.

/// Phrases in lower case, and the remedy if the reason for a failure contains one of them. The first match
/// counts.
const REMEDIES: [(&[&str], &str); 10] = [
    (
        &[
            "fix external api key",
            "fix external auth token",
            "invalid x-api-key",
            "invalid auth token",
            "disabled organization",
            "organization has been disabled",
        ],
        "correct the API key in the agent's environment (ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN)",
    ),
    (
        &[
            "/login",
            "not logged in",
            "invalid api key",
            "authentication_error",
            "authentication required",
            "failed to authenticate",
            "claude auth login",
            "api error: 401",
        ],
        "log in to the agent (Claude Code: claude auth login)",
    ),
    (
        &[
            "credit balance is too low",
            "insufficient_quota",
            "out of usage credits",
            "out of extra usage",
            "spend limit",
            "billing_error",
        ],
        "add credit to the agent's account, or raise its limit (Claude Code: \
         https://platform.claude.com/settings/billing)",
    ),
    (
        &[
            "usage limit",
            "session limit",
            "weekly limit",
            "you've hit your",
            "rate_limit",
            "rate limit",
            "error: 429",
        ],
        "wait until the limit resets",
    ),
    (
        &[
            "issue with the selected model",
            "model_not_found",
            "not_found_error",
            "model not found",
            "unknown model",
        ],
        "choose a model that your account can use: args = [\"--model\", NAME] in the agent's configuration",
    ),
    (&["overloaded", "at capacity", "high load", "error: 529", "error: 503"], "wait a few minutes"),
    (&["certificate"], "check this machine's clock, and the certificates of any proxy"),
    (
        &[
            "connection error",
            "connection refused",
            "unable to connect",
            "internet connection",
            "econnrefused",
            "econnreset",
            "enotfound",
            "etimedout",
            "request timed out",
        ],
        "check the network, the proxy and the service address (Claude Code: ANTHROPIC_BASE_URL)",
    ),
    (
        &["prompt is too long", "input is too long", "context window"],
        "start a new session: this one is too long",
    ),
    (&["enospc", "no space left"], "free some disk space"),
];

/// Returns the remedy for a failure, if known.
pub fn of(reason: &str) -> Option<&'static str> {
    let reason = reason.to_lowercase();
    let known = REMEDIES.iter().find(|(signs, _)| signs.iter().any(|sign| reason.contains(sign)));
    known.map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_client_and_service_errors_have_a_one_line_remedy() {
        for (reason, begins) in [
            ("Invalid API key \u{b7} Please run /login", "log in to the agent"),
            ("Not logged in \u{b7} Please run /login", "log in to the agent"),
            ("Login expired \u{b7} Please run /login", "log in to the agent"),
            ("OAuth token revoked \u{b7} Please run /login", "log in to the agent"),
            ("Authentication required \u{b7} Sign in again to continue", "log in to the agent"),
            ("Failed to authenticate. API Error: 401 invalid bearer token", "log in to the agent"),
            ("Invalid API key \u{b7} Fix external API key", "correct the API key"),
            ("Failed to authenticate. API Error: 401 invalid x-api-key", "correct the API key"),
            ("Credit balance is too low", "add credit"),
            ("You've hit your monthly spend limit \u{b7} /usage-credits to raise it", "add credit"),
            ("Claude AI usage limit reached|1760000000", "wait until the limit resets"),
            ("You've hit your session limit \u{b7} resets 3pm", "wait until the limit resets"),
            ("API Error: 429 Too many requests", "wait until the limit resets"),
            (
                "There's an issue with the selected model (opus-9). It may not exist or you may not have \
                 access to it. Run --model to pick a different model.",
                "choose a model",
            ),
            ("API Error: Repeated 529 Overloaded errors. The API is at capacity", "wait a few minutes"),
            ("Opus is experiencing high load, please use /model to switch to Sonnet", "wait a few minutes"),
            ("API Error: Connection error.", "check the network"),
            ("API Error: Unable to connect to API (ECONNREFUSED)", "check the network"),
            ("Unable to connect to API. Check your internet connection", "check the network"),
            ("dial tcp 127.0.0.1:8080: connect: connection refused", "check the network"),
            ("Unable to connect to API: SSL certificate has expired", "check this machine's clock"),
            ("Prompt is too long", "start a new session"),
            ("ENOSPC: no space left on device, write", "free some disk space"),
            ("API Error: 400 This organization has been disabled.", "correct the API key"),
            ("You're out of extra usage", "add credit"),
        ] {
            let remedy = of(reason);
            assert!(remedy.is_some_and(|remedy| remedy.starts_with(begins)), "{reason}: {remedy:?}");
        }
        assert!(REMEDIES.iter().all(|(signs, remedy)| {
            !remedy.contains('\n') && signs.iter().all(|sign| *sign == sign.to_lowercase())
        }));
    }

    #[test]
    fn an_unknown_failure_has_no_remedy() {
        for reason in
            ["", "the agent exited with status 1", "API Error: 400 Invalid request", "login.rs:3: failed"]
        {
            assert_eq!(of(reason), None, "{reason}");
        }
    }
}

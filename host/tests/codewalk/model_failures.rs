//! Failures of models, as the user reads them.

use std::time::Duration;

use codewalk_loopback_model::{Completion, LoopbackModel, Script};
use serde_json::{Value, json};

use crate::support::User;

#[test]
fn a_model_failure_is_one_short_line() {
    let user = User::new();
    let told = |completion: Completion| {
        let model = LoopbackModel::start(Script::new().completion(completion)).unwrap();
        let url = model.completions_url();
        user.configure(&format!(
            "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n\
             deadline_ms = 10000\n\
             [adapters.groq-router]\nconfig = {{ base_url = \"{url}\" }}\n\
             http = [{{ url = \"{url}/\", methods = [\"GET\", \"POST\"] }}]\n"
        ));
        let asked = user.run(&["ask", "what is it doing?"]);
        // The previous line says what may be sent.
        let why: Vec<&str> = asked
            .stderr
            .lines()
            .filter(|line| line.contains("groq-router ") && !line.contains("may send"))
            .collect();
        let [why] = why.as_slice() else { panic!("{asked:?}") };
        assert!(why.chars().count() < 200, "a clause, not a paragraph: {why}");
        let (_, why) = why.split_once("groq-router ").unwrap_or_else(|| panic!("{asked:?}"));
        let why = why.strip_prefix("did not answer: ").unwrap_or(why);
        why.replace(url.trim_start_matches("http://"), "SERVER")
    };
    let says = |intent: &Value, confidence: &Value| {
        Completion::json(&json!({"intent": intent, "confidence": confidence, "candidates": [], "reason": ""}))
    };
    let html =
        "<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>nginx</body></html>";
    for (completion, why) in [
        (Completion::raw(401, ""), "SERVER needs a key (status 401); name a credential in the grant for it"),
        (Completion::error(402, "x", "No credits."), "SERVER requires payment (status 402: No credits.)"),
        (
            Completion::error(413, "rate_limit_exceeded", "Limit 8000, requested 8590"),
            "the request is too large for the model \"openai/gpt-oss-20b\" (status 413: Limit 8000, \
             requested 8590)",
        ),
        (
            Completion::raw(422, r#"{"detail":[{"msg":"Field required"}]}"#),
            "SERVER rejects the request (status 422: Field required)",
        ),
        (
            Completion::raw(498, r#"{"error":{"code":"capacity_exceeded"}}"#),
            "SERVER is overloaded (status 498: capacity_exceeded)",
        ),
        (Completion::raw(503, html), "SERVER failed (status 503: 503 Service Temporarily Unavailable)"),
        (
            Completion::raw(200, r#"{"error":{"code":502,"message":"Provider returned error"}}"#),
            "SERVER failed (status 502: Provider returned error)",
        ),
        (
            Completion::raw(400, r#"{"error":"no such thing"}"#),
            "SERVER rejects the request (status 400: no such thing)",
        ),
        (
            Completion::raw(400, r#"[{"error":{"message":"API key not valid"}}]"#),
            "SERVER rejects the request (status 400: API key not valid)",
        ),
        (
            Completion::text("I would rather not."),
            "gave an answer that cannot be used: the model \"openai/gpt-oss-20b\" did not answer in the \
             requested form (it has no JSON)",
        ),
        (
            says(&json!({"type": "query"}), &json!("high")),
            "gave an answer that cannot be used: the model \"openai/gpt-oss-20b\" did not answer in the \
             requested form (invalid type: string \"high\", expected a JSON number)",
        ),
        (
            says(&json!({"type": "launch", "agent": "gemini"}), &json!(90)),
            "gave an answer that cannot be used: the model named the agent \"gemini\", which does not exist",
        ),
        (
            says(&json!({"type": "launch", "project": "bank"}), &json!(0.92)),
            "gave an answer that cannot be used: the model named the project \"bank\", which does not exist",
        ),
        (
            Completion::error(429, "x", "slow down").header("Retry-After", "7"),
            "rate limited: try again in 7 s",
        ),
    ] {
        assert_eq!(told(completion), why);
    }
}

#[test]
fn the_first_failure_is_reported_if_the_retry_times_out() {
    let user = User::new();
    let script = Script::new()
        .completion(Completion::raw(503, "busy"))
        .completion(Completion::text("late").delay(Duration::from_secs(3600)));
    let model = LoopbackModel::start(script).unwrap();
    let url = model.completions_url();
    user.configure(&format!(
        "default_agent = \"demo\"\n[router]\nchain = [\"groq-router\", \"local-router\"]\n\
         deadline_ms = 3000\n\
         [adapters.groq-router]\nconfig = {{ base_url = \"{url}\" }}\n\
         http = [{{ url = \"{url}/\", methods = [\"GET\", \"POST\"] }}]\n"
    ));
    user.run(&["adapters", "list"]);
    let asked = user.run(&["ask", "what is it doing?"]);
    let place = url.trim_start_matches("http://");
    let why = format!(
        "groq-router did not answer: {place} failed (status 503: busy); retried once; no answer within 3000 \
         ms\n"
    );
    assert!(asked.stderr.contains(&why), "{asked:?}");
    assert_eq!(asked.status, Some(0), "the next one answers: {asked:?}");
}

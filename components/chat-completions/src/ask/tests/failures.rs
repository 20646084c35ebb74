//! Tests of the errors from servers and connections.

use super::*;

#[test]
fn every_status_has_its_own_error() {
    let detail = |message: &str| json!({"error": {"message": message, "code": "x"}}).to_string();
    for (code, body, kind, says, requests) in [
        (
            400,
            detail("odd"),
            "invalid request",
            "api.groq.com/openai/v1 rejects the request (status 400: odd)",
            1,
        ),
        (
            401,
            detail("Invalid API Key"),
            "denied",
            "the credential groq was rejected by api.groq.com/openai/v1",
            1,
        ),
        (402, detail("no credits"), "unavailable", "requires payment (status 402: no credits)", 1),
        (403, detail("no"), "denied", "forbids it (status 403: no)", 1),
        (404, detail("no such"), "invalid request", "has no model \"m\" (status 404: no such)", 2),
        (408, String::new(), "unavailable", "failed (status 408)", 2),
        (
            413,
            detail("big"),
            "invalid request",
            "the request is too large for the model \"m\" (status 413: big)",
            1,
        ),
        (422, r#"{"detail": "no messages"}"#.to_owned(), "invalid request", "(status 422: no messages)", 1),
        (498, detail("full"), "unavailable", "is overloaded (status 498: full)", 1),
        (500, detail("oh"), "unavailable", "failed (status 500: oh)", 2),
        (503, "<html><title>Oh no</title>".to_owned(), "unavailable", "failed (status 503: Oh no)", 2),
        (503, "\u{1b}[2J".to_owned(), "unavailable", "(status 503: [2J)", 2),
        (302, String::new(), "invalid response", "answered with status 302; check config.base_url", 1),
        (204, String::new(), "invalid response", "answered with status 204", 1),
    ] {
        let (error, times) = failing(status(code, &body));
        let (is, text) = described(error);
        assert_eq!((is, times), (kind, requests), "{code}: {text}");
        assert!(text.contains(says), "{code}: {text}");
        assert!(text.len() < 120, "a clause, not a paragraph: {text}");
    }
}

#[test]
fn vendor_error_codes_are_understood() {
    let body = |code: &str| json!({"error": {"message": "oh", "code": code}}).to_string();
    for code in ["model_decommissioned", "model_not_found"] {
        let (error, requests) = failing(status(400, &body(code)));
        assert!(described(error).1.contains("has no model \"m\""));
        assert_eq!(requests, 2, "it is asked which there are");
    }
    let (error, requests) =
        failing(status(400, r#"{"error": {"message": "m is not a valid model ID", "code": 400}}"#));
    assert!(described(error).1.contains("has no model \"m\""));
    assert_eq!(requests, 2);
    let (error, requests) = failing(status(400, &body("json_validate_failed")));
    assert_eq!((described(error).0, requests), ("invalid response", 2));
    let (error, requests) = failing(status(429, &body("insufficient_quota")));
    let (kind, text) = described(error);
    assert_eq!((kind, requests), ("unavailable", 1));
    assert!(text.contains("no quota is left") && text.contains("oh"), "{text}");
}

#[test]
fn a_server_that_needs_a_key_is_reported() {
    let host = Scripted::new([status(401, "")]).with("credential", "");
    let text = described(put(&host).unwrap_err()).1;
    assert!(text.contains("needs a key (status 401)"), "{text}");
}

#[test]
fn an_error_under_status_200_is_that_error() {
    let error =
        |code: u16| json!({"error": {"code": code, "message": "Provider returned error"}}).to_string();
    for (code, kind, requests) in [(502, "unavailable", 2), (429, "rate limited", 1), (403, "denied", 1)] {
        let (error, times) = failing(status(200, &error(code)));
        assert_eq!((described(error).0, times), (kind, requests), "{code}");
    }
    for (body, words) in [
        (r#"{"error": "out of memory"}"#, "status 200: out of memory"),
        (r#"{"error": {"message": "out of memory", "code": "E7"}}"#, "status 200: out of memory"),
        (r#"{"error": {"code": "E7"}}"#, "status 200: E7"),
        (r#"{"object": "error", "message": "out of memory", "code": 7}"#, "status 200: out of memory"),
    ] {
        let (error, times) = failing(status(200, body));
        let (kind, text) = described(error);
        assert_eq!((kind, times), ("invalid response", 1), "{body}");
        assert_eq!(text, format!("api.groq.com/openai/v1 reports an error ({words})"));
    }
    let text = described(failing(status(200, r#"{"error": {}}"#)).0).1;
    assert!(text.ends_with("answered with status 200; check config.base_url"), "{text}");
    for (code, kind) in [("invalid_api_key", "denied"), ("rate_limit_exceeded", "rate limited")] {
        let body = json!({"error": {"message": "oh", "code": code}}).to_string();
        assert_eq!(described(failing(status(200, &body)).0).0, kind, "{code}");
    }
}

#[test]
fn an_error_of_a_proxy_does_not_blame_the_server() {
    let answer = |status: u16, header: &str| {
        let headers = vec![http::Header { name: header.to_owned(), value: "x".to_owned() }];
        Ok(http::Response { status, headers, body: b"no route".to_vec() })
    };
    for (status, header) in
        [(407, "date"), (502, "Proxy-Status"), (503, "X-Squid-Error"), (403, "proxy-authenticate")]
    {
        let (error, times) = failing(answer(status, header));
        let (kind, text) = described(error);
        assert_eq!((kind, times), ("unavailable", 1), "{status} {header}");
        let expected = format!("the proxy before api.groq.com/openai/v1 failed (status {status}: no route)");
        assert_eq!(text, format!("{expected}; check [network] proxy"));
    }
    let text = described(failing(answer(502, "via")).0).1;
    assert!(
        text.starts_with("api.groq.com/openai/v1 failed"),
        "a gateway of the vendor sends it too: {text}"
    );
}

#[test]
fn an_unknown_model_is_answered_with_a_suggestion() {
    let models = |names: &[&str]| {
        let data: Vec<_> = names.iter().map(|name| json!({"id": name, "object": "model"})).collect();
        status(200, &json!({"object": "list", "data": data}).to_string())
    };
    let suggestion = |models: Sent| {
        let host = Scripted::new([status(404, r#"{"error": "no such"}"#), models]).with("model", "old");
        let text = described(put(&host).unwrap_err()).1;
        let listing = host.requests()[1].clone();
        let sent_as = (listing.method.as_str(), listing.credential.as_deref());
        assert_eq!(
            (sent_as, &*listing.url),
            (("GET", Some("groq")), "https://api.groq.com/openai/v1/models")
        );
        text
    };
    let begins = "api.groq.com/openai/v1 has no model \"old\"";
    assert_eq!(
        suggestion(models(&["whisper", "a"])),
        format!("{begins}; try config.model = \"a\" (others: \"whisper\")")
    );
    assert_eq!(
        suggestion(models(&["a", "b", "c", "d", "e", models::ROUTING])),
        format!(
            "{begins}; try config.model = \"openai/gpt-oss-20b\" (others: \"a\", \"b\", \"c\" and 2 more)"
        )
    );
    assert_eq!(suggestion(models(&["a\u{1b}[2J"])), format!("{begins}; try config.model = \"a [2J\""));
    for silent in [
        models(&[]),
        models(&["old"]),
        status(404, ""),
        status(200, "oh"),
        Err(http::Error::Denied("no".to_owned())),
    ] {
        let text = suggestion(silent);
        assert_eq!(text, format!("{begins} (status 404: no such); set config.model, or config.base_url"));
    }
}

#[test]
fn a_rate_limit_reports_its_wait_and_is_never_retried() {
    let limited = |value: &str| {
        let header = http::Header { name: "retry-after".to_owned(), value: value.to_owned() };
        Ok(http::Response { status: 429, headers: vec![header], body: Vec::new() })
    };
    assert_eq!(failing(limited("2")), (PortError::RateLimited(Some(2_000)), 1));
    assert_eq!(failing(limited("Thu, 01 Jan 1970 00:01:00 GMT")), (PortError::RateLimited(Some(60_000)), 1));
    assert_eq!(failing(limited("later")), (PortError::RateLimited(None), 1));
    assert_eq!(failing(status(429, "")), (PortError::RateLimited(None), 1));
    let header = http::Header { name: "retry-after".to_owned(), value: "30".to_owned() };
    let busy = Ok(http::Response { status: 503, headers: vec![header], body: Vec::new() });
    assert_eq!(failing(busy).1, 1, "it wants to be left alone");
}

#[test]
fn a_request_without_a_response_is_not_retried() {
    let why = || "because".to_owned();
    for (error, kind) in [
        (http::Error::InvalidRequest(why()), "invalid request"),
        (http::Error::Unreachable(why()), "unavailable"),
        (http::Error::Timeout(why()), "unavailable"),
        (http::Error::TooLarge(why()), "invalid response"),
        (http::Error::Denied(why()), "denied"),
    ] {
        let (error, requests) = failing(Err(error));
        let (is, text) = described(error);
        assert_eq!((is, requests), (kind, 1));
        assert!(text.starts_with("because"), "{text}");
    }
}

#[test]
fn a_failing_server_gets_one_retry() {
    let host = Scripted::new([status(502, ""), says(r#"{"word": "yes"}"#)]);
    assert_eq!(put(&host), Ok(Answer { word: "yes".to_owned() }));
    let host = Scripted::new([status(502, ""), status(429, "")]);
    assert_eq!(put(&host), Err(PortError::RateLimited(None)));
}

#[test]
fn the_first_reason_is_reported_if_the_retry_gets_no_response() {
    let busy = "api.groq.com/openai/v1 failed (status 503: busy)";
    for unheard in
        [http::Error::Timeout("it took too long".to_owned()), http::Error::Unreachable("gone".to_owned())]
    {
        let why = match &unheard {
            http::Error::Timeout(why) | http::Error::Unreachable(why) => why.clone(),
            _ => String::new(),
        };
        let host = Scripted::new([status(503, "busy"), Err(unheard)]);
        let (kind, text) = described(put(&host).unwrap_err());
        assert_eq!((kind, text), ("unavailable", format!("{busy}; retried once: {why}")));
        // The same applies if the whole call times out first.
        assert_eq!(host.warnings(), [format!("{busy}; retried once")]);
    }
    let host = Scripted::new([says("I cannot."), Err(http::Error::Timeout("it took too long".to_owned()))]);
    let (kind, text) = described(put(&host).unwrap_err());
    assert_eq!(kind, "invalid response");
    assert!(text.contains("(it has no JSON); retried once: it took too long"), "{text}");

    let host = Scripted::new([status(404, ""), Err(http::Error::Timeout("it took too long".to_owned()))]);
    put(&host).unwrap_err();
    assert!(host.warnings()[0].contains("has no model"), "{:?}", host.warnings());
    let host = Scripted::new([status(400, ""), says(r#"{"word": "yes"}"#)]);
    put(&host).unwrap();
    assert!(host.warnings().is_empty(), "another form is no failure");
}

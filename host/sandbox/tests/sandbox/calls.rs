//! The data of ordinary calls.

use std::collections::BTreeMap;

use codewalk_core::intent::Intent;
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::Summarizer;

use crate::egress::{Key, SECRET, granted};
use crate::guests::{DATA, router, saying, summarizer};
use crate::support::{alone, ask, failure, generous, hint, message, sandbox, spec, summary_request};

/// A guest that repeats the utterance.
const ECHO: &str = "(call $hint (i32.load (local.get $request)) (i32.load offset=4 (local.get $request)))";

#[tokio::test]
async fn a_router_receives_the_utterance_unchanged() {
    let chain = alone(&sandbox(generous()), &router(ECHO));
    assert_eq!(hint(&chain, "fix the flaky löwe 🦁").await, "fix the flaky löwe 🦁");
}

#[tokio::test]
async fn a_proposal_is_returned_completely() {
    // launch { agent: "claude", project: some("shop"), prompt: "fix it" }, 90%, no candidates, reason "fits"
    let body = format!(
        "(i32.store8 (i32.const 1032) (i32.const 0))
         (i32.store (i32.const 1036) (i32.const {agent})) (i32.store (i32.const 1040) (i32.const 6))
         (i32.store8 (i32.const 1044) (i32.const 1))
         (i32.store (i32.const 1048) (i32.const {project})) (i32.store (i32.const 1052) (i32.const 4))
         (i32.store (i32.const 1056) (i32.const {prompt})) (i32.store (i32.const 1060) (i32.const 6))
         (i32.store8 (i32.const 1064) (i32.const 90))
         (i32.store (i32.const 1076) (i32.const {reason})) (i32.store (i32.const 1080) (i32.const 4))
         (i32.const 1024)",
        agent = DATA,
        project = DATA + 6,
        prompt = DATA + 10,
        reason = DATA + 16,
    );
    let chain = alone(&sandbox(generous()), &router(&body).data(b"claudeshopfix itfits"));
    let answered = ask(&chain, "fix it in shop").await.unwrap();
    assert_eq!(answered.adapter, "guest");
    assert_eq!(answered.fallback_from, Vec::new());
    assert_eq!(
        answered.answer.intent,
        Intent::Launch {
            agent: "claude".to_owned(),
            project: Some("shop".to_owned()),
            prompt: "fix it".to_owned(),
        }
    );
    assert_eq!(answered.answer.confidence, 90);
    assert_eq!(answered.answer.reason, "fits");
}

#[tokio::test]
async fn a_summary_is_cut_to_its_budget_and_to_the_existing_entries() {
    let text = "It fixes the login test.\u{1b}[2J";
    let body = format!("(call $summary (i32.const {DATA}) (i32.const {}) (i64.const 99))", text.len());
    let component = summarizer(&body).data(text.as_bytes()).embedded();
    let chain = sandbox(generous()).summarizer_chain(vec![spec("guest", component)]);

    let whole = chain.summarize(&summary_request(1000)).await.unwrap();
    assert_eq!(whole.answer.text, "It fixes the login test.\u{fffd}[2J");
    assert_eq!(whole.answer.covers, 7);

    let cut = chain.summarize(&summary_request(10)).await.unwrap();
    assert_eq!(cut.answer.text, "It fixe…");
}

#[tokio::test]
async fn no_state_survives_a_call() {
    // Reports how often it was called, as counted in its globals and its memory.
    let body = format!(
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
         (i32.store8 (i32.const {DATA}) (i32.add (i32.load8_u (i32.const {DATA})) (i32.const 1)))
         (i32.store8 offset=1 (i32.const {DATA}) (i32.add (global.get $calls) (i32.const 0x30)))
         (call $hint (i32.const {DATA}) (i32.const 2))"
    );
    let guest = router(&body).with("(global $calls (mut i32) (i32.const 0))").data(b"0");
    let chain = alone(&sandbox(generous()), &guest);
    for _ in 0..5 {
        assert_eq!(hint(&chain, "hello").await, "11");
    }
}

/// Case 39.
#[tokio::test]
async fn an_adapter_reads_only_its_own_configuration() {
    // Reports the value of the key in the utterance, or that the key is missing.
    let body = format!(
        "(call $config (i32.load (local.get $request)) (i32.load offset=4 (local.get $request))
             (i32.const 2048))
         (if (result i32) (i32.load8_u (i32.const 2048))
           (then (call $hint (i32.load (i32.const 2052)) (i32.load (i32.const 2056))))
           (else (call $hint (i32.const {DATA}) (i32.const 4))))"
    );
    let mut adapter = spec("guest", router(&body).data(b"none").embedded());
    adapter.config = BTreeMap::from([("model".to_owned(), "small".to_owned())]);
    let (key, server) = (Key::new(SECRET), "http://127.0.0.1:9");
    adapter.http = vec![granted(&format!("{server}/"), &["POST"], Some(key.credential(server)))];
    let chain = sandbox(generous()).router_chain(vec![adapter]);
    // `PATH` is an environment variable; the others are names of the credential.
    for sought in
        ["PATH", "service", "credentials", "credentials.service", "SERVICE", "service.key", "", "config"]
    {
        assert_eq!(hint(&chain, sought).await, "none", "{sought}");
        assert_eq!(hint(&chain, "model").await, "small");
    }
}

#[tokio::test]
async fn the_text_of_a_guest_is_sanitized() {
    let chain = alone(&sandbox(generous()), &saying("\u{1b}]0;owned\u{7}\u{9b}2J\r\u{202e}ok"));
    assert_eq!(hint(&chain, "hello").await, "\u{fffd}]0;owned\u{fffd}\u{fffd}2J \u{fffd}ok");
}

/// Case 52.
#[tokio::test]
async fn invalid_utf8_is_an_error_that_names_the_adapter() {
    let guest = router(&format!("(call $hint (i32.const {DATA}) (i32.const 3))")).data(&[b'a', 0xff, 0xfe]);
    let error = failure(generous(), &guest).await;
    assert!(message(&error).starts_with("the adapter \"guest\" stopped with an error: "), "{error}");
    assert!(message(&error).contains("utf-8"), "{error}");
}

/// Case 52.
#[tokio::test]
async fn an_out_of_bounds_pointer_is_an_error() {
    let error = failure(generous(), &router("(call $hint (i32.const -8) (i32.const 64))")).await;
    assert!(message(&error).contains("out of bounds"), "{error}");

    let error = failure(generous(), &router("(i32.const -8)")).await;
    assert!(message(&error).starts_with("the adapter \"guest\" stopped with an error: "), "{error}");
}

#[tokio::test]
async fn the_error_of_an_adapter_is_passed_on_sanitized_with_its_name() {
    let refusing = |case: u8| {
        let body = format!("(call $refuse (i32.const {case}) (i32.const {DATA}) (i32.const 10))");
        router(&body).data(b"not\x1b[1mnow")
    };
    let text = "the adapter \"guest\" says: not\u{fffd}[1mnow".to_owned();
    assert_eq!(failure(generous(), &refusing(0)).await, PortError::Unavailable { message: text.clone() });
    assert_eq!(failure(generous(), &refusing(2)).await, PortError::Denied { message: text.clone() });
    let unusable = text.replace("says", "gave an answer that cannot be used");
    assert_eq!(failure(generous(), &refusing(3)).await, PortError::InvalidResponse { message: unusable });
    // The next adapter is called even then, because the error is only one adapter's opinion.
    assert_eq!(failure(generous(), &refusing(4)).await, PortError::InvalidRequest { message: text });

    let body = "(i64.store (i32.const 1048) (i64.const 1500))
                (call $refuse (i32.const 1) (i32.const 1) (i32.const 0))";
    assert_eq!(
        failure(generous(), &router(body)).await,
        PortError::RateLimited { retry_after_ms: Some(1500) }
    );
}

#[tokio::test]
async fn after_a_trap_the_next_call_of_the_adapter_succeeds() {
    // Traps on request.
    let body = format!(
        "(if (i32.eq (i32.load8_u (i32.load (local.get $request))) (i32.const 0x74)) (then (unreachable)))
         {ECHO}"
    );
    let chain = alone(&sandbox(generous()), &router(&body));
    assert_eq!(hint(&chain, "hello").await, "hello");
    let error = ask(&chain, "trap").await.unwrap_err();
    assert!(
        message(&error)
            .contains("the adapter \"guest\" stopped with an error: wasm trap: wasm `unreachable`"),
        "{error}"
    );
    assert_eq!(hint(&chain, "hello").await, "hello");
}

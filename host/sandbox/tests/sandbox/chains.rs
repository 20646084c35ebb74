//! Chains: which adapter answers, and why the others failed.

use std::fs;
use std::sync::Arc;

use codewalk_core::port_reply::PortError;
use codewalk_sandbox::{AdapterSpec, Source};

use crate::guests::{router, saying, summarizer};
use crate::support::{ask, generous, hint, hint_of, message, sandbox, spec};

fn file(name: &str, path: &std::path::Path) -> AdapterSpec {
    AdapterSpec { source: Source::File(path.to_owned()), ..spec(name, b"") }
}

#[tokio::test]
async fn the_answer_names_its_adapter_and_those_that_failed() {
    let trap = router("(unreachable)").embedded();
    let chain = sandbox(generous()).router_chain(vec![
        file("missing", "no/such/router.wasm".as_ref()),
        spec("trap", trap),
        spec("good", saying("here").embedded()),
        spec("unasked", trap),
    ]);
    let answered = ask(&chain, "hello").await.unwrap();
    assert_eq!(hint_of(&answered.answer), "here");
    assert_eq!(answered.adapter, "good");
    let failed: Vec<_> = answered.fallback_from.iter().map(|f| f.adapter.as_str()).collect();
    assert_eq!(failed, ["missing", "trap"]);
    assert_eq!(
        message(&answered.fallback_from[0].error),
        "the adapter \"missing\" does not exist: no file \"no/such/router.wasm\"; build it, or correct the \
         path in the \
         configuration"
    );
    assert!(message(&answered.fallback_from[1].error).contains("unreachable"));
}

#[tokio::test]
async fn if_no_adapter_answers_the_error_names_all() {
    let limited = router("(call $refuse (i32.const 1) (i32.const 0) (i32.const 0))").embedded();
    let chain = sandbox(generous())
        .router_chain(vec![spec("limited", limited), spec("wrong", summarizer("(unreachable)").embedded())]);
    let error = ask(&chain, "hello").await.unwrap_err();
    assert!(matches!(error, PortError::Unavailable { .. }), "{error:?}");
    let (limited, wrong) = message(&error).split_once("; ").unwrap();
    assert!(
        limited.starts_with("no router answered: the adapter \"limited\" says: rate limited"),
        "{limited}"
    );
    assert!(
        wrong.ends_with(
            "the adapter \"wrong\" is not a router: it does not export codewalk:router/router@0.1.0, which \
             the world codewalk:router/router-adapter requires; it exports \
             codewalk:summarizer/summarizer@0.1.0"
        ),
        "{wrong}"
    );
}

#[tokio::test]
async fn an_empty_chain_names_the_setting_to_configure() {
    let error = ask(&sandbox(generous()).router_chain(Vec::new()), "hello").await.unwrap_err();
    assert_eq!(message(&error), "no router is configured; name one in router.chain");
}

#[tokio::test]
async fn a_missing_adapter_serves_as_soon_as_it_exists() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("router.wasm");
    let chain = sandbox(generous()).router_chain(vec![file("late", &path)]);
    assert!(ask(&chain, "hello").await.is_err());
    fs::write(&path, saying("now").build()).unwrap();
    assert_eq!(hint(&chain, "hello").await, "now");
}

#[tokio::test]
async fn many_first_calls_at_once_load_the_adapter_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("router.wasm");
    fs::write(&path, saying("first").build()).unwrap();
    let chain = Arc::new(sandbox(generous()).router_chain(vec![file("shared", &path)]));
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let chain = Arc::clone(&chain);
            tokio::spawn(async move { hint(&chain, "hello").await })
        })
        .collect();
    let mut said = Vec::new();
    for call in calls {
        said.push(call.await.unwrap());
        // A later attempt to load would read this.
        fs::write(&path, saying("again").build()).unwrap();
    }
    assert_eq!(said, vec!["first"; 20]);
    assert_eq!(hint(&chain, "hello").await, "first");
}

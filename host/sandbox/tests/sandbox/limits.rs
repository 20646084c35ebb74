//! Guests that exceed limits on memory, depth or transferred data. [`failure`] also asserts that the next
//! call succeeds.

use std::time::Duration;

use codewalk_core::intent::Intent;
use codewalk_core::port_reply::PortError;
use codewalk_core::ports::Router;
use codewalk_sandbox::{AdapterSpec, Limits, Source};

use crate::guests::{DATA, router, saying};
use crate::support::{
    PATIENCE, alone, ask, eventually, failure, generous, hint, message, request, sandbox, spec,
};
use crate::time_limits::{SPIN, forever_on_request, spinning_on_request};
use crate::wasi_guests::wasi;

/// Case 87.
#[tokio::test]
async fn all_calls_of_all_adapters_have_one_memory_cap() {
    let limits = Limits { memory: 128 * 1024 * 1024, ..generous() };
    let sandbox = sandbox(limits);
    // Allocates 100 MB, and holds it forever on request.
    let taking = "(if (i32.eq (memory.grow (i32.const 1600)) (i32.const -1)) (then (unreachable)))";
    let guest =
        wasi(&format!("{taking} {}", forever_on_request("(call $block (call $sleep (i64.const -1)))")))
            .embedded();
    // Five of them use 500 MB plus their initial memory. There is no room for a sixth.
    let chains = ["a", "b", "c", "d", "e", "f"].map(|name| sandbox.router_chain(vec![spec(name, guest)]));
    for chain in &chains {
        assert_eq!(hint(chain, "hello").await, "hello");
    }
    let handles = chains.each_ref().map(|chain| chain.adapters().remove(0));
    let mut keeping = tokio::task::JoinSet::new();
    for chain in chains {
        keeping.spawn(async move { chain.route(&request("spin")).await });
    }
    let live = || handles.iter().map(|handle| handle.status().live_memory).sum::<u64>();
    let error = keeping.join_next().await.unwrap().unwrap().unwrap_err();
    assert!(
        message(&error).ends_with(
            "got no memory: all running calls share 536870912 bytes; the next call tries it again"
        ),
        "{error}"
    );
    assert!(live() <= 536_870_912);
    keeping.shutdown().await;
    eventually("what they had is free", || live() == 0).await;
    let again = sandbox.router_chain(vec![spec("again", guest)]);
    assert_eq!(hint(&again, "hello").await, "hello");
}

/// Case 44.
#[tokio::test]
async fn a_memory_bomb_is_refused() {
    let body =
        "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)";
    let error = failure(generous(), &router(body)).await;
    assert_eq!(message(&error), "the adapter \"guest\" ran out of memory: it may use 16777216 bytes");
}

/// Case 44.
#[tokio::test]
async fn a_guest_that_handles_a_failed_allocation_keeps_running() {
    let body =
        format!("(drop (memory.grow (i32.const 65000))) (call $hint (i32.const {DATA}) (i32.const 2))");
    let chain = alone(&sandbox(generous()), &router(&body).data(b"ok"));
    assert_eq!(hint(&chain, "hello").await, "ok");
}

/// Case 45.
#[tokio::test]
async fn memories_are_summed() {
    // Each of the three is within the limit of 256 pages; together they exceed it.
    let body = "(if (i32.eq (memory.grow $second (i32.const 120)) (i32.const -1))
                    (then (return (i32.const 0))))
                (if (i32.eq (memory.grow $third (i32.const 120)) (i32.const -1))
                    (then (return (i32.const 0))))
                (if (i32.eq (memory.grow $second (i32.const 20)) (i32.const -1)) (then (unreachable)))
                (i32.const 0)";
    let guest = router(body).with("(memory $second 0) (memory $third 0)");
    let error = failure(generous(), &guest).await;
    assert_eq!(message(&error), "the adapter \"guest\" ran out of memory: it may use 16777216 bytes");
}

/// Case 45.
#[tokio::test]
async fn a_guest_with_many_memories_does_not_load() {
    let guest = saying("never").with(&"(memory 1)".repeat(8));
    let error = failure(generous(), &guest).await;
    assert_eq!(
        message(&error),
        "the adapter \"guest\" does not compile: module memory does not fit in pooling allocator \
         requirements: defined memories count of 9 exceeds the per-instance limit of 4"
    );
}

/// Case 46.
#[tokio::test]
async fn a_table_bomb_is_refused() {
    let body = "(loop $more (br_if $more
                  (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
                (loop $more (br_if $more
                  (i32.ne (table.grow $u (ref.null func) (i32.const 1000)) (i32.const -1))))
                (loop $more (br_if $more
                  (i32.ne (table.grow $v (ref.null func) (i32.const 1000)) (i32.const -1))))
                (unreachable)";
    let guest = router(body).with("(table $t 0 funcref) (table $u 0 funcref) (table $v 0 funcref)");
    let error = failure(generous(), &guest).await;
    assert!(message(&error).contains("ran out of memory"), "{error}");
}

/// Case 47.
#[tokio::test]
async fn deep_recursion_is_stopped() {
    let guest = router("(call $deeper (i32.const 0))")
        .with("(func $deeper (param i32) (result i32) (i32.add (call $deeper (local.get 0)) (i32.const 1)))");
    let error = failure(generous(), &guest).await;
    assert!(message(&error).contains("call stack exhausted"), "{error}");
}

/// Case 49.
#[tokio::test]
async fn the_longest_utterance_passes_both_ways_unchanged() {
    // query { session: none, question: the utterance }
    let body = "(i32.store8 (i32.const 1032) (i32.const 2))
                (i32.store (i32.const 1048) (i32.load (local.get $request)))
                (i32.store (i32.const 1052) (i32.load offset=4 (local.get $request)))
                (i32.const 1024)";
    let utterance = "löwe".repeat(64 * 1024 / 5);
    let answered = ask(&alone(&sandbox(generous()), &router(body)), &utterance).await.unwrap();
    assert_eq!(answered.answer.intent, Intent::Query { session: None, question: utterance });
}

/// Case 49.
#[tokio::test]
async fn a_request_that_does_not_fit_into_memory_ends_only_its_call() {
    let chain = alone(&sandbox(generous()), &spinning_on_request());
    let error = ask(&chain, &"x".repeat(20_000_000)).await.unwrap_err();
    assert_eq!(
        message(&error),
        "no router answered: the adapter \"guest\" ran out of memory: it may use 16777216 bytes"
    );
    assert_eq!(hint(&chain, "hello").await, "hello");
}

/// Case 50.
#[tokio::test]
async fn a_giant_return_value_is_rejected() {
    let body = "(drop (memory.grow (i32.const 128))) (call $hint (i32.const 0) (i32.const 8000000))";
    let error = failure(generous(), &router(body)).await;
    assert!(message(&error).contains("too much data"), "{error}");
}

/// Case 50.
#[tokio::test]
async fn a_giant_log_line_is_refused() {
    let body = "(drop (memory.grow (i32.const 128)))
                (call $log (i32.const 1) (i32.const 0) (i32.const 8000000))
                (i32.const 1024)";
    let error = failure(generous(), &router(body)).await;
    assert!(message(&error).contains("too much data"), "{error}");
}

/// Case 51.
#[tokio::test]
async fn an_amplified_list_is_refused() {
    // 200,000 candidates of 36 bytes each.
    let body = "(drop (memory.grow (i32.const 128)))
                (i32.store8 (i32.const 1032) (i32.const 4))
                (i32.store (i32.const 1068) (i32.const 0)) (i32.store (i32.const 1072) (i32.const 200000))
                (i32.const 1024)";
    let error = failure(generous(), &router(body)).await;
    assert!(message(&error).contains("too much data"), "{error}");
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_an_invalid_answer() {
    let body = "(drop (memory.grow (i32.const 8)))
                (memory.fill (i32.const 131072) (i32.const 0x61) (i32.const 65537))
                (i32.store (i32.const 1056) (i32.const 131072)) (i32.store (i32.const 1060) (i32.const 65537))
                (i32.const 1024)";
    let error = failure(generous(), &router(body)).await;
    assert_eq!(
        error,
        PortError::InvalidResponse {
            message:
                "the adapter \"guest\" gave an answer that cannot be used: a prompt of 65537 bytes; at most \
                      65536 are accepted"
                    .to_owned()
        }
    );
}

#[tokio::test]
async fn an_adapter_has_its_own_limits_within_those_of_the_sandbox() {
    let limits = |executing, memory| Limits { executing, memory, wall_clock: 20 * PATIENCE };
    let spinning = AdapterSpec {
        limits: Some(limits(Duration::from_millis(50), 1 << 20)),
        ..AdapterSpec::new("spinning", Source::Embedded(router(SPIN).embedded()))
    };
    // 2 MiB exceeds the adapter's limit, but not the sandbox's.
    let hungry =
        "(drop (memory.grow (i32.const 32))) (i32.store (i32.const 1048576) (i32.const 1)) (unreachable)";
    let hungry = |name, memory| AdapterSpec {
        limits: Some(limits(PATIENCE, memory)),
        ..AdapterSpec::new(name, Source::Embedded(router(hungry).embedded()))
    };
    let sandbox = sandbox(generous());
    let chain = sandbox.router_chain(vec![spinning, hungry("hungry", 1 << 20), hungry("fed", 1 << 40)]);
    let error = ask(&chain, "hello").await.unwrap_err();
    let said: Vec<&str> = message(&error).split("; ").collect();
    assert!(said[0].contains("computed for more than 50 ms"), "{said:?}");
    assert!(said[1].contains("ran out of memory: it may use 1048576 bytes"), "{said:?}");
    assert!(said[2].contains("unreachable"), "{said:?}");
}

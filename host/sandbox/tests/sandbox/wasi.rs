//! Guests that import WASI: they load, and WASI is empty.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codewalk_core::port_reply::PortError;
use codewalk_core::ports::Router;
use codewalk_core::time::Timestamp;
use codewalk_sandbox::{AdapterSpec, Limits, Source, World};
use tokio::task::JoinSet;

use crate::guests::{DATA, Guest, saying};
use crate::log::lines_of;
use crate::support::{alone, ask, failure, generous, hint, hint_of, message, request, sandbox, spec};
use crate::wasi_guests::wasi;

/// Returns the text of a guest.
async fn said(body: &str) -> String {
    hint(&alone(&sandbox(generous()), &wasi(body)), "hello").await
}

/// A guest that reports the length of a list.
async fn length(list: &str) -> String {
    said(&format!("(call {list} (i32.const 2048)) (call $hex (i32.const 2052) (i32.const 4))")).await
}

#[test]
fn a_component_that_imports_wasi_works_as_a_router() {
    let guest: &[u8] =
        wasi("(call $random (i64.const 4) (i32.const 2048)) (call $hint (i32.const 0) (i32.const 0))")
            .embedded();
    let inspection = sandbox(generous()).inspect(&Source::Embedded(guest)).unwrap();
    assert_eq!(inspection.worlds, [World::Router], "{:?}", inspection.problems);
    assert!(inspection.imports.contains(&"wasi:random/random@0.2.6".to_owned()), "{:?}", inspection.imports);
}

/// A guest that writes a file into a preopened folder, or through a handle that it guesses.
fn opening(path: &str, handle: u32) -> Guest {
    wasi(&format!(
        "(local $folder i32)
         (local.set $folder (i32.const {handle}))
         (call $directories (i32.const 2048))
         (if (i32.load (i32.const 2052)) (then (local.set $folder (i32.load (i32.load (i32.const 2048))))))
         (drop (call $stdout)) (drop (call $network))
         (call $open (local.get $folder) (i32.const 1) (i32.const {DATA}) (i32.const {}) (i32.const 1)
           (i32.const 3) (i32.const 2048))
         (call $hex (i32.const 2048) (i32.const 8))",
        path.len()
    ))
    .data(path.as_bytes())
}

/// Cases 1 and 2.
#[tokio::test]
async fn wasi_has_no_folders_and_so_no_files() {
    assert_eq!(length("$directories").await, "00000000");
    // Its first resource is the output, its second the network. There is no third.
    for (handle, is_other) in [(0, false), (1, true), (2, true), (3, false), (u32::MAX, false)] {
        for path in ["canary-c01", "../canary-c02", "/tmp/canary-c01"] {
            let error = failure(generous(), &opening(path, handle)).await;
            let why = if is_other {
                format!("handle index {handle} used with the wrong type, ")
            } else {
                format!("unknown handle index {handle}")
            };
            let told = format!("the adapter \"guest\" stopped with an error: {why}");
            assert!(message(&error).starts_with(&told), "{path}: {error}");
            assert!(!Path::new(path).exists(), "{path}");
        }
    }
}

/// Cases 3 and 4.
#[tokio::test]
async fn wasi_has_no_environment_variables_and_no_arguments() {
    assert_eq!(length("$environment").await, "00000000");
    assert_eq!(length("$arguments").await, "00000000");
}

/// Case 5.
#[tokio::test]
async fn standard_input_has_ended() {
    let body = "(call $read (call $stdin) (i64.const 16) (i32.const 2048))
                (i32.store8 (i32.const 2049) (i32.load8_u (i32.const 2052)))
                (call $hex (i32.const 2048) (i32.const 2))";
    // An error of the second kind: closed.
    assert_eq!(said(body).await, "0101");
}

/// Case 10.
#[tokio::test]
async fn exit_ends_the_call_alone() {
    for (status, code) in [(0, 0), (1, 1)] {
        let guest = wasi(&format!("(call $exit (i32.const {status})) (unreachable)"));
        let error = failure(generous(), &guest).await;
        let told = format!("it called exit({code}); an adapter must return its answer");
        assert!(message(&error).contains(&told), "{error}");
    }
}

/// Case 11.
#[tokio::test]
async fn too_many_random_bytes_in_one_request_end_the_call() {
    for len in ["65537", "-1"] {
        let guest = wasi(&format!("(call $random (i64.const {len}) (i32.const 2048)) (unreachable)"));
        let error = failure(generous(), &guest).await;
        assert!(message(&error).contains("random bytes at once; at most 65536 are allowed"), "{error}");
    }
}

/// Case 12.
#[tokio::test]
async fn reading_clocks_and_random_numbers_counts_as_executing() {
    let limits = Limits { executing: Duration::from_millis(50), ..generous() };
    for call in [
        "(drop (call $now))",
        "(call $time (i32.const 2048))",
        "(call $seed (i32.const 2048))",
        "(drop (call $is-ready (local.get $pollable)))",
        "(local.set $timer (call $sleep (i64.const 0)))
         (call $block (local.get $timer)) (call $drop-pollable (local.get $timer))",
    ] {
        let guest = wasi(&format!(
            "(local $pollable i32) (local $timer i32) (local.set $pollable (call $sleep (i64.const -1)))
             (loop $more {call} (br $more)) (unreachable)"
        ));
        let error = failure(limits, &guest).await;
        assert_eq!(
            message(&error),
            "the adapter \"guest\" computed for more than 50 ms and was stopped",
            "{call}"
        );
    }
}

/// Case 13.
#[tokio::test]
async fn one_adapter_that_sleeps_leaves_room_for_others() {
    let sandbox = sandbox(generous());
    let asleep = wasi("(call $block (call $sleep (i64.const -1))) (unreachable)");
    let chain = Arc::new(alone(&sandbox, &asleep));
    // More calls than slots.
    let mut sleeping = JoinSet::new();
    for _ in 0..40 {
        let chain = Arc::clone(&chain);
        sleeping.spawn(async move { chain.route(&request("hello")).await });
    }
    let good = sandbox.router_chain(vec![spec("good", saying("all is well").embedded())]);
    for _ in 0..10 {
        assert_eq!(hint(&good, "hello").await, "all is well");
    }
    assert!(sleeping.try_join_next().is_none());
}

/// Case 13.
#[tokio::test]
async fn an_endless_sleep_ends_with_the_call_and_blocks_no_thread() {
    let sandbox = sandbox(generous());
    // More than there are threads.
    let asleep = wasi("(call $block (call $sleep (i64.const -1))) (unreachable)").embedded();
    let asleep = AdapterSpec {
        limits: Some(Limits { wall_clock: Duration::from_millis(300), ..generous() }),
        ..spec("asleep", asleep)
    };
    let chains: Vec<_> = (0..8).map(|_| sandbox.router_chain(vec![asleep.clone()])).collect();
    let asleep = |chain| async move {
        loop {
            let error = ask(&chain, "hello").await.unwrap_err();
            // On a busy machine, compiling takes longer than sleeping.
            if !message(&error).contains("is still being compiled") {
                return error;
            }
        }
    };
    let sleeping: Vec<_> = chains.into_iter().map(|chain| tokio::spawn(asleep(chain))).collect();
    let good = sandbox.router_chain(vec![spec("good", saying("all is well").embedded())]);
    assert_eq!(hint(&good, "hello").await, "all is well");
    for call in sleeping {
        let error = call.await.unwrap();
        assert!(message(&error).contains("the adapter \"asleep\" did not answer within 300 ms"), "{error}");
    }
}

#[tokio::test]
async fn waiting_for_a_timer_does_not_count_as_executing() {
    let limits = Limits { executing: Duration::from_millis(100), ..generous() };
    // Each takes longer than a tick, and there are more of them than ticks in the budget.
    let guest = wasi(
        "(local $n i32) (local $timer i32)
         (loop $more
           (local.set $timer (call $sleep (i64.const 15000000)))
           (call $block (local.get $timer))
           (call $drop-pollable (local.get $timer))
           (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 30))))
         (call $hint (i32.const 0) (i32.const 0))",
    );
    assert_eq!(hint(&alone(&sandbox(limits), &guest), "hello").await, "");
}

#[tokio::test]
async fn clocks_start_at_the_request_and_advance_with_the_guest() {
    let body = "(i64.store (i32.const 3000) (call $now))
                (call $block (call $sleep (i64.const 20000000)))
                (i64.store (i32.const 3008) (call $now))
                (call $time (i32.const 3016))
                (call $hex (i32.const 3000) (i32.const 28))";
    let number = |text: &str| u64::from_str_radix(text, 16).map(u64::swap_bytes).unwrap();
    let mut asked = request("hello");
    asked.now = Timestamp(1_700_000_000_123);
    let answered = alone(&sandbox(generous()), &wasi(body)).route(&asked).await.unwrap();
    let said = hint_of(&answered.answer);
    // Each reading advances the clock by a microsecond, and the wait by its duration.
    assert_eq!((number(&said[..16]), number(&said[16..32])), (0, 20_001_000));
    assert_eq!(number(&said[32..48]), 1_700_000_000);
    let nanoseconds = u32::from_str_radix(&said[48..], 16).unwrap().swap_bytes();
    assert_eq!(nanoseconds, 123_000_000 + 20_002_000);
}

#[tokio::test]
async fn the_same_request_gets_the_same_random_numbers_and_another_does_not() {
    let random = |extra: &str| {
        wasi(&format!(
            "{extra} (call $random (i64.const 16) (i32.const 2048))
             (call $hex (i32.load (i32.const 2048)) (i32.const 16))"
        ))
    };
    let chain = alone(&sandbox(generous()), &random(""));
    let first = hint(&chain, "hello").await;
    assert_eq!(first.len(), 32);
    assert_eq!(hint(&chain, "hello").await, first);
    assert_eq!(hint(&alone(&sandbox(generous()), &random("")), "hello").await, first);
    assert_ne!(hint(&chain, "goodbye").await, first);
    assert_ne!(hint(&alone(&sandbox(generous()), &random("(nop)")), "hello").await, first);
}

/// Case 48.
#[tokio::test]
async fn more_handles_than_a_guest_may_hold_end_the_call() {
    for make in ["$stdout", "$stdin", "$fields", "$network", "$sleep (i64.const -1)"] {
        let guest = wasi(&format!("(loop $more (drop (call {make})) (br $more)) (unreachable)"));
        let error = failure(generous(), &guest).await;
        let told = "the adapter \"guest\" stopped with an error: cannot allocate another handle: store \
                    handle limit exceeded"
            .to_owned();
        assert_eq!(error, PortError::Unavailable { message: told }, "{make}");
    }
}

/// A guest that prints a text repeatedly.
fn printing(stream: &str, text: &[u8], times: u32) -> Guest {
    wasi(&format!(
        "(local $n i32) (local $stream i32)
         (local.set $stream (call {stream}))
         (loop $more
           (call $write (local.get $stream) (i32.const {DATA}) (i32.const {}) (i32.const 2048))
           (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const {times}))))
         (call $hint (i32.const 0) (i32.const 0))",
        text.len()
    ))
    .data(text)
}

/// Runs a guest, and returns its log lines.
async fn logged(name: &str, guest: &Guest) -> Vec<String> {
    lines_of(name);
    let chain = sandbox(generous()).router_chain(vec![spec(name, guest.embedded())]);
    ask(&chain, "hello").await.unwrap();
    lines_of(name)
}

/// Case 53.
#[tokio::test]
async fn output_is_logged_line_by_line_and_sanitized() {
    for (stream, level) in [("$stdout", "  INFO "), ("$stderr", "  WARN ")] {
        let name = format!("prints-to-{}", &stream[1..]);
        let lines = logged(&name, &printing(stream, b"one\ntw\x1b[31mo\nthr", 2)).await;
        let [one, two, three, four, five] = lines.as_slice() else {
            panic!("five lines: {lines:?}");
        };
        assert!(lines.iter().all(|line| line.contains(level) && line.contains("call=1")), "{lines:?}");
        let says = |line: &str, text: &str| line.contains(&format!("{text} adapter="));
        assert!(says(one, " one") && says(two, "[31mo") && says(three, " throne"), "{lines:?}");
        assert!(!two.chars().any(char::is_control), "{two:?}");
        assert!(says(four, "[31mo") && says(five, " thr"), "{lines:?}");
    }
}

/// Case 53.
#[tokio::test]
async fn a_flood_of_output_is_dropped_with_a_count() {
    let lines = logged("prints-a-flood", &printing("$stdout", b"drip\n", 1000)).await;
    assert_eq!(lines.len(), 201);
    assert!(lines[200].contains("800 more lines of this call were dropped"), "{}", lines[200]);
    let lines = logged("prints-a-line", &printing("$stderr", &[b'x'; 4096], 20)).await;
    assert_eq!(lines.len(), 1);
    assert!(lines[0].len() < 2300 && lines[0].contains('…'), "{}", lines[0].len());
}

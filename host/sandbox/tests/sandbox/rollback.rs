//! Trials of new components, and what serves after they fail.

use std::fs;

use codewalk_sandbox::{ReloadOutcome, Serving};

use crate::guests::{DATA, Guest, router, saying};
use crate::support::{ask, eventually, hint, message, sha256};
use crate::swap::{is_not_taken, serving};

/// Traps on "trap", and otherwise returns the given text.
pub fn trapping_on_request(says: &str) -> Guest {
    let body = format!(
        "(if (i32.load offset=4 (local.get $request))
           (then (if (i32.eq (i32.load8_u (i32.load (local.get $request))) (i32.const 0x74))
             (then (unreachable)))))
         (call $hint (i32.const {DATA}) (i32.const {}))",
        says.len()
    );
    router(&body).data(says.as_bytes())
}

/// Case 79.
#[tokio::test]
async fn a_new_generation_that_traps_is_rolled_back_and_rejected() {
    let (place, running) = serving(&saying("good").build()).await;
    let bad = trapping_on_request("bad").build();
    place.save(&bad);
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "bad");
    for _ in 0..3 {
        let error = ask(&running.chain, "trap").await.unwrap_err();
        assert!(message(&error).contains("unreachable"), "{error}");
    }
    // From the very next call.
    assert_eq!(hint(&running.chain, "trap").await, "good");
    let registry = place.registry();
    eventually("it is remembered", || registry.state("guest").unwrap().rejected == [sha256(&bad)]).await;
    assert_eq!(registry.state("guest").unwrap().current, Some(sha256(&saying("good").build())));
    is_not_taken(&running, "was rolled back").await;

    drop(running);
    let restarted = place.running();
    assert_eq!(hint(&restarted.chain, "hello").await, "good");
    assert!(restarted.status().last_problem.unwrap().contains("was rolled back"));

    // Until it is installed again.
    registry.put("guest", &bad, None).unwrap();
    assert!(matches!(restarted.reload().await, Ok(ReloadOutcome::New { .. })));
    assert_eq!(hint(&restarted.chain, "hello").await, "bad");
    // Then its trial restarts, too.
    ask(&restarted.chain, "trap").await.unwrap_err();
    assert_eq!(hint(&restarted.chain, "hello").await, "bad");
}

#[tokio::test]
async fn a_trial_continues_in_the_next_process() {
    let (place, running) = serving(&saying("good").build()).await;
    place.save(&trapping_on_request("bad").build());
    running.reload().await.unwrap();
    ask(&running.chain, "trap").await.unwrap_err();
    drop(running);
    for _ in 0..2 {
        let running = place.running();
        assert_eq!(hint(&running.chain, "hello").await, "bad");
        ask(&running.chain, "trap").await.unwrap_err();
        if running.status().state == Serving::OnTrial {
            continue;
        }
        eventually("the earlier one serves", || {
            running.status().digest == Some(sha256(&saying("good").build()))
        })
        .await;
        return;
    }
    panic!("three failures in three processes were not enough");
}

#[tokio::test]
async fn a_generation_that_passed_its_trial_is_not_rolled_back() {
    let (place, running) = serving(&saying("good").build()).await;
    place.save(&trapping_on_request("proven").build());
    running.reload().await.unwrap();
    for _ in 0..20 {
        hint(&running.chain, "hello").await;
    }
    for _ in 0..5 {
        ask(&running.chain, "trap").await.unwrap_err();
    }
    assert_eq!(hint(&running.chain, "hello").await, "proven");
    assert_eq!(running.status().state, Serving::Live);
}

/// Case 81.
#[tokio::test]
async fn without_an_earlier_generation_a_failing_one_serves_on() {
    let (place, running) = serving(&trapping_on_request("alone").build()).await;
    for _ in 0..3 {
        ask(&running.chain, "trap").await.unwrap_err();
    }
    eventually("the status says so", || running.status().last_problem.is_some()).await;
    let said = running.status().last_problem.unwrap();
    assert!(said.contains("no earlier version of guest is stored"), "{said}");
    assert_eq!(hint(&running.chain, "hello").await, "alone");
    assert_eq!(place.registry().state("guest").unwrap().rejected, [""; 0]);
}

/// Case 78.
#[tokio::test]
async fn a_deleted_component_serves_on_even_after_a_restart() {
    let (place, running) = serving(&saying("good").build()).await;
    fs::remove_file(place.candidate()).unwrap();
    is_not_taken(&running, "does not exist").await;
    drop(running);
    let restarted = place.running();
    assert_eq!(hint(&restarted.chain, "hello").await, "good");
    let said = restarted.status().last_problem.unwrap();
    assert!(said.contains("does not exist"), "{said}");
}

#[tokio::test]
async fn after_a_restart_the_last_good_one_replaces_a_bad_file() {
    let (place, running) = serving(&saying("good").build()).await;
    drop(running);
    place.save(b"\0asm\x0d\0\x01\0half");
    let restarted = place.running();
    assert_eq!(hint(&restarted.chain, "hello").await, "good");
    assert!(restarted.status().last_problem.unwrap().contains("does not compile"));
    is_not_taken(&restarted, "does not compile").await;
}

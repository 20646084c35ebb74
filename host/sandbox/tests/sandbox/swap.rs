//! Which components replace the current one, and which do not, without losing a call.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use codewalk_core::ports::Router;
use codewalk_sandbox::{AdapterSpec, Grant, ReloadOutcome, Serving, Source};

use crate::guests::{DATA, Request, router, saying, summarizer};
use crate::log::lines_of;
use crate::place::{Place, Running};
use crate::server::Server;
use crate::support::{eventually, hint, hint_of, request, sha256};

/// A place where this component serves.
pub async fn serving(component: &[u8]) -> (Place, Running) {
    let place = Place::new();
    place.save(component);
    let running = place.running();
    assert!(matches!(running.reload().await, Ok(ReloadOutcome::New { generation: 1, .. })));
    (place, running)
}

/// Asserts that the present component is rejected for this reason, and that nothing else changed.
pub async fn is_not_taken(running: &Running, why: &str) {
    let before = running.status();
    let problem = running.reload().await.unwrap_err();
    assert!(problem.to_string().contains(why), "{problem}");
    let after = running.status();
    assert_eq!((after.generation, &after.digest), (before.generation, &before.digest));
    assert_eq!(after.last_problem, Some(problem.to_string()));
    assert_eq!(hint(&running.chain, "hello").await, "good");
}

#[tokio::test]
async fn a_new_file_serves_from_the_next_call_on() {
    let one = saying("one").build();
    let (place, running) = serving(&one).await;
    assert_eq!(hint(&running.chain, "hello").await, "one");
    assert_eq!(running.reload().await.unwrap(), ReloadOutcome::Unchanged);
    let two = saying("two").build();
    place.save(&two);
    assert_eq!(running.reload().await.unwrap(), ReloadOutcome::New { generation: 2, digest: sha256(&two) });
    assert_eq!(hint(&running.chain, "hello").await, "two");
    let status = running.status();
    assert_eq!((status.generation, status.digest), (Some(2), Some(sha256(&two))));
    assert_eq!((status.state, status.last_problem), (Serving::OnTrial, None));
}

/// Cases 63, 65 and 76.
#[tokio::test]
async fn an_incomplete_or_unsuitable_file_replaces_nothing() {
    let (place, running) = serving(&saying("good").build()).await;
    let whole = saying("new").build();
    for cut in [0, 4, 8, 9, whole.len() / 4, whole.len() / 2, whole.len() - 1] {
        place.save(&whole[..cut]);
        is_not_taken(&running, "").await;
    }
    place.save(&summarizer("(unreachable)").build());
    is_not_taken(&running, "is not a router").await;
    place.save(&whole);
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "new");
}

#[tokio::test]
async fn a_component_that_fails_its_trial_call_never_serves() {
    let (place, running) = serving(&saying("good").build()).await;
    place.save(&router("(unreachable)").build());
    is_not_taken(&running, "failed its trial call: it stopped with an error").await;
    place.save(&router("(drop (memory.grow (i32.const 4096))) (unreachable)").build());
    is_not_taken(&running, "failed its trial call: it ran out of memory").await;
}

#[tokio::test]
async fn a_trial_call_has_no_network() {
    let server = Server::start().await;
    let url = server.url("/v1");
    let place = Place::new();
    place.save(&Request::post(&url).guest().build());
    let grant = Grant::new(&url, &["POST".to_owned()], None).unwrap();
    let running = place.running_as(AdapterSpec { http: vec![grant], ..place.spec() });
    running.reload().await.unwrap();
    assert_eq!(server.seen(), [""; 0]);
    assert!(hint(&running.chain, "hello").await.contains("POST /v1"));
    assert_eq!(server.seen(), ["POST /v1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swap_loses_no_call_and_none_sees_two_generations() {
    const SWAPS: usize = 25;
    // The guest returns and logs the same text. The log line has the digest of the generation, and the text
    // is the component's.
    let version = |n: usize| {
        let text = format!("v{n:02}");
        let body = format!(
            "(call $log (i32.const 1) (i32.const {DATA}) (i32.const 3))
             (call $hint (i32.const {DATA}) (i32.const 3))"
        );
        router(&body).data(text.as_bytes()).build()
    };
    lines_of("swapped");
    let place = Place::new();
    let path = place.folder().join("swapped.wasm");
    fs::write(&path, version(0)).unwrap();
    let running = Arc::new(place.running_as(AdapterSpec::new("swapped", Source::File(path.clone()))));
    running.reload().await.unwrap();
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (running, stop, calls) = (Arc::clone(&running), Arc::clone(&stop), Arc::clone(&calls));
            tokio::spawn(async move {
                let mut last = String::new();
                loop {
                    // The last call of each starts after the last swap.
                    let is_last = stop.load(Ordering::Relaxed);
                    let answered = running.chain.route(&request("hello")).await.expect("no call is lost");
                    let said = hint_of(&answered.answer).to_owned();
                    assert!(said >= last, "{said} after {last}");
                    last = said;
                    calls.fetch_add(1, Ordering::Relaxed);
                    if is_last {
                        return last;
                    }
                }
            })
        })
        .collect();
    for n in 1..=SWAPS {
        let before = calls.load(Ordering::Relaxed);
        eventually("calls go on", || calls.load(Ordering::Relaxed) > before).await;
        fs::write(&path, version(n)).unwrap();
        assert!(matches!(running.reload().await.unwrap(), ReloadOutcome::New { .. }));
    }
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), format!("v{SWAPS:02}"));
    }
    let lines = lines_of("swapped");
    let digests: Vec<String> = (0..=SWAPS).map(|n| sha256(&version(n))[..12].to_owned()).collect();
    let mut seen = 0;
    for line in lines.iter().filter(|line| line.contains(" INFO ") && line.contains("call=")) {
        let n: usize = line.split(": v").nth(1).unwrap()[..2].parse().unwrap();
        assert!(line.contains(&format!("digest=\"{}\" generation={} ", digests[n], n + 1)), "{line}");
        seen += 1;
    }
    assert!(seen >= calls.load(Ordering::Relaxed), "{seen}");
    // Nothing remains of the replaced components.
    eventually("all others have ended", || running.status().draining <= 1).await;
}

/// Runs a test as the child of another test.
const CHILD: &str = "CODEWALK_TEST_SWAPS";

/// The memory of this process, in bytes.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let kibibytes = status.split("VmRSS:").nth(1).unwrap().split_whitespace().next().unwrap();
    kibibytes.parse::<usize>().unwrap() * 1024
}

/// Runs in a separate process, because other tests use memory too.
#[tokio::test]
#[ignore = "another test runs it, as a process of its own"]
async fn child_that_swaps() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let place = Place::at(folder.as_ref());
    let running = place.running();
    let versions: Vec<_> = (0..5).map(|n| saying(&format!("v{n}")).build()).collect();
    let mut before = 0;
    for n in 0..250 {
        place.save(&versions[n % 5]);
        running.reload().await.unwrap();
        assert_eq!(hint(&running.chain, "hello").await, format!("v{}", n % 5));
        if n == 50 {
            before = resident();
        }
    }
    assert!(running.status().draining <= 1);
    println!("grew by {} bytes", resident().saturating_sub(before));
}

#[tokio::test]
async fn memory_does_not_grow_with_swaps() {
    let place = Place::new();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "swap::child_that_swaps", "--ignored", "--nocapture"])
        .env(CHILD, place.folder())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let grown = said.split("grew by ").nth(1).and_then(|rest| rest.split(' ').next());
    let grown: usize = grown.unwrap_or_else(|| panic!("{said}")).parse().unwrap();
    assert!(grown < 5 << 20, "{grown} bytes in 200 swaps");
}

/// Case 80.
#[tokio::test]
async fn a_call_during_a_swap_ends_on_its_own_generation() {
    let server = Server::start().await;
    let url = server.url("/held");
    let place = Place::new();
    place.save(&Request::post(&url).guest().build());
    let grant = Grant::new(&url, &["POST".to_owned()], None).unwrap();
    let running = Arc::new(place.running_as(AdapterSpec { http: vec![grant], ..place.spec() }));
    running.reload().await.unwrap();
    let long = tokio::spawn({
        let running = Arc::clone(&running);
        async move { hint(&running.chain, "hello").await }
    });
    eventually("the call waits", || server.seen().len() == 1).await;
    place.save(&saying("new").build());
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "new");
    assert_eq!(running.status().draining, 1);
    assert!(!long.is_finished());
    server.release();
    assert!(long.await.unwrap().contains("POST /held"));
    // There were too few calls to end the trial.
    for _ in 0..20 {
        assert_eq!(hint(&running.chain, "hello").await, "new");
    }
    eventually("the old generation is gone", || running.status().draining == 0).await;
    assert_eq!(running.status().state, Serving::Live);
}

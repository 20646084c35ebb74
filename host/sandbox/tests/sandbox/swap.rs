//! Which components replace the current one, which do not, and that no call is lost.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use codewalk_core::ports::Router;
use codewalk_sandbox::{
    AdapterSpec, Grant, GrantRequest, Limits, Manifest, Problem, ReloadOutcome, Serving, Source,
};

use crate::adoption::asking;
use crate::guests::{DATA, Guest, Request, router, saying, summarizer, with_manifest};
use crate::log::lines_of;
use crate::place::{Place, Running};
use crate::server::Server;
use crate::support::{PATIENCE, ask, asker, eventually, hint, hint_of, message, request, sha256};

/// Traps on "trap", and otherwise returns this.
pub fn trapping_when_told(says: &str) -> Guest {
    let body = format!(
        "(if (i32.load offset=4 (local.get $request))
           (then (if (i32.eq (i32.load8_u (i32.load (local.get $request))) (i32.const 0x74))
             (then (unreachable)))))
         (call $hint (i32.const {DATA}) (i32.const {}))",
        says.len()
    );
    router(&body).data(says.as_bytes())
}

/// A place where this component serves.
pub async fn serving(component: &[u8]) -> (Place, Running) {
    let place = Place::new();
    place.save(component);
    let running = place.running();
    assert!(matches!(running.reload().await, Ok(ReloadOutcome::New { generation: 1, .. })));
    (place, running)
}

/// Asserts that the present component is refused for this reason, and that nothing else changed.
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
    // Returns and logs the same text: the line has the digest of the generation, the text is the component's.
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
    // Nothing is left of the replaced components.
    eventually("all others have ended", || running.status().draining <= 1).await;
}

/// Runs a test as the child of another.
const CHILD: &str = "CODEWALK_TEST_SWAPS";

/// The memory of this process, in bytes.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let kibibytes = status.split("VmRSS:").nth(1).unwrap().split_whitespace().next().unwrap();
    kibibytes.parse::<usize>().unwrap() * 1024
}

/// A separate process, since other tests use memory too.
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

/// Case 79.
#[tokio::test]
async fn a_new_generation_that_traps_is_rolled_back_and_rejected() {
    let (place, running) = serving(&saying("good").build()).await;
    let bad = trapping_when_told("bad").build();
    place.save(&bad);
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "bad");
    for _ in 0..3 {
        let error = ask(&running.chain, "trap").await.unwrap_err();
        assert!(message(&error).contains("unreachable"), "{error}");
    }
    // From the very next call on.
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
    place.save(&trapping_when_told("bad").build());
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
    place.save(&trapping_when_told("proven").build());
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
    let (place, running) = serving(&trapping_when_told("alone").build()).await;
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

/// Case 72.
#[tokio::test]
async fn only_the_pinned_component_is_accepted() {
    let place = Place::new();
    let good = saying("good").build();
    place.save(&good);
    let running = place.running_as(AdapterSpec { pin: Some(sha256(&good).to_uppercase()), ..place.spec() });
    running.reload().await.unwrap();
    place.save(&saying("other").build());
    is_not_taken(&running, "is not the pinned component").await;
    // Nor is a copy of another component from before the pin.
    let elsewhere = place.running_as(AdapterSpec { pin: Some("0".repeat(64)), ..place.spec() });
    let error = ask(&elsewhere.chain, "hello").await.unwrap_err();
    assert!(message(&error).contains("is not the pinned component"), "{error}");
}

/// Case 73.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hashed_bytes_serve_however_the_file_changes() {
    let versions: Vec<Vec<u8>> = (0..3).map(|n| saying(&format!("v{n}")).build()).collect();
    let (place, running) = serving(&versions[0]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (stop, path, versions) = (Arc::clone(&stop), place.candidate(), versions.clone());
        move || {
            for version in versions.iter().cycle().take_while(|_| !stop.load(Ordering::Relaxed)) {
                fs::write(&path, version).unwrap();
            }
        }
    });
    for _ in 0..20 {
        // A partially read file is refused, which is fine too.
        running.reload().await.ok();
        let (before, said, after) =
            (running.status().digest, hint(&running.chain, "hello").await, running.status().digest);
        assert_eq!(before, after);
        let n: usize = said[1..].parse().unwrap();
        assert_eq!(after, Some(sha256(&versions[n])));
    }
    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
}

/// Case 74.
#[tokio::test]
async fn a_link_is_read_only_once() {
    let place = Place::new();
    let (link, good, new) = (place.candidate(), place.folder().join("a.wasm"), place.folder().join("b.wasm"));
    fs::write(&good, saying("good").build()).unwrap();
    fs::write(&new, saying("new").build()).unwrap();
    symlink(&good, &link).unwrap();
    let running = place.running();
    running.reload().await.unwrap();
    let unreadable = |why: &str| format!("cannot be read from {link:?}: {why}");
    for (elsewhere, why) in [
        ("/dev/zero", unreadable("it is not a file")),
        ("/", unreadable("it is not a file")),
        ("/proc/self/mem", unreadable("Input/output error (os error 5)")),
        (
            "/nowhere",
            format!("does not exist: no file {link:?}; build it, or correct the path in the configuration"),
        ),
    ] {
        fs::remove_file(&link).unwrap();
        symlink(elsewhere, &link).unwrap();
        is_not_taken(&running, &why).await;
        assert_eq!(running.status().last_problem, Some(why));
    }
    fs::remove_file(&link).unwrap();
    symlink(&new, &link).unwrap();
    running.reload().await.unwrap();
    assert_eq!(hint(&running.chain, "hello").await, "new");
    assert_eq!(running.status().digest, Some(sha256(&saying("new").build())));
}

/// Case 75.
#[tokio::test]
async fn a_manifest_that_requests_more_waits_for_approval() {
    let server = Server::start().await;
    let (place, running) = serving(&saying("good").build()).await;
    let url = server.url("/v1/chat");
    let manifest = format!(
        "name = \"wide\"\nworld = \"router\"\nversion = \"0.2.0\"\ndescription = \"asks\"\n\
         [[http]]\nurl = \"{url}\"\nmethods = [\"POST\"]\nwhy = \"to ask a model\"\n"
    );
    let wider = with_manifest(Request::post(&url).guest().build(), manifest.as_bytes());
    place.save(&wider);
    is_not_taken(&running, "`codewalk adapters approve guest`").await;
    let Err(Problem::WaitsForApproval { requests, .. }) = running.reload().await else {
        panic!("it does not wait");
    };
    assert_eq!(server.seen(), [""; 0]);
    // Another or smaller grant does not cover the request.
    let less = GrantRequest { url: server.url("/v1/other"), ..requests[0].clone() };
    let other = GrantRequest { methods: vec!["GET".to_owned()], ..requests[0].clone() };
    let manifest = Manifest::parse(&manifest).unwrap();
    place.registry().approve("guest", &manifest, &asker(&wider), &[less, other]).unwrap();
    is_not_taken(&running, "asks to be allowed: POST ").await;

    place.registry().approve("guest", &manifest, &asker(&wider), &requests).unwrap();
    assert!(matches!(running.reload().await, Ok(ReloadOutcome::New { .. })));
    assert!(hint(&running.chain, "hello").await.contains("POST /v1/chat"));
    assert_eq!(server.seen(), ["POST /v1/chat"]);
}

#[tokio::test]
async fn without_an_earlier_generation_each_call_reports_a_missing_approval() {
    let place = Place::new();
    place.save(&with_manifest(saying("never").build(), asking("a").as_bytes()));
    let running = place.running();
    for _ in 0..2 {
        let error = ask(&running.chain, "hello").await.unwrap_err();
        assert!(message(&error).contains("asks to be allowed: GET https://api.example/"), "{error}");
    }
    assert_eq!(running.status().state, Serving::Failed);
}

#[tokio::test]
async fn an_adapter_has_its_own_limits_within_those_of_the_sandbox() {
    let spin = "(loop $forever (br $forever)) (unreachable)";
    let limits = |executing, memory| Limits { executing, memory, wall_clock: 20 * PATIENCE };
    let spinning = AdapterSpec {
        limits: Some(limits(std::time::Duration::from_millis(50), 1 << 20)),
        ..AdapterSpec::new("spinning", Source::Embedded(router(spin).embedded()))
    };
    // 2 MiB exceed its limit, but not that of the sandbox.
    let hungry =
        "(drop (memory.grow (i32.const 32))) (i32.store (i32.const 1048576) (i32.const 1)) (unreachable)";
    let hungry = |name, memory| AdapterSpec {
        limits: Some(limits(PATIENCE, memory)),
        ..AdapterSpec::new(name, Source::Embedded(router(hungry).embedded()))
    };
    let sandbox = crate::support::sandbox(crate::support::generous());
    let chain = sandbox.router_chain(vec![spinning, hungry("hungry", 1 << 20), hungry("fed", 1 << 40)]);
    let error = ask(&chain, "hello").await.unwrap_err();
    let said: Vec<&str> = message(&error).split("; ").collect();
    assert!(said[0].contains("computed for more than 50 ms"), "{said:?}");
    assert!(said[1].contains("ran out of memory: it may use 1048576 bytes"), "{said:?}");
    assert!(said[2].contains("unreachable"), "{said:?}");
}

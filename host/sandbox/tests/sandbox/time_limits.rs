//! Guests that exceed time limits. [`failure`] also asserts that the next call succeeds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use codewalk_core::port_reply::PortError;
use codewalk_core::ports::Router;
use codewalk_sandbox::{Limits, RouterChain};
use tokio::time::timeout;

use crate::guests::{DATA, Guest, Request, router, saying};
use crate::support::{
    PATIENCE, alone, ask, failure, generous, hint, hint_of, message, request, sandbox, spec,
};
use crate::wasi_guests::wasi;

pub const SPIN: &str = "(loop $forever (br $forever)) (unreachable)";

fn short() -> Limits {
    Limits { executing: Duration::from_millis(200), ..generous() }
}

/// Case 41.
#[tokio::test]
async fn an_infinite_loop_is_stopped_within_its_budget() {
    let error = failure(short(), &router(SPIN)).await;
    assert_eq!(
        error,
        PortError::Unavailable {
            message: "the adapter \"guest\" computed for more than 200 ms and was stopped".to_owned()
        }
    );
}

/// Case 42.
#[tokio::test]
async fn an_infinite_loop_in_a_start_function_is_stopped() {
    let guest = saying("never").with("(func $spin (loop $forever (br $forever))) (start $spin)");
    let error = failure(short(), &guest).await;
    assert!(message(&error).contains("computed for more than 200 ms"), "{error}");
}

/// Case 42.
#[tokio::test]
async fn an_infinite_loop_in_the_allocator_is_stopped() {
    let guest = saying("never").realloc("(loop $forever (br $forever))");
    let error = failure(short(), &guest).await;
    assert!(message(&error).contains("computed for more than 200 ms"), "{error}");
}

/// Case 43.
#[tokio::test]
async fn a_guest_that_calls_the_host_between_spins_is_stopped() {
    // Each request is denied at once, so the guest never waits.
    let guest = Request { times: u32::MAX, ..Request::post("https://nobody.example/") }.guest();
    let error = failure(short(), &guest).await;
    assert!(message(&error).contains("computed for more than 200 ms"), "{error}");
}

/// Spins on request, and otherwise repeats the utterance.
pub fn spinning_on_request() -> Guest {
    router(
        "(if (i32.eq (i32.load8_u (i32.load (local.get $request))) (i32.const 0x73))
           (then (loop $forever (br $forever))))
         (call $hint (i32.load (local.get $request)) (i32.load offset=4 (local.get $request)))",
    )
}

/// Case 41.
#[tokio::test]
async fn guests_spinning_on_all_threads_do_not_block_another() {
    let chain = Arc::new(alone(&sandbox(generous()), &spinning_on_request()));
    assert_eq!(hint(&chain, "hello").await, "hello");
    let spinners: Vec<_> = (0..8)
        .map(|_| {
            let chain = Arc::clone(&chain);
            tokio::spawn(async move { chain.route(&request("spin")).await })
        })
        .collect();
    for _ in 0..10 {
        assert_eq!(hint(&chain, "hello").await, "hello");
    }
    assert!(spinners.iter().all(|spinner| !spinner.is_finished()));
}

#[tokio::test]
async fn a_dropped_call_stops_its_guest() {
    let chain = alone(&sandbox(generous()), &spinning_on_request());
    assert_eq!(hint(&chain, "hello").await, "hello");
    // More than can run at once, so the last call is served only if these are stopped.
    for _ in 0..20 {
        let request = request("spin");
        let asked = chain.route(&request);
        assert!(timeout(Duration::from_millis(50), asked).await.is_err());
    }
    assert_eq!(hint(&chain, "hello").await, "hello");
}

#[tokio::test]
async fn an_adapter_that_compiles_slowly_serves_when_it_is_done() {
    let limits = Limits { wall_clock: Duration::from_millis(20), ..generous() };
    let adds = "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 7)))".repeat(100);
    let functions = format!("(func (param i32) (result i32) {adds} (local.get 0))").repeat(500);
    let chain = alone(&sandbox(limits), &saying("at last").with(&functions));
    let error = ask(&chain, "hello").await.unwrap_err();
    assert!(message(&error).contains("is still being compiled after 20 ms"), "{error}");
    until_it_answers(&chain).await;
}

async fn until_it_answers(chain: &RouterChain) {
    let begun = Instant::now();
    while let Err(error) = ask(chain, "hello").await {
        assert!(begun.elapsed() < PATIENCE, "{error}");
    }
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_stopped_despite_its_budget() {
    let limits = Limits { wall_clock: Duration::from_millis(100), ..generous() };
    let chain = alone(&sandbox(limits), &spinning_on_request());
    until_it_answers(&chain).await;
    let begun = Instant::now();
    let error = ask(&chain, "spin").await.unwrap_err();
    assert!(message(&error).contains("the adapter \"guest\" did not answer within 100 ms"), "{error}");
    assert!(begun.elapsed() < PATIENCE / 2);
}

#[tokio::test]
async fn a_timeout_is_reported_with_the_last_warning() {
    let limits = Limits { wall_clock: Duration::from_millis(100), ..generous() };
    let lines = [(2, "the first"), (3, "the server failed\u{1b}[2J"), (1, "a note")];
    let log = |level: i32, at: usize, len: usize| {
        format!("(call $log (i32.const {level}) (i32.const {}) (i32.const {len}))", DATA as usize + at)
    };
    let mut at = 0;
    let mut body = String::new();
    for (level, line) in lines {
        body.push_str(&log(level, at, line.len()));
        at += line.len();
    }
    body.push_str("(loop $spin (br $spin)) (unreachable)");
    let guest = router(&body).data(lines.map(|(_, line)| line).concat().as_bytes());
    let chain = alone(&sandbox(limits), &guest);
    let told = || async { message(&ask(&chain, "hello").await.unwrap_err()).to_owned() };
    let begun = Instant::now();
    while told().await.contains("being compiled") {
        assert!(begun.elapsed() < PATIENCE);
    }
    assert_eq!(
        told().await,
        "no router answered: the adapter \"guest\" says: the server failed\u{fffd}[2J; no answer \
         within 100 ms"
    );
}

/// Returns how long a guest with a budget of half a second executes, and the error that stops it.
async fn executed(guest: &Guest) -> (Duration, String) {
    let limits = Limits { executing: Duration::from_millis(500), memory: 128 * 1024 * 1024, ..generous() };
    let chain = alone(&sandbox(limits), guest);
    assert_eq!(hint(&chain, "hello").await, "hello");
    // Each test runs in a separate process.
    let executed = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
    };
    let begun = executed();
    let error = ask(&chain, "spin").await.unwrap_err();
    let took = executed() - begun;
    assert_eq!(hint(&chain, "hello").await, "hello");
    (took, message(&error).to_owned())
}

const OUT_OF_BUDGET: &str =
    "no router answered: the adapter \"guest\" computed for more than 500 ms and was stopped";

/// Repeats this code forever on request, and otherwise repeats the utterance.
pub fn forever_on_request(body: &str) -> String {
    format!(
        "(if (i32.eq (i32.load8_u (i32.load (local.get $request))) (i32.const 0x73))
           (then (loop $forever {body} (br $forever))))
         (call $hint (i32.load (local.get $request)) (i32.load offset=4 (local.get $request)))"
    )
}

/// Case 85.
#[tokio::test]
async fn logging_counts_as_executing() {
    // This many lines take the host several ticks, and the guest can be stopped only between calls.
    let guest = wasi(&format!(
        "(local $out i32) (local.set $out (call $stdout))
         (drop (memory.grow (i32.const 16)))
         (memory.fill (i32.const 262144) (i32.const 10) (i32.const 400000))
         {}",
        forever_on_request(
            "(call $print (local.get $out) (i32.const 262144) (i32.const 400000) (i32.const 2048))"
        )
    ));
    let (took, error) = executed(&guest).await;
    assert_eq!(error, OUT_OF_BUDGET);
    assert!(took < Duration::from_millis(1000), "{took:?}");
}

/// On request, runs these operations on nearly all of its memory, one after the other without a loop.
fn bulk(operation: &str, times: usize) -> Guest {
    let (from, half, len) = (256 * 1024, 63 * 1024 * 1024, 124 * 1024 * 1024);
    let operation = match operation {
        "fill" => format!("(memory.fill (i32.const {from}) (i32.const 1) (i32.const {len}))"),
        _ => format!("(memory.copy (i32.const {from}) (i32.const {half}) (i32.const {}))", len / 2),
    };
    router(&format!(
        "(drop (memory.grow (i32.const 2000)))
         (if (i32.eq (i32.load8_u (i32.load (local.get $request))) (i32.const 0x73)) (then {}))
         (call $hint (i32.load (local.get $request)) (i32.load offset=4 (local.get $request)))",
        operation.repeat(times)
    ))
}

/// Case 88.
#[tokio::test]
async fn bulk_memory_operations_are_stopped_between_two_of_them() {
    for operation in ["fill", "copy"] {
        let (took, error) = executed(&bulk(operation, 400)).await;
        assert_eq!(error, OUT_OF_BUDGET, "{operation}");
        assert!(took < Duration::from_millis(1000), "{operation}: {took:?}");
    }
}

/// Case 86.
#[tokio::test]
async fn waiting_for_a_slot_counts_towards_the_time_of_a_call() {
    let limits = Limits { wall_clock: Duration::from_secs(3), ..generous() };
    let chain = Arc::new(alone(&sandbox(limits), &spinning_on_request()));
    until_it_answers(&chain).await;
    // More than twice as many as can run at once.
    let calls: Vec<_> = (0..30)
        .map(|_| {
            let chain = Arc::clone(&chain);
            tokio::spawn(async move {
                let begun = Instant::now();
                let error = chain.route(&request("spin")).await.unwrap_err();
                (begun.elapsed(), error)
            })
        })
        .collect();
    let mut said = Vec::new();
    for call in calls {
        let (took, error) = call.await.unwrap();
        assert!(took < Duration::from_secs(5), "{took:?}");
        said.push(message(&error).trim_start_matches("no router answered: ").to_owned());
    }
    said.sort_unstable();
    let [late, busy] = [
        "the adapter \"guest\" did not answer within 3000 ms",
        "the adapter \"guest\" got no slot within 3000 ms: too many calls run at once",
    ];
    assert_eq!(said, [vec![late; 12], vec![busy; 18]].concat());
    assert_eq!(hint(&chain, "hello").await, "hello");
}

/// Case 86.
#[tokio::test]
async fn a_chain_keeps_a_quarter_of_its_deadline_for_its_last_adapter() {
    let limits = Limits { wall_clock: Duration::from_secs(2), ..generous() };
    let sandbox = sandbox(limits);
    let asleep =
        |name| spec(name, wasi("(call $block (call $sleep (i64.const -1))) (unreachable)").embedded());
    let chain = sandbox.router_chain(vec![asleep("one"), asleep("two"), asleep("three"), asleep("four")]);
    // Loading does not count.
    while ask(&chain, "hello").await.is_err_and(|error| message(&error).contains("being compiled")) {}
    let begun = Instant::now();
    let error = ask(&chain, "hello").await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let none_left = "had no time left: the adapters before it used it up";
    let (first, rest) = message(&error).split_once("; ").unwrap();
    assert_eq!(first, "no router answered: the adapter \"one\" did not answer within 1500 ms");
    let expected =
        format!("the adapter \"two\" {none_left}; the adapter \"three\" {none_left}; the adapter \"four\" ");
    assert!(rest.starts_with(&expected), "{rest}");

    let good = spec("good", saying("all is well").embedded());
    let chain = sandbox.router_chain(vec![asleep("one"), asleep("two"), good]);
    let answered = ask(&chain, "hello").await.unwrap();
    assert_eq!((answered.adapter.as_str(), hint_of(&answered.answer)), ("good", "all is well"));
}

#[tokio::test]
async fn surplus_calls_wait_for_a_slot() {
    let sandbox = sandbox(generous());
    let chain = Arc::new(sandbox.router_chain(vec![spec("guest", saying("ok").embedded())]));
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let chain = Arc::clone(&chain);
            tokio::spawn(async move { hint(&chain, "hello").await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), "ok");
    }
}
